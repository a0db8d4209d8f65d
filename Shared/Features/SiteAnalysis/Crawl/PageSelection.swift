import Synchronization
import Web

/// Keeps, of however many pages sitemaps list, those few that are worth considering: of each folder of the site the
/// shallow and
/// recent ones, of all folders alike; and so once more of the folders in those, and of the folders in these, for many a
/// site has
/// all that it has in one.
///
/// The choice does not depend on the order in which pages come, so files may be read at the same time.
final class PageSelection: Sendable {
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

  /// The pages of a folder. Twice as many are held as are kept, so that sorting them out is rare.
  private struct Section {
    var pages: [NormalizedURL: Page] = [:]
    /// What comes after it need not be looked at: the folder holds enough that is better.
    var worst: Rank?

    mutating func prune(to limit: Int) {
      guard pages.count > limit else { return }
      let kept = pages.values.sorted { $0.rank < $1.rank }.prefix(limit)
      worst = kept.last?.rank
      pages = Dictionary(uniqueKeysWithValues: kept.map { ($0.url, $0) })
    }
  }

  /// The folders of one depth.
  private struct Shelf {
    /// What is kept of all folders together, unless they are very many.
    let capacity: Int
    let minimumPerSection: Int
    var sections: [UInt64: Int] = [:]
    var contents: [Section] = []
    /// What came again.
    var repeated = 0
    /// The last in order of the folders that are told apart, where there are as many as may be.
    var last: Order?

    /// The folders that are told apart. Beyond them those count that the home page links to, then an arbitrary but
    /// constant choice.
    static let maximumSections = 250

    var limit: Int { max(minimumPerSection, capacity / max(1, sections.count)) }

    mutating func add(_ found: SitemapReader.Found, _ rank: Rank, in key: UInt64, _ preferred: Set<UInt64>) {
      guard let index = sections[key] ?? open(key, preferred) else { return }
      if let worst = contents[index].worst, worst < rank { return }
      if let earlier = contents[index].pages[found.url] {
        repeated += 1
        if earlier.rank < rank { return }
      }
      contents[index].pages[found.url] = Page(
        url: found.url, lastModified: found.lastModified, source: found.source, rank: rank)
      let limit = self.limit
      if contents[index].pages.count >= 2 * limit { contents[index].prune(to: limit) }
    }

    mutating func prune() {
      let limit = self.limit
      for index in contents.indices { contents[index].prune(to: limit) }
    }

    /// Makes room for a folder that is new, if it is one that is told apart.
    private mutating func open(_ key: UInt64, _ preferred: Set<UInt64>) -> Int? {
      let order = Order(isPreferred: preferred.contains(key), key: key)
      let index: Int
      if let last {
        guard order < last else { return nil }
        index = sections.removeValue(forKey: last.key)!
        contents[index] = Section()
      } else {
        index = contents.count
        contents.append(Section())
      }
      sections[key] = index
      if sections.count == Self.maximumSections {
        last = sections.keys.map { Order(isPreferred: preferred.contains($0), key: $0) }.max()
      }
      // Each has less room now; every folder is looked at when they have doubled, and in between when it grows.
      if last == nil, sections.count.nonzeroBitCount == 1 { prune() }
      return index
    }
  }

  private struct Order: Comparable {
    let isPreferred: Bool
    let key: UInt64

    static func < (a: Order, b: Order) -> Bool { a.isPreferred == b.isPreferred ? a.key < b.key : a.isPreferred }
  }

  private struct State {
    var shelves =
      [Shelf(capacity: 10_000, minimumPerSection: 40)]
      + (1..<FolderPath.maximumDepth).map { _ in Shelf(capacity: 4000, minimumPerSection: 16) }
    var total = 0
  }

  private let scope: Scope
  private let preferred: Set<UInt64>
  private let state = Mutex(State())

  /// - Parameter preferred: folders that the home page links into.
  init(_ scope: Scope, preferred: Set<UInt64>) {
    self.scope = scope
    self.preferred = preferred.union([FolderPath.top])
  }

  func add(_ found: SitemapReader.Found) {
    let place = scope.place(of: found.url)
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
      if place.count == 0 { state.shelves[0].add(found, rank, in: FolderPath.top, preferred) }
      for depth in 0..<place.count { state.shelves[depth].add(found, rank, in: place[depth], preferred) }
    }
  }

  /// What is kept, in the order of the files, and how many more there were.
  func result() -> (pages: [Page], left: Int) {
    state.withLock { state in
      var kept: [NormalizedURL: Page] = [:]
      for index in state.shelves.indices {
        state.shelves[index].prune()
        for section in state.shelves[index].contents { kept.merge(section.pages) { first, _ in first } }
      }
      let pages = kept.values.sorted { ($0.rank.request, $0.rank.position) < ($1.rank.request, $1.rank.position) }
      return (pages, max(0, state.total - state.shelves[0].repeated - pages.count))
    }
  }
}
