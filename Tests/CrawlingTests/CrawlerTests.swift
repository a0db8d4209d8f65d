import Contract
import Fetch
import Support
import Synchronization
import Testing
import Web

@testable import Crawling

/// Crawls of sites that refuse requests or redirect their robots.txt.
struct CrawlerTests {
  private func crawl(_ fetcher: Fetcher) async throws -> CrawlResult {
    let crawler = Crawler(fetcher: fetcher, agent: "x", deadline: Deadline(after: .seconds(120)))
    var crawl = try await crawler.start(CrawlRequest(url: NormalizedURL(StubSite.origin + "/")))
    await crawl.discoverPages()
    try await crawl.fetchPages()
    return crawl.result
  }

  private func paths(_ result: CrawlResult) -> Set<String> { Set(result.pages.map(\.page.url.path)) }

  // MARK: Refused requests

  /// A site that refuses some paths the first times, and records the times of all requests.
  private final class BusySite: Sendable {
    private let requests = Mutex<[(path: String, at: ContinuousClock.Instant)]>([])
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
        let times = requests.withLock { requests in
          requests.append((path, .now))
          return requests.count { $0.path == path }
        }
        if let refusal = refusals[path], times <= refusal.times { return refusal.answer }
        return try await site.fetcher.fetch(request)
      }
    }

    func times(_ path: String) -> [ContinuousClock.Instant] {
      requests.withLock { $0.filter { $0.path == path }.map(\.at) }
    }
  }

  private static func refusal(_ status: Int, after: String?) -> FetchResponse {
    FetchResponse(
      status: status, headers: after.map { ["retry-after": $0, "date": "Thu, 01 Jan 2026 00:00:00 GMT"] } ?? [:])
  }

  @Test(arguments: [(429, "1"), (503, "1"), (503, "Thu, 01 Jan 2026 00:00:01 GMT")])
  func refusedPageIsFetchedAgainAfterThePauseThatItAsksFor(status: Int, after: String) async throws {
    let site = BusySite(["/docs/3": (2, Self.refusal(status, after: after))])
    let result = try await crawl(site.fetcher)
    #expect(paths(result).contains("/docs/3"))
    #expect(result.skippedPages.isEmpty)
    let times = site.times("/docs/3")
    #expect(times.count == 3)
    for (earlier, later) in zip(times, times.dropFirst()) { #expect(earlier.duration(to: later) >= .milliseconds(990)) }
  }

  @Test(arguments: [(99, "0", 3), (1, "3600", 1), (1, nil, 1), (1, "soon", 1)])
  func refusedPageIsSkippedAfterTwoRetriesOrWithoutAShortPause(times: Int, after: String?, requests: Int) async throws {
    let site = BusySite(["/docs/3": (times, Self.refusal(429, after: after))])
    let result = try await crawl(site.fetcher)
    #expect(site.times("/docs/3").count == requests)
    #expect(result.skippedPages.map(\.reason) == [.http(429)])
  }

  @Test func refusalDelaysAllRequestsToTheHost() async throws {
    let deadline = Deadline(after: .seconds(60))
    let pace = HostPace()
    await pace.waitForTurn(by: deadline)
    #expect(pace.interval == .zero)
    #expect(pace.grantsPause(after: Self.refusal(429, after: "1"), by: deadline))
    let start = ContinuousClock.now
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<3 { group.addTask { await pace.waitForTurn(by: deadline) } }
    }
    #expect(start.duration(to: .now) >= .milliseconds(1190))
    #expect(!pace.grantsPause(after: Self.refusal(500, after: "1"), by: deadline))
    #expect(!pace.grantsPause(after: Self.refusal(429, after: "5"), by: Deadline(after: .seconds(2))))
  }

  // MARK: robots.txt

  /// RFC 9309, section 2.3.1.2: at least five redirects are followed; with more, the file counts as absent.
  @Test(arguments: [(5, true), (6, false)])
  func fiveRedirectsOfRobotsFileAreFollowed(redirects: Int, isRead: Bool) async throws {
    var others: [String: FetchResponse] = ["/r\(redirects)": StubSite.text("User-agent: *\nDisallow: /docs/b")]
    for step in 0..<redirects {
      others[step == 0 ? "/robots.txt" : "/r\(step)"] = StubSite.redirect(to: "/r\(step + 1)")
    }
    let links = ["/docs/a", "/docs/b"]
    var pages = ["/": StubSite.page("Site", links: links.map { ($0, $0) })]
    for path in links { pages[path] = StubSite.page("Page \(path)") }
    let result = try await crawl(StubSite(pages: pages, others: others).fetcher)
    #expect(result.discovery.robots == (isRead ? .read : .absent))
    #expect(paths(result).contains("/docs/b") != isRead)
  }
}
