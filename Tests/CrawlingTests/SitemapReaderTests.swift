import Contract
import Fetch
import Support
import Synchronization
import Testing
import Web

@testable import Crawling

/// The places of sitemaps, sitemap indexes, limits, and the listing of sources and skipped files.
struct SitemapReaderTests {
  private static let home = try! NormalizedURL(StubSite.origin + "/")

  private static func urlset(_ paths: String...) -> FetchResponse {
    StubSite.text("<urlset>" + paths.map { "<url><loc>\(StubSite.origin)\($0)</loc></url>" }.joined() + "</urlset>")
  }

  private static func index(_ paths: [String]) -> FetchResponse {
    StubSite.text("<sitemapindex>" + paths.map { "<sitemap><loc>\($0)</loc></sitemap>" }.joined() + "</sitemapindex>")
  }

  private func read(
    _ site: StubSite, named: [String] = [], robots: String = "", page: Page? = nil, width: Int = 4,
    deadline: Deadline = Deadline(after: .seconds(120))
  ) async -> (found: [String], listing: SitemapReader.Listing) {
    final class Paths: Sendable { let list = Mutex<[(Int, Int, String)]>([]) }
    let paths = Paths()
    let client = SiteClient(
      fetcher: site.fetcher, robots: RobotsFile(Array(robots.utf8)), agent: "x", deadline: deadline)
    let reader = SitemapReader(client: client, width: width)
    let places = SitemapPlaces(
      named: named.compactMap { try? NormalizedURL($0, relativeTo: Self.home) }, home: Self.home, page: page)
    let listing = await reader.read(places) { found in
      guard found.url.isSameSite(as: Self.home) else { return false }
      paths.list.withLock { $0.append((found.request, found.position, found.url.pathAndQuery)) }
      return true
    }
    return (paths.list.withLock { $0 }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2), listing)
  }

  @Test(arguments: SitemapPlaces.common + SitemapPlaces.cms)
  func sitemapIsFoundAtEachCommonPath(path: String) async {
    let (found, listing) = await read(StubSite(others: [path: Self.urlset("/a")]))
    #expect(found == ["/a"])
    #expect(listing.sources.map(\.strategy) == [SitemapPlaces.common.contains(path) ? .commonPaths : .cms])
  }

  @Test(arguments: SitemapPlaces.feeds)
  func feedIsUsedIfThereIsNoSitemap(path: String) async {
    let (found, listing) = await read(
      StubSite(others: [path: StubSite.text("<rss><channel><item><link>/a</link></item></channel></rss>")]))
    #expect(found == ["/a"])
    #expect(listing.sources.map(\.strategy) == [.feed])
  }

  @Test func sitemapInRobotsFileMakesGuessesUnnecessary() async {
    let site = StubSite(others: ["/x.xml": Self.urlset("/a"), "/sitemap.xml": Self.urlset("/b")])
    #expect(await read(site, named: ["/x.xml"]).found == ["/a"])
    #expect(site.requests == ["/x.xml"])
  }

  @Test func sitemapOfAnotherSiteDoesNotEndTheSearch() async {
    let elsewhere = StubSite.text("<urlset><url><loc>https://elsewhere.example/x</loc></url></urlset>")
    let (found, listing) = await read(
      StubSite(others: ["/x.xml": elsewhere, "/wp-sitemap.xml": Self.urlset("/b")]), named: ["/x.xml"])
    #expect(found == ["/b"])
    #expect(listing.sources.map(\.strategy) == [.robots, .cms])
    #expect(listing.sitemaps.map(\.path) == ["/wp-sitemap.xml"])
  }

  @Test func listingContainsUsefulIndexesAndSitemapsButNoFeeds() async {
    let site = StubSite(others: [
      "/sitemap.xml": Self.index(["/1.xml", "/2.xml"]),
      "/1.xml": StubSite.text("<urlset><url><loc>https://elsewhere.example/</loc></url></urlset>"),
      "/2.xml": Self.urlset("/a"),
    ])
    #expect(await read(site).listing.sitemaps.map(\.path) == ["/sitemap.xml", "/2.xml"])
    let feed = StubSite(others: [
      "/feed/": StubSite.text("<rss><channel><item><guid>https://site.example/a</guid></item></channel></rss>")
    ])
    let (found, listing) = await read(feed)
    #expect(found == ["/a"])
    #expect(listing.sitemaps.isEmpty)
  }

  @Test func pauseBetweenRequestsAppliesToSitemaps() async throws {
    let site = StubSite(others: [
      "/sitemap.xml": Self.index(["/1.xml", "/2.xml"]), "/1.xml": Self.urlset("/a"), "/2.xml": Self.urlset("/b"),
    ])
    let asked = Mutex<[ContinuousClock.Instant]>([])
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      asked.withLock { $0.append(.now) }
      return try await site.fetcher.fetch(request)
    }
    let client = SiteClient(
      fetcher: fetcher, robots: .allowingAll, agent: "x", deadline: Deadline(after: .seconds(60)),
      pace: HostPace(interval: .milliseconds(200)))
    let reader = SitemapReader(client: client)
    _ = await reader.read(SitemapPlaces(named: [], home: Self.home, page: nil)) { _ in true }
    let times = asked.withLock { $0 }
    #expect(times.count == 3)
    for (earlier, later) in zip(times, times.dropFirst()) { #expect(earlier.duration(to: later) >= .milliseconds(190)) }
  }

  @Test func emptySitemapDoesNotEndTheSearch() async {
    let (found, listing) = await read(
      StubSite(others: ["/x.xml": Self.urlset(), "/sitemap.xml": Self.urlset("/b")]), named: ["/x.xml"])
    #expect(found == ["/b"])
    #expect(listing.sources.map(\.entries) == [0, 1])
  }

  @Test func sitemapLinkOfTheHomePageIsFollowed() async {
    var page = Page(url: Self.home)
    page.sitemapURL = Self.home.at(path: "/map")
    let (found, listing) = await read(StubSite(others: ["/map": Self.urlset("/a")]), page: page)
    #expect(found == ["/a"])
    #expect(listing.sources.map(\.strategy) == [.homeLink])
  }

  @Test func feedLinkOfTheHomePageIsFollowed() async {
    let html =
      "<head><link rel=alternate type=application/atom+xml href=/news/atom><link rel=alternate type=application/rss+xml href=/other></head>"
    let page = PageReader.read(Array(html.utf8), url: Self.home)
    let feed = StubSite.text("<feed><entry><link href='/a'/></entry></feed>")
    let (found, listing) = await read(StubSite(others: ["/news/atom": feed]), page: page)
    #expect(found == ["/a"])
    #expect(listing.sources.map(\.strategy) == [.feed])
  }

  @Test func disallowedGuessIsNotRequested() async {
    let site = StubSite(others: [
      "/sitemap.xml": Self.urlset("/a"), "/sitemap.txt": StubSite.text("https://site.example/b"),
    ])
    #expect(await read(site, robots: "User-agent: *\nDisallow: /*.xml").found == ["/b"])
    #expect(!site.requests.contains("/sitemap.xml"))
    #expect(
      await read(site, named: ["/sitemap.xml"], robots: "User-agent: *\nDisallow: /*.xml").found == ["/a"],
      "a sitemap that robots.txt names is fetched even if it is disallowed")
  }

  @Test func pageWithStatus200IsListedAsNotASitemap() async {
    let page = StubSite.page("Not found", links: [("A", "/a")])
    let everywhere = StubSite(
      pages: Dictionary(
        uniqueKeysWithValues: (SitemapPlaces.common + SitemapPlaces.cms + SitemapPlaces.feeds).map { ($0, page) }))
    let (found, listing) = await read(everywhere)
    #expect(found.isEmpty)
    #expect(listing.sources.isEmpty)
    #expect(Set(listing.skipped.map(\.reason)) == [.notASitemap])
    #expect(listing.skipped.count >= SitemapPlaces.common.count)
  }

  @Test(arguments: [1, 4])
  func indexesAreFollowedForThreeLevelsAndEachFileIsFetchedOnce(width: Int) async {
    let site = StubSite(others: [
      "/sitemap.xml": Self.index(["/sitemap.xml", "/1.xml", "/up", "/gone.xml", "/pages.xml"]),
      "/1.xml": Self.index(["/2.xml", "/sitemap.xml"]),
      "/2.xml": Self.index(["/3.xml", "/1.xml"]), "/3.xml": Self.index(["/4.xml"]), "/4.xml": Self.urlset("/deep"),
      "/up": StubSite.redirect(to: "/sitemap.xml"),
      "/pages.xml": Self.urlset("/a", "/b"),
    ])
    let (found, listing) = await read(site, width: width)
    #expect(found == ["/a", "/b"])
    #expect(site.requests.sorted() == ["/1.xml", "/2.xml", "/3.xml", "/gone.xml", "/pages.xml", "/sitemap.xml", "/up"])
    let reasons = Dictionary(uniqueKeysWithValues: listing.skipped.map { ($0.url.path, $0.reason) })
    #expect(reasons == ["/up": .redirect, "/gone.xml": .http(404), "/4.xml": .tooMany])
  }

  @Test func firstFileOfEachSeriesComesFirstIfThereAreTooMany() async throws {
    let posts = (1...1200).map { "/post-\($0).xml" }
    var files: [String: FetchResponse] = ["/sitemap.xml": Self.index(posts + ["/page-1.xml", "/category.xml"])]
    for path in posts { files[path] = Self.urlset("/posts" + path) }
    files["/page-1.xml"] = Self.urlset("/p")
    files["/category.xml"] = Self.urlset("/c")
    let site = StubSite(others: files)
    let (found, listing) = await read(site)
    #expect(found.contains("/p") && found.contains("/c"))
    #expect(site.requests.count == SitemapReader.maximumRequests)
    #expect(listing.skipped.map(\.reason) == [.tooMany])
    // Without a bound all files are fetched.
    let client = SiteClient(
      fetcher: site.fetcher, robots: .allowingAll, agent: "", deadline: Deadline(after: .seconds(60)))
    let all = await SitemapReader(client: client, isBounded: false)
      .read(SitemapPlaces(only: Self.home.at(path: "/sitemap.xml"))) { _ in true }
    #expect(all.sources.count == 1203)
    #expect(all.skipped.isEmpty)
  }

  @Test func entriesBeforeAnErrorAreKept() async {
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      guard request.url.hasSuffix("/sitemap.xml") else { return FetchResponse(status: 404) }
      _ = request.onBody?(Array("<urlset><url><loc>/a</loc></url>".utf8) + Array(repeating: 0x20, count: 300))
      throw FetchError(.timedOut, "slow")
    }
    let client = SiteClient(
      fetcher: fetcher, robots: .allowingAll, agent: "x", deadline: Deadline(after: .seconds(5)))
    let listing = await SitemapReader(client: client)
      .read(SitemapPlaces(named: [], home: Self.home, page: nil)) { $0.url.path == "/a" }
    #expect(listing.sources.map(\.entries) == [1])
    #expect(listing.skipped.map(\.reason) == [.fetch(.timedOut)])
  }

  @Test func discoveryOfAnOlderVersionIsDecoded() throws {
    let text = #"{"method":"links","sitemaps":[],"robots":"absent","found":3}"#
    let discovery = try JSON.decode(Discovery.self, from: Array(text.utf8))
    #expect(discovery.sources.isEmpty && discovery.skipped.isEmpty && discovery.found == 3)
    let discovered = Discovery(
      method: .sitemap, sitemaps: [], robots: .read, found: 1,
      sources: [.init(strategy: .homeLink, url: Self.home, entries: 2, kept: 1)],
      skipped: [.init(url: Self.home, reason: .http(500))])
    #expect(try JSON.decode(Discovery.self, from: try JSON.encode(discovered)) == discovered)
  }
}
