import Contract
import Fetch
package import Web

/// A crawl of one site, step by step: ``discoverPages()``, perhaps ``addRecommended(_:)``, then ``fetchPages()``.
///
/// ``Crawler/start(_:)`` creates it. The steps are separate so that a caller can recommend pages before any is fetched.
package struct Crawl {
  let request: CrawlRequest
  let loader: PageLoader
  let onProgress: @Sendable (Int, Int) -> Void
  var frontier: Frontier
  package internal(set) var result: CrawlResult
  /// Detects "not found" pages; the site's own such page is known after ``discoverPages()``.
  var notFound = SoftNotFound.byName
  /// Detects pages of other versions; known after ``discoverPages()``.
  var versions = SiteVersions.none
  /// The number of pages that sitemaps list beyond the candidates.
  private var unconsideredPages = 0

  init(
    _ request: CrawlRequest, loader: PageLoader, result: CrawlResult,
    onProgress: @escaping @Sendable (Int, Int) -> Void
  ) {
    self.request = request
    self.loader = loader
    self.result = result
    self.onProgress = onProgress
    frontier = Frontier(loader.scope)
    frontier.add(result.home.url, clicks: 0)
    frontier.markTaken(result.home.url)
    for url in [request.url] + result.skippedPages.map(\.url) {
      frontier.add(url, clicks: 0)
      frontier.markTaken(url)
    }
  }

  package var client: SiteClient { loader.client }
  package var scope: Scope { loader.scope }

  /// Collects the URLs of pages from the links of the home page and from sitemaps, and learns how the site says that a
  /// page does not exist.
  package mutating func discoverPages() async {
    let (home, loader) = (result.home, loader)
    async let notFound = SoftNotFound.probing(home.url, with: loader)
    addLinks(of: home, clicks: 0)
    await readSitemaps()
    selectVersion()
    self.notFound = await notFound
  }

  /// The candidates for fetching, by a key; of several with the same key, the first.
  package func candidates(by key: (NormalizedURL) -> NormalizedURL) -> [NormalizedURL: NormalizedURL] {
    Dictionary(frontier.candidates.map { (key($0.url), $0.url) }) { first, _ in first }
  }

  /// Adds a page with the same priority as one that the home page links to.
  package mutating func addRecommended(_ url: NormalizedURL) { frontier.add(url, clicks: 1) }

  /// Fetches pages until there are as many as requested, or the deadline passes.
  ///
  /// - Throws: `upstream_failed` if no page has text without JavaScript.
  package mutating func fetchPages() async throws {
    await fetchNearestFirst()
    if result.home.isScriptShell, result.pages.dropFirst().allSatisfy(\.page.isScriptShell) {
      throw await scriptShellFailure()
    }
    result.discovery.found = frontier.candidates.count + unconsideredPages
    result.discovery.filters = scope.filterUses()
    let linked = frontier.candidates.count { $0.clicks ?? 0 > 0 }
    if linked > 0 {
      result.discovery.sources.append(Discovery.Source(strategy: .links, url: nil, entries: linked, kept: linked))
    }
  }

  /// Adds pages that sitemaps list, as many as are worth considering.
  private mutating func readSitemaps() async {
    let home = result.home
    let scope = scope
    let selection = PageSelection(scope, preferred: frontier.folders)
    // Two thirds of the time are for fetching pages.
    let reader = SitemapReader(client: client.limited(to: client.deadline.remaining / 3))
    let named = await client.robotsFile(for: home.url)?.sitemaps(of: home.url) ?? []
    let listing = await reader.read(SitemapPlaces(named: named, home: home.url, page: home)) { found in
      guard scope.contains(found.url), Scope.looksLikePage(found.url) else { return false }
      selection.add(found)
      return true
    }
    let (pages, left) = selection.result()
    unconsideredPages = left
    var kept: [NormalizedURL: Int] = [:]
    for page in pages {
      let url = page.url.usingOrigin(of: home.url).withoutTrackingParameters
      if let reason = reasonToSkip(url, on: home) {
        skip(url, reason)
      } else {
        frontier.add(url, clicks: nil, lastModified: page.lastModified)
      }
      kept[page.source, default: 0] += 1
    }
    result.discovery.method = pages.isEmpty ? .links : .sitemap
    result.discovery.sitemaps = listing.sitemaps
    result.discovery.sources = listing.sources.map { source in
      var source = source
      source.kept = source.url.flatMap { kept[$0] } ?? 0
      return source
    }
    result.discovery.skipped = listing.skipped.filter(\.isNoteworthy).prefix(50).map {
      Discovery.Skipped(url: $0.url, reason: $0.reason)
    }
  }

  /// Records a page that will not be fetched, unless it is known.
  mutating func skip(_ url: NormalizedURL, _ reason: SkipReason) {
    if frontier.refuse(url) { result.skippedPages.append(SkippedPage(url: url, reason: reason)) }
  }
}
