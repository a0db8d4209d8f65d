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
    let site = SiteStructure(kept.map(\.page), moved: crawl.moved)
    let pages = site.pages
    let describer = Descriptions(pages, titles: site.names, home: pages[0])
    let descriptions = Descriptions.removingTemplates(
      pages.indices.map { describer.describe(pages[$0], title: site.names[$0], entries: site.entries(below: $0)) },
      pages, titles: site.names)

    url = pages[0].url
    let title = site.titles.siteTitle(pages[0])
    self.site = Site(
      title: title, description: Descriptions.summary(of: site.order.map { pages[$0] }, named: title),
      language: pages[0].language, type: site.type)
    discovery = crawl.discovery
    self.pages = site.sections.flatMap { section in
      section.members.map { member in
        site.entry(
          member, of: section.name, description: descriptions[member.page]?.unlessInjection,
          lastModified: kept[member.page].lastModified)
      }
    }
    let skipped = crawl.skippedPages + sieve.skippedPages
    existing = result.existing?.withReplacements(from: result, pages: self.pages, skipped: skipped)
    metrics = Metrics(
      fetched: crawl.pages.count, fromCache: crawl.pages.count(where: \.isUnchanged),
      skipped: Dictionary(skipped.map { ($0.reason.rawValue, 1) }, uniquingKeysWith: +), bytes: crawl.bytes,
      milliseconds: milliseconds, modelCalls: 0, costMicros: 0)
    partial = crawl.isPartial
  }
}
