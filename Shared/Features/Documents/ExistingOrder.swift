import SiteAnalysis
import Web

/// What a site's own llms.txt says of its pages, which somebody wrote by hand and which is therefore right: their
/// names, descriptions,
/// sections and order, the files that are no pages, and the pages of others that it links.
struct ExistingOrder {
  /// Its sections in their order, without `Optional`.
  let sections: [String]
  private let links: [(section: String, link: SiteReport.Existing.Link)]
  /// The first place of each address, as it is written and as its twins have it.
  private var places: [NormalizedURL: Int] = [:]
  private var keys: [NormalizedURL: Int] = [:]
  private let files: Set<NormalizedURL>?

  init(_ existing: SiteReport.Existing?) {
    files = existing?.files.map(Set.init)
    links = (existing?.sections ?? []).flatMap { section in section.links.map { (section.name, $0) } }
    sections = (existing?.sections.map(\.name) ?? []).filter { $0 != LLMSText.optional }
    for (place, entry) in links.enumerated() {
      let (identity, key) = (entry.link.url.pageIdentity, entry.link.url.twinIdentity)
      if places[identity] == nil { places[identity] = place }
      if keys[key] == nil { keys[key] = place }
    }
  }

  /// Points that a page has at least which the file names: enough to be chosen.
  private static let least = 9.0

  private func place(of page: SiteReport.Entry) -> Int? {
    places[page.url.pageIdentity] ?? page.markdownURL.flatMap { places[$0.pageIdentity] }
      ?? (page.url.query == nil ? keys[page.url.twinIdentity] : nil)
  }

  /// Whether the file names a page, whatever it says of it.
  func names(_ page: SiteReport.Entry) -> Bool { place(of: page) != nil }

  /// The pages that the file names, in its order and words, and then the others.
  func applied(to pages: [SiteReport.Entry], of home: NormalizedURL) -> [SiteReport.Entry] {
    guard !links.isEmpty else { return pages }
    var named: [Int: SiteReport.Entry] = [:]
    var others: [SiteReport.Entry] = []
    for page in pages {
      guard page.level > 0, let place = place(of: page), named[place] == nil else {
        others.append(page)
        continue
      }
      named[place] = applied(links[place], to: page)
    }
    for (place, entry) in links.enumerated() where named[place] == nil && places[entry.link.url.pageIdentity] == place {
      guard !entry.link.url.isSameSite(as: home) || files?.contains(entry.link.url) ?? false else { continue }
      let link = entry.link
      let page = SiteReport.Entry(
        unread: link.url, title: link.title, description: link.description, category: SiteReport.generalCategory,
        source: "site")
      named[place] = applied(entry, to: page)
    }
    return named.sorted { $0.key < $1.key }.map(\.value) + others
  }

  private func applied(_ entry: (section: String, link: SiteReport.Existing.Link), to page: SiteReport.Entry)
    -> SiteReport.Entry
  {
    var page = page
    if entry.link.isWrittenHere != true {
      page.title = entry.link.title
      page.description = entry.link.description ?? page.description
    }
    page.optional = entry.section == LLMSText.optional
    if !page.optional { page.category = entry.section }
    page.score = max(page.score, Self.least)
    if entry.link.url.path.hasSuffix(".md"), !page.url.path.hasSuffix(".md"), files?.contains(entry.link.url) ?? true {
      page.markdownURL = entry.link.url
    }
    return page
  }
}
