import SiteAnalysis

/// Chooses the pages that a file links, and divides them into sections, along the site's own structure.
///
/// A site of up to 60 good pages is listed completely. Of a larger site, the pages directly in each section come first;
/// a group inside of a section is represented by the page that introduces it, and listed page by page only if all of
/// its pages fit. A group with five or more listed pages becomes a section. Pages made from one template are represented
/// by their hub.
struct PageChoice {
  typealias Group = LLMSTextComposer.Group
  typealias Entry = SiteReport.Entry

  /// The largest number of links, without optional ones.
  static let maximumLinks = 60
  /// The number of links for the most cited pages if sections must be cut.
  static let linksByCitation = 24
  /// The difference in scores from which a page is clearly worse than another.
  static let clearlyWorse = 1.5
  /// If there are fewer links, pages made from one template are added.
  static let minimumLinks = 20
  /// The number of listed pages from which a group inside of a section is a section.
  static let sectionSize = 5

  private(set) var groups: [Group] = []
  /// The number of good pages of each section that are not linked.
  private(set) var unlisted: [LLMSTextComposer.UnlistedPages] = []

  /// A section of the report, and the pages of it that are chosen so far.
  private struct Section {
    let name: String
    let pages: [Entry]
    /// The positions in `pages` of the chosen pages.
    var chosen: Set<Int> = []
    /// The positions of the pages of inner groups that are sections of their own, with the names of these groups.
    var promoted: [(name: String, pages: [Int])] = []

    /// The positions of the pages of an inner group, without those of groups inside of it.
    func pages(of path: [String]) -> [Int] { pages.indices.filter { pages[$0].path == path } }

    /// The position of the page that introduces an inner group or the section.
    func hub(of path: [String]) -> Int? { pages(of: path).first { pages[$0].isHub } }

    /// The paths of the groups directly inside of a group, in order.
    func groups(in path: [String]) -> [[String]] {
      var found: [[String]] = []
      for page in pages where page.path.count > path.count && page.path.starts(with: path) {
        let inner = Array(page.path.prefix(path.count + 1))
        if !found.contains(inner) { found.append(inner) }
      }
      return found
    }
  }

  private var sections: [Section] = []

  /// - Parameter pages: The good pages in reading order.
  init(_ pages: [Entry]) {
    for (name, pages) in Self.bySection(pages) { sections.append(Section(name: name, pages: pages)) }
    if pages.count <= Self.maximumLinks {
      for index in sections.indices { sections[index].chosen = Set(sections[index].pages.indices) }
    } else {
      choosePagesOfFirstLevel()
      expandGroups()
      addSimilarPages()
    }
    removeBareIndexes()
    let names = sections.flatMap { [$0.name] + $0.promoted.map(\.name) }
    let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
    for section in sections { finish(section, counts) }
  }

  private static func bySection(_ pages: [Entry]) -> [(String, [Entry])] {
    var names: [String] = []
    var members: [String: [Entry]] = [:]
    for page in pages {
      if members[page.category] == nil { names.append(page.category) }
      members[page.category, default: []].append(page)
    }
    return names.map { ($0, members[$0]!) }
  }

  private var count: Int { sections.reduce(0) { $0 + $1.chosen.count } }

  // MARK: Choosing

  /// Chooses the pages directly in each section and the hubs of its groups.
  ///
  /// If these are too many, all sections get the same number, and small sections leave their rest to large ones.
  private mutating func choosePagesOfFirstLevel() {
    // Pages that are clearly worse than most others wait, even if they have a section of their own.
    let scores = sections.flatMap(\.pages).map(\.score).sorted()
    let leastScore = scores[scores.count / 2] - Self.clearlyWorse
    var first: [[Int]] = []
    for section in sections {
      // A group without a page that introduces it is only a caption above its pages.
      let inner = section.groups(in: []).flatMap { group in
        section.hub(of: group).map { [$0] } ?? section.pages(of: group)
      }
      // Beside the navigation's own pages, others in the same folder matter less.
      let shown = section.pages.count { $0.isShown ?? false }
      let isShown =
        section.name == SiteReport.generalCategory
        ? shown >= 3 || shown > 0 && sections.count > 3 : shown * 2 > section.pages.count
      let direct = (section.pages(of: []) + inner).filter {
        section.pages[$0].role != .alike && (!isShown || section.pages[$0].isShown ?? false)
      }.sorted()
      let good = direct.filter { section.pages[$0].isShown ?? false || section.pages[$0].score >= leastScore }
      first.append(good.isEmpty ? Array((direct.isEmpty ? Array(section.pages.indices) : direct).prefix(1)) : good)
    }
    let all = first.reduce(0) { $0 + $1.count }
    let limit = Self.limit(
      of: first.map(\.count), total: all <= Self.maximumLinks ? all : Self.maximumLinks - Self.linksByCitation)
    for index in sections.indices {
      sections[index].chosen = Set(Self.best(first[index], of: sections[index].pages, limit))
    }
    chooseByCitation(first)
  }

  /// Gives the remaining links to the pages that other pages cite most often, in all sections.
  private mutating func chooseByCitation(_ candidates: [[Int]]) {
    var ranked: [(citations: Int, section: Int, page: Int)] = []
    for (section, pages) in candidates.enumerated() {
      for page in pages where !sections[section].chosen.contains(page) {
        ranked.append((sections[section].pages[page].citations ?? 0, section, page))
      }
    }
    ranked.sort { a, b in
      a.citations == b.citations ? (a.section, a.page) < (b.section, b.page) : a.citations > b.citations
    }
    for best in ranked.prefix(max(0, Self.maximumLinks - count)) where best.citations > 0 {
      sections[best.section].chosen.insert(best.page)
    }
    // Without citations, each section gets more of its pages in turn.
    guard count < Self.maximumLinks else { return }
    let limit = Self.limit(of: candidates.map(\.count), total: Self.maximumLinks)
    for (section, pages) in candidates.enumerated() {
      for page in Self.best(pages, of: sections[section].pages, limit) where count < Self.maximumLinks {
        sections[section].chosen.insert(page)
      }
    }
  }

  /// The number of links for each section, so that there are at most `total` together.
  static func limit(of sizes: [Int], total: Int) -> Int {
    var limit = sizes.max() ?? 0
    while limit > 1, sizes.reduce(0, { $0 + min($1, limit) }) > total { limit -= 1 }
    return limit
  }

  /// The first pages, or the best ones if the pages are in alphabetical order.
  private static func best(_ positions: [Int], of pages: [Entry], _ limit: Int) -> [Int] {
    guard positions.count > limit else { return positions }
    guard areAlphabetical(positions.map { pages[$0].title }) else {
      // Pages in the navigation come before others.
      let shown = positions.filter { pages[$0].isShown ?? false }
      let others = positions.filter { !(pages[$0].isShown ?? false) }
      return (shown + others).prefix(limit).sorted()
    }
    let ranked = positions.sorted { a, b in
      let (first, second) = (pages[a], pages[b])
      if first.isHub != second.isHub { return first.isHub }
      let (left, right) = (first.citations ?? 0, second.citations ?? 0)
      if left != right { return left > right }
      return first.score == second.score ? a < b : first.score > second.score
    }
    return ranked.prefix(limit).sorted()
  }

  /// Whether the order of names is that of the alphabet, which says nothing about the pages.
  private static func areAlphabetical(_ names: [String]) -> Bool {
    let names = names.map { $0.lowercased() }
    return zip(names, names.dropFirst()).count { $0 <= $1 } * 10 >= (names.count - 1) * 8
  }

  /// Lists groups inside of sections page by page, those of the first level of all sections first, if they fit.
  private mutating func expandGroups() {
    var waiting = sections.indices.flatMap { index in sections[index].groups(in: []).map { (index, $0) } }
    while !waiting.isEmpty {
      var next: [(Int, [String])] = []
      for (index, path) in waiting {
        let section = sections[index]
        let pages = section.pages(of: path).filter { section.pages[$0].role != .alike && !section.pages[$0].isHub }
        let hubs = section.groups(in: path).compactMap(section.hub)
        let added = (pages + hubs).filter { !section.chosen.contains($0) }
        guard !added.isEmpty, count + added.count <= Self.maximumLinks else { continue }
        sections[index].chosen.formUnion(added)
        if added.count >= Self.sectionSize { sections[index].promoted.append((path.last!, added)) }
        next += section.groups(in: path).map { (index, $0) }
      }
      waiting = next
    }
  }

  /// Adds the best of the pages that are made from one template if there are few other pages.
  private mutating func addSimilarPages() {
    let missing = Self.minimumLinks - count
    guard missing > 0 else { return }
    var others: [[Int]] = []
    for section in sections {
      others.append(section.pages.indices.filter { !section.chosen.contains($0) && section.pages[$0].role == .alike })
    }
    let limit = Self.limit(of: others.map(\.count), total: missing)
    for index in sections.indices {
      sections[index].chosen.formUnion(Self.best(others[index], of: sections[index].pages, limit).prefix(limit))
    }
  }

  /// Removes pages that only lead to other pages if most of these are linked.
  private mutating func removeBareIndexes() {
    for index in sections.indices {
      let section = sections[index]
      for position in section.chosen where section.pages[position].role == .index {
        let path = section.pages[position].path
        let inside =
          section.pages(of: path).filter { $0 != position } + section.groups(in: path).compactMap(section.hub)
        if inside.count(where: section.chosen.contains) * 2 > inside.count { sections[index].chosen.remove(position) }
      }
    }
  }

  /// - Parameter counts: How many sections have each name.
  private mutating func finish(_ section: Section, _ counts: [String: Int]) {
    let promoted = Set(section.promoted.flatMap(\.pages))
    let main = section.chosen.subtracting(promoted).sorted()
    if !main.isEmpty { groups.append(Group(name: section.name, pages: main.map { section.pages[$0] })) }
    for (name, pages) in section.promoted {
      let chosen = pages.filter(section.chosen.contains)
      let name = counts[name]! > 1 ? "\(section.name): \(name)" : name
      if !chosen.isEmpty { groups.append(Group(name: name, pages: chosen.map { section.pages[$0] })) }
    }
    let left = section.pages.indices.count { !section.chosen.contains($0) && section.pages[$0].role != .index }
    if left > 0 { unlisted.append(.init(section: section.name, count: left)) }
  }
}

extension SiteReport.Entry {
  fileprivate var path: [String] { groups ?? [] }
  fileprivate var isHub: Bool { role == .hub || role == .index }
}
