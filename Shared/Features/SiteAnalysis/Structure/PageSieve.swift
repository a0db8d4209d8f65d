import Crawling
import Web

/// Excludes crawled pages that must not be listed (noindex, redirects, other languages) and duplicates.
///
/// The home page is always kept.
struct PageSieve {
  private(set) var kept: [CrawledPage] = []
  /// The skipped pages, each with a reason that the report counts.
  private(set) var skippedPages: [SkippedPage] = []

  /// - Parameters:
  ///   - pages: The crawled pages, beginning with the home page.
  ///   - today: The current day in the units of ``SitemapDate/day(_:)``.
  init(_ pages: [CrawledPage], _ languages: SiteLanguages, today: Int) {
    let claims = SiteLanguages.Claims(pages.map(\.page))
    let copies = Self.copies(pages)
    var texts: Set<Int> = []
    var titles: Set<[String?]> = []
    for (position, crawled) in pages.enumerated() {
      let page = crawled.page
      let reason: SkipReason? =
        if position == 0 {
          nil
        } else if page.forbidsIndexing(on: today) {
          .noindex
        } else if copies.contains(position) {
          .canonical
        } else if page.refreshURL != nil, page.words < 50 {
          .redirect
        } else if page.isScriptShell {
          .needsJavaScript
        } else if let wanted = languages.wanted, claims.isForeign(page, wanted: wanted) {
          .language
        } else if page.words >= 20, texts.contains(page.fingerprint) {
          .duplicate
        } else if page.url.query != nil, titles.contains(Self.name(page)) {
          // The same page with another sort order, colour or size.
          .duplicate
        } else {
          nil
        }
      if let reason {
        skippedPages.append(.init(url: page.url, reason: reason))
      } else {
        kept.append(crawled)
        texts.insert(page.fingerprint)
        titles.insert(Self.name(page))
      }
    }
  }

  private static func name(_ page: Page) -> [String?] { [page.url.path, page.title, page.heading] }

  /// Returns the positions of the pages that are copies by their `rel=canonical` link.
  ///
  /// A canonical URL counts only if its page was crawled, or if it is on a site other than the home page's canonical
  /// site. In a cycle of canonical links, the page found first is the original. A canonical URL that a third of all
  /// pages share is ignored as an error of the template.
  private static func copies(_ pages: [CrawledPage]) -> Set<Int> {
    let home = pages[0].page
    var index: [NormalizedURL: Int] = [:]
    for (position, crawled) in pages.enumerated() where index[crawled.page.url.pageIdentity] == nil {
      index[crawled.page.url.pageIdentity] = position
    }
    let targets = pages.map { $0.page.canonical?.usingOrigin(of: home.url).pageIdentity }
    var counts: [NormalizedURL: Int] = [:]
    for (crawled, target) in zip(pages, targets) {
      if let target, target != crawled.page.url.pageIdentity { counts[target, default: 0] += 1 }
    }
    func original(_ position: Int) -> Int? {
      guard let target = targets[position], target != pages[position].page.url.pageIdentity,
        counts[target]! < max(5, pages.count / 3),
        counts[target]! < max(3, pages.count - 1)
      else { return nil }
      return index[target]
    }
    var copies: Set<Int> = []
    for position in pages.indices.dropFirst() {
      let page = pages[position].page
      if let canonical = page.canonical, !canonical.isSameSite(as: home.url) {
        // On a staging copy of a site, every page names the published site.
        if !(home.canonical.map { canonical.isSameSite(as: $0) } ?? false) { copies.insert(position) }
        continue
      }
      var trail = [position]
      while let next = original(trail.last!), trail.count < 20 {
        if let start = trail.firstIndex(of: next) {
          if trail[start...].min() != position { copies.insert(position) }
          trail = []
          break
        }
        trail.append(next)
      }
      if trail.count > 1 { copies.insert(position) }
    }
    return copies
  }
}
