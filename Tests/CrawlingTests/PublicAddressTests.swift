import Contract
import Fetch
import Support
import Testing
import Web

@testable import Crawling

/// Crawls of a copy of a site, with the URLs of its public address.
struct PublicAddressTests {
  private static func address(_ base: String, _ source: String) throws -> PublicAddress {
    PublicAddress(try NormalizedURL(base), source: try NormalizedURL(source))
  }

  @Test(arguments: [
    ("https://a.example/", "http://localhost:80/", "https://a.example/x?q", "http://localhost/x?q"),
    ("https://a.example/docs", "http://127.0.0.1:8000", "https://a.example/docs/x", "http://127.0.0.1:8000/x"),
    ("https://a.example/docs/", "http://127.0.0.1:8000", "https://a.example/docs", "http://127.0.0.1:8000/"),
    ("https://a.example/docs/", "http://127.0.0.1:8000/b/", "https://a.example/docs/x", "http://127.0.0.1:8000/b/x"),
    ("https://a.example/", "http://127.0.0.1:8000/b", "https://a.example/x/", "http://127.0.0.1:8000/b/x/"),
    ("https://a.example/", "http://127.0.0.1:8000/b/index.html", "https://a.example/x", "http://127.0.0.1:8000/b/x"),
  ])
  func publicURLsAreFetchedFromTheCopy(base: String, source: String, url: String, target: String) throws {
    let address = try Self.address(base, source)
    let targetURL = address.sourceURL(of: try NormalizedURL(url))
    #expect(targetURL?.description == target)
    let back = try #require(address.publicURL(of: try NormalizedURL(target)))
    #expect(back.description == url || back.description == url + "/")
  }

  @Test func otherSitesAreNotTranslated() throws {
    let address = try Self.address("https://a.example/docs/", "http://localhost:8000/")
    #expect(address.sourceURL(of: try NormalizedURL("https://b.example/docs/")) == nil)
    #expect(address.publicURL(of: try NormalizedURL("http://localhost:9000/")) == nil)
    // robots.txt is outside of the folder.
    #expect(
      address.sourceURL(of: try NormalizedURL("https://a.example/robots.txt"))?.description
        == "http://localhost:8000/robots.txt")
    #expect(
      address.publicURL(of: try NormalizedURL("http://127.0.0.1:8000/x"))?.description == "https://a.example/docs/x")
  }

  @Test(arguments: [
    // An absolute path of a copy that is at the root, and of one that was built for the folder.
    (#"<a href="/x/">"#, #"<a href="/docs/x/">"#), (#"<a href="/docs/x/">"#, #"<a href="/docs/x/">"#),
    ("<a href=/x>", "<a href=/docs/x>"), (#"<a HREF = '/x'>"#, #"<a HREF = '/docs/x'>"#),
    (#"<a href="//b.example/x">"#, #"<a href="//b.example/x">"#), (#"<a href="x">"#, #"<a href="x">"#),
    (#"<a title="/x">"#, #"<a title="/x">"#), ("<p>/x", "<p>/x"),
    // Names of the local server.
    (#"<a href="http://localhost:8000/x?q#f">"#, #"<a href="https://a.example/docs/x?q#f">"#),
    (#"<link rel=canonical href=http://127.0.0.1:8000>"#, #"<link rel=canonical href=https://a.example/docs/>"#),
    (#"<a href="http://localhost:80001/x">"#, #"<a href="http://localhost:80001/x">"#),
    // The text of a page stays.
    ("<code>curl http://localhost:8000/x</code>", "<code>curl http://localhost:8000/x</code>"),
  ])
  func linksOfAPageBecomePublic(html: String, expected: String) throws {
    let address = try Self.address("https://a.example/docs/", "http://localhost:8000/")
    #expect(String(decoding: address.translated(Array(html.utf8), isHTML: true), as: UTF8.self) == expected)
  }

  @Test(arguments: [
    ("<loc>http://localhost:8000/x</loc>", "<loc>https://a.example/docs/x</loc>"),
    ("Sitemap: http://localhost:8000/sitemap.xml\n", "Sitemap: https://a.example/docs/sitemap.xml\n"),
    ("- [X](http://localhost:8000/x): x", "- [X](https://a.example/docs/x): x"),
    ("http://localhost:8000/a\nhttp://localhost:8000/b", "https://a.example/docs/a\nhttps://a.example/docs/b"),
  ])
  func otherFilesBecomePublic(text: String, expected: String) throws {
    let address = try Self.address("https://a.example/docs/", "http://localhost:8000/")
    #expect(String(decoding: address.translated(Array(text.utf8), isHTML: false), as: UTF8.self) == expected)
  }

  @Test(arguments: ["https://site.example/", "https://site.example/docs/"])
  func crawlOfACopyKnowsOnlyPublicURLs(base: String) async throws {
    let copy = StubSite(
      pages: [
        "http://copy.example/": StubSite.page(
          "Home", links: [("A", "/a/"), ("B", "b"), ("C", base + "c"), ("D", "http://copy.example/d")]),
        "http://copy.example/a/": StubSite.page("A"), "http://copy.example/c": StubSite.page("C"),
        "http://copy.example/d": StubSite.page("D"), "http://copy.example/e": StubSite.page("E"),
      ],
      others: [
        "http://copy.example/b": StubSite.redirect(to: "/b/"),
        "http://copy.example/b/": FetchResponse(
          status: 200, headers: ["content-type": "text/html"], body: Array(StubSite.page("B").utf8)),
        "http://copy.example/sitemap.xml": StubSite.text(
          #"<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>\#(base)e</loc></url></urlset>"#),
      ])
    let address = try Self.address(base, "http://copy.example/")
    let crawler = Crawler(fetcher: address.fetcher(copy.fetcher), agent: "x", deadline: Deadline(after: .seconds(60)))
    var crawl = try await crawler.start(CrawlRequest(url: address.base))
    await crawl.discoverPages()
    try await crawl.fetchPages()
    #expect(
      Set(crawl.result.pages.map(\.page.url.description)) == Set(["", "a/", "b/", "c", "d", "e"].map { base + $0 }))
    #expect(copy.requests.allSatisfy { $0.hasPrefix("http://copy.example/") }, "no request goes to the public site")
    #expect(address.published(crawl.result.discovery).sitemaps.map(\.description) == [base + "sitemap.xml"])
  }

  @Test(arguments: [
    (["/": "https://a.example/", "/x": "https://a.example/x"], "https://a.example/"),
    (["/": "https://a.example/docs/", "/x/": "https://a.example/docs/x/"], "https://a.example/docs/"),
    (["/index.html": "https://a.example/docs", "/x.html": "https://a.example/docs/x"], "https://a.example/docs/"),
    (["/": "https://a.example/", "/x": "https://b.example/x"], nil),
    (["/": "http://localhost/", "/x": "http://localhost/x"], nil),
    (["/": "https://a.example/", "/x": nil, "/y": nil], nil), (["/": nil], nil), ([:], nil),
    (["/": "https://a.example/", "/x": "https://a.example/other"], "https://a.example/"),
  ])
  func canonicalLinksNameThePublicAddress(pages: [String: String?], base: String?) throws {
    let links = try pages.map { path, canonical in
      (try NormalizedURL("http://localhost" + path), try canonical.map { try NormalizedURL($0) })
    }
    #expect(PublicAddress.claimed(by: links, in: "/")?.description == base)
  }
}
