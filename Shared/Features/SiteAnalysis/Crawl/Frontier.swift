import Web

/// The pages that are known of, and the choice of those that are read next.
///
/// Two things make a page known: a link, which says how near to the front page the site itself puts it, and a sitemap,
/// which only says that it exists. Links decide first.
struct Frontier {
  struct Candidate {
    let url: NormalizedURL
    /// Clicks from the home page; nil for what only a sitemap names.
    var clicks: Int?
    /// How deep the link stood in nested lists.
    var listDepth: Int
    /// When it became known, among all.
    let order: Int
    var lastModified: String?
    /// Of its path's segments, how many there are.
    let depth: Int
    let place: FolderPath
    /// The section of the site that it lies in, as the site was divided when pages were last taken.
    var section = FolderPath.top
    /// Whether it is an index or a page of a list. They lead to everything in no order that means anything: they come
    /// last.
    let isSystem: Bool
    /// When it was changed, as ``SitemapDate`` tells days.
    var day: Int { lastModified.map(SitemapDate.day) ?? 0 }
    var isTaken = false
  }

  /// Clicks that stand for far away.
  static let farClicks = 50

  private let scope: Scope

  /// - Parameter scope: over whose sections pages are spread.
  init(_ scope: Scope) { self.scope = scope }

  private(set) var candidates: [Candidate] = []
  private var division = SectionDivision()
  private var indexByIdentity: [NormalizedURL: Int] = [:]
  /// A bound on what is held of a site that links without end.
  private static let maximumCandidates = 50_000

  /// Adds a page, or what is newly known of it.
  mutating func add(_ url: NormalizedURL, clicks: Int?, listDepth: Int = 0, lastModified: String? = nil) {
    insert(url, clicks, listDepth, lastModified, isRefused: false)
  }

  private mutating func insert(
    _ url: NormalizedURL, _ clicks: Int?, _ listDepth: Int, _ lastModified: String?, isRefused: Bool
  ) {
    let identity = url.pageIdentity
    if let index = indexByIdentity[identity] {
      let clicks = clicks.map { candidates[index].isSystem ? Self.farClicks : $0 }
      if let clicks, candidates[index].clicks.map({ clicks < $0 }) ?? true {
        candidates[index].clicks = clicks
        candidates[index].listDepth = listDepth
      }
      candidates[index].lastModified = candidates[index].lastModified ?? lastModified
    } else if candidates.count < Self.maximumCandidates {
      indexByIdentity[identity] = candidates.count
      // What lists a manual's modules is worth reading where something near names it.
      let isSystem = PageKind.isSystem(url) && !PageKind.isModuleIndex(url)
      let place = scope.place(of: url)
      if !isRefused { division.count(place) }
      candidates.append(
        Candidate(
          url: url, clicks: clicks.map { isSystem ? Self.farClicks : $0 }, listDepth: listDepth,
          order: candidates.count, lastModified: lastModified, depth: url.segments.count,
          place: place, isSystem: isSystem))
    }
  }

  /// Makes a page known that will not be read.
  ///
  /// - Returns: whether it was unknown.
  mutating func refuse(_ url: NormalizedURL) -> Bool {
    guard indexByIdentity[url.pageIdentity] == nil, candidates.count < Self.maximumCandidates else { return false }
    insert(url, nil, 0, nil, isRefused: true)
    markTaken(url)
    return true
  }

  /// Gives up a section of the site.
  mutating func abandon(_ section: UInt64) {
    for index in candidates.indices where candidates[index].section == section { candidates[index].isTaken = true }
  }

  /// Marks a page as read already.
  mutating func markTaken(_ url: NormalizedURL) {
    if let index = indexByIdentity[url.pageIdentity] { candidates[index].isTaken = true }
  }

  /// The folders, and the folders in those, that pages are known in.
  var folders: Set<UInt64> {
    var folders: Set = [FolderPath.top]
    for candidate in candidates { for depth in 0..<candidate.place.count { folders.insert(candidate.place[depth]) } }
    return folders
  }

  /// How many pages wait that a page within `clicks` of the home page links to.
  func waiting(within clicks: Int) -> Int {
    candidates.count { !$0.isTaken && ($0.clicks ?? .max) <= clicks }
  }

  /// Takes up to `count` pages: spread over the site's sections by the square root of their sizes, and in each what
  /// the site puts nearest first.
  ///
  /// - Parameter clicks: only pages that are linked this near; nil for all.
  mutating func take(_ count: Int, within clicks: Int?) -> [Candidate] {
    var sections: [UInt64: [Int]] = [:]
    var names: [UInt64] = []
    let base = division.base
    for index in candidates.indices {
      let name = SectionDivision.section(of: candidates[index].place, base)
      candidates[index].section = name
      if candidates[index].isTaken { continue }
      if let clicks, (candidates[index].clicks ?? .max) > clicks { continue }
      if sections[name] == nil { names.append(name) }
      sections[name, default: []].append(index)
    }
    var picked: [Int] = []
    // Each section's turns come at equal steps of a clock that runs faster for larger ones.
    var turns: [(due: Double, section: Int, step: Double, queue: ArraySlice<Int>)] = []
    for (position, name) in names.enumerated() {
      let queue = sections[name]!.sorted { Self.isNearer(candidates[$0], candidates[$1]) }
      let step = 1 / Double(queue.count).squareRoot()
      turns.append((step, position, step, queue[...]))
    }
    while picked.count < count,
      let next = turns.indices.min(by: { (turns[$0].due, turns[$0].section) < (turns[$1].due, turns[$1].section) })
    {
      picked.append(turns[next].queue.removeFirst())
      turns[next].due += turns[next].step
      if turns[next].queue.isEmpty { turns.remove(at: next) }
    }
    for index in picked { candidates[index].isTaken = true }
    return picked.sorted().map { candidates[$0] }
  }

  private static func isNearer(_ a: Candidate, _ b: Candidate) -> Bool {
    let (aClicks, bClicks) = (a.clicks ?? 99, b.clicks ?? 99)
    if aClicks != bClicks { return aClicks < bClicks }
    if a.listDepth != b.listDepth { return a.listDepth < b.listDepth }
    if a.clicks == nil, a.depth != b.depth { return a.depth < b.depth }
    if a.clicks == nil, a.day != b.day { return a.day > b.day }
    return a.order < b.order
  }
}
