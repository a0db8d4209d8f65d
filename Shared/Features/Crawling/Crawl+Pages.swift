import Contract
import Fetch
import Web

extension Crawl {
  // MARK: Links

  /// Adds the pages that a page links to.
  ///
  /// - Parameter clicks: the clicks from the home page to this page.
  mutating func addLinks(of page: Page, clicks: Int) {
    let home = result.home.url
    // The targets of canonical links and refresh directives are as near as the page itself.
    for url in [page.canonical, page.refreshURL].compactMap({ $0?.usingOrigin(of: home).withoutTrackingParameters })
    where scope.contains(url) && Scope.looksLikePage(url) {
      frontier.add(url, clicks: max(1, clicks))
    }
    guard !page.forbidsFollowing else { return }
    var seen: Set<String> = []
    let clicks = PageAddress.isSystem(page.url) ? Frontier.farClicks : clicks + 1
    for link in page.links where seen.insert(link.reference).inserted {
      guard let url = page.resolve(link)?.usingOrigin(of: home).withoutTrackingParameters, scope.contains(url),
        Scope.looksLikePage(url)
      else { continue }
      if let reason = reasonToSkip(url, on: page) {
        skip(url, reason)
      } else {
        // Pages below this page come before other links: a news page may link to half a manual.
        frontier.add(url, clicks: url.path.hasPrefix(page.url.folder) ? clicks : clicks + 1, listDepth: link.listDepth)
      }
    }
  }

  /// The reason not to fetch a URL, as far as the URL itself tells; nil if there is none.
  ///
  /// - Parameter page: the page that links to it.
  func reasonToSkip(_ url: NormalizedURL, on page: Page) -> SkipReason? {
    if result.languages.isForeign(url) || isTranslation(url) { return .language }
    if versions.isOther(url) { return .version }
    if PageAddress.isVariation(url) { return .variation }
    if Self.repeatsItself(url, on: page.url) { return .endless }
    // A calendar links to the next month without end. An archive is fetched if another kind of page links to it.
    return PageAddress.isDateArchive(url) && PageAddress.isDateArchive(page.url) ? .endless : nil
  }

  /// The number of characters of a language code such as `zh-Hans`.
  private static let longestCode = 7

  /// Whether a URL is a known one with another language code in front of its path.
  private func isTranslation(_ url: NormalizedURL) -> Bool {
    guard let wanted = result.languages.wanted else { return false }
    let folder = result.home.url.folder
    // A language code is short.
    let start = url.path.utf8.dropFirst(folder.utf8.count).prefix(Self.longestCode + 1)
    guard start.contains(UInt8(ascii: "/")) else { return false }
    let segments = url.path.dropFirst(folder.count).split(
      separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard url.path.hasPrefix(folder), segments.count == 2, SiteLanguages.isCode(segments[0]),
      SiteLanguages.primary(String(segments[0])) != wanted, !segments[1].isEmpty
    else { return false }
    return frontier.isKnown(url.at(path: folder + segments[1]))
  }

  /// Determines the current version of the site, and skips the known pages of others.
  mutating func selectVersion() {
    let home = result.home
    let linked = home.links.compactMap { home.resolve($0)?.usingOrigin(of: home.url) }.filter(scope.contains)
    versions = SiteVersions(linked: linked, known: frontier.candidates.map(\.url), home: home.url)
    for candidate in frontier.candidates where !candidate.isTaken && versions.isOther(candidate.url) {
      frontier.markTaken(candidate.url)
      result.skippedPages.append(SkippedPage(url: candidate.url, reason: .version))
    }
  }

  /// Whether a URL looks like the result of a wrong relative link: `/a/a/` on the page `/a/`, or `/a/b/a/b/a/b`.
  private static func repeatsItself(_ url: NormalizedURL, on page: NormalizedURL) -> Bool {
    let segments = url.segments
    if let last = segments.last, segments.dropLast().last == last, page.segments == segments.dropLast() { return true }
    var counts: [Substring: Int] = [:]
    return segments.contains { segment in
      counts[segment, default: 0] += 1
      return counts[segment]! > 2
    }
  }

  // MARK: Pages

  /// The number of failures in a row after which a section of the site is abandoned.
  private static let maximumFailures = 20
  /// The clicks that are assumed for pages that only a sitemap names.
  private static let unlinkedClicks = 9

  /// Fetches the pages that are nearest to the home page, then the pages that these link to, and so on.
  mutating func fetchNearestFirst() async {
    var clicks = 1
    // Limits the requests to a site with many dead links.
    var attempts = request.maxPages * 2
    var fetched: Set = [result.home.url.pageIdentity]
    // By section: the failures in a row, or .min after a success.
    var failures: [UInt64: Int] = [:]
    while result.pages.count < request.maxPages, attempts > 0, !client.deadline.isPast {
      let isLinked = frontier.waiting(within: clicks) > 0
      let wanted = min(request.maxPages - result.pages.count, attempts)
      let batch = frontier.take(wanted, within: isLinked ? clicks : nil)
      guard !batch.isEmpty else { break }
      attempts -= batch.count
      let (count, found) = (result.pages.count, frontier.candidates.count)
      let onProgress = onProgress
      let outcomes = await loader.load(batch.map(\.url)) { onProgress(count + $0, found) }
      for (candidate, outcome) in zip(batch, outcomes) {
        let reason = add(outcome, of: candidate, &fetched)
        if let reason { result.skippedPages.append(SkippedPage(url: candidate.url, reason: reason)) }
        failures[candidate.section] = reason == nil ? .min : (failures[candidate.section] ?? 0) + 1
      }
      for (section, failures) in failures where failures >= Self.maximumFailures && section != FolderPath.top {
        frontier.abandon(section)
      }
      // Links are not needed if no more pages will be fetched.
      guard result.pages.count < request.maxPages else { break }
      for crawled in result.pages[count...] where !client.deadline.isPast {
        addLinks(of: crawled.page, clicks: crawled.clicks ?? Self.unlinkedClicks)
      }
      if frontier.waiting(within: clicks) == 0 { clicks += 1 }
    }
    result.isPartial = client.deadline.isPast
  }

  /// Adds a fetched page to the result.
  ///
  /// - Parameter fetched: the identities of the pages in the result.
  /// - Returns: the reason why the page was not added; nil if it was.
  private mutating func add(
    _ outcome: PageLoader.Outcome, of candidate: Frontier.Candidate, _ fetched: inout Set<NormalizedURL>
  ) -> SkipReason? {
    switch outcome {
    case .page(let loaded):
      let url = loaded.page.url
      result.bytes += loaded.bytes
      // The target of a redirect need not be fetched again.
      frontier.add(url, clicks: candidate.clicks)
      frontier.markTaken(url)
      if candidate.url.pageIdentity != url.pageIdentity {
        result.moved[candidate.url.pageIdentity] = url.pageIdentity
      }
      if notFound.matches(loaded.page) { return .softNotFound }
      guard fetched.insert(url.pageIdentity).inserted else { return .redirect }
      result.pages.append(
        CrawledPage(
          loaded, clicks: candidate.clicks, lastModified: candidate.lastModified, lastDay: result.tomorrow))
      return nil
    case .skipped(let reason): return reason
    case .failed(let error): return .fetch(error.code)
    }
  }
}
