import Contract
import Fetch
import FoundationEssentials
import Web

/// Reads a site: robots.txt and the home page, then sitemaps, then pages in waves outward from the home page.
struct Crawler: Sendable {
  /// Requests to one host at a time.
  static let concurrency = 8
  /// The longest pause between requests that a robots.txt may ask for, in seconds.
  static let maximumCrawlDelay = 5.0

  let fetcher: Fetcher
  /// The product token that robots.txt may name.
  let agent: String
  let deadline: Deadline
  /// What is known of pages that were read before.
  let known: @Sendable ([NormalizedURL]) -> [NormalizedURL: KnownPage]
  let report: @Sendable (Progress) -> Void
  /// The files of the same kind that were written of the site before.
  var written: @Sendable () -> [String] = { [] }

  /// What a crawl brought home.
  struct Harvest: Sendable {
    var home: Page
    /// The home page first, then in the order in which the site leads to them.
    var pages: [CrawledPage] = []
    var discovery = SiteReport.Discovery(method: .links, sitemaps: [], robots: .absent, found: 0)
    /// Where what was asked for was redirected to, by the identities of both.
    var moved: [NormalizedURL: NormalizedURL] = [:]
    /// What is known and not among them.
    var leftOut: [LeftOut] = []
    /// What the site recommends itself.
    var existing: SiteReport.Existing?
    var languages: SiteLanguages
    /// When it was read, as ``SitemapDate/day(_:)`` counts days.
    var today = 0
    var bytes = 0
    var isPartial = false
  }

  /// A page that is not given, with the reason as `metrics.skipped` counts it.
  struct LeftOut: Sendable, Equatable {
    let url: NormalizedURL
    let reason: String
  }

  struct CrawledPage: Sendable {
    var page: Page
    let clicks: Int?
    let lastModified: String?
    let validators: PageLoader.Validators?
    /// Whether it was known, and its server says that it did not change.
    let isUnchanged: Bool

    init(_ loaded: PageLoader.LoadedPage, clicks: Int?, lastModified: String?) {
      page = loaded.page
      self.clicks = clicks
      self.lastModified = lastModified ?? loaded.lastModified
      validators = loaded.validators
      isUnchanged = loaded.isUnchanged
    }
  }

  func crawl(_ request: AnalyzeRequest) async throws -> Harvest {
    let (start, loader) = try await readHome(request)
    var harvest = start
    let scope = loader.scope
    var frontier = Frontier(scope)
    frontier.add(harvest.home.url, clicks: 0)
    frontier.markTaken(harvest.home.url)
    for url in [request.url] + harvest.leftOut.map(\.url) {
      frontier.add(url, clicks: 0)
      frontier.markTaken(url)
    }
    // Each costs a request that nothing has to wait for: sitemaps are read meanwhile.
    let home = harvest.home.url
    async let existing = ExistingFileReader(
      fetcher: fetcher, robots: loader.robots, agent: agent, deadline: deadline, pace: loader.pace
    ).read(home)
    async let notFound = SoftNotFound.probing(home, with: loader)
    addLinks(of: harvest.home, clicks: 0, scope, &frontier, &harvest)
    let left = await readSitemaps(loader, &frontier, &harvest)
    harvest.existing = await existing.flatMap { file in
      file.byHand(beside: written().compactMap { SiteReport.Existing(LLMSFile($0), at: file.url, home: home) })
    }
    addRecommended(scope, &frontier, harvest)

    await readWaves(request, loader, await notFound, &frontier, &harvest)
    if harvest.home.isScriptShell, harvest.pages.dropFirst().allSatisfy(\.page.isScriptShell) {
      throw Failure(
        .upstreamFailed,
        "\(harvest.home.url) has nothing to read without JavaScript, which is not run here; let the server write the pages' text",
        details: ["reason": "needs_javascript"])
    }
    await MarkdownTwins(loader: loader).find(&harvest)
    harvest.discovery.found = frontier.candidates.count + left
    let linked = frontier.candidates.count { $0.clicks ?? 0 > 0 }
    if linked > 0 {
      harvest.discovery.sources.append(
        SiteReport.Discovery.Source(strategy: .links, url: nil, entries: linked, kept: linked))
    }
    return harvest
  }

  /// Adds what the site's people name in its llms.txt: it is as near as what the front page links to. Markdown stands
  /// for its page.
  private func addRecommended(_ scope: Scope, _ frontier: inout Frontier, _ harvest: Harvest) {
    let links = (harvest.existing?.sections.flatMap(\.links) ?? []).filter {
      $0.isWrittenHere != true && scope.contains($0.url)
    }
    let hasMarkdown = links.contains { MarkdownTwins.isMarkdown($0.url) }
    let known =
      hasMarkdown ? Dictionary(frontier.candidates.map { ($0.url.twinIdentity, $0.url) }) { first, _ in first } : [:]
    for link in links {
      if Scope.looksLikePage(link.url) {
        frontier.add(link.url.withoutVisitor, clicks: 1)
      } else if MarkdownTwins.isMarkdown(link.url) {
        frontier.add(known[link.url.twinIdentity] ?? MarkdownTwins.page(of: link.url), clicks: 1)
      }
    }
  }

  /// Adds what sitemaps list, as much of it as is worth considering.
  ///
  /// - Returns: how many more pages they list.
  private func readSitemaps(_ loader: PageLoader, _ frontier: inout Frontier, _ harvest: inout Harvest) async -> Int {
    let home = harvest.home
    let (robots, scope) = (loader.robots, loader.scope)
    let selection = PageSelection(scope, preferred: frontier.folders)
    // Sitemaps only help to find pages; most of the time is for reading them.
    let reader = SitemapReader(
      fetcher: fetcher, robots: robots, agent: agent, deadline: deadline.capped(at: deadline.remaining / 3),
      width: loader.pace.interval > .zero ? 1 : SitemapReader.usualWidth, pace: loader.pace)
    let named = robots.sitemaps(of: home.url)
    let listing = await reader.read(SitemapPlaces(named: named, home: home.url, page: home)) { found in
      guard scope.contains(found.url), Scope.looksLikePage(found.url) else { return false }
      selection.add(found)
      return true
    }
    let (pages, left) = selection.result()
    var kept: [NormalizedURL: Int] = [:]
    for page in pages {
      let url = page.url.spelled(as: home.url).withoutVisitor
      if let reason = Self.reasonToIgnore(url, on: home, harvest.languages) {
        if frontier.refuse(url) { harvest.leftOut.append(LeftOut(url: url, reason: reason)) }
      } else {
        frontier.add(url, clicks: nil, lastModified: page.lastModified)
      }
      kept[page.source, default: 0] += 1
    }
    harvest.discovery.method = pages.isEmpty ? .links : .sitemap
    harvest.discovery.sitemaps = listing.sitemaps
    harvest.discovery.sources = listing.sources.map { source in
      var source = source
      source.kept = source.url.flatMap { kept[$0] } ?? 0
      return source
    }
    harvest.discovery.skipped = listing.skipped.filter(\.isWorthTelling).prefix(50).map {
      SiteReport.Discovery.Skipped(url: $0.url, reason: $0.reason)
    }
    return left
  }
}
