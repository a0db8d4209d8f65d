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

  /// The dead links in a row that a section of a site may have.
  private static let patience = 20
  /// What a page that only a sitemap names counts for.
  private static let unlinkedClicks = 9

  /// What a crawl brought home.
  struct Harvest: Sendable {
    var home: Page
    /// The home page first, then in the order in which the site leads to them.
    var pages: [CrawledPage] = []
    var discovery = SiteReport.Discovery(method: .links, sitemaps: [], robots: .absent, found: 0)
    /// What is known and not among them.
    var leftOut: [LeftOut] = []
    /// What the site recommends itself.
    var existing: SiteReport.Existing?
    /// Whether what pages name as themselves in Markdown is there.
    var hasMarkdownTwins = false
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
    let page: Page
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
    let (start, robots, scope) = try await readHome(request)
    var harvest = start
    let loader = PageLoader(fetcher: fetcher, robots: robots, agent: agent, scope: scope, deadline: deadline)
    var frontier = Frontier(scope)
    frontier.add(harvest.home.url, clicks: 0)
    frontier.add(request.url, clicks: 0)
    frontier.markTaken(harvest.home.url)
    frontier.markTaken(request.url)
    // Each costs a request that nothing has to wait for: sitemaps are read meanwhile.
    let home = harvest.home.url
    let delay = Self.delay(robots, agent)
    async let existing = {
      await pause(delay)
      return await ExistingFileReader(fetcher: fetcher, robots: robots, agent: agent, deadline: deadline).read(home)
    }()
    async let notFound = {
      await pause(delay * 2)
      return await SoftNotFound.probing(home, with: loader)
    }()
    addLinks(of: harvest.home, clicks: 0, scope, &frontier, &harvest)
    let left = await readSitemaps(robots, scope, &frontier, &harvest)
    harvest.existing = await existing
    // What a site recommends is as near as what its front page links to.
    for link in harvest.existing?.sections.flatMap(\.links) ?? [] where scope.contains(link.url) && Scope.looksLikePage(link.url) {
      frontier.add(link.url.withoutVisitor, clicks: 1)
    }

    await readWaves(request, loader, scope, robots, await notFound, &frontier, &harvest)
    // One stands for all: they are made by one program, or by none.
    if let twin = harvest.pages.lazy.compactMap({ $0.page.markdownURL }).first { harvest.hasMarkdownTwins = await loader.isMarkdown(twin) }
    harvest.discovery.found = frontier.candidates.count + left
    let linked = frontier.candidates.count { $0.clicks ?? 0 > 0 }
    if linked > 0 {
      harvest.discovery.sources.append(SiteReport.Discovery.Source(strategy: .links, url: nil, entries: linked, kept: linked))
    }
    return harvest
  }

  private func pause(_ delay: Duration) async {
    if delay > .zero { try? await Task.sleep(for: min(delay, deadline.remaining)) }
  }

  /// Adds what sitemaps list, as much of it as is worth considering.
  ///
  /// - Returns: how many more pages they list.
  private func readSitemaps(
    _ robots: RobotsFile, _ scope: Scope, _ frontier: inout Frontier, _ harvest: inout Harvest
  ) async -> Int {
    let home = harvest.home
    let selection = PageSelection(scope, preferred: Set(frontier.candidates.map(\.section)))
    // Sitemaps only help to find pages; most of the time is for reading them.
    let reader = SitemapReader(
      fetcher: fetcher, robots: robots, agent: agent, deadline: deadline.capped(at: deadline.remaining / 3),
      width: robots.crawlDelay(agent: agent) == nil ? SitemapReader.usualWidth : 1)
    let named = robots.sitemaps.compactMap { try? NormalizedURL($0, relativeTo: home.url) }
    let listing = await reader.read(SitemapPlaces(named: named, home: home.url, page: home)) { found in
      if scope.contains(found.url), Scope.looksLikePage(found.url) { selection.add(found) }
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
    harvest.discovery.sitemaps = listing.sources.compactMap(\.url)
    harvest.discovery.sources = listing.sources.map { source in
      var source = source
      source.kept = source.url.flatMap { kept[$0] } ?? 0
      return source
    }
    harvest.discovery.skipped = listing.skipped.filter(\.isWorthTelling).prefix(50).map { SiteReport.Discovery.Skipped(url: $0.url, reason: $0.reason) }
    return left
  }

  // MARK: The home page

  private func readHome(_ request: AnalyzeRequest) async throws -> (Harvest, RobotsFile, Scope) {
    let everything = Scope(home: request.url, include: [], exclude: [])
    let loader = PageLoader(
      fetcher: fetcher, robots: .allowingAll, agent: agent, scope: everything, deadline: deadline)
    async let verdict = RobotsReader(fetcher: fetcher, deadline: deadline).read(request.url)
    async let outcome = loader.load(request.url, isHome: true, known: known([request.url])[request.url])
    let home: PageLoader.LoadedPage
    switch await outcome {
    case .page(let loaded): home = loaded
    case .failed(let error) where error.code == .forbiddenAddress || error.code == .cancelled: throw error
    case .failed(let error):
      throw Failure(.upstreamFailed, "\(request.url) does not answer: \(error)", details: ["reason": error.code.rawValue])
    case .skipped(let reason): throw Failure(.upstreamFailed, Self.explain(reason, request.url), details: ["reason": reason])
    }
    var finalVerdict = try? await verdict
    if !home.page.url.hasSameOrigin(as: request.url) {
      finalVerdict = try? await RobotsReader(fetcher: fetcher, deadline: deadline).read(home.page.url)
    }
    var harvest = Harvest(home: home.page, languages: SiteLanguages(home: home.page, asked: request.language))
    harvest.today = SitemapDate.day(Date().formatted(.iso8601.year().month().day()))
    harvest.bytes = home.bytes
    let robots: RobotsFile
    switch finalVerdict {
    case .read(let file): (robots, harvest.discovery.robots) = (file, .read)
    case .absent: (robots, harvest.discovery.robots) = (.allowingAll, .absent)
    case .unreachable, nil:
      throw Failure(
        .upstreamFailed, "\(home.page.url.origin)/robots.txt cannot be read, which means that nothing may be; try again later",
        details: ["reason": "robots_unreachable"])
    }
    guard robots.allows(home.page.url, agent: agent) else {
      throw Failure(
        .forbidden, "\(home.page.url.origin)/robots.txt does not allow \(agent) to read \(home.page.url)",
        details: ["reason": "robots"])
    }
    harvest.pages = [CrawledPage(home, clicks: 0, lastModified: nil)]
    return (harvest, robots, Scope(home: home.page.url, include: request.include, exclude: request.exclude))
  }

  private static func explain(_ reason: String, _ url: NormalizedURL) -> String {
    switch reason {
    case "not_html": "\(url) is not an HTML page"
    case "redirect_loop": "\(url) redirects without end"
    case "bad_redirect": "\(url) redirects to something that is no URL"
    default: "\(url) answered \(reason.replacing("http_", with: "with status "))"
    }
  }

  // MARK: The other pages

  private func addLinks(of page: Page, clicks: Int, _ scope: Scope, _ frontier: inout Frontier, _ harvest: inout Harvest) {
    let home = harvest.home.url
    // Where the page itself sends its reader is as near as the page.
    for url in [page.canonical, page.refreshURL].compactMap({ $0?.spelled(as: home).withoutVisitor })
    where scope.contains(url) && Scope.looksLikePage(url) {
      frontier.add(url, clicks: max(1, clicks))
    }
    guard !page.forbidsFollowing else { return }
    var seen: Set<String> = []
    // What a system page leads to is as far as itself.
    let clicks = PageKind.isSystem(page.url) ? Frontier.farClicks : clicks + 1
    for link in page.links where seen.insert(link.reference).inserted {
      guard let url = page.resolve(link)?.spelled(as: home).withoutVisitor, scope.contains(url), Scope.looksLikePage(url) else { continue }
      if let reason = Self.reasonToIgnore(url, on: page, harvest.languages) {
        if frontier.refuse(url) { harvest.leftOut.append(LeftOut(url: url, reason: reason)) }
      } else {
        frontier.add(url, clicks: clicks, listDepth: link.listDepth)
      }
    }
  }

  /// Why a link is not worth a request, as far as its address tells.
  private static func reasonToIgnore(_ url: NormalizedURL, on page: Page, _ languages: SiteLanguages) -> String? {
    if languages.isForeign(url) { return "language" }
    if PageKind.isVariation(url) { return "variation" }
    // A calendar leads to the next month forever; from elsewhere an archive is worth a look, for what it lists.
    if Self.repeatsItself(url, on: page.url) { return "endless" }
    return PageKind.isDateArchive(url) && PageKind.isDateArchive(page.url) ? "endless" : nil
  }

  /// `/a/a/` on `/a/`, or `/a/b/a/b/a/b`: a link that is relative by mistake leads ever deeper.
  private static func repeatsItself(_ url: NormalizedURL, on page: NormalizedURL) -> Bool {
    let segments = url.segments
    if let last = segments.last, segments.dropLast().last == last, page.segments == segments.dropLast() { return true }
    var counts: [Substring: Int] = [:]
    return segments.contains { segment in
      counts[segment, default: 0] += 1
      return counts[segment]! > 2
    }
  }

  private func readWaves(
    _ request: AnalyzeRequest, _ loader: PageLoader, _ scope: Scope, _ robots: RobotsFile, _ notFound: SoftNotFound,
    _ frontier: inout Frontier, _ harvest: inout Harvest
  ) async {
    let delay = Self.delay(robots, agent)
    var clicks = 1
    // Attempts are bounded too: a site of dead links must not be read to its end for two hundred good ones.
    var attempts = request.maxPages * 2
    var read: Set = [harvest.home.url.pageIdentity]
    var barren: [String: Int] = [:]
    while harvest.pages.count < request.maxPages, attempts > 0, !deadline.isPast {
      let isLinked = frontier.waiting(within: clicks) > 0
      let room = min(request.maxPages - harvest.pages.count, attempts)
      // Of the pages nearest to the home page all are read first: they say which others matter.
      let wave = frontier.take(room, within: isLinked ? clicks : nil)
      guard !wave.isEmpty else { break }
      attempts -= wave.count
      let found = frontier.candidates.count
      let outcomes = await load(wave.map(\.url), loader, delay: delay, isAlready: harvest.pages.count, found: found)
      let firstNew = harvest.pages.count
      for (candidate, outcome) in zip(wave, outcomes) {
        var reason: String?
        switch outcome {
        case .page(let loaded):
          harvest.bytes += loaded.bytes
          // What a redirect led to need not be read again.
          frontier.add(loaded.page.url, clicks: candidate.clicks)
          frontier.markTaken(loaded.page.url)
          if notFound.matches(loaded.page) {
            reason = "soft_404"
          } else if !read.insert(loaded.page.url.pageIdentity).inserted {
            reason = "redirect"
          } else {
            harvest.pages.append(CrawledPage(loaded, clicks: candidate.clicks, lastModified: candidate.lastModified))
          }
        case .skipped(let why): reason = why
        case .failed(let error): reason = error.code.rawValue
        }
        if let reason { harvest.leftOut.append(LeftOut(url: candidate.url, reason: reason)) }
        barren[candidate.section] = reason == nil ? .min : (barren[candidate.section] ?? 0) + 1
      }
      // Twenty links and not a page: there is no use in trying the next thousand.
      for (section, failures) in barren where failures >= Self.patience && !section.isEmpty { frontier.abandon(section) }
      // Where nothing more will be read, nobody needs to know what else there is.
      guard harvest.pages.count < request.maxPages else { break }
      for crawled in harvest.pages[firstNew...] where !deadline.isPast {
        addLinks(of: crawled.page, clicks: crawled.clicks ?? Self.unlinkedClicks, scope, &frontier, &harvest)
      }
      if frontier.waiting(within: clicks) == 0 { clicks += 1 }
    }
    harvest.isPartial = deadline.isPast
  }

  /// The pause between requests that a robots.txt asks for, as far as it is granted.
  static func delay(_ robots: RobotsFile, _ agent: String) -> Duration {
    robots.crawlDelay(agent: agent).map { Duration.seconds(min($0, maximumCrawlDelay)) } ?? .zero
  }

  /// Loads pages, a bounded number at a time, and gives what became of them in the order of asking.
  func load(
    _ wave: [NormalizedURL], _ loader: PageLoader, delay: Duration, isAlready: Int, found: Int
  ) async -> [PageLoader.Outcome] {
    let width = delay > .zero ? 1 : Self.concurrency
    let known = known(wave)
    return await withTaskGroup(of: (Int, PageLoader.Outcome).self) { group in
      var outcomes = [PageLoader.Outcome](repeating: .skipped("deadline"), count: wave.count)
      var next = 0
      var done = 0
      func start() {
        let (index, url) = (next, wave[next])
        next += 1
        group.addTask {
          await pause(delay)
          return (index, await loader.load(url, known: known[url]))
        }
      }
      while next < min(width, wave.count) { start() }
      group.addTask {
        // Ends what is under way when the time is over; what was read until then counts.
        try? await Task.sleep(for: loader.deadline.remaining)
        return (-1, .skipped("deadline"))
      }
      while done < wave.count, let (index, outcome) = await group.next() {
        guard index >= 0 else { break }
        outcomes[index] = outcome
        done += 1
        report(.fetched(isAlready + done, of: found))
        if next < wave.count, !deadline.isPast { start() }
      }
      group.cancelAll()
      return outcomes
    }
  }
}
