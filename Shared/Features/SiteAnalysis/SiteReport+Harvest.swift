import Crawling
import Web

extension SiteReport {
  /// Builds the report of a crawl: titles, descriptions, sections and scores.
  ///
  /// The result depends only on the arguments.
  init(_ result: SiteCrawl.Result, milliseconds: Int) {
    let crawl = result.crawl
    let sieve = PageSieve(crawl.pages, crawl.languages, today: crawl.today)
    let kept = sieve.kept
    let pages = kept.map(\.page)
    let links = SiteLinks(home: pages[0].url, moved: crawl.moved)
    let titles = Titles(pages)
    let labels = Titles.labels(in: pages[0], links)
    let names = pages.map { titles.name(of: $0, label: labels[$0.url.pageIdentity]) }
    let outline = SiteOutline(pages, links)
    let isShop = SiteClassifier.isShop(pages)
    let isManual = SiteClassifier.isManual(pages[0])
    let kinds = Self.kinds(pages, names, inShop: isShop, inManual: isManual)
    let type = SiteClassifier.type(of: pages, kinds: kinds, isShop: isShop, isManual: isManual)
    let sections = SiteSections(pages, outline, links, titles: names, kinds: kinds)
    let describer = Descriptions(pages, titles: names, home: pages[0])
    let descriptions = Descriptions.removingTemplates(
      pages.indices.map { describer.describe(pages[$0], title: names[$0], entries: outline.entries[$0]) }, pages,
      titles: names)
    let navigationTargets = Self.navigationTargets(of: pages[0], links)
    let bySection = outline.order.enumerated().sorted {
      (sections.sections[$0.element], $0.offset) < (sections.sections[$1.element], $1.offset)
    }

    url = pages[0].url
    let title = Self.siteTitle(pages[0], titles)
    site = Site(
      title: title, description: Descriptions.summary(of: outline.order.map { pages[$0] }, named: title),
      language: pages[0].language, type: type)
    discovery = crawl.discovery
    self.pages = bySection.map(\.element).map { index in
      let page = pages[index]
      let entries = outline.entries[index]
      let children = max(entries.count, outline.children[index].count)
      // A system page, such as a list of tags, does not count as a hub.
      let score = PageScore(
        page, kind: kinds[index], level: outline.levels[index], children: kinds[index] == .system ? 0 : children,
        inShop: isShop)
      let parentKinds = outline.parents[index].map { [kinds[$0]] } ?? []
      let isThin =
        kinds[index] != .system && (1..<Self.fewWords).contains(page.words) && page.description == nil && children < 3
      return Entry(
        url: page.url, title: names[index], description: descriptions[index]?.unlessInjection,
        category: sections.names[sections.sections[index]], score: score.value, parts: score.named,
        scoredBy: .heuristics,
        optional: isThin || ([kinds[index]] + parentKinds).contains { $0.isOptional(onSiteOf: type) },
        language: page.language,
        words: page.words, lastModified: kept[index].lastModified, level: outline.levels[index],
        isShown: navigationTargets.contains(page.url.pageIdentity) && kinds[index] != .system
          && page.words + children > 0 ? true : nil,
        isStart: kinds[index] == .start ? true : nil, markdownURL: page.hasMarkdown == true ? page.markdownURL : nil)
    }
    existing = result.existing
    let reasons = (crawl.skippedPages + sieve.skippedPages).map(\.reason.rawValue)
    metrics = Metrics(
      fetched: crawl.pages.count, fromCache: crawl.pages.count(where: \.isUnchanged),
      skipped: Dictionary(reasons.map { ($0, 1) }, uniquingKeysWith: +), bytes: crawl.bytes,
      milliseconds: milliseconds, modelCalls: 0, costMicros: 0)
    partial = crawl.isPartial
  }

  /// Classifies the pages. Three or more pages with the same title and heading count as system pages, because a reader
  /// cannot choose among them.
  private static func kinds(_ pages: [Page], _ names: [String], inShop: Bool, inManual: Bool) -> [PageKind] {
    var counts: [[String?]: Int] = [:]
    for page in pages { counts[[page.title, page.heading], default: 0] += 1 }
    return zip(pages, names).map { page, name in
      let isOneOfMany = page.title != nil && page.heading != nil && counts[[page.title, page.heading]]! >= 3
      return isOneOfMany ? .system : PageKind(page, title: name, inShop: inShop, inManual: inManual)
    }
  }

  /// A page with fewer words and without a description is optional.
  private static let fewWords = 12

  /// Returns the identities of the pages that the home page's navigation links to.
  private static func navigationTargets(of home: Page, _ links: SiteLinks) -> Set<NormalizedURL> {
    Set(
      home.links.lazy.filter { $0.region == .navigation || $0.region == .header }.compactMap {
        links.target(of: $0, on: home)
      })
  }

  /// Returns the name of the site: its declared name, the shared part of its titles, or the home page's title or
  /// heading.
  private static func siteTitle(_ home: Page, _ titles: Titles) -> String {
    ownTitle(home, titles).unlessInjection ?? home.url.host
  }

  private static func ownTitle(_ home: Page, _ titles: Titles) -> String {
    if let name = home.siteName, name.count <= 60 { return name }
    if let shared = titles.shared, shared.count <= 60,
      [home.title, home.heading].contains(where: { $0?.contains(shared) ?? false })
    {
      return shared
    }
    if let title = home.title.map(Titles.clean), let name = Titles.siteName(title, host: home.url.host) { return name }
    if let heading = home.heading.map(Titles.clean), (2...60).contains(heading.count) { return heading }
    return home.url.host
  }
}
