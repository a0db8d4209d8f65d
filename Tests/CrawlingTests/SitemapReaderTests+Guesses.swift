import Contract
import Fetch
import Support
import Synchronization
import Testing
import Web

@testable import Crawling

/// Guesses of sitemaps and feeds: their number, and sites that answer slowly.
struct SitemapGuessesTests {
  private static let home = try! NormalizedURL(StubSite.origin + "/")

  /// A site that records how many requests are open at a time; it does not answer requests for some paths.
  private final class SlowSite: Sendable {
    private struct State {
      var open = 0
      var most = 0
      var paths: [String] = []
    }

    private let state = Mutex(State())
    private let site: StubSite
    private let hanging: Set<String>

    init(_ files: [String: FetchResponse] = [:], hanging: Set<String> = []) {
      site = StubSite(others: files)
      self.hanging = hanging
    }

    var most: Int { state.withLock(\.most) }
    var paths: [String] { state.withLock(\.paths) }

    var fetcher: Fetcher {
      Fetcher { [self] (request: FetchRequest) async throws(FetchError) -> FetchResponse in
        let path = String(request.url.dropFirst(StubSite.origin.count))
        state.withLock { state in
          state.paths.append(path)
          state.open += 1
          state.most = max(state.most, state.open)
        }
        defer { state.withLock { $0.open -= 1 } }
        do {
          // All requests of a group start before the first of them is answered.
          try await Task.sleep(for: hanging.contains(path) ? .seconds(600) : .milliseconds(20))
        } catch {
          throw FetchError(.cancelled, "cancelled")
        }
        return try await site.fetcher.fetch(request)
      }
    }
  }

  private func read(
    _ fetcher: Fetcher, named: [String] = [], patience: Duration = .seconds(60), pause: Duration = .zero
  ) async -> SitemapReader.Listing {
    let client = SiteClient(
      fetcher: fetcher, robots: .allowingAll, agent: "x", deadline: Deadline(after: .seconds(120)),
      pace: HostPace(interval: pause))
    var reader = SitemapReader(client: client)
    reader.patience = patience
    let urls = named.compactMap { try? NormalizedURL($0) }
    return await reader.read(SitemapPlaces(named: urls, home: Self.home, page: nil)) {
      $0.url.isSameSite(as: Self.home)
    }
  }

  private static let urlset = StubSite.text("<urlset><url><loc>/a</loc></url></urlset>")

  @Test func siteWithoutSitemapGetsFewGuessesAtTheSameTime() async {
    let site = SlowSite()
    let listing = await read(site.fetcher)
    #expect(listing.sources.isEmpty)
    #expect(site.paths.first == "/sitemap.xml")
    #expect(site.paths.count == 7)
    #expect(Set(site.paths).count == 7)
    #expect(site.most > 1 && site.most <= 6, "\(site.most) at a time")
  }

  @Test func sitemapOfAnotherOriginDoesNotAddGuesses() async {
    let site = SlowSite()
    _ = await read(site.fetcher, named: ["https://other.example/sitemap.xml"])
    #expect(site.paths.count == 8)
  }

  @Test func pauseBetweenRequestsLimitsTheGuesses() async {
    let site = SlowSite()
    _ = await read(site.fetcher, pause: .seconds(4))
    #expect(site.paths.count == 2, "ten seconds of pauses at most: \(site.paths)")
    #expect(site.most == 1)
  }

  @Test(arguments: ["/sitemap_index.xml", "/sitemap.txt", "/feed/"])
  func guessThatDoesNotAnswerIsAbandoned(path: String) async {
    let site = SlowSite(["/wp-sitemap.xml": Self.urlset], hanging: [path])
    let listing = await read(site.fetcher, patience: .seconds(1))
    #expect(listing.sources.map(\.url?.path) == ["/wp-sitemap.xml"])
    #expect(listing.skipped.contains { $0.url.path == path && $0.reason == .fetch(.timedOut) })
  }

  @Test func noMoreGuessesIfTheUsualPlaceDoesNotAnswer() async {
    let site = SlowSite(["/wp-sitemap.xml": Self.urlset], hanging: ["/sitemap.xml"])
    let listing = await read(site.fetcher, patience: .milliseconds(100))
    #expect(site.paths == ["/sitemap.xml"])
    #expect(listing.skipped.map(\.reason) == [.fetch(.timedOut)])
  }

  @Test func sitemapThatHasBegunToArriveIsNotAbandoned() async {
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      guard request.url.hasSuffix("/sitemap.xml") else { return FetchResponse(status: 404) }
      _ = request.onBody?(Array("<urlset><url><loc>/a</loc></url>".utf8))
      do {
        try await Task.sleep(for: .milliseconds(400))
      } catch {
        throw FetchError(.cancelled, "cancelled")
      }
      _ = request.onBody?(Array("<url><loc>/b</loc></url></urlset>".utf8))
      return FetchResponse(status: 200)
    }
    let listing = await read(fetcher, patience: .milliseconds(100))
    #expect(listing.sources.map(\.entries) == [2])
    #expect(listing.skipped.isEmpty)
  }

  @Test func homePageFeedReplacesGuessedFeeds() {
    let html = "<head><link rel=alternate type=application/rss+xml href=/news></head><a href=/blog/feed.xml>Feed</a>"
    let page = PageReader.read(Array(html.utf8), url: Self.home)
    let places = SitemapPlaces(named: [], home: Self.home, page: page).steps.joined()
    #expect(places.filter { $0.strategy == .feed }.map(\.url.path) == ["/news", "/blog/feed.xml"])
    #expect(places.count { $0.isGuess } == 5)
  }
}
