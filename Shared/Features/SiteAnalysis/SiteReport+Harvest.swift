import Web

extension SiteReport {
  /// Makes of what a crawl brought home a report: titles, descriptions, sections, scores. Pure, and the same for the same harvest.
  init(_ harvest: Crawler.Harvest, _ request: AnalyzeRequest, milliseconds: Int) {
    let sieve = PageSieve(harvest.pages, harvest.languages, today: harvest.today)
    let kept = sieve.kept
    let pages = kept.map(\.page)
    let titles = Titles(pages.compactMap(\.title), headings: pages.compactMap(\.heading))
    let names = pages.map(titles.name)
    let outline = SiteOutline(pages)
    let isShop = SiteClassifier.isShop(pages)
    let kinds = zip(pages, names).map { PageKind($0, title: $1, inShop: isShop) }
    let type = SiteClassifier.type(of: pages, kinds: kinds, isShop: isShop)
    let sections = SiteSections(pages, outline, titles: names, kinds: kinds)
    let descriptions = Descriptions(pages, titles: names, home: pages[0])
    let shown = Self.shown(by: pages[0])
    let bySection = outline.order.enumerated().sorted {
      (sections.sections[$0.element], $0.offset) < (sections.sections[$1.element], $1.offset)
    }

    url = pages[0].url
    site = Site(
      title: Self.siteTitle(pages[0], titles), description: Descriptions.summary(of: pages[0]), language: pages[0].language,
      type: type.rawValue)
    discovery = harvest.discovery
    self.pages = bySection.map(\.element).map { index in
      let page = pages[index]
      let entries = outline.entries[index]
      let children = max(entries.count, outline.children[index].count)
      // A list of tags is no hub, however much it leads to.
      let score = PageScore(page, kind: kinds[index], level: outline.levels[index], children: kinds[index] == .system ? 0 : children, inShop: isShop)
      let parentKinds = outline.parents[index].map { [kinds[$0]] } ?? []
      let isThin = kinds[index] != .system && (1..<Self.fewWords).contains(page.words) && page.description == nil && children < 3
      let description = descriptions.describe(page, title: names[index], entries: entries)
      return Entry(
        url: page.url, title: names[index], description: description?.unlessCommand,
        category: sections.names[sections.sections[index]], score: score.value, parts: score.named, scoredBy: "heuristics",
        optional: isThin || ([kinds[index]] + parentKinds).contains { $0.isOptional(onSiteOf: type) }, language: page.language,
        words: page.words, lastModified: kept[index].lastModified, level: outline.levels[index],
        isShown: shown.contains(page.url.pageIdentity) && kinds[index] != .system && page.words + children > 0 ? true : nil,
        markdownURL: page.hasMarkdown == true ? page.markdownURL : nil)
    }
    existing = harvest.existing
    var skipped: [String: Int] = [:]
    for page in harvest.leftOut + sieve.leftOut { skipped[page.reason, default: 0] += 1 }
    metrics = Metrics(
      fetched: harvest.pages.count, fromCache: harvest.pages.count(where: \.isUnchanged), skipped: skipped, bytes: harvest.bytes, milliseconds: milliseconds,
      modelCalls: 0, costMicros: 0)
    partial = harvest.isPartial
  }

  /// A page with fewer words and no description says next to nothing.
  private static let fewWords = 12

  /// What the home page's navigation leads to.
  private static func shown(by home: Page) -> Set<NormalizedURL> {
    Set(home.links.lazy.filter { $0.region == .navigation || $0.region == .header }.compactMap { home.resolve($0)?.pageIdentity })
  }

  /// The bare name: what the site calls itself, else what its titles share, else the home page's own heading.
  private static func siteTitle(_ home: Page, _ titles: Titles) -> String {
    ownTitle(home, titles).unlessCommand ?? home.url.host
  }

  private static func ownTitle(_ home: Page, _ titles: Titles) -> String {
    if let name = home.siteName, name.count <= 60 { return name }
    if let shared = titles.shared, shared.count <= 60, [home.title, home.heading].contains(where: { $0?.contains(shared) ?? false }) {
      return shared
    }
    if let title = home.title.map(Titles.clean), let name = Titles.siteName(title, host: home.url.host) { return name }
    if let heading = home.heading.map(Titles.clean), (2...60).contains(heading.count) { return heading }
    return home.url.host
  }
}
