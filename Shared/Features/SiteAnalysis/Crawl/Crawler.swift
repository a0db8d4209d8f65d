import Contract
import Fetch
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
  let report: @Sendable (Progress) -> Void

  private static let farClicks = 50
  /// What a page that only a sitemap names counts for.
  private static let unlinkedClicks = 9

  /// What a crawl brought home.
  struct Harvest: Sendable {
    var home: Page
    /// The home page first, then in the order in which the site leads to them.
    var pages: [CrawledPage] = []
    var discovery = SiteReport.Discovery(method: .links, sitemaps: [], robots: .absent, found: 0)
    var skipped: [String: Int] = [:]
    var bytes = 0
    var isPartial = false
  }

  struct CrawledPage: Sendable {
    let page: Page
    let clicks: Int?
    let lastModified: String?
  }

  func crawl(_ request: AnalyzeRequest) async throws -> Harvest {
    var (harvest, robots, scope) = try await readHome(request)
    let loader = PageLoader(fetcher: fetcher, robots: robots, agent: agent, scope: scope, deadline: deadline)
    var frontier = Frontier()
    frontier.add(harvest.home.url, clicks: 0)
    frontier.add(request.url, clicks: 0)
    frontier.markTaken(harvest.home.url)
    frontier.markTaken(request.url)
    addLinks(of: harvest.home, clicks: 0, scope, &frontier)

    let named = robots.sitemaps.compactMap { try? NormalizedURL($0, relativeTo: harvest.home.url) }
    // Sitemaps only help to find pages; most of the time is for reading them.
    let listing = await SitemapReader(fetcher: fetcher, deadline: deadline.capped(at: deadline.remaining / 3))
      .read(named: named + (harvest.home.sitemapURL.map { [$0] } ?? []), home: harvest.home.url)
    harvest.discovery.sitemaps = listing.sitemaps
    var listed = 0
    for entry in listing.entries where scope.contains(entry.url) && Scope.looksLikePage(entry.url) {
      listed += 1
      frontier.add(entry.url, clicks: nil, lastModified: entry.lastModified)
    }
    harvest.discovery.method = listed > 0 ? .sitemap : .links

    await readWaves(request, loader, scope, robots, &frontier, &harvest)
    harvest.discovery.found = frontier.candidates.count
    return harvest
  }

  // MARK: The home page

  private func readHome(_ request: AnalyzeRequest) async throws -> (Harvest, RobotsFile, Scope) {
    let everything = Scope(home: request.url, include: [], exclude: [])
    let loader = PageLoader(
      fetcher: fetcher, robots: .allowingAll, agent: agent, scope: everything, deadline: deadline)
    async let verdict = RobotsReader(fetcher: fetcher, deadline: deadline).read(request.url)
    async let outcome = loader.load(request.url, isHome: true)
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
    var harvest = Harvest(home: home.page)
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
    harvest.pages = [CrawledPage(page: home.page, clicks: 0, lastModified: home.lastModified)]
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

  private func addLinks(of page: Page, clicks: Int, _ scope: Scope, _ frontier: inout Frontier) {
    guard !page.robots.contains("nofollow"), !page.robots.contains("none") else { return }
    var seen: Set<String> = []
    for link in page.links where seen.insert(link.reference).inserted {
      guard let url = page.resolve(link), scope.contains(url), Scope.looksLikePage(url) else { continue }
      // Indexes and pages of lists lead to everything in no order that means anything: they, and what they lead to, come last.
      let isFar = PageKind.isSystem(url) || PageKind.isSystem(page.url)
      frontier.add(url, clicks: isFar ? Self.farClicks : clicks + 1, listDepth: link.listDepth)
    }
  }

  private func readWaves(
    _ request: AnalyzeRequest, _ loader: PageLoader, _ scope: Scope, _ robots: RobotsFile,
    _ frontier: inout Frontier, _ harvest: inout Harvest
  ) async {
    let delay = robots.crawlDelay(agent: agent).map { Duration.seconds(min($0, Self.maximumCrawlDelay)) } ?? .zero
    var clicks = 1
    // Attempts are bounded too: a site of dead links must not be read to its end for two hundred good ones.
    var attempts = request.maxPages * 2
    while harvest.pages.count < request.maxPages, attempts > 0, !deadline.isPast {
      let isLinked = frontier.waiting(within: clicks) > 0
      let room = min(request.maxPages - harvest.pages.count, attempts)
      // Of the pages nearest to the home page all are read first: they say which others matter.
      let wave = frontier.take(room, within: isLinked ? clicks : nil)
      guard !wave.isEmpty else { break }
      attempts -= wave.count
      let found = frontier.candidates.count
      let outcomes = await load(wave, loader, delay: delay, isAlready: harvest.pages.count, found: found)
      let firstNew = harvest.pages.count
      for (candidate, outcome) in zip(wave, outcomes) {
        switch outcome {
        case .page(let loaded):
          harvest.bytes += loaded.bytes
          harvest.pages.append(
            CrawledPage(
              page: loaded.page, clicks: candidate.clicks, lastModified: candidate.lastModified ?? loaded.lastModified))
        case .skipped(let reason): harvest.skipped[reason, default: 0] += 1
        case .failed(let error): harvest.skipped[error.code.rawValue, default: 0] += 1
        }
      }
      // Where nothing more will be read, nobody needs to know what else there is.
      guard harvest.pages.count < request.maxPages else { break }
      for crawled in harvest.pages[firstNew...] {
        addLinks(of: crawled.page, clicks: crawled.clicks ?? Self.unlinkedClicks, scope, &frontier)
      }
      if frontier.waiting(within: clicks) == 0 { clicks += 1 }
    }
    harvest.isPartial = deadline.isPast
  }

  /// Loads pages, a bounded number at a time, and gives what became of them in the order of asking.
  private func load(
    _ wave: [Frontier.Candidate], _ loader: PageLoader, delay: Duration, isAlready: Int, found: Int
  ) async -> [PageLoader.Outcome] {
    let width = delay > .zero ? 1 : Self.concurrency
    return await withTaskGroup(of: (Int, PageLoader.Outcome).self) { group in
      var outcomes = [PageLoader.Outcome](repeating: .skipped("deadline"), count: wave.count)
      var next = 0
      var done = 0
      func start() {
        let (index, url) = (next, wave[next].url)
        next += 1
        group.addTask {
          if delay > .zero { try? await Task.sleep(for: min(delay, loader.deadline.remaining)) }
          return (index, await loader.load(url))
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
