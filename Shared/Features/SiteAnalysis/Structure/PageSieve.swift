import Web

/// Leaves out of what was read what a page itself asks to leave out, and what says again what another says; the home
/// page stays.
struct PageSieve {
  private(set) var kept: [Crawler.CrawledPage] = []
  private(set) var leftOut: [Crawler.LeftOut] = []

  /// - Parameters:
  ///   - pages: the home page first.
  ///   - today: as ``SitemapDate/day(_:)`` counts days.
  init(_ pages: [Crawler.CrawledPage], _ languages: SiteLanguages, today: Int) {
    let claims = SiteLanguages.Claims(pages.map(\.page))
    let copies = Self.copies(pages)
    var texts: Set<Int> = []
    var titles: Set<[String?]> = []
    for (position, crawled) in pages.enumerated() {
      let page = crawled.page
      let reason: String? =
        if position == 0 { nil } else if page.forbidsIndexing(on: today) { "noindex" } else if copies.contains(position)
        { "canonical" } else if page.refreshURL != nil, page.words < 50 { "redirect" } else if page.isScriptShell {
          "needs_javascript"
        } else if let wanted = languages.wanted, claims.isForeign(page, wanted: wanted) {
          "language"
        } else if page.words >= 20, texts.contains(page.fingerprint) { "duplicate" }
        // One page in several orders, colours or sizes.
        else if page.url.query != nil, titles.contains(Self.name(page)) { "duplicate" } else { nil }
      if let reason {
        leftOut.append(.init(url: page.url, reason: reason))
      } else {
        kept.append(crawled)
        texts.insert(page.fingerprint)
        titles.insert(Self.name(page))
      }
    }
  }

  private static func name(_ page: Page) -> [String?] { [page.url.path, page.title, page.heading] }

  /// The pages that say that another is the original.
  ///
  /// An original counts that was read, or that is on another site than the site calls its own. Where originals point to
  /// one
  /// another, the one that was found first is it; where a third of a site's pages calls one and the same page their
  /// original,
  /// that is a mistake of their template.
  private static func copies(_ pages: [Crawler.CrawledPage]) -> Set<Int> {
    let home = pages[0].page
    var index: [NormalizedURL: Int] = [:]
    for (position, crawled) in pages.enumerated() where index[crawled.page.url.pageIdentity] == nil {
      index[crawled.page.url.pageIdentity] = position
    }
    let targets = pages.map { $0.page.canonical?.spelled(as: home.url).pageIdentity }
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
        // A copy of the whole site, such as one on its maker's own machine, names the published one throughout.
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
