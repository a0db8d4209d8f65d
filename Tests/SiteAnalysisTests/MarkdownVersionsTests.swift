import Contract
import Crawling
import Fetch
import Support
import Testing
import Web

@testable import SiteAnalysis

/// The Markdown versions that pages name, or that a site has by convention.
struct MarkdownVersionsTests {
  private static func markdown(_ text: String = "# Text", type: String = "text/markdown") -> FetchResponse {
    FetchResponse(status: 200, headers: ["content-type": type], body: Array(text.utf8))
  }

  private func crawl(
    _ paths: [String], head: (String) -> String = { _ in "" }, others: [String: FetchResponse],
    known: [NormalizedURL: KnownPage] = [:]
  ) async throws -> (versions: [String: String], result: SiteCrawl.Result, site: StubSite) {
    var pages = ["/": StubSite.page("Site", links: paths.map { ($0, $0) })]
    for path in paths { pages[path] = StubSite.page("Page \(path)", head: head(path)) }
    let site = StubSite(pages: pages, others: others)
    let crawler = Crawler(
      fetcher: site.fetcher, agent: "x", deadline: Deadline(after: .seconds(120)), recall: { _ in known })
    let result = try await SiteCrawl(crawler: crawler).run(CrawlRequest(url: NormalizedURL(StubSite.origin + "/")))
    let report = SiteReport(result, milliseconds: 0)
    let versions = report.pages.compactMap { page in page.markdownURL.map { (page.url.path, $0.path) } }
    return (Dictionary(uniqueKeysWithValues: versions), result, site)
  }

  private static func named(_ path: String) -> String {
    "<link rel=\"alternate\" type=\"text/markdown\" href=\"\(path).md\">"
  }

  @Test(arguments: [
    ("text/markdown; charset=utf-8", "# One\n\nText.", true), ("text/plain", "# One\n\nText.", true),
    ("text/html", "<h1>One</h1>", false),
    ("text/plain", "<!DOCTYPE html><p>Sorry</p>", false),
  ])
  func versionMustBeMarkdown(type: String, body: String, isThere: Bool) async throws {
    let (versions, _, _) = try await crawl(
      ["/one"], head: Self.named, others: ["/one.md": Self.markdown(body, type: type)])
    #expect(versions == (isThere ? ["/one": "/one.md"] : [:]))
  }

  @Test func missingVersionIsNotListed() async throws {
    let paths = (0..<12).map { "/docs/\($0)" }
    let (versions, result, _) = try await crawl(
      paths, head: Self.named, others: ["/docs/0.md": Self.markdown(), "/docs/7.md": Self.markdown()])
    #expect(versions == ["/docs/0": "/docs/0.md", "/docs/7": "/docs/7.md"])
    #expect(result.crawl.discovery.markdown == .init(named: 12, byConvention: 0, there: 2))
  }

  @Test(arguments: [
    ("/docs/a", "/docs/a.md"), ("/docs/a.html", "/docs/a.html.md"), ("/docs/a.html", "/docs/a.md"),
    ("/docs/a/", "/docs/a/index.html.md"),
    ("/docs/a/", "/docs/a/index.md"), ("/docs/a/", "/docs/a.md"),
  ])
  func conventionIsRecognized(page: String, version: String) async throws {
    let paths = ["a", "b", "c", "d", "e"].map { page.replacing("/a", with: "/" + $0) }
    let others = Dictionary(
      uniqueKeysWithValues: ["a", "b", "c", "d"].map { (version.replacing("/a", with: "/" + $0), Self.markdown()) })
    let (versions, result, _) = try await crawl(paths, others: others)
    #expect(versions.count == 4, "the fifth version does not exist")
    #expect(versions[page] == version)
    #expect(result.crawl.discovery.markdown == .init(named: 0, byConvention: 5, there: 4))
  }

  @Test func siteWithMarkdownForEveryURLHasNoVersions() async throws {
    let stub = StubSite(pages: [
      "/": StubSite.page("Site", links: [("A", "/a"), ("B", "/b")]), "/a": StubSite.page("A"), "/b": StubSite.page("B"),
    ])
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      request.url.hasSuffix(".md") ? Self.markdown() : try await stub.fetcher.fetch(request)
    }
    let crawler = Crawler(fetcher: fetcher, agent: "x", deadline: Deadline(after: .seconds(120)))
    let result = try await SiteCrawl(crawler: crawler).run(CrawlRequest(url: NormalizedURL(StubSite.origin + "/")))
    #expect(result.crawl.pages.allSatisfy { $0.page.markdownURL == nil })
    #expect(result.crawl.discovery.markdown == nil)
  }

  @Test func disallowedVersionIsNotRequested() async throws {
    let others = ["/robots.txt": StubSite.text("User-agent: *\nDisallow: /*.md"), "/a.md": Self.markdown()]
    let (versions, _, site) = try await crawl(["/a"], head: Self.named, others: others)
    #expect(versions.isEmpty)
    #expect(!site.requests.contains("/a.md"))
  }

  @Test func siteWithoutVersionsGetsTwoRequestsForThem() async throws {
    let (versions, _, site) = try await crawl((0..<100).map { "/docs/\($0)" }, others: [:])
    #expect(versions.isEmpty)
    #expect(site.requests.count { $0.hasSuffix(".md") } <= 2)
  }

  @Test func markdownLinksOfTheSitesFileLeadToPages() async throws {
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
    let crawler = Crawler(fetcher: site.fetcher, agent: "x", deadline: Deadline(after: .seconds(120)))
    let result = try await SiteCrawl(crawler: crawler).run(CrawlRequest(url: NormalizedURL(StubSite.origin + "/")))
    #expect(Set(result.crawl.pages.map(\.page.url.path)) == ["/", "/a", "/b/", "/c.html", "/d.html"])
    // Files that do not exist, or for which the site sends a page, are not listed.
    #expect(result.files.filter(\.value).map(\.key.path).sorted() == ["/a.md", "/d.md", "/e.pdf"])
    #expect(
      SiteReport(result, milliseconds: 0).existing?.replacements.map { [$0.url.path, $0.target?.path] } == [
        ["/b/index.html.md", "/b/"], ["/c.html.md", "/c.html"], ["/f.txt", nil],
      ])
    #expect(!site.requests.contains("/d"), "the page is known by another URL")
  }

  @Test func versionsAreStoredWithThePages() async throws {
    let (_, result, _) = try await crawl(["/a", "/b"], others: ["/a.md": Self.markdown(), "/b.md": Self.markdown()])
    for crawled in result.crawl.pages.dropFirst() {
      let again = try #require(Page(record: crawled.page.record))
      #expect(again.hasMarkdown == true)
      #expect(again.markdownURL?.path == crawled.page.url.path + ".md")
    }
  }
}
