import SiteAnalysis
import Web

/// Applies the links of the site's existing llms.txt to the pages of its report.
///
/// The site's owner wrote the file by hand, so its titles, descriptions, sections and order have precedence. It may also
/// link files that are not pages, and pages of other sites.
struct ExistingOrder {
  /// The names of the file's sections in their order, without `Optional`.
  let sections: [String]
  private let links: [(section: String, link: SiteReport.Existing.Link)]
  /// The index of the first link with a URL.
  private var indexByURL: [NormalizedURL: Int] = [:]
  /// The index of the first link to one of the versions of a page, HTML or Markdown.
  private var indexByVersion: [NormalizedURL: Int] = [:]
  private let files: Set<NormalizedURL>?

  /// - Parameter existing: nil if the site has no llms.txt; then nothing is changed.
  init(_ existing: SiteReport.Existing?) {
    files = existing?.files.map(Set.init)
    links = (existing?.sections ?? []).flatMap { section in section.links.map { (section.name, $0) } }
    sections = (existing?.sections.map(\.name) ?? []).filter { $0 != LLMSTextFile.optional }
    for (index, entry) in links.enumerated() {
      let (identity, version) = (entry.link.url.pageIdentity, entry.link.url.versionIdentity)
      if indexByURL[identity] == nil { indexByURL[identity] = index }
      if indexByVersion[version] == nil { indexByVersion[version] = index }
    }
  }

  /// The least score of a page that the file links, high enough to be selected.
  private static let minimumScore = 9.0

  private func index(of page: SiteReport.Entry) -> Int? {
    indexByURL[page.url.pageIdentity] ?? page.markdownURL.flatMap { indexByURL[$0.pageIdentity] }
      ?? (page.url.query == nil ? indexByVersion[page.url.versionIdentity] : nil)
  }

  /// Whether the file links a page.
  func lists(_ page: SiteReport.Entry) -> Bool { index(of: page) != nil }

  /// The pages that the file links, in its order and with its texts, followed by the other pages.
  ///
  /// Linked pages of other sites, and linked files of the site that are not pages, are added.
  func applied(to pages: [SiteReport.Entry], of home: NormalizedURL) -> [SiteReport.Entry] {
    guard !links.isEmpty else { return pages }
    var listed: [Int: SiteReport.Entry] = [:]
    var others: [SiteReport.Entry] = []
    for page in pages {
      guard page.level > 0, let index = index(of: page), listed[index] == nil else {
        others.append(page)
        continue
      }
      listed[index] = applied(links[index], to: page)
    }
    for (index, entry) in links.enumerated()
    where listed[index] == nil && indexByURL[entry.link.url.pageIdentity] == index {
      guard !entry.link.url.isSameSite(as: home) || files?.contains(entry.link.url) ?? false else { continue }
      let link = entry.link
      let page = SiteReport.Entry(
        unread: link.url, title: link.title, description: link.description, category: SiteReport.generalCategory,
        source: .site)
      listed[index] = applied(entry, to: page)
    }
    return listed.sorted { $0.key < $1.key }.map(\.value) + others
  }

  private func applied(_ entry: (section: String, link: SiteReport.Existing.Link), to page: SiteReport.Entry)
    -> SiteReport.Entry
  {
    var page = page
    // The texts of a link that this program wrote follow the page.
    if entry.link.isWrittenHere != true {
      page.title = entry.link.title
      page.description = entry.link.description ?? page.description
    }
    page.optional = entry.section == LLMSTextFile.optional
    if !page.optional { page.category = entry.section }
    page.score = max(page.score, Self.minimumScore)
    if entry.link.url.path.hasSuffix(".md"), !page.url.path.hasSuffix(".md"), files?.contains(entry.link.url) ?? true {
      page.markdownURL = entry.link.url
    }
    return page
  }
}
