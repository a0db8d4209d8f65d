package import Contract
package import Fetch
import FoundationEssentials
package import Web

/// Starts crawls of sites.
///
/// ```swift
/// var crawl = try await crawler.start(request)
/// await crawl.discoverPages()
/// try await crawl.fetchPages()
/// use(crawl.result.pages)
/// ```
package struct Crawler: Sendable {
  private let fetcher: Fetcher
  /// The product token for robots.txt.
  private let agent: String
  private let deadline: Deadline
  /// Returns the pages of earlier crawls among these URLs.
  private let recall: @Sendable ([NormalizedURL]) -> [NormalizedURL: KnownPage]
  /// Called with the numbers of fetched and of known pages.
  private let onProgress: @Sendable (Int, Int) -> Void

  package init(
    fetcher: Fetcher, agent: String, deadline: Deadline,
    recall: @escaping @Sendable ([NormalizedURL]) -> [NormalizedURL: KnownPage] = { _ in [:] },
    onProgress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) {
    self.fetcher = fetcher
    self.agent = agent
    self.deadline = deadline
    self.recall = recall
    self.onProgress = onProgress
  }

  private typealias Home = PageLoader.LoadedPage

  /// Fetches robots.txt and the home page, in the language of the request.
  ///
  /// - Throws: `upstream_failed` if one of them cannot be read, `forbidden` if robots.txt does not allow the home page.
  package func start(_ request: CrawlRequest) async throws -> Crawl {
    let site = Scope(home: request.url, include: [], exclude: [])
    let unrestricted = SiteClient(fetcher: fetcher, robots: .allowingAll, agent: agent, deadline: deadline)
    let reader = RobotsReader(fetcher: fetcher, deadline: deadline)
    async let verdict = reader.read(request.url)
    async let outcome = PageLoader(client: unrestricted, scope: site, recall: recall).load(request.url, isHome: true)
    let requested = try Self.home(await outcome, request.url)
    var finalVerdict = try? await verdict
    if !requested.page.url.hasSameOrigin(as: request.url) { finalVerdict = try? await reader.read(requested.page.url) }
    let (robots, state) = try Self.rules(finalVerdict, requested.page.url)
    guard robots.allows(requested.page.url, agent: agent) else {
      throw Failure(
        .forbidden, "\(requested.page.url.origin)/robots.txt does not allow \(agent) to read \(requested.page.url)",
        details: ["reason": SkipReason.robots.rawValue])
    }
    let client = SiteClient(
      fetcher: fetcher, robots: robots, agent: agent, deadline: deadline,
      pace: HostPace(interval: robots.pause(for: agent)))
    let loader = PageLoader(client: client, scope: site, recall: recall)
    let (first, passed) = await followRefreshes(from: requested, request, loader)
    let home = await version(of: first.page, in: request.language, loader) ?? first
    var result = CrawlResult(home: home.page, languages: SiteLanguages(home: home.page, asked: request.language))
    if home.page.url != first.page.url {
      result.skippedPages.append(SkippedPage(url: first.page.url, reason: .language))
    }
    result.skippedPages += passed.map { SkippedPage(url: $0, reason: .redirect) }
    result.discovery.robots = state
    let now = Date()
    result.today = SitemapDate.day(now)
    result.tomorrow = SitemapDate.day(now.addingTimeInterval(86_400))
    result.bytes = home.bytes
    result.pages = [CrawledPage(home, clicks: 0, lastModified: nil, lastDay: result.tomorrow)]
    let scope = Scope(home: home.page.url, asked: request.url, include: request.include, exclude: request.exclude)
    return Crawl(
      request, loader: PageLoader(client: client, scope: scope, recall: recall), result: result, onProgress: onProgress)
  }

  private static func home(_ outcome: PageLoader.Outcome, _ url: NormalizedURL) throws -> Home {
    switch outcome {
    case .page(let loaded): return loaded
    case .failed(let error) where error.code == .forbiddenAddress || error.code == .cancelled: throw error
    case .failed(let error):
      throw Failure(.upstreamFailed, "\(url) does not answer: \(error)", details: ["reason": error.code.rawValue])
    case .skipped(let reason):
      throw Failure(.upstreamFailed, message(for: reason, url), details: ["reason": reason.rawValue])
    }
  }

  private static func message(for reason: SkipReason, _ url: NormalizedURL) -> String {
    switch reason {
    case .notHTML: "\(url) is not an HTML page"
    case .redirectLoop: "\(url) redirects without end"
    case .badRedirect: "\(url) redirects to an invalid URL"
    case .http(let status): "\(url) answered with status \(status)"
    default: "\(url) answered \(reason.rawValue)"
    }
  }

  private static func rules(
    _ verdict: RobotsReader.Verdict?, _ home: NormalizedURL
  ) throws -> (RobotsFile, Discovery.Robots) {
    switch verdict {
    case .read(let file): (file, .read)
    case .absent: (.allowingAll, .absent)
    case .unreachable, nil:
      throw Failure(
        .upstreamFailed, "\(home.origin)/robots.txt cannot be read, so no page may be fetched; try again later",
        details: ["reason": SkipReason.robotsUnreachable.rawValue])
    }
  }

  /// Follows the refresh directives of home pages that have hardly any text, three at most.
  ///
  /// - Returns: the page with the text, and the URLs of the pages before it.
  private func followRefreshes(
    from start: Home, _ request: CrawlRequest, _ loader: PageLoader
  ) async -> (home: Home, passed: [NormalizedURL]) {
    var home = start
    var passed: [NormalizedURL] = []
    while passed.count < 3, home.page.words < 50, let target = home.page.refreshURL, target.isSameSite(as: request.url),
      target.pageIdentity != home.page.url.pageIdentity, await loader.client.allows(target),
      case .page(let next) = await loader.load(target.usingOrigin(of: home.page.url))
    {
      passed.append(home.page.url)
      home = next
    }
    return (home, passed)
  }

  /// The version of the home page in another language; nil if the page is in that language, or names no such version.
  private func version(of home: Page, in language: String?, _ loader: PageLoader) async -> Home? {
    guard let language, home.language.map(SiteLanguages.primary) != language else { return nil }
    let versions = home.alternates.filter {
      $0.url.isSameSite(as: home.url) && SiteLanguages.primary($0.language) == language
    }
    // `de` is preferred to `de-CH`.
    let preferred = versions.first { $0.language.utf8.count == language.utf8.count } ?? versions.first
    guard let url = preferred?.url.usingOrigin(of: home.url), url.pageIdentity != home.url.pageIdentity,
      await loader.client.allows(url), case .page(let loaded) = await loader.load(url),
      // A version that declares yet another language is ignored.
      loaded.page.language.map({ SiteLanguages.primary($0) == language }) ?? true
    else { return nil }
    return loaded
  }
}
