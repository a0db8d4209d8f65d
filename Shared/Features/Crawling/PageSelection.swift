import Synchronization
import Web

/// Selects a bounded number of the pages that sitemaps list: from each folder of the site the same number, the shallow and
/// recent pages first.
///
/// The selection is made for folders of three depths, because some sites have all their pages in one top folder. It does not
/// depend on the order in which pages arrive, so sitemaps may be read concurrently.
final class PageSelection: Sendable {
  struct Page: Sendable {
    let url: NormalizedURL
    let lastModified: String?
    /// The sitemap that lists it.
    let source: NormalizedURL
    fileprivate let rank: Rank
  }

  /// The order of pages in a folder; pages with lower ranks are kept.
  fileprivate struct Rank: Sendable, Comparable {
    /// The number of segments of the path.
    let depth: Int
    /// The negative day of the modification date, so that later dates are lower.
    let age: Int
    /// The number of the request for the sitemap, and the position in the sitemap.
    let request: Int
    let position: Int

    static func < (a: Rank, b: Rank) -> Bool {
      (a.depth, a.age, a.request, a.position) < (b.depth, b.age, b.request, b.position)
    }
  }

  /// The pages of a folder. Up to twice as many as needed are stored, so that pruning is rare.
  private struct Section {
    var pages: [NormalizedURL: Page] = [:]
    /// Pages with higher ranks are ignored, because the folder has enough better pages.
    var worst: Rank?

    mutating func prune(to limit: Int) {
      guard pages.count > limit else { return }
      let kept = pages.values.sorted { $0.rank < $1.rank }.prefix(limit)
      worst = kept.last?.rank
      pages = Dictionary(uniqueKeysWithValues: kept.map { ($0.url, $0) })
    }
  }

  /// The folders of one depth.
  private struct Level {
    /// The number of pages to keep of all folders together, unless there are very many folders.
    let capacity: Int
    let minimumPerSection: Int
    var sections: [UInt64: Int] = [:]
    var contents: [Section] = []
    /// The number of repeated pages.
    var repeated = 0
    /// The last of the folders in their order; nil until there are ``maximumSections``.
    var last: Order?

    /// The most folders. If there are more, those that the home page links to come first, then those with the lowest keys.
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

    /// Adds a folder, in place of the last one if there are too many.
    ///
    /// - Returns: its index; nil if the folder comes after the last one.
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
      // The limit per folder is lower now. All folders are pruned when their number has doubled.
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
    var levels =
      [Level(capacity: 10_000, minimumPerSection: 40)]
      + (1..<FolderPath.maximumDepth).map { _ in Level(capacity: 4000, minimumPerSection: 16) }
    var total = 0
  }

  private let scope: Scope
  private let preferred: Set<UInt64>
  private let state = Mutex(State())

  /// - Parameter preferred: the folders with pages that the home page links to.
  init(_ scope: Scope, preferred: Set<UInt64>) {
    self.scope = scope
    self.preferred = preferred.union([FolderPath.top])
  }

  func add(_ found: SitemapReader.Found) {
    let folders = scope.folders(of: found.url)
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
      if folders.count == 0 { state.levels[0].add(found, rank, in: FolderPath.top, preferred) }
      for depth in 0..<folders.count { state.levels[depth].add(found, rank, in: folders[depth], preferred) }
    }
  }

  /// The selected pages in the order of the sitemaps, and the number of the other pages.
  func result() -> (pages: [Page], left: Int) {
    state.withLock { state in
      var kept: [NormalizedURL: Page] = [:]
      for index in state.levels.indices {
        state.levels[index].prune()
        for section in state.levels[index].contents { kept.merge(section.pages) { first, _ in first } }
      }
      let pages = kept.values.sorted { ($0.rank.request, $0.rank.position) < ($1.rank.request, $1.rank.position) }
      return (pages, max(0, state.total - state.levels[0].repeated - pages.count))
    }
  }
}
