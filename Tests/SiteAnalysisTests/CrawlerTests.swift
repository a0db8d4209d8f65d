import Contract
import Fetch
import Support
import Synchronization
import Testing
import Web

@testable import SiteAnalysis

/// What a site of a certain kind makes of a crawl: traps that need a site of their own.
struct CrawlerTests {
  private func crawl(_ fetcher: Fetcher, path: String = "/", language: String? = nil, maxPages: Int = 200) async throws
    -> (harvest: Crawler.Harvest, report: SiteReport)
  {
    let crawler = Crawler(
      fetcher: fetcher, agent: "x", deadline: Deadline(after: .seconds(120)), known: { _ in [:] }, report: { _ in })
    let request = AnalyzeRequest(url: try NormalizedURL(StubSite.origin + path), maxPages: maxPages, language: language)
    let harvest = try await crawler.crawl(request)
    return (harvest, SiteReport(harvest, request, milliseconds: 0))
  }

  private func paths(_ report: SiteReport) -> Set<String> { Set(report.pages.map(\.url.path)) }

  /// News mention half a manual: what the manual itself begins with is nearer.
  @Test func aManualsOwnChaptersComeBeforeWhatItsNewsMention() async throws {
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

  // MARK: The front page

  @Test(arguments: [
    "0; url=/en/latest/", "0;URL='/en/latest/'", "0, url = /en/latest/", "1 /en/latest/", "0;/en/latest/",
  ])
  func aFrontPageThatOnlySendsOnIsNone(refresh: String) async throws {
    let start = "<title>Redirecting</title><meta http-equiv=refresh content=\"\(refresh)\"><p>Redirecting"
    let home = StubSite.page("Site", links: Self.links)
    let (harvest, report) = try await crawl(
      StubSite(pages: Self.pages.merging(["/": start, "/en/latest/": home]) { $1 }).fetcher)
    #expect(report.url.path == "/en/latest/")
    #expect(paths(report) == ["/en/latest/", "/docs/a", "/docs/b", "/pricing"])
    #expect(harvest.leftOut.contains { $0.url.path == "/" && $0.reason == "redirect" })
  }

  @Test(arguments: ["30; url=/x", "0; url=https://elsewhere.example/", "0", "", "url=/x"])
  func oneThatDoesNotIsKept(refresh: String) async throws {
    let start = StubSite.page("Site", links: Self.links).replacing(
      "<body>", with: "<meta http-equiv=refresh content=\"\(refresh)\"><body>")
    #expect(try await crawl(StubSite(pages: Self.pages.merging(["/": start]) { $1 }).fetcher).report.url.path == "/")
  }

  @Test func aRelativeSitemapIsRelativeToRobotsFile() async throws {
    let sitemap = StubSite.text("\(StubSite.origin)/docs/a\n")
    let site = StubSite(
      pages: Self.pages.merging(["/docs/": StubSite.page("Docs")]) { $1 },
      others: ["/robots.txt": StubSite.text("Sitemap: maps.txt"), "/maps.txt": sitemap])
    #expect(paths(try await crawl(site.fetcher, path: "/docs/").report) == ["/docs/", "/docs/a"])
  }

  @Test func ofALanguagesRegionsOneIsRead() async throws {
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
  func aFrontPageThatRedirectsLeavesTheSiteWhole(home: String) async throws {
    let site = StubSite(
      pages: Self.pages.merging([home: StubSite.page("Site", links: Self.links)]) { $1 },
      others: ["/": StubSite.redirect(to: home)])
    #expect(paths(try await crawl(site.fetcher).report) == [home, "/docs/a", "/docs/b", "/pricing"])
  }

  @Test func aFolderThatIsAskedForNarrowsItEvenWhereItRedirects() async throws {
    let site = StubSite(
      pages: Self.pages.merging(["/docs/start/": StubSite.page("Docs", links: Self.links)]) { $1 },
      others: ["/docs": StubSite.redirect(to: "/docs/start/")])
    #expect(paths(try await crawl(site.fetcher, path: "/docs").report) == ["/docs/start/", "/docs/a", "/docs/b"])
  }

  private static let shell =
    #"<html><head><title>App</title></head><body><div class="application-mount"></div><script src="/a.js"></script></body></html>"#

  @Test func aSiteOfScriptsIsToldToNeedThem() async throws {
    let map = StubSite.text("<urlset>" + (0..<5).map { "<url><loc>/docs/\($0)</loc></url>" }.joined() + "</urlset>")
    var pages = ["/": Self.shell]
    for index in 0..<5 { pages["/docs/\(index)"] = Self.shell }
    let site = StubSite(pages: pages, others: ["/sitemap.xml": map])
    let failure = await #expect(throws: Failure.self) { try await crawl(site.fetcher) }
    #expect(failure?.code == .upstreamFailed)
    #expect(failure?.details["reason"] == "needs_javascript")
    #expect(failure?.message.contains("JavaScript") ?? false)
    // A shell before pages that can be read is no failure.
    let mixed = StubSite(pages: pages.merging(["/docs/0": StubSite.page("Docs")]) { $1 }, others: ["/sitemap.xml": map])
    #expect(paths(try await crawl(mixed.fetcher).report) == ["/", "/docs/0"])
  }

  // MARK: Languages

  @Test func theHomePageInTheLanguageThatIsAskedForIsTheHomePage() async throws {
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
    let (harvest, report) = try await crawl(site.fetcher, language: "de")
    #expect(report.site.language == "de")
    #expect(report.site.description?.contains("Ambosse") ?? false)
    #expect(paths(report) == ["/de/", "/de/a"])
    #expect(harvest.leftOut.contains { $0.url.path == "/" && $0.reason == "language" })
    #expect(
      try await crawl(site.fetcher, language: "fr").report.pages[0].url.path == "/fr/", "rather than another country's")
    #expect(try await crawl(site.fetcher).report.site.language == "en")
  }

  // MARK: Refusals

  /// Refuses some paths the first times, and tells when everything was asked for.
  private final class BusySite: Sendable {
    let asked = Mutex<[(path: String, at: ContinuousClock.Instant)]>([])
    private let refusals: [String: (times: Int, answer: FetchResponse)]
    private let site: StubSite

    init(_ refusals: [String: (times: Int, answer: FetchResponse)]) {
      self.refusals = refusals
      let paths = (0..<6).map { "/docs/\($0)" }
      var pages = ["/": StubSite.page("Site", links: paths.map { ($0, $0) })]
      for path in paths { pages[path] = StubSite.page("Page \(path)") }
      site = StubSite(pages: pages)
    }

    var fetcher: Fetcher {
      Fetcher { [self] (request: FetchRequest) async throws(FetchError) -> FetchResponse in
        let path = String(request.url.dropFirst(StubSite.origin.count))
        let times = asked.withLock { asked in
          asked.append((path, .now))
          return asked.count { $0.path == path }
        }
        if let refusal = refusals[path], times <= refusal.times { return refusal.answer }
        return try await site.fetcher.fetch(request)
      }
    }

    func times(_ path: String) -> [ContinuousClock.Instant] {
      asked.withLock { $0.filter { $0.path == path }.map(\.at) }
    }
  }

  private static func refusal(_ status: Int, after: String?) -> FetchResponse {
    FetchResponse(
      status: status, headers: after.map { ["retry-after": $0, "date": "Thu, 01 Jan 2026 00:00:00 GMT"] } ?? [:])
  }

  @Test(arguments: [(429, "1"), (503, "1"), (503, "Thu, 01 Jan 2026 00:00:01 GMT")])
  func aPageThatAsksForPatienceIsAskedForAgain(status: Int, after: String) async throws {
    let site = BusySite(["/docs/3": (2, Self.refusal(status, after: after))])
    let (harvest, report) = try await crawl(site.fetcher)
    #expect(paths(report).contains("/docs/3"))
    #expect(harvest.leftOut.isEmpty)
    let times = site.times("/docs/3")
    #expect(times.count == 3)
    for (earlier, later) in zip(times, times.dropFirst()) { #expect(earlier.duration(to: later) >= .milliseconds(990)) }
  }

  /// More patience than two times ten seconds has nobody, and none where no time is named.
  @Test(arguments: [(99, "0", 3), (1, "3600", 1), (1, nil, 1), (1, "soon", 1)])
  func patienceEnds(times: Int, after: String?, requests: Int) async throws {
    let site = BusySite(["/docs/3": (times, Self.refusal(429, after: after))])
    let (harvest, _) = try await crawl(site.fetcher)
    #expect(site.times("/docs/3").count == requests)
    #expect(harvest.leftOut.map(\.reason) == ["http_429"])
  }

  /// Whoever is refused slows all others down, too.
  @Test func aRefusalSlowsTheWholeHost() async throws {
    let deadline = Deadline(after: .seconds(60))
    let pace = HostPace()
    await pace.turn(by: deadline)
    #expect(pace.interval == .zero)
    #expect(pace.grantsPause(after: Self.refusal(429, after: "1"), by: deadline))
    let start = ContinuousClock.now
    await withTaskGroup(of: Void.self) { group in for _ in 0..<3 { group.addTask { await pace.turn(by: deadline) } } }
    #expect(start.duration(to: .now) >= .milliseconds(1190))
    #expect(!pace.grantsPause(after: Self.refusal(500, after: "1"), by: deadline))
    #expect(!pace.grantsPause(after: Self.refusal(429, after: "5"), by: Deadline(after: .seconds(2))))
  }

  // MARK: robots.txt

  /// RFC 9309, section 2.3.1.2: at least five redirects are followed, and what has more is as good as absent.
  @Test(arguments: [(5, true), (6, false)])
  func redirectsOfRobotsAreFollowedFiveTimes(redirects: Int, isRead: Bool) async throws {
    var others: [String: FetchResponse] = ["/r\(redirects)": StubSite.text("User-agent: *\nDisallow: /docs/b")]
    for step in 0..<redirects {
      others[step == 0 ? "/robots.txt" : "/r\(step)"] = StubSite.redirect(to: "/r\(step + 1)")
    }
    let site = StubSite(
      pages: Self.pages.merging(["/": StubSite.page("Site", links: Self.links)]) { $1 }, others: others)
    let (harvest, report) = try await crawl(site.fetcher)
    #expect(harvest.discovery.robots == (isRead ? .read : .absent))
    #expect(paths(report).contains("/docs/b") != isRead)
  }

  // MARK: Sections

  @Test func ofASiteInOneFolderEverySectionIsRead() async throws {
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
