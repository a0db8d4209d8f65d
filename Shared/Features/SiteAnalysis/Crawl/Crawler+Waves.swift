import Contract
import Fetch
import Web

extension Crawler {
  func addLinks(of page: Page, clicks: Int, _ scope: Scope, _ frontier: inout Frontier, _ harvest: inout Harvest) {
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
      guard let url = page.resolve(link)?.spelled(as: home).withoutVisitor, scope.contains(url),
        Scope.looksLikePage(url)
      else { continue }
      if let reason = Self.reasonToIgnore(url, on: page, harvest.languages) {
        if frontier.refuse(url) { harvest.leftOut.append(LeftOut(url: url, reason: reason)) }
      } else {
        // A page's own chapters come before what it mentions elsewhere, as a page of news mentions half a manual.
        frontier.add(url, clicks: url.path.hasPrefix(page.url.folder) ? clicks : clicks + 1, listDepth: link.listDepth)
      }
    }
  }

  /// Why a link is not worth a request, as far as its address tells.
  static func reasonToIgnore(_ url: NormalizedURL, on page: Page, _ languages: SiteLanguages) -> String? {
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

  /// The dead links in a row that a section of a site may have.
  private static let patience = 20
  /// What a page that only a sitemap names counts for.
  private static let unlinkedClicks = 9

  /// Reads the pages that are nearest, then those that they lead to, until there are as many as are wanted.
  func readWaves(
    _ request: AnalyzeRequest, _ loader: PageLoader, _ notFound: SoftNotFound, _ frontier: inout Frontier,
    _ harvest: inout Harvest
  ) async {
    var clicks = 1
    // Attempts are bounded too: a site of dead links must not be read to its end for two hundred good ones.
    var attempts = request.maxPages * 2
    var read: Set = [harvest.home.url.pageIdentity]
    var barren: [UInt64: Int] = [:]
    while harvest.pages.count < request.maxPages, attempts > 0, !deadline.isPast {
      let isLinked = frontier.waiting(within: clicks) > 0
      let room = min(request.maxPages - harvest.pages.count, attempts)
      // Of the pages nearest to the home page all are read first: they say which others matter.
      let wave = frontier.take(room, within: isLinked ? clicks : nil)
      guard !wave.isEmpty else { break }
      attempts -= wave.count
      let found = frontier.candidates.count
      let outcomes = await load(wave.map(\.url), loader, isAlready: harvest.pages.count, found: found)
      let firstNew = harvest.pages.count
      for (candidate, outcome) in zip(wave, outcomes) {
        var reason: String?
        switch outcome {
        case .page(let loaded):
          harvest.bytes += loaded.bytes
          // What a redirect led to need not be read again.
          frontier.add(loaded.page.url, clicks: candidate.clicks)
          frontier.markTaken(loaded.page.url)
          if candidate.url.pageIdentity != loaded.page.url.pageIdentity {
            harvest.moved[candidate.url.pageIdentity] = loaded.page.url.pageIdentity
          }
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
      for (section, failures) in barren where failures >= Self.patience && section != FolderPath.top {
        frontier.abandon(section)
      }
      // Where nothing more will be read, nobody needs to know what else there is.
      guard harvest.pages.count < request.maxPages else { break }
      for crawled in harvest.pages[firstNew...] where !deadline.isPast {
        addLinks(of: crawled.page, clicks: crawled.clicks ?? Self.unlinkedClicks, loader.scope, &frontier, &harvest)
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
  func load(_ wave: [NormalizedURL], _ loader: PageLoader, isAlready: Int, found: Int) async -> [PageLoader.Outcome] {
    let known = known(wave)
    var outcomes = [PageLoader.Outcome](repeating: .skipped("deadline"), count: wave.count)
    var done = 0
    await Crew.work(on: wave, width: loader.pace.interval > .zero ? 1 : Self.concurrency, by: deadline) { url in
      await loader.load(url, known: known[url])
    } done: { outcome, index in
      outcomes[index] = outcome
      done += 1
      report(.fetched(isAlready + done, of: found))
    }
    return outcomes
  }
}
