import SiteAnalysis
import Web

/// Composes an llms.txt from the report of a site: selects the pages to link and arranges them in sections.
///
/// The result depends only on the report and the request; the same report gives the same bytes. The limits are those of
/// hand-written files: 20 to 60 links in 4 to 9 sections and Optional, with 3 to 12 links per section. Sections are
/// larger only if there are few of them, and none has more than 60 % of all links. Pages in the navigation of the home
/// page and pages in the site's own llms.txt are linked before others.
struct LLMSTextComposer {
  /// The intended number of links, without Optional.
  static let targetLinks = 60
  static let maximumSections = 9
  static let linksPerSection = 3...12
  /// A navigation with more links is a table of contents; only its best pages are linked.
  static let maximumShown = 80
  static let maximumOptional = 10
  /// The maximum number of optional pages from one section, for example release notes.
  static let optionalPerSection = 3
  /// The maximum size of all links in characters. Some clients read only the beginning of files over 50,000 characters.
  static let maximumCharacters = 48_000
  /// The score bonus of pages in the first half of a section.
  static let firstBonus = 2.0
  /// The names of last sections: for pages without a section, and for sections beyond the maximum.
  private static let (resources, furtherTopics, more) = ("Resources", "Further Topics", "More")
  /// Pages with a lower score are not worth listing.
  static let minimumScore = 4.0

  private let report: SiteReport
  private let existing: ExistingOrder
  private let request: LLMSTextRequest?
  private let order: SectionOrder
  private let isDocumentation: Bool

  init(_ report: SiteReport, _ request: LLMSTextRequest? = nil) {
    existing = ExistingOrder(report.existing)
    order = SectionOrder(report.site.type)
    isDocumentation = report.site.type == .documentation
    var report = report
    report.pages = existing.applied(to: report.pages, of: report.url)
    self.report = report
    self.request = request
  }

  func compose() -> LLMSTextFile {
    var unlisted: [UnlistedPages] = []
    var groups =
      request?.sections.map { ChosenSections($0, report).groups } ?? request?.pages.map(requestedGroups)
      ?? selectedGroups(&unlisted)
    let isRequested = request?.sections != nil || request?.pages != nil
    if request?.sections == nil { disambiguateTitles(&groups) }
    dropRepeatedDescriptions(&groups)
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
      lessRelevantPages: isRequested ? 0 : max(0, report.pages.count { $0.level > 0 } - counted))
    return LLMSTextFile(
      title: request?.title ?? report.existing?.title ?? report.site.title,
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
    let pages = report.pages.filter {
      $0.level > 0 && !$0.optional && ($0.score >= Self.minimumScore || $0.isShown ?? false)
    }
    var groups: [Group] = []
    for page in pages { Self.add(page, to: &groups) }
    var optional = report.pages.filter { $0.level > 0 && $0.optional && ($0.score >= 1.5 || $0.isShown ?? false) }
    mergeSingles(&groups, &optional)
    // Sections of the site's own llms.txt are never merged.
    let existingGroups = groups.filter { existing.sections.contains($0.name) }
    groups.removeAll { existing.sections.contains($0.name) }
    SectionMerger.merge(
      &groups, to: max(2, Self.maximumSections - existingGroups.count),
      named: isDocumentation ? Self.furtherTopics : Self.more, isLeading: order.isLeading)
    groups = Self.mergingEqualNames(ordered(existingGroups + groups))
    unlisted = trim(&groups)
    let bestOptional = bestOptional(optional)
    if !bestOptional.isEmpty { groups.append(Group(name: LLMSTextFile.optional, pages: bestOptional)) }
    shorten(&groups, &unlisted)
    // A site with only one page links its home page.
    if groups.allSatisfy(\.pages.isEmpty), let home = report.pages.first, home.words > 0 {
      groups = [Group(name: SiteReport.generalCategory, pages: [home])]
    }
    // The general section is called an overview, which a single section is not.
    if groups.count(where: { $0.name != LLMSTextFile.optional }) == 1,
      let index = groups.firstIndex(where: { $0.name == SiteReport.generalCategory })
    {
      groups[index].name = isDocumentation ? "Documentation" : "Pages"
    }
    return groups
  }

  /// Removes links until the file is short enough for clients to read all of it.
  ///
  /// It removes optional links first, then links that are not in the site's own llms.txt, then links of the longest
  /// sections; always the last link of a section.
  private func shorten(_ groups: inout [Group], _ unlisted: inout [UnlistedPages]) {
    func length(_ page: SiteReport.Entry) -> Int {
      page.title.count + (page.markdownURL ?? page.url).description.count + (page.description?.count ?? 0) + 8
    }
    var total = groups.reduce(0) { $0 + $1.pages.reduce(0) { $0 + length($1) } }
    while total > Self.maximumCharacters {
      func priority(_ index: Int) -> (Int, Int, Int) {
        let pages = groups[index].pages
        return (
          pages.isEmpty ? 0 : groups[index].name == LLMSTextFile.optional ? 2 : 1, pages.count { !existing.lists($0) },
          pages.count
        )
      }
      guard let index = groups.indices.max(by: { priority($0) < priority($1) }), !groups[index].pages.isEmpty else {
        return
      }
      let last = groups[index].pages.lastIndex { !existing.lists($0) } ?? groups[index].pages.count - 1
      total -= length(groups[index].pages.remove(at: last))
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
    func isPreferred(_ page: SiteReport.Entry) -> Bool { page.isShown ?? false || existing.lists(page) }
    func priority(_ page: SiteReport.Entry) -> Double {
      page.score + (page.level == 1 ? Self.firstBonus : 0) + (isPreferred(page) ? 10 : 0)
    }
    let best = optional.enumerated().sorted { (priority($1.element), $0.offset) < (priority($0.element), $1.offset) }
      .filter { _, page in
        countBySection[page.category, default: 0] += 1
        return countBySection[page.category]! <= Self.optionalPerSection || page.category == SiteReport.generalCategory
          || isPreferred(page)
      }
    let maximum = max(Self.maximumOptional, min(Self.maximumShown / 4, optional.count(where: isPreferred)))
    return best.prefix(maximum).sorted { $0.offset < $1.offset }.map(\.element)
  }

  /// Moves the pages of sections with a single page to the general section. Sections of the site's own llms.txt are not
  /// changed.
  ///
  /// - Parameter optional: if the general section would have a single page, the best optional page without a section is
  ///   added to it; if there is none, its page moves to the last section.
  private func mergeSingles(_ groups: inout [Group], _ optional: inout [SiteReport.Entry]) {
    guard groups.count > 1 else { return }
    func isSingle(_ group: Group) -> Bool {
      group.pages.count == 1 && group.name != SiteReport.generalCategory && !existing.sections.contains(group.name)
    }
    let singles = groups.filter(isSingle)
    groups.removeAll(where: isSingle)
    var general = Group(name: SiteReport.generalCategory, pages: [])
    if let index = groups.firstIndex(where: { $0.name == SiteReport.generalCategory }) {
      general = groups.remove(at: index)
    }
    general.pages += singles.flatMap(\.pages)
    if general.pages.count == 1 {
      let candidates = optional.indices.filter {
        optional[$0].category == SiteReport.generalCategory && !existing.lists(optional[$0])
      }
      if let best = candidates.max(by: { optional[$0].score < optional[$1].score }) {
        general.pages.append(optional.remove(at: best))
      }
    }
    if general.pages.count == 1, let last = groups.lastIndex(where: { !existing.sections.contains($0.name) }) {
      groups[last].pages += general.pages
    } else if !general.pages.isEmpty {
      groups.insert(general, at: 0)
    }
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
    let total = groups.reduce(0) { $0 + $1.pages.count }
    var groups = groups
    // If the site has enough sections, its few pages without a section come last; otherwise they are its main part.
    if let index = groups.firstIndex(where: { $0.name == SiteReport.generalCategory }), groups.count > 4,
      groups[index].pages.count * 4 < total
    {
      var general = groups.remove(at: index)
      general.name = Self.resources
      groups.append(general)
    }
    // The order of the site's own llms.txt has precedence over a language model's order, and that over the default.
    func rank(_ name: String) -> Int {
      existing.sections.firstIndex(of: name).map { $0 - 1000 } ?? report.curated?.firstIndex(of: name).map { $0 - 500 }
        ?? order.rank(of: name)
    }
    return groups.enumerated().sorted { (rank($0.element.name), $0.offset) < (rank($1.element.name), $1.offset) }.map(
      \.element)
  }

  /// Reduces each section to its best pages, in their order. The number of pages is proportional to the square root of
  /// the section's size.
  ///
  /// - Returns: the pages that were removed.
  private func trim(_ groups: inout [Group]) -> [UnlistedPages] {
    let weights = groups.map { Double($0.pages.count).squareRoot() }
    let sum = max(1, weights.reduce(0, +))
    let maximum = max(Self.linksPerSection.upperBound, Self.targetLinks / max(1, groups.count))
    var limits = groups.indices.map { index in
      let share = Int((Double(Self.targetLinks) * weights[index] / sum).rounded())
      return min(groups[index].pages.count, min(maximum, max(Self.linksPerSection.lowerBound, share)))
    }
    for index in limits.indices where groups.count > 1 {
      let others = limits.reduce(0, +) - limits[index]
      limits[index] = min(limits[index], max(Self.linksPerSection.upperBound, others * 3 / 2))
    }
    let isNavigationListed = groups.reduce(0) { $0 + $1.pages.count { $0.isShown ?? false } } <= Self.maximumShown
    func isRequired(_ page: SiteReport.Entry) -> Bool {
      isNavigationListed && page.isShown ?? false || existing.lists(page)
    }
    var removed: [UnlistedPages] = []
    for index in groups.indices {
      let limit = max(limits[index], groups[index].pages.count(where: isRequired))
      guard groups[index].pages.count > limit else { continue }
      // The first pages of a section, and pages in the navigation, matter most to the site's readers.
      func priority(_ page: (offset: Int, element: SiteReport.Entry)) -> Double {
        let bonus =
          (page.offset < limit / 2 ? Self.firstBonus : 0) + (page.element.isShown ?? false ? Self.firstBonus : 0)
        return page.element.score + bonus + (isRequired(page.element) ? 100 : 0)
      }
      let best = groups[index].pages.enumerated().sorted {
        (priority($1), $0.element.level, $0.offset) < (priority($0), $1.element.level, $1.offset)
      }.prefix(limit)
      removed.append(UnlistedPages(section: groups[index].name, count: groups[index].pages.count - limit))
      groups[index].pages = best.sorted { $0.offset < $1.offset }.map(\.element)
    }
    return removed
  }

  // MARK: Texts of links

  /// Adds to equal titles the name of the page's section, or the distinguishing part of its path if several such pages
  /// are in one section.
  private func disambiguateTitles(_ groups: inout [Group]) {
    let pages = groups.flatMap(\.pages)
    let pagesByTitle = Dictionary(grouping: pages, by: \.title).filter { $0.value.count > 1 }
    for index in groups.indices {
      for page in groups[index].pages.indices {
        let entry = groups[index].pages[page]
        // A page with the name of its section keeps its title.
        guard let sameTitle = pagesByTitle[entry.title], entry.category != entry.title else { continue }
        let isOnlyOneInSection =
          sameTitle.count { $0.category == entry.category } == 1 && entry.category != SiteReport.generalCategory
        let suffix =
          isOnlyOneInSection
          ? entry.category : Self.distinguishingPath(of: entry.url, among: sameTitle.map(\.url))
        groups[index].pages[page].title += " (\(suffix))"
      }
    }
  }

  /// The segments of a URL's path from the first one that differs among the URLs.
  private static func distinguishingPath(of url: NormalizedURL, among urls: [NormalizedURL]) -> String {
    let segments = url.segments
    let shared = segments.indices.prefix { index in
      urls.allSatisfy { $0.segments.count > index && $0.segments[index] == segments[index] }
    }.count
    let rest = segments.dropFirst(shared).joined(separator: "/")
    return rest.isEmpty || url.query != nil ? url.pathAndQuery : rest
  }

  private func dropRepeatedDescriptions(_ groups: inout [Group]) {
    var counts: [String: Int] = [:]
    for text in groups.flatMap(\.pages).compactMap(\.description) { counts[text, default: 0] += 1 }
    for index in groups.indices {
      for page in groups[index].pages.indices {
        if let text = groups[index].pages[page].description, counts[text]! > 1 {
          groups[index].pages[page].description = nil
        }
      }
    }
  }

  // MARK: Summary

  /// The summary of the site's own llms.txt, or else the site's description. If the description is short, the names of
  /// the sections are added.
  private func summary(_ groups: [Group]) -> String {
    let handwritten = report.existing?.summary.map { text in
      text.firstRange(of: Self.topics).map { String(text[..<$0.lowerBound]) } ?? text
    }
    var text = handwritten ?? report.site.description ?? report.site.title
    if let last = text.last, !".!?。！？".contains(last) { text += "." }
    let names = groups.map(\.name).filter {
      ![SiteReport.generalCategory, LLMSTextFile.optional, Self.resources, Self.furtherTopics, Self.more].contains($0)
    }
    // If this program added topics to the existing summary, they are replaced; a handwritten summary is not extended.
    if handwritten == nil || handwritten != report.existing?.summary, text.count < 140, names.count >= 2 {
      var listed: [String] = []
      for name in names where listed.joined(separator: ", ").count + name.count < 200 { listed.append(name) }
      text += "\(Self.topics)\(listed.joined(separator: ", "))."
    }
    return text
  }

  private static let topics = " Main topics: "
}
