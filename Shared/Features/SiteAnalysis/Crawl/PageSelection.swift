import Synchronization
import Web

/// Keeps, of however many pages sitemaps list, those few that are worth considering: of each section of the site the shallow and
/// recent ones, of all sections alike.
///
/// The choice does not depend on the order in which pages come, so files may be read at the same time.
final class PageSelection: Sendable {
  /// What is kept of all sections together, unless they are very many.
  private static let capacity = 10_000
  /// The sections that are told apart. Beyond them those count that the home page links to, then an arbitrary but constant choice.
  private static let maximumSections = 250
  private static let minimumPerSection = 40

  struct Page: Sendable {
    let url: NormalizedURL
    let lastModified: String?
    /// The file that lists it.
    let source: NormalizedURL
    fileprivate let rank: Rank
  }

  /// Which of two pages is rather kept: the lower.
  fileprivate struct Rank: Sendable, Comparable {
    /// Segments of the path.
    let depth: Int
    /// Days, turned so that later ones are lower.
    let age: Int
    /// Which request brought it, and where in the file it stands.
    let request: Int
    let position: Int

    static func < (a: Rank, b: Rank) -> Bool {
      (a.depth, a.age, a.request, a.position) < (b.depth, b.age, b.request, b.position)
    }
  }

  /// The pages of a section. Twice as many are held as are kept, so that sorting them out is rare.
  private struct Section {
    var pages: [NormalizedURL: Page] = [:]
    /// What comes after it need not be looked at: the section holds enough that is better.
    var worst: Rank?

    mutating func prune(to limit: Int) {
      guard pages.count > limit else { return }
      let kept = pages.values.sorted { $0.rank < $1.rank }.prefix(limit)
      worst = kept.last?.rank
      pages = Dictionary(uniqueKeysWithValues: kept.map { ($0.url, $0) })
    }
  }

  private struct State {
    var sections: [String: Int] = [:]
    var contents: [Section] = []
    var total = 0
    /// What came again.
    var repeated = 0
    /// The last in order of the sections that are told apart, where there are as many as may be.
    var lastSection: SectionOrder?

    mutating func prune() {
      let limit = self.limit
      for index in contents.indices { contents[index].prune(to: limit) }
    }

    var limit: Int { max(PageSelection.minimumPerSection, PageSelection.capacity / max(1, sections.count)) }
  }

  private struct SectionOrder: Comparable {
    let isPreferred: Bool
    let hash: UInt64
    let name: String

    static func < (a: SectionOrder, b: SectionOrder) -> Bool {
      if a.isPreferred != b.isPreferred { return a.isPreferred }
      return (a.hash, a.name) < (b.hash, b.name)
    }
  }

  private let scope: Scope
  private let preferred: Set<String>
  private let state = Mutex(State())

  /// - Parameter preferred: sections that the home page links to.
  init(_ scope: Scope, preferred: Set<String>) {
    self.scope = scope
    self.preferred = preferred
  }

  func add(_ found: SitemapReader.Found) {
    let name = scope.section(of: found.url)
    let day = found.lastModified.map(SitemapDate.day) ?? 0
    var depth = 0
    var previous = UInt8(ascii: "/")
    for byte in found.url.path.utf8 {
      if previous == UInt8(ascii: "/"), byte != previous { depth += 1 }
      previous = byte
    }
    let rank = Rank(depth: depth, age: -day, request: found.request, position: found.position)
    state.withLock { state in
      state.total += 1
      guard let index = state.sections[name] ?? open(name, &state) else { return }
      if let worst = state.contents[index].worst, worst < rank { return }
      if let earlier = state.contents[index].pages[found.url] {
        state.repeated += 1
        if earlier.rank < rank { return }
      }
      state.contents[index].pages[found.url] = Page(url: found.url, lastModified: found.lastModified, source: found.source, rank: rank)
      let limit = state.limit
      if state.contents[index].pages.count >= 2 * limit { state.contents[index].prune(to: limit) }
    }
  }

  /// What is kept, in the order of the files, and how many more there were.
  func result() -> (pages: [Page], left: Int) {
    state.withLock { state in
      state.prune()
      let pages = state.contents.flatMap(\.pages.values)
        .sorted { ($0.rank.request, $0.rank.position) < ($1.rank.request, $1.rank.position) }
      return (pages, state.total - state.repeated - pages.count)
    }
  }

  /// Makes room for a section that is new, if it is one that is told apart.
  private func open(_ name: String, _ state: inout State) -> Int? {
    let order = self.order(name)
    let index: Int
    if let last = state.lastSection {
      guard order < last else { return nil }
      index = state.sections.removeValue(forKey: last.name)!
      state.contents[index] = Section()
    } else {
      index = state.contents.count
      state.contents.append(Section())
    }
    state.sections[name] = index
    if state.sections.count == Self.maximumSections { state.lastSection = state.sections.keys.map(self.order).max() }
    // Each has less room now; every section is looked at when they have doubled, and in between when it grows.
    if state.lastSection == nil, state.sections.count.nonzeroBitCount == 1 { state.prune() }
    return index
  }

  private func order(_ name: String) -> SectionOrder {
    // FNV-1a: the same in every process, as Swift's own hashes are not.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return SectionOrder(isPreferred: name.isEmpty || preferred.contains(name), hash: hash, name: name)
  }
}
