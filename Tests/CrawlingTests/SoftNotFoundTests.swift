import Contract
import Fetch
import Support
import Testing
import Web

@testable import Crawling

/// The detection of "not found" pages with status 200.
struct SoftNotFoundTests {
  private let home = try! NormalizedURL(StubSite.origin + "/")

  private func page(_ html: String, _ path: String = "/x") -> Page {
    PageReader.read(Array(html.utf8), url: home.at(path: path))
  }

  private func probe(_ answer: FetchResponse, robots: String = "") async -> (SoftNotFound, StubSite) {
    let site = StubSite(others: [SoftNotFound.missingURL(at: home).path: answer])
    let client = SiteClient(
      fetcher: site.fetcher, robots: RobotsFile(Array(robots.utf8)), agent: "x", deadline: Deadline(after: .seconds(20))
    )
    let loader = PageLoader(client: client, scope: Scope(home: home, include: [], exclude: []))
    return (await SoftNotFound.probing(home, with: loader), site)
  }

  private func html(_ text: String) -> FetchResponse {
    FetchResponse(status: 200, headers: ["content-type": "text/html"], body: Array(text.utf8))
  }

  @Test func pageLikeTheAnswerForAMissingURLIsDetected() async {
    let text = "There is nothing at this place, but you may go back and try another way in."
    let (notFound, _) = await probe(html(StubSite.page("Lost", text: "Nothing at /no-such-page. " + text)))
    #expect(notFound.matches(page(StubSite.page("Lost", text: "Nothing at /x. " + text))))
    #expect(!notFound.matches(page(StubSite.page("Found", text: text))))
    #expect(
      !notFound.matches(
        page(
          StubSite.page(
            "Lost", text: "A page about what to do when one is lost at sea, and how to be found by those who search.")))
    )
  }

  @Test func pageWithoutTextIsNotDetected() async {
    let shell =
      #"<html><head><title>App</title></head><body><div id="root"></div><script src="/a.js"></script></body></html>"#
    let (notFound, _) = await probe(html(shell))
    #expect(!notFound.matches(page(shell)))
  }

  @Test func siteThatAnswers404HasNoSoftNotFoundPages() async {
    let (notFound, site) = await probe(
      FetchResponse(status: 404, headers: ["content-type": "text/html"], body: Array(StubSite.page("Lost").utf8)))
    #expect(!notFound.matches(page(StubSite.page("Lost"))))
    #expect(site.requests.count == 1)
  }

  @Test func disallowedProbeIsNotSent() async {
    let (_, site) = await probe(html("<p>x"), robots: "User-agent: *\nDisallow: /no-such")
    #expect(site.requests.isEmpty)
  }

  @Test(arguments: [
    ("404", true), ("Page not found", true), ("Oops! Page Not Found", true), ("Error 404 – gone", true),
    ("Seite nicht gefunden", true), ("ページが見つかりません", true),
    ("404 Group", true), ("How to write a page not found page", false), ("Error handling", false), ("Room 404", false),
  ])
  func shortPageIsDetectedByItsTitle(title: String, isNotFound: Bool) {
    #expect(SoftNotFound.byName.matches(page(StubSite.page(title, text: "Try again."))) == isNotFound)
    let long = String(repeating: "There is more to say about this than anybody thought at first. ", count: 10)
    #expect(!SoftNotFound.byName.matches(page(StubSite.page(title, text: long))))
  }
}
