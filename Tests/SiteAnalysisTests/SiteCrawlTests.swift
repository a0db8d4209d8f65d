import Contract
import Crawling
import Fetch
import Support
import Testing
import Web

@testable import SiteAnalysis

/// Crawls of sites with particular home pages, languages and folders.
struct SiteCrawlTests {
  private func crawl(_ fetcher: Fetcher, path: String = "/", language: String? = nil, maxPages: Int = 200) async throws
    -> (crawl: CrawlResult, report: SiteReport)
  {
    let crawler = Crawler(fetcher: fetcher, agent: "x", deadline: Deadline(after: .seconds(120)))
    let request = CrawlRequest(url: try NormalizedURL(StubSite.origin + path), maxPages: maxPages, language: language)
    let result = try await SiteCrawl(crawler: crawler).run(request)
    return (result.crawl, SiteReport(result, milliseconds: 0))
  }

  private func paths(_ report: SiteReport) -> Set<String> { Set(report.pages.map(\.url.path)) }

  @Test func chaptersOfAManualComeBeforeLinksOfANewsPage() async throws {
    let parts = (0..<6).map { "/manual/part-\($0)" }
    let chapters = (0..<6).map { "/manual/chapter-\($0)" }
    var pages = Dictionary(uniqueKeysWithValues: (parts + chapters).map { ($0, StubSite.page("About \($0)")) })
    pages["/"] = StubSite.page("Site", links: [("News", "/news/"), ("Manual", "/manual/")])
    pages["/news/"] = StubSite.page("News", links: parts.map { ($0, $0) })
    pages["/manual/"] = StubSite.page("Manual", links: chapters.map { ($0, $0) })
    let report = try await crawl(StubSite(pages: pages).fetcher, maxPages: 9).report
    #expect(paths(report) == Set(["/", "/news/", "/manual/"] + chapters))
  }

  private static let links = ["/docs/a", "/docs/b", "/pricing"].map { ($0, $0) }
  private static let pages = Dictionary(uniqueKeysWithValues: links.map { ($0.1, StubSite.page("Page \($0.1)")) })

  // MARK: Home page

  @Test(arguments: [
    "0; url=/en/latest/", "0;URL='/en/latest/'", "0, url = /en/latest/", "1 /en/latest/", "0;/en/latest/",
  ])
  func homePageWithRefreshDirectiveIsReplacedByItsTarget(refresh: String) async throws {
    let start = "<title>Redirecting</title><meta http-equiv=refresh content=\"\(refresh)\"><p>Redirecting"
    let home = StubSite.page("Site", links: Self.links)
    let (result, report) = try await crawl(
      StubSite(pages: Self.pages.merging(["/": start, "/en/latest/": home]) { $1 }).fetcher)
    #expect(report.url.path == "/en/latest/")
    #expect(paths(report) == ["/en/latest/", "/docs/a", "/docs/b", "/pricing"])
    #expect(result.skippedPages.contains { $0.url.path == "/" && $0.reason == .redirect })
  }

  @Test(arguments: ["30; url=/x", "0; url=https://elsewhere.example/", "0", "", "url=/x"])
  func homePageWithSlowOrInvalidRefreshDirectiveIsKept(refresh: String) async throws {
    let start = StubSite.page("Site", links: Self.links).replacing(
      "<body>", with: "<meta http-equiv=refresh content=\"\(refresh)\"><body>")
    #expect(try await crawl(StubSite(pages: Self.pages.merging(["/": start]) { $1 }).fetcher).report.url.path == "/")
  }

  @Test func relativeSitemapURLIsResolvedAgainstRobotsFile() async throws {
    let sitemap = StubSite.text("\(StubSite.origin)/docs/a\n")
    let site = StubSite(
      pages: Self.pages.merging(["/docs/": StubSite.page("Docs")]) { $1 },
      others: ["/robots.txt": StubSite.text("Sitemap: maps.txt"), "/maps.txt": sitemap])
    #expect(paths(try await crawl(site.fetcher, path: "/docs/").report) == ["/docs/", "/docs/a"])
  }

  @Test func oneRegionOfALanguageIsFetched() async throws {
    let regions = ["en-us", "en-gb", "de"]
    let twins = { (path: String) in
      regions.map { "<link rel=alternate hreflang=\($0) href=\"/\($0)/\(path)\">" }.joined()
    }
    var pages: [String: String] = [:]
    for region in regions {
      pages["/\(region)/"] = StubSite.page(
        "Site", links: regions.map { ($0, "/\($0)/") } + [("Pricing", "/\(region)/pricing")], head: twins(""))
      pages["/\(region)/pricing"] = StubSite.page("Pricing \(region)", head: twins("pricing"))
    }
    #expect(
      paths(try await crawl(StubSite(pages: pages).fetcher, path: "/en-gb/").report) == ["/en-gb/", "/en-gb/pricing"])
    pages["/"] = StubSite.page("Site", links: regions.map { ($0, "/\($0)/") }, head: twins(""))
    #expect(paths(try await crawl(StubSite(pages: pages).fetcher).report) == ["/", "/en-us/", "/en-us/pricing"])
  }

  @Test(arguments: ["/home", "/en/", "/en/home.html"])
  func redirectOfTheHomePageDoesNotNarrowTheScope(home: String) async throws {
    let site = StubSite(
      pages: Self.pages.merging([home: StubSite.page("Site", links: Self.links)]) { $1 },
      others: ["/": StubSite.redirect(to: home)])
    #expect(paths(try await crawl(site.fetcher).report) == [home, "/docs/a", "/docs/b", "/pricing"])
  }

  @Test func requestedFolderNarrowsTheScopeEvenIfItRedirects() async throws {
    let site = StubSite(
      pages: Self.pages.merging(["/docs/start/": StubSite.page("Docs", links: Self.links)]) { $1 },
      others: ["/docs": StubSite.redirect(to: "/docs/start/")])
    #expect(paths(try await crawl(site.fetcher, path: "/docs").report) == ["/docs/start/", "/docs/a", "/docs/b"])
  }

  private static let shell =
    #"<html><head><title>App</title></head><body><div class="application-mount"></div><script src="/a.js"></script></body></html>"#

  @Test func siteWithoutTextFailsWithNeedsJavaScript() async throws {
    let map = StubSite.text("<urlset>" + (0..<5).map { "<url><loc>/docs/\($0)</loc></url>" }.joined() + "</urlset>")
    var pages = ["/": Self.shell]
    for index in 0..<5 { pages["/docs/\(index)"] = Self.shell }
    let site = StubSite(pages: pages, others: ["/sitemap.xml": map])
    let failure = await #expect(throws: Failure.self) { try await crawl(site.fetcher) }
    #expect(failure?.code == .upstreamFailed)
    #expect(failure?.details["reason"] == "needs_javascript")
    #expect(failure?.message.contains("JavaScript") ?? false)
    // One page with text is enough.
    let mixed = StubSite(pages: pages.merging(["/docs/0": StubSite.page("Docs")]) { $1 }, others: ["/sitemap.xml": map])
    #expect(paths(try await crawl(mixed.fetcher).report) == ["/", "/docs/0"])
  }

  // MARK: Languages

  @Test func versionInTheRequestedLanguageIsTheHomePage() async throws {
    let alternates = ["en", "de", "fr-CA", "fr"].map { "<link rel=\"alternate\" hreflang=\"\($0)\" href=\"/\($0)/\">" }
      .joined()
    func page(_ title: String, _ language: String, _ links: [String] = [], _ description: String) -> String {
      StubSite.page(title, description: description, links: links.map { ($0, $0) }, head: alternates).replacing(
        "lang=\"en\"", with: "lang=\"\(language)\"")
    }
    let site = StubSite(pages: [
      "/": page("Anvils", "en", ["/en/a", "/de/", "/fr/"], "Anvils and rockets for coyotes in deserts"),
      "/de/": page("Ambosse", "de", ["/de/a", "/en/a"], "Ambosse und Raketen für Kojoten in Wüsten"),
      "/fr/": page("Enclumes", "fr", [], "Des enclumes et des fusées"),
      "/en/a": StubSite.page("English"),
      "/de/a": StubSite.page("Deutsch").replacing("lang=\"en\"", with: "lang=\"de\""),
    ])
    let (result, report) = try await crawl(site.fetcher, language: "de")
    #expect(report.site.language == "de")
    #expect(report.site.description?.contains("Ambosse") ?? false)
    #expect(paths(report) == ["/de/", "/de/a"])
    #expect(result.skippedPages.contains { $0.url.path == "/" && $0.reason == .language })
    #expect(
      try await crawl(site.fetcher, language: "fr").report.pages[0].url.path == "/fr/",
      "a version without a country is preferred")
    #expect(try await crawl(site.fetcher).report.site.language == "en")
  }

  // MARK: Sections

  @Test func everySectionOfASiteInOneFolderIsFetched() async throws {
    let paths = (0..<20).flatMap { section in (0..<60).map { "/docs/sec\(section)/page\($0)" } }
    var pages = ["/": StubSite.page("Site")]
    for path in paths { pages[path] = StubSite.page("Page \(path)") }
    let map = StubSite.text("<urlset>" + paths.map { "<url><loc>\($0)</loc></url>" }.joined() + "</urlset>")
    let report = try await crawl(StubSite(pages: pages, others: ["/sitemap.xml": map]).fetcher, maxPages: 101).report
    let sections = Dictionary(grouping: report.pages.dropFirst()) { $0.url.segments[1] }.mapValues(\.count)
    #expect(sections.count == 20)
    #expect(sections.values.allSatisfy { $0 == 5 })
  }
}
