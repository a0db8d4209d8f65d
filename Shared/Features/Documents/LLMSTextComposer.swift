import SiteAnalysis
import Web

/// Chooses from a report what a reader should see first, and puts it in the order in which they would want it.
///
/// Pure: the same report gives the same file, byte for byte. The figures are those of curated files: 20 to 60 links in
/// 4 to 9 sections and Optional, 3 to 12 in each, none with over 60 % of all.
struct LLMSTextComposer {
  /// Links that are aimed at, without Optional.
  static let targetLinks = 60
  static let maximumSections = 9
  static let linksPerSection = 3...12
  static let maximumOptional = 10
  /// Of ten release notes, the best few stand for all.
  static let optionalPerSection = 3
  /// Points of the score that the first half of a section's places is worth.
  static let firstBonus = 2.0
  /// Pages below this score are not worth a line.
  static let minimumScore = 4.0

  private let report: SiteReport
  private let existing: ExistingOrder
  private let request: GenerateRequest?

  init(_ report: SiteReport, _ request: GenerateRequest? = nil) {
    existing = ExistingOrder(report.existing)
    var report = report
    report.pages = existing.applied(to: report.pages)
    self.report = report
    self.request = request
  }

  func compose() -> LLMSText {
    var groups = request?.pages.map(chosenGroups) ?? ownGroups()
    disambiguate(&groups)
    dropRepeatedDescriptions(&groups)
    let sections = groups.map { group in
      LLMSText.Section(name: group.name, links: group.pages.map { .init(title: $0.title, url: ($0.markdownURL ?? $0.url).description, description: $0.description) })
    }
    return LLMSText(
      title: request?.title ?? report.site.title, summary: request?.summary ?? summary(groups),
      details: request?.details ?? details(groups), sections: sections)
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
      if let index = groups.firstIndex(where: { $0.name == page.category }) { groups[index].pages.append(page) }
      else { groups.append(Group(name: page.category, pages: [page])) }
    }
    return Self.unified(groups)
  }

  private func ownGroups() -> [Group] {
    let pages = report.pages.filter { $0.level > 0 && $0.score >= Self.minimumScore }
    var groups: [Group] = []
    for page in pages where !page.optional {
      if let index = groups.firstIndex(where: { $0.name == page.category }) { groups[index].pages.append(page) }
      else { groups.append(Group(name: page.category, pages: [page])) }
    }
    var optional = report.pages.filter { $0.level > 0 && $0.optional && $0.score >= 1.5 }
    gatherSingles(&groups, &optional)
    SectionMerger.merge(&groups, to: Self.maximumSections)
    groups = Self.unified(ordered(groups))
    trim(&groups)
    // Pages that may be skipped score low by their nature; only those that say nothing at all were left out.
    var perSection: [String: Int] = [:]
    // What the front page itself leads to comes first.
    func worth(_ page: SiteReport.Entry) -> Double { page.score + (page.level == 1 ? Self.firstBonus : 0) }
    let kept = optional.enumerated().sorted { (worth($1.element), $0.offset) < (worth($0.element), $1.offset) }
      .filter { _, page in
        perSection[page.category, default: 0] += 1
        return perSection[page.category]! <= Self.optionalPerSection || page.category == SiteReport.generalCategory
      }.prefix(Self.maximumOptional).sorted { $0.offset < $1.offset }.map(\.element)
    if kept.count >= 2 { groups.append(Group(name: LLMSText.optional, pages: kept)) }
    return groups
  }

  /// A section of one link is no section: its page goes to those that have none of their own.
  ///
  /// - Parameter optional: where only one page is on its own, the best of these of no section keeps it company.
  private func gatherSingles(_ groups: inout [Group], _ optional: inout [SiteReport.Entry]) {
    guard groups.count > 1 else { return }
    let singles = groups.filter { $0.pages.count == 1 && $0.name != SiteReport.generalCategory }
    groups.removeAll { $0.pages.count == 1 && $0.name != SiteReport.generalCategory }
    var general = Group(name: SiteReport.generalCategory, pages: [])
    if let index = groups.firstIndex(where: { $0.name == SiteReport.generalCategory }) { general = groups.remove(at: index) }
    general.pages += singles.flatMap(\.pages)
    if general.pages.count == 1 {
      let company = optional.indices.filter { optional[$0].category == SiteReport.generalCategory }
      if let best = company.max(by: { optional[$0].score < optional[$1].score }) { general.pages.append(optional.remove(at: best)) }
    }
    if general.pages.count == 1, !groups.isEmpty {
      groups[groups.count - 1].pages += general.pages
    } else if !general.pages.isEmpty {
      groups.insert(general, at: 0)
    }
  }

  /// Of two sections of one name readers lose the first, and one that is called Optional they leave out.
  private static func unified(_ groups: [Group]) -> [Group] {
    var unified: [Group] = []
    for var group in groups {
      if group.name == LLMSText.optional { group.name = "Optional Pages" }
      if let index = unified.firstIndex(where: { $0.name == group.name }) { unified[index].pages += group.pages }
      else { unified.append(group) }
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
      general.name = "Resources"
      groups.append(general)
    }
    let order = SectionOrder(report.site.type)
    // Whoever wrote a file by hand chose its order; a model comes next.
    func rank(_ name: String) -> Int {
      existing.sections.firstIndex(of: name).map { $0 - 1000 } ?? report.curated?.firstIndex(of: name).map { $0 - 500 } ?? order.rank(of: name)
    }
    return groups.enumerated().sorted { (rank($0.element.name), $0.offset) < (rank($1.element.name), $1.offset) }.map(\.element)
  }

  /// Keeps of each section its best pages, more of a larger one by the square root of its size.
  private func trim(_ groups: inout [Group]) {
    let weights = groups.map { Double($0.pages.count).squareRoot() }
    let sum = max(1, weights.reduce(0, +))
    for index in groups.indices {
      let share = Int((Double(Self.targetLinks) * weights[index] / sum).rounded())
      let room = min(Self.linksPerSection.upperBound, max(Self.linksPerSection.lowerBound, share))
      guard groups[index].pages.count > room else { continue }
      // What the site puts first matters most to its readers, hub or not.
      func worth(_ page: (offset: Int, element: SiteReport.Entry)) -> Double { page.element.score + (page.offset < room / 2 ? Self.firstBonus : 0) }
      let best = groups[index].pages.enumerated().sorted {
        (worth($1), $0.element.level, $0.offset) < (worth($0), $1.element.level, $1.offset)
      }.prefix(room)
      groups[index].pages = best.sorted { $0.offset < $1.offset }.map(\.element)
    }
  }

  /// Pages of one name are told apart by their sections.
  private func disambiguate(_ groups: inout [Group]) {
    var counts: [String: Int] = [:]
    for page in groups.flatMap(\.pages) { counts[page.title, default: 0] += 1 }
    for index in groups.indices {
      for page in groups[index].pages.indices where counts[groups[index].pages[page].title]! > 1 {
        let category = groups[index].pages[page].category
        groups[index].pages[page].title += " (\(category == SiteReport.generalCategory ? groups[index].pages[page].url.path : category))"
      }
    }
  }

  private func dropRepeatedDescriptions(_ groups: inout [Group]) {
    var counts: [String: Int] = [:]
    for text in groups.flatMap(\.pages).compactMap(\.description) { counts[text, default: 0] += 1 }
    for index in groups.indices {
      for page in groups[index].pages.indices {
        if let text = groups[index].pages[page].description, counts[text]! > 1 { groups[index].pages[page].description = nil }
      }
    }
  }

  // MARK: Words

  /// The site's own description; where that is short, with what it covers.
  private func summary(_ groups: [Group]) -> String {
    var text = report.site.description ?? "\(report.site.title), at \(report.url.host)"
    if let last = text.last, !".!?。".contains(last) { text += "." }
    let names = groups.map(\.name).filter { ![SiteReport.generalCategory, LLMSText.optional, "Resources"].contains($0) }
    if text.count < 140, names.count >= 2 {
      var listed: [String] = []
      for name in names where listed.joined(separator: ", ").count + name.count < 200 { listed.append(name) }
      text += " Main topics: \(listed.joined(separator: ", "))."
    }
    return text
  }

  private func details(_ groups: [Group]) -> String {
    var parts: [String] = []
    if let first = groups.first?.pages.first { parts.append("Start with \(first.title).") }
    parts.append("The sections follow the site’s own order.")
    if groups.last?.name == LLMSText.optional { parts.append("What stands under Optional can be left out where room is short.") }
    if let sitemap = report.discovery.sitemaps.first {
      parts.append("Every other page is listed in \(sitemap).")
    }
    if let language = report.site.language, !language.lowercased().hasPrefix("en") { parts.append("The pages are in \(language).") }
    return parts.joined(separator: " ")
  }
}
