import Web

extension SiteReport {
  /// Makes of what a crawl brought home a report: titles, descriptions, sections, scores. Pure, and the same for the same harvest.
  init(_ harvest: Crawler.Harvest, _ request: AnalyzeRequest, milliseconds: Int) {
    var skipped = harvest.skipped
    let kept = Self.worthKeeping(harvest.pages, language: request.language, &skipped)
    let pages = kept.map(\.page)
    let titles = Titles(pages.compactMap(\.title))
    let names = pages.map(titles.name)
    let outline = SiteOutline(pages)
    let kinds = zip(pages, names).map { PageKind($0, title: $1) }
    let type = SiteClassifier.type(of: pages, kinds: kinds)
    let sections = SiteSections(pages, outline, titles: names)
    let descriptions = Descriptions(pages, home: pages[0])
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
      let score = PageScore(
        page, kind: kinds[index], level: outline.levels[index], children: max(entries.count, outline.children[index].count))
      let parentKinds = outline.parents[index].map { [kinds[$0]] } ?? []
      return Entry(
        url: page.url, title: names[index], description: descriptions.describe(page, title: names[index], entries: entries),
        category: sections.names[sections.sections[index]], score: score.value, scoredBy: "heuristics",
        optional: ([kinds[index]] + parentKinds).contains { $0.isOptional(onSiteOf: type) }, language: page.language,
        words: page.words, lastModified: kept[index].lastModified, level: outline.levels[index])
    }
    metrics = Metrics(
      fetched: harvest.pages.count, fromCache: 0, skipped: skipped, bytes: harvest.bytes, milliseconds: milliseconds,
      modelCalls: 0, costMicros: 0)
    partial = harvest.isPartial
  }

  /// Leaves out what a page itself asks to leave out, and what says again what another says; the home page stays.
  private static func worthKeeping(
    _ pages: [Crawler.CrawledPage], language: String?, _ skipped: inout [String: Int]
  ) -> [Crawler.CrawledPage] {
    let wanted = language ?? pages[0].page.language.map(primary)
    let addresses = Set(pages.map { $0.page.url.pageIdentity })
    var seen: Set<NormalizedURL> = []
    var texts: Set<String> = []
    return pages.enumerated().filter { position, crawled in
      let page = crawled.page
      let reason: String? =
        if !seen.insert(page.url.pageIdentity).inserted { "redirect" }
        else if position == 0 { nil }
        else if page.robots.contains("noindex") || page.robots.contains("none") { "noindex" }
        else if let canonical = page.canonical?.pageIdentity, canonical != page.url.pageIdentity, addresses.contains(canonical) { "canonical" }
        else if page.refreshURL != nil, page.words < 50 { "redirect" }
        else if page.isScriptShell { "needs_javascript" }
        else if let wanted, let own = page.language.map(primary), own != wanted { "language" }
        else if page.words >= 20, !texts.insert(page.text).inserted { "duplicate" }
        else { nil }
      if let reason { skipped[reason, default: 0] += 1 }
      return reason == nil
    }.map(\.element)
  }

  private static func primary(_ language: String) -> String {
    String(language.prefix { $0 != "-" && $0 != "_" }).lowercased()
  }

  /// The bare name: what the site calls itself, else what its titles share, else the home page's own heading.
  private static func siteTitle(_ home: Page, _ titles: Titles) -> String {
    if let name = home.siteName, name.count <= 60 { return name }
    if let shared = titles.shared, shared.count <= 60, [home.title, home.heading].contains(where: { $0?.contains(shared) ?? false }) {
      return shared
    }
    if let title = home.title.map(Titles.clean), let name = Titles.siteName(title, host: home.url.host) { return name }
    if let heading = home.heading.map(Titles.clean), (2...60).contains(heading.count) { return heading }
    return home.url.host
  }
}
