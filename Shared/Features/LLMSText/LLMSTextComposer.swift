import SiteAnalysis
import Web

/// Composes an llms.txt from the report of a site: links the pages that ``PageChoice`` selects, and writes the texts.
///
/// The result depends only on the report and the request; the same report gives the same bytes. The site's existing
/// llms.txt has no influence; see ``LLMSTextMerge``.
struct LLMSTextComposer {
  static let maximumSections = 12
  /// A navigation with more links is a table of contents; only its best pages are linked.
  static let maximumShown = 80
  static let maximumOptional = 10
  /// The maximum number of optional pages from one section, for example release notes.
  static let optionalPerSection = 3
  /// The maximum size of all links in characters. Some clients read only the beginning of files over 50,000 characters.
  static let maximumCharacters = 48_000
  /// The score bonus of optional pages at the first level.
  static let firstBonus = 2.0
  /// The names of last sections: for pages without a section, and for sections beyond the maximum.
  private static let (resources, furtherTopics, more) = ("Resources", "Further Topics", "More")
  /// Pages with a lower score are not worth listing, unless the navigation leads to them.
  static let minimumScore = 4.0
  /// Pages with a lower score, such as lists of tags, are not mentioned at all.
  static let leastScore = 1.0
  /// The same as ``minimumScore`` for sites that are listed completely.
  static let minimumScoreOfSmallSites = 2.0

  private let report: SiteReport
  private let request: LLMSTextRequest?
  private let order: SectionOrder
  private let isDocumentation: Bool

  init(_ report: SiteReport, _ request: LLMSTextRequest? = nil) {
    order = SectionOrder(report.site.type)
    isDocumentation = report.site.type == .documentation
    self.report = report
    self.request = request
  }

  func compose() -> LLMSTextFile {
    var unlisted: [UnlistedPages] = []
    var groups =
      request?.sections.map { ChosenSections($0, report).groups } ?? request?.pages.map(requestedGroups)
      ?? selectedGroups(&unlisted)
    let isRequested = request?.sections != nil || request?.pages != nil
    let texts = LinkTexts(report)
    if request?.sections == nil { texts.distinguishTitles(&groups) }
    texts.dropRepeatedDescriptions(&groups)
    let sections = groups.map { group in
      LLMSTextFile.Section(
        name: group.name,
        links: group.pages.map {
          .init(title: $0.title, url: ($0.markdownURL ?? $0.url).description, description: $0.description)
        })
    }
    let counted = groups.reduce(0) { $0 + $1.pages.count } + unlisted.reduce(0) { $0 + $1.count }
    let details = ComposedDetails(
      report: report, groups: groups, unlisted: unlisted,
      lessRelevantPages: isRequested
        ? 0
        : max(
          0, report.pages.count { $0.level > 0 && $0.score >= Self.leastScore && $0.role != .index } - counted
        ))
    return LLMSTextFile(
      title: request?.title ?? report.site.title,
      summary: request?.summary ?? summary(groups),
      details: request?.details ?? details.text(), sections: sections)
  }

  // MARK: Sections

  /// A section of the file.
  struct Group {
    var name: String
    var pages: [SiteReport.Entry]
  }

  /// The number of pages of a section that are worth listing but exceed the limits.
  struct UnlistedPages {
    let section: String
    var count: Int
  }

  /// The pages that the request names, in sections by their category.
  private func requestedGroups(_ urls: [NormalizedURL]) -> [Group] {
    var groups: [Group] = []
    var seen: Set<NormalizedURL> = []
    for url in urls where seen.insert(url.pageIdentity).inserted {
      guard let page = report.pages.first(where: { $0.url.pageIdentity == url.pageIdentity }) else { continue }
      Self.add(page, to: &groups)
    }
    return Self.mergingEqualNames(groups)
  }

  private static func add(_ page: SiteReport.Entry, to groups: inout [Group]) {
    if let index = groups.firstIndex(where: { $0.name == page.category }) {
      groups[index].pages.append(page)
    } else {
      groups.append(Group(name: page.category, pages: [page]))
    }
  }

  /// The best pages of the report in sections.
  ///
  /// - Parameter unlisted: receives the pages that are worth listing but exceed the limits.
  private func selectedGroups(_ unlisted: inout [UnlistedPages]) -> [Group] {
    var home = report.pages.first { $0.level == 0 && $0.role == .hub }
    // The home page is called like the site rather than by a slogan or "Home Page".
    home?.title = report.site.title
    let main = report.pages.filter { $0.level > 0 && !$0.optional }
    let isSmall = main.count <= PageChoice.maximumLinks
    let pages = main.filter {
      $0.score >= (isSmall ? Self.minimumScoreOfSmallSites : Self.minimumScore) || $0.isShown ?? false
    }
    let choice = PageChoice(pages)
    unlisted = choice.unlisted
    var groups = choice.groups
    reduceToHubs(&groups)
    mergeSmallSections(&groups)
    if let home {
      if let general = groups.firstIndex(where: { $0.name == SiteReport.generalCategory }) {
        groups[general].pages.insert(home, at: 0)
      } else if !groups.isEmpty {
        groups[0].pages.insert(home, at: 0)
      }
    }
    SectionMerger.merge(
      &groups, to: Self.maximumSections,
      named: isDocumentation ? Self.furtherTopics : Self.more, isLeading: order.isLeading)
    groups = Self.mergingEqualNames(ordered(groups))
    let optional = bestOptional(
      report.pages.filter { $0.level > 0 && $0.optional && ($0.score >= 1.5 || $0.isShown ?? false) })
    if !optional.isEmpty { groups.append(Group(name: LLMSTextFile.optional, pages: optional)) }
    shorten(&groups, &unlisted)
    // A site with only one page links its home page.
    if groups.allSatisfy(\.pages.isEmpty), let home = report.pages.first, home.words > 0 {
      groups = [Group(name: SiteReport.generalCategory, pages: [home])]
    }
    nameGeneralSection(&groups)
    return groups
  }

  /// If there are too many sections, lists only the hubs of sections with hubs, so that all of them are treated alike.
  private func reduceToHubs(_ groups: inout [Group]) {
    guard groups.count > Self.maximumSections else { return }
    func hasHub(_ group: Group) -> Bool { group.pages[0].role != nil }
    guard groups.count(where: hasHub) * 2 > groups.count else { return }
    for index in groups.indices where hasHub(groups[index]) { groups[index].pages = [groups[index].pages[0]] }
  }

  /// Moves to the general section the pages of sections with a single link: a hub, or a page outside of the
  /// navigation.
  private func mergeSmallSections(_ groups: inout [Group]) {
    func isSmall(_ group: Group) -> Bool {
      group.pages.count == 1 && group.name != SiteReport.generalCategory
        && (group.pages[0].role != nil || !(group.pages[0].isShown ?? false))
    }
    let small = groups.filter(isSmall)
    guard !small.isEmpty, groups.count > 1 else { return }
    groups.removeAll(where: isSmall)
    let pages = small.flatMap(\.pages)
    if let general = groups.firstIndex(where: { $0.name == SiteReport.generalCategory }) {
      groups[general].pages += pages
    } else {
      groups.insert(Group(name: SiteReport.generalCategory, pages: pages), at: 0)
    }
  }

  /// Names the section of pages without a section by its content, because it gives no overview.
  private func nameGeneralSection(_ groups: inout [Group]) {
    guard let index = groups.firstIndex(where: { $0.name == SiteReport.generalCategory }) else { return }
    let names = groups.map { $0.name.lowercased() }
    let isIntroduction =
      groups[index].pages.contains { $0.isStart ?? false && $0.level > 0 } && groups.count > 1
      && groups[index].pages.count <= Self.longestIntroduction
    let isLast = index > 0 && index >= groups.lastIndex { $0.name != LLMSTextFile.optional }!
    let language =
      groups.count > 1 || groups[index].pages.count > 1 ? report.site.language?.lowercased().prefix(2) ?? "en" : ""
    let english =
      (isIntroduction ? ["Getting Started"] : isLast && isDocumentation ? [Self.resources] : [])
      + [Self.generalNames[report.site.type]!]
    let candidates = (language == "en" ? english : []) + [Self.pages[String(language)] ?? "Pages"]
    groups[index].name = candidates.first { !names.contains($0.lowercased()) } ?? SiteReport.generalCategory
  }

  /// The word for pages in languages other than English.
  private static let pages = ["de": "Seiten", "es": "Páginas", "it": "Pagine", "nl": "Pagina’s", "pt": "Páginas"]

  /// A section with more pages is not called an introduction.
  private static let longestIntroduction = 8

  private static let generalNames: [SiteType: String] = [
    .documentation: "Documentation", .service: "Product", .agency: "Services", .shop: "Shop", .blog: "Pages",
    .website: "Pages",
  ]

  /// Removes links until the file is short enough for clients to read all of it.
  ///
  /// It removes optional links first, then links of the longest sections; always the last link of a section.
  private func shorten(_ groups: inout [Group], _ unlisted: inout [UnlistedPages]) {
    func length(_ page: SiteReport.Entry) -> Int {
      page.title.count + (page.markdownURL ?? page.url).description.count + (page.description?.count ?? 0) + 8
    }
    var total = groups.reduce(0) { $0 + $1.pages.reduce(0) { $0 + length($1) } }
    while total > Self.maximumCharacters {
      func priority(_ index: Int) -> (Int, Int) {
        let pages = groups[index].pages
        return (pages.isEmpty ? 0 : groups[index].name == LLMSTextFile.optional ? 2 : 1, pages.count)
      }
      guard let index = groups.indices.max(by: { priority($0) < priority($1) }), !groups[index].pages.isEmpty else {
        return
      }
      total -= length(groups[index].pages.removeLast())
      if let section = unlisted.firstIndex(where: { $0.section == groups[index].name }) {
        unlisted[section].count += 1
      } else {
        unlisted.append(UnlistedPages(section: groups[index].name, count: 1))
      }
    }
    groups.removeAll(where: \.pages.isEmpty)
  }

  /// The pages of the section Optional.
  ///
  /// Optional pages have low scores by their nature, so ``minimumScore`` does not apply to them.
  private func bestOptional(_ optional: [SiteReport.Entry]) -> [SiteReport.Entry] {
    var countBySection: [String: Int] = [:]
    func isPreferred(_ page: SiteReport.Entry) -> Bool { page.isShown ?? false }
    func priority(_ page: SiteReport.Entry) -> Double {
      page.score + (page.level == 1 ? Self.firstBonus : 0) + (isPreferred(page) ? 10 : 0)
    }
    // A small site is listed completely.
    let isSmall = report.pages.count <= PageChoice.maximumLinks
    let best = optional.enumerated().sorted { (priority($1.element), $0.offset) < (priority($0.element), $1.offset) }
      .filter { _, page in
        countBySection[page.category, default: 0] += 1
        return isSmall || countBySection[page.category]! <= Self.optionalPerSection
          || page.category == SiteReport.generalCategory
      }
    let maximum =
      isSmall
      ? Self.maximumShown / 4
      : max(Self.maximumOptional, min(Self.maximumShown / 4, optional.count(where: isPreferred)))
    return best.prefix(maximum).sorted { $0.offset < $1.offset }.map(\.element)
  }

  /// Merges sections with equal names, because parsers drop all except one of them, and renames sections that happen to
  /// be called Optional.
  private static func mergingEqualNames(_ groups: [Group]) -> [Group] {
    var merged: [Group] = []
    for var group in groups {
      if group.name == LLMSTextFile.optional { group.name = "Optional Pages" }
      if let index = merged.firstIndex(where: { $0.name == group.name }) {
        merged[index].pages += group.pages
      } else {
        merged.append(group)
      }
    }
    return merged
  }

  private func ordered(_ groups: [Group]) -> [Group] {
    var groups = groups
    // Pages without a section come last, unless they introduce the site or its products.
    if let index = groups.firstIndex(where: { $0.name == SiteReport.generalCategory }), groups.count > 2 {
      let pages = groups[index].pages
      let offers = pages.count { $0.parts?["kind"] ?? 0 > 0 }
      let all = groups.reduce(0) { $0 + $1.pages.count }
      if !pages.contains(where: { $0.level == 0 || $0.isStart ?? false }), offers * 2 <= pages.count,
        pages.count * 2 <= all
      {
        groups.append(groups.remove(at: index))
      }
    }
    // A language model's order has precedence over the navigation's, and that over the default.
    func rank(_ group: Group) -> Int {
      if let position = report.curated?.firstIndex(of: group.name) { return position - 500 }
      let isInNavigation = group.pages.count { $0.isShown ?? false } * 2 > group.pages.count
      return isInNavigation || group.name == SiteReport.generalCategory ? 0 : order.rank(of: group.name)
    }
    return groups.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
  }

  // MARK: Summary

  /// The site's description. If it is short, the names of the sections are added.
  private func summary(_ groups: [Group]) -> String {
    var text = report.site.description ?? report.site.title
    if let last = text.last, !".!?。！？".contains(last) { text += "." }
    let names = groups.map(\.name).filter {
      ![SiteReport.generalCategory, LLMSTextFile.optional, Self.resources, Self.furtherTopics, Self.more].contains($0)
    }
    if text.count < 140, names.count >= 2 {
      var listed: [String] = []
      for name in names where listed.joined(separator: ", ").count + name.count < 200 { listed.append(name) }
      text += " Main topics: \(listed.joined(separator: ", "))."
    }
    return text
  }
}
