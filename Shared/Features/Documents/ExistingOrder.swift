import SiteAnalysis
import Web

/// What a site's own llms.txt says of its pages, which somebody wrote by hand and which is therefore right: their names, descriptions,
/// sections and order.
struct ExistingOrder {
  /// Its sections in their order, without `Optional`.
  let sections: [String]
  private let links: [NormalizedURL: (section: String, place: Int, link: SiteReport.Existing.Link)]

  init(_ existing: SiteReport.Existing?) {
    var links: [NormalizedURL: (section: String, place: Int, link: SiteReport.Existing.Link)] = [:]
    for section in existing?.sections ?? [] {
      for link in section.links where links[link.url.pageIdentity] == nil { links[link.url.pageIdentity] = (section.name, links.count, link) }
    }
    self.links = links
    sections = (existing?.sections.map(\.name) ?? []).filter { $0 != LLMSText.optional }
  }

  /// Points that a page has at least which the file names: enough to be chosen.
  private static let least = 9.0

  /// The pages that the file names, in its order and words, and then the others.
  func applied(to pages: [SiteReport.Entry]) -> [SiteReport.Entry] {
    guard !links.isEmpty else { return pages }
    var named: [(place: Int, page: SiteReport.Entry)] = []
    var others: [SiteReport.Entry] = []
    for page in pages {
      guard page.level > 0, let found = links[page.url.pageIdentity] ?? page.markdownURL.flatMap({ links[$0.pageIdentity] }) else {
        others.append(page)
        continue
      }
      var page = page
      page.title = found.link.title
      page.description = found.link.description ?? page.description
      page.optional = found.section == LLMSText.optional
      if !page.optional { page.category = found.section }
      page.score = max(page.score, Self.least)
      named.append((found.place, page))
    }
    return named.sorted { $0.place < $1.place }.map(\.page) + others
  }
}
