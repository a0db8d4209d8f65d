import Contract
import Fetch
import Support
import Testing
import Web

@testable import SiteAnalysis

/// Pages that are there as Markdown, too: as they say, or as the site does it.
struct MarkdownTwinTests {
  private static func markdown(_ text: String = "# Text", type: String = "text/markdown") -> FetchResponse {
    FetchResponse(status: 200, headers: ["content-type": type], body: Array(text.utf8))
  }

  private func crawl(
    _ paths: [String], head: (String) -> String = { _ in "" }, others: [String: FetchResponse],
    known: [NormalizedURL: KnownPage] = [:]
  ) async throws -> (twins: [String: String], harvest: Crawler.Harvest, site: StubSite) {
    var pages = ["/": StubSite.page("Site", links: paths.map { ($0, $0) })]
    for path in paths { pages[path] = StubSite.page("Page \(path)", head: head(path)) }
    let site = StubSite(pages: pages, others: others)
    let request = AnalyzeRequest(url: try NormalizedURL(StubSite.origin + "/"))
    let crawler = Crawler(
      fetcher: site.fetcher, agent: "x", deadline: Deadline(after: .seconds(120)), known: { _ in known },
      report: { _ in })
    let harvest = try await crawler.crawl(request)
    let report = SiteReport(harvest, request, milliseconds: 0)
    let twins = report.pages.compactMap { page in page.markdownURL.map { (page.url.path, $0.path) } }
    return (Dictionary(uniqueKeysWithValues: twins), harvest, site)
  }

  private static func named(_ path: String) -> String {
    "<link rel=\"alternate\" type=\"text/markdown\" href=\"\(path).md\">"
  }

  @Test(arguments: [
    ("text/markdown; charset=utf-8", "# One\n\nText.", true), ("text/plain", "# One\n\nText.", true),
    ("text/html", "<h1>One</h1>", false),
    ("text/plain", "<!DOCTYPE html><p>Sorry</p>", false),
  ])
  func aTwinIsMarkdown(type: String, body: String, isThere: Bool) async throws {
    let (twins, _, _) = try await crawl(
      ["/one"], head: Self.named, others: ["/one.md": Self.markdown(body, type: type)])
    #expect(twins == (isThere ? ["/one": "/one.md"] : [:]))
  }

  /// Of those that pages name, only those are given that are there.
  @Test func aDeadTwinIsNotGivenThoughOthersLive() async throws {
    let paths = (0..<12).map { "/docs/\($0)" }
    let (twins, harvest, _) = try await crawl(
      paths, head: Self.named, others: ["/docs/0.md": Self.markdown(), "/docs/7.md": Self.markdown()])
    #expect(twins == ["/docs/0": "/docs/0.md", "/docs/7": "/docs/7.md"])
    #expect(harvest.discovery.markdown == .init(named: 12, byConvention: 0, there: 2))
  }

  @Test(arguments: [
    ("/docs/a", "/docs/a.md"), ("/docs/a.html", "/docs/a.html.md"), ("/docs/a.html", "/docs/a.md"),
    ("/docs/a/", "/docs/a/index.html.md"),
    ("/docs/a/", "/docs/a/index.md"), ("/docs/a/", "/docs/a.md"),
  ])
  func conventionsAreKnown(page: String, twin: String) async throws {
    let paths = ["a", "b", "c", "d", "e"].map { page.replacing("/a", with: "/" + $0) }
    let others = Dictionary(
      uniqueKeysWithValues: ["a", "b", "c", "d"].map { (twin.replacing("/a", with: "/" + $0), Self.markdown()) })
    let (twins, harvest, _) = try await crawl(paths, others: others)
    #expect(twins.count == 4, "and the fifth, which is not there, is not given")
    #expect(twins[page] == twin)
    #expect(harvest.discovery.markdown == .init(named: 0, byConvention: 5, there: 4))
  }

  @Test func aSiteThatHasMarkdownForAnyAddressHasNone() async throws {
    let stub = StubSite(pages: [
      "/": StubSite.page("Site", links: [("A", "/a"), ("B", "/b")]), "/a": StubSite.page("A"), "/b": StubSite.page("B"),
    ])
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      request.url.hasSuffix(".md") ? Self.markdown() : try await stub.fetcher.fetch(request)
    }
    let crawler = Crawler(
      fetcher: fetcher, agent: "x", deadline: Deadline(after: .seconds(120)), known: { _ in [:] }, report: { _ in })
    let harvest = try await crawler.crawl(AnalyzeRequest(url: try NormalizedURL(StubSite.origin + "/")))
    #expect(harvest.pages.allSatisfy { $0.page.markdownURL == nil })
    #expect(harvest.discovery.markdown == nil)
  }

  @Test func robotsIsObeyed() async throws {
    let others = ["/robots.txt": StubSite.text("User-agent: *\nDisallow: /*.md"), "/a.md": Self.markdown()]
    let (twins, _, site) = try await crawl(["/a"], head: Self.named, others: others)
    #expect(twins.isEmpty)
    #expect(!site.requests.contains("/a.md"))
  }

  @Test func aSiteWithoutIsAskedForAFew() async throws {
    let (twins, _, site) = try await crawl((0..<100).map { "/docs/\($0)" }, others: [:])
    #expect(twins.isEmpty)
    #expect(site.requests.count { $0.hasSuffix(".md") } <= 2)
  }

  /// A site whose front page shows nothing, and whose llms.txt names Markdown only.
  @Test func whatTheSitesOwnFileNamesAsMarkdownIsReadAsPages() async throws {
    let file =
      "# S\n\n## D\n\n- [A](/a.md)\n- [B](/b/index.html.md)\n- [C](/c.html.md)\n- [D](/d.md)\n- [E](/e.pdf)\n- [F](/f.txt)\n"
    var pages = ["/": StubSite.page("Site", links: [("Old", "/d.html")])]
    for path in ["/a", "/b/", "/c.html", "/d.html"] { pages[path] = StubSite.page("Page \(path)") }
    let pdf = FetchResponse(status: 200, headers: ["content-type": "application/pdf"], body: Array("%PDF".utf8))
    let site = StubSite(
      pages: pages,
      others: [
        "/llms.txt": StubSite.text(file), "/a.md": Self.markdown(), "/d.md": Self.markdown(),
        "/e.pdf": StubSite.redirect(to: "/files/e.pdf"),
        "/files/e.pdf": pdf,
        "/f.txt": FetchResponse(status: 200, headers: ["content-type": "text/html"], body: Array("<p>Sorry".utf8)),
      ])
    let request = AnalyzeRequest(url: try NormalizedURL(StubSite.origin + "/"))
    let crawler = Crawler(
      fetcher: site.fetcher, agent: "x", deadline: Deadline(after: .seconds(120)), known: { _ in [:] }, report: { _ in }
    )
    let harvest = try await crawler.crawl(request)
    #expect(Set(harvest.pages.map(\.page.url.path)) == ["/", "/a", "/b/", "/c.html", "/d.html"])
    // What is not there, what a page answers for: not given.
    #expect(harvest.existing?.files?.map(\.path) == ["/a.md", "/d.md", "/e.pdf"])
    #expect(!site.requests.contains("/d"), "the page is known under another name")
  }

  /// What was learned is kept with the pages.
  @Test func whatWasFoundOutIsRemembered() async throws {
    let (_, harvest, _) = try await crawl(["/a", "/b"], others: ["/a.md": Self.markdown(), "/b.md": Self.markdown()])
    for crawled in harvest.pages.dropFirst() {
      let again = try #require(Page(record: crawled.page.record))
      #expect(again.hasMarkdown == true)
      #expect(again.markdownURL?.path == crawled.page.url.path + ".md")
    }
  }
}
