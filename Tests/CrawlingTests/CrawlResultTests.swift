import Contract
import Fetch
import Support
import Testing
import Web

@testable import Crawling

/// Facts about crawled pages, and the failure for sites whose text needs JavaScript.
struct CrawlResultTests {
  private func crawl(_ site: StubSite) async throws -> CrawlResult {
    let crawler = Crawler(fetcher: site.fetcher, agent: "x", deadline: Deadline(after: .seconds(120)))
    var crawl = try await crawler.start(CrawlRequest(url: NormalizedURL(StubSite.origin + "/")))
    await crawl.discoverPages()
    try await crawl.fetchPages()
    return crawl.result
  }

  // MARK: Modification dates

  /// The arguments are the date in the sitemap, that in the HTTP header, and the date in the report.
  @Test(
    arguments: [
      ("2026-01-06T10:15:00+02:00", nil, "2026-01-06"), (nil, "Tue, 06 Jan 2026 10:15:00 GMT", "2026-01-06"),
      ("6 Jan 2026", "Wed, 07 Jan 2026 10:15:00 GMT", "2026-01-06"),
      ("2026-02-30", "Wed, 07 Jan 2026 10:15:00 GMT", "2026-01-07"),
      ("0001-01-01", "Thu, 01 Jan 1970 00:00:00 GMT", nil), ("2999-01-01", nil, nil), ("soon", "soon", nil),
    ] as [(String?, String?, String?)])
  func modificationDateHasOneForm(inSitemap: String?, inHeader: String?, expected: String?) async throws {
    let date = inSitemap.map { "<lastmod>\($0)</lastmod>" } ?? ""
    let page = StubSite.page("Page")
    let site = StubSite(
      pages: ["/": StubSite.page("Site")],
      others: [
        "/sitemap.xml": StubSite.text("<urlset><url><loc>/page</loc>\(date)</url></urlset>"),
        "/page": FetchResponse(
          status: 200,
          headers: ["content-type": "text/html"].merging(inHeader.map { ["last-modified": $0] } ?? [:]) { $1 },
          body: Array(page.utf8)),
      ])
    let result = try await crawl(site)
    #expect(result.pages.first { $0.page.url.path == "/page" }?.lastModified == expected)
  }

  // MARK: Text that needs JavaScript

  private static let shell =
    "<!DOCTYPE html><html><head><title>Boats</title></head><body><div id=app></div><script src=/app.js></script></body></html>"

  private func failure(_ files: [String: FetchResponse]) async -> Failure? {
    await #expect(throws: Failure.self) { try await crawl(StubSite(pages: ["/": Self.shell], others: files)) }
  }

  @Test(arguments: ["/_sidebar.md", "/SUMMARY.md"])
  func failureNamesTheListOfMarkdownFiles(path: String) async throws {
    let list = StubSite.text("* [Home](/)\n* [Guide](guide.md)\n* [Prices](prices.md)\n")
    let failure = try #require(await failure([path: list, "/README.md": StubSite.text("# Boats\n")]))
    #expect(failure.code == .upstreamFailed)
    #expect(failure.message.contains("Its pages are Markdown files that https://site.example\(path) lists"))
    #expect(failure.details == ["reason": "needs_javascript", "file": "https://site.example\(path)"])
  }

  @Test(arguments: ["text/markdown", "text/plain", "application/octet-stream"])
  func failureNamesAMarkdownFileWithoutAList(type: String) async throws {
    let file = FetchResponse(status: 200, headers: ["content-type": type], body: Array("# Boats\n\nText.\n".utf8))
    let failure = try #require(await failure(["/README.md": file]))
    #expect(failure.message.contains("Its text is in Markdown files such as https://site.example/README.md"))
  }

  @Test func otherSitesGetTheGeneralFailure() async throws {
    // This site answers every request with its application.
    let page = FetchResponse(status: 200, headers: ["content-type": "text/html"], body: Array(Self.shell.utf8))
    for files in [[:], ["/_sidebar.md": page, "/README.md": page]] {
      let failure = try #require(await failure(files))
      #expect(failure.message.hasSuffix("the crawler does not run; let the server render the text"))
      #expect(failure.details == ["reason": "needs_javascript"])
    }
  }
}
