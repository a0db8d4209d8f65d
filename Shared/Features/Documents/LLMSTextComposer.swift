import SiteAnalysis
import Web

/// Chooses from a report what a reader should see first, and puts it in the order in which they would want it.
///
/// Pure: the same report gives the same file, byte for byte. The figures are those of curated files: 20 to 60 links in
/// 4 to 9 sections and Optional, 3 to 12 in each, more only where there are few sections, none with over 60 % of all.
/// What the site's
/// front page shows in its navigation is there, and so is what its own llms.txt names.
struct LLMSTextComposer {
  /// Links that are aimed at, without Optional.
  static let targetLinks = 60
  static let maximumSections = 9
  static let linksPerSection = 3...12
  /// A navigation that shows more is a table of contents, of which the best is chosen.
  static let maximumShown = 80
  static let maximumOptional = 10
  /// Of ten release notes, the best few stand for all.
  static let optionalPerSection = 3
  /// Characters of all lines; of a file of over 50,000 some clients read only the beginning.
  static let maximumCharacters = 48_000
  /// Points of the score that the first half of a section's places is worth.
  static let firstBonus = 2.0
  /// What stands last: pages of no section, and sections beyond nine.
  private static let (resources, furtherTopics, more) = ("Resources", "Further Topics", "More")
  /// Pages below this score are not worth a line.
  static let minimumScore = 4.0

  private let report: SiteReport
  private let existing: ExistingOrder
  private let request: GenerateRequest?
  private let order: SectionOrder
  private let isManual: Bool

  init(_ report: SiteReport, _ request: GenerateRequest? = nil) {
    existing = ExistingOrder(report.existing)
    order = SectionOrder(report.site.type)
    isManual = report.site.type == SiteType.documentation.rawValue
    var report = report
    report.pages = existing.applied(to: report.pages, of: report.url)
    self.report = report
    self.request = request
  }

  func compose() -> LLMSText {
    var left: [(name: String, count: Int)] = []
    var groups =
      request?.sections.map { ChosenSections($0, report).groups } ?? request?.pages.map(chosenGroups)
      ?? ownGroups(&left)
    let isChosen = request?.sections != nil || request?.pages != nil
    if request?.sections == nil { disambiguate(&groups) }
    dropRepeatedDescriptions(&groups)
    let sections = groups.map { group in
      LLMSText.Section(
        name: group.name,
        links: group.pages.map {
          .init(title: $0.title, url: ($0.markdownURL ?? $0.url).description, description: $0.description)
        })
    }
    let listed = groups.reduce(0) { $0 + $1.pages.count } + left.reduce(0) { $0 + $1.count }
    let details = ComposedDetails(
      report: report, groups: groups, left: left,
      lesser: isChosen ? 0 : max(0, report.pages.count { $0.level > 0 } - listed))
    return LLMSText(
      title: request?.title ?? report.existing?.title ?? report.site.title,
      summary: request?.summary ?? summary(groups),
      details: request?.details ?? details.text(), sections: sections)
  }

  // MARK: Sections

  struct Group {
    var name: String
    var pages: [SiteReport.Entry]
  }

  /// The sections that a caller's own list of pages falls into.
  private func chosenGroups(_ urls: [NormalizedURL]) -> [Group] {
    var groups: [Group] = []
    var seen: Set<NormalizedURL> = []
    for url in urls where seen.insert(url.pageIdentity).inserted {
      guard let page = report.pages.first(where: { $0.url.pageIdentity == url.pageIdentity }) else { continue }
      if let index = groups.firstIndex(where: { $0.name == page.category }) {
        groups[index].pages.append(page)
      } else {
        groups.append(Group(name: page.category, pages: [page]))
      }
    }
    return Self.unified(groups)
  }

  /// - Parameter left: pages that are worth a line and got none, by section.
  private func ownGroups(_ left: inout [(name: String, count: Int)]) -> [Group] {
    let pages = report.pages.filter {
      $0.level > 0 && !$0.optional && ($0.score >= Self.minimumScore || $0.isShown ?? false)
    }
    var groups: [Group] = []
    for page in pages {
      if let index = groups.firstIndex(where: { $0.name == page.category }) {
        groups[index].pages.append(page)
      } else {
        groups.append(Group(name: page.category, pages: [page]))
      }
    }
    var optional = report.pages.filter { $0.level > 0 && $0.optional && ($0.score >= 1.5 || $0.isShown ?? false) }
    gatherSingles(&groups, &optional)
    // What somebody named by hand is left as it is.
    let byHand = groups.filter { existing.sections.contains($0.name) }
    groups.removeAll { existing.sections.contains($0.name) }
    SectionMerger.merge(
      &groups, to: max(2, Self.maximumSections - byHand.count), named: isManual ? Self.furtherTopics : Self.more,
      isFirst: order.isFirst)
    groups = Self.unified(ordered(byHand + groups))
    left = trim(&groups)
    let kept = bestOptional(optional)
    if !kept.isEmpty { groups.append(Group(name: LLMSText.optional, pages: kept)) }
    shorten(&groups, &left)
    // A site of one page is that page.
    if groups.allSatisfy(\.pages.isEmpty), let home = report.pages.first, home.words > 0 {
      groups = [Group(name: SiteReport.generalCategory, pages: [home])]
    }
    // Beside no other, there is nothing that it is the overview of.
    if groups.count(where: { $0.name != LLMSText.optional }) == 1,
      let index = groups.firstIndex(where: { $0.name == SiteReport.generalCategory })
    {
      groups[index].name = isManual ? "Documentation" : "Pages"
    }
    return groups
  }

  /// Takes out lines until clients read the whole file: of Optional first, then of what nobody named by hand, then of
  /// the longest sections,
  /// each from its end.
  private func shorten(_ groups: inout [Group], _ left: inout [(name: String, count: Int)]) {
    func length(_ page: SiteReport.Entry) -> Int {
      page.title.count + (page.markdownURL ?? page.url).description.count + (page.description?.count ?? 0) + 8
    }
    var total = groups.reduce(0) { $0 + $1.pages.reduce(0) { $0 + length($1) } }
    while total > Self.maximumCharacters {
      func size(_ index: Int) -> (Int, Int, Int) {
        let pages = groups[index].pages
        return (
          pages.isEmpty ? 0 : groups[index].name == LLMSText.optional ? 2 : 1, pages.count { !existing.names($0) },
          pages.count
        )
      }
      guard let longest = groups.indices.max(by: { size($0) < size($1) }), !groups[longest].pages.isEmpty else {
        return
      }
      let last = groups[longest].pages.lastIndex { !existing.names($0) } ?? groups[longest].pages.count - 1
      total -= length(groups[longest].pages.remove(at: last))
      if let index = left.firstIndex(where: { $0.name == groups[longest].name }) {
        left[index].count += 1
      } else {
        left.append((groups[longest].name, 1))
      }
    }
    groups.removeAll(where: \.pages.isEmpty)
  }

  /// Pages that may be skipped score low by their nature; only those that say nothing at all were left out.
  private func bestOptional(_ optional: [SiteReport.Entry]) -> [SiteReport.Entry] {
    var perSection: [String: Int] = [:]
    // What the front page itself leads to comes first.
    func isWanted(_ page: SiteReport.Entry) -> Bool { page.isShown ?? false || existing.names(page) }
    func worth(_ page: SiteReport.Entry) -> Double {
      page.score + (page.level == 1 ? Self.firstBonus : 0) + (isWanted(page) ? 10 : 0)
    }
    let best = optional.enumerated().sorted { (worth($1.element), $0.offset) < (worth($0.element), $1.offset) }
      .filter { _, page in
        perSection[page.category, default: 0] += 1
        return perSection[page.category]! <= Self.optionalPerSection || page.category == SiteReport.generalCategory
          || isWanted(page)
      }
    return best.prefix(max(Self.maximumOptional, min(Self.maximumShown / 4, optional.count(where: isWanted)))).sorted {
      $0.offset < $1.offset
    }.map(\.element)
  }

  /// A section of one link is no section, unless somebody made it by hand: its page goes to those that have none of
  /// their own.
  ///
  /// - Parameter optional: where only one page is on its own, the best of these of no section keeps it company.
  private func gatherSingles(_ groups: inout [Group], _ optional: inout [SiteReport.Entry]) {
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
      let company = optional.indices.filter {
        optional[$0].category == SiteReport.generalCategory && !existing.names(optional[$0])
      }
      if let best = company.max(by: { optional[$0].score < optional[$1].score }) {
        general.pages.append(optional.remove(at: best))
      }
    }
    if general.pages.count == 1, let last = groups.lastIndex(where: { !existing.sections.contains($0.name) }) {
      groups[last].pages += general.pages
    } else if !general.pages.isEmpty {
      groups.insert(general, at: 0)
    }
  }

  /// Of two sections of one name readers lose the first, and one that is called Optional they leave out.
  private static func unified(_ groups: [Group]) -> [Group] {
    var unified: [Group] = []
    for var group in groups {
      if group.name == LLMSText.optional { group.name = "Optional Pages" }
      if let index = unified.firstIndex(where: { $0.name == group.name }) {
        unified[index].pages += group.pages
      } else {
        unified.append(group)
      }
    }
    return unified
  }

  private func ordered(_ groups: [Group]) -> [Group] {
    let total = groups.reduce(0) { $0 + $1.pages.count }
    var groups = groups
    // Where the site has branches enough, what belongs to none is an appendix; else it is the site itself.
    if let index = groups.firstIndex(where: { $0.name == SiteReport.generalCategory }), groups.count > 4,
      groups[index].pages.count * 4 < total
    {
      var general = groups.remove(at: index)
      general.name = Self.resources
      groups.append(general)
    }
    // Whoever wrote a file by hand chose its order; a model comes next.
    func rank(_ name: String) -> Int {
      existing.sections.firstIndex(of: name).map { $0 - 1000 } ?? report.curated?.firstIndex(of: name).map { $0 - 500 }
        ?? order.rank(of: name)
    }
    return groups.enumerated().sorted { (rank($0.element.name), $0.offset) < (rank($1.element.name), $1.offset) }.map(
      \.element)
  }

  /// Keeps of each section its best pages, more of a larger one by the square root of its size.
  ///
  /// - Returns: how many are not kept, by section.
  private func trim(_ groups: inout [Group]) -> [(name: String, count: Int)] {
    let weights = groups.map { Double($0.pages.count).squareRoot() }
    let sum = max(1, weights.reduce(0, +))
    let widest = max(Self.linksPerSection.upperBound, Self.targetLinks / max(1, groups.count))
    var rooms = groups.indices.map { index in
      let share = Int((Double(Self.targetLinks) * weights[index] / sum).rounded())
      return min(groups[index].pages.count, min(widest, max(Self.linksPerSection.lowerBound, share)))
    }
    for index in rooms.indices where groups.count > 1 {
      let others = rooms.reduce(0, +) - rooms[index]
      rooms[index] = min(rooms[index], max(Self.linksPerSection.upperBound, others * 3 / 2))
    }
    let isShownWhole = groups.reduce(0) { $0 + $1.pages.count { $0.isShown ?? false } } <= Self.maximumShown
    func isKept(_ page: SiteReport.Entry) -> Bool { isShownWhole && page.isShown ?? false || existing.names(page) }
    var left: [(name: String, count: Int)] = []
    for index in groups.indices {
      let room = max(rooms[index], groups[index].pages.count(where: isKept))
      guard groups[index].pages.count > room else { continue }
      // What the site puts first matters most to its readers, hub or not.
      func worth(_ page: (offset: Int, element: SiteReport.Entry)) -> Double {
        let bonus =
          (page.offset < room / 2 ? Self.firstBonus : 0) + (page.element.isShown ?? false ? Self.firstBonus : 0)
        return page.element.score + bonus + (isKept(page.element) ? 100 : 0)
      }
      let best = groups[index].pages.enumerated().sorted {
        (worth($1), $0.element.level, $0.offset) < (worth($0), $1.element.level, $1.offset)
      }.prefix(room)
      left.append((groups[index].name, groups[index].pages.count - room))
      groups[index].pages = best.sorted { $0.offset < $1.offset }.map(\.element)
    }
    return left
  }

  /// Pages of one name are told apart by their sections; where two stand in one section, by what their addresses do not
  /// share.
  private func disambiguate(_ groups: inout [Group]) {
    let pages = groups.flatMap(\.pages)
    let alike = Dictionary(grouping: pages, by: \.title).filter { $0.value.count > 1 }
    for index in groups.indices {
      for page in groups[index].pages.indices {
        let entry = groups[index].pages[page]
        // Of pages of one name, the one that heads the section of that name has it plainly.
        guard let others = alike[entry.title], entry.category != entry.title else { continue }
        let isAlone =
          others.count { $0.category == entry.category } == 1 && entry.category != SiteReport.generalCategory
        groups[index].pages[page].title +=
          " (\(isAlone ? entry.category : Self.ownPart(of: entry.url, among: others.map(\.url))))"
      }
    }
  }

  /// The segments of an address from the first on that another one does not have.
  private static func ownPart(of url: NormalizedURL, among others: [NormalizedURL]) -> String {
    let own = url.segments
    let shared = own.indices.prefix { index in
      others.allSatisfy { $0.segments.count > index && $0.segments[index] == own[index] }
    }.count
    let rest = own.dropFirst(shared).joined(separator: "/")
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

  // MARK: Words

  /// The site's own description; where that is short, with what it covers.
  private func summary(_ groups: [Group]) -> String {
    let byHand = report.existing?.summary.map { text in
      text.firstRange(of: Self.topics).map { String(text[..<$0.lowerBound]) } ?? text
    }
    var text = byHand ?? report.site.description ?? report.site.title
    if let last = text.last, !".!?。！？".contains(last) { text += "." }
    let names = groups.map(\.name).filter {
      ![SiteReport.generalCategory, LLMSText.optional, Self.resources, Self.furtherTopics, Self.more].contains($0)
    }
    // A summary by hand stays as it is; one of this program is written anew.
    if byHand == nil || byHand != report.existing?.summary, text.count < 140, names.count >= 2 {
      var listed: [String] = []
      for name in names where listed.joined(separator: ", ").count + name.count < 200 { listed.append(name) }
      text += "\(Self.topics)\(listed.joined(separator: ", "))."
    }
    return text
  }

  private static let topics = " Main topics: "
}
