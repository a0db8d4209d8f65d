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
    var isTaken = false
  }

  private(set) var candidates: [Candidate] = []
  private var indexByIdentity: [NormalizedURL: Int] = [:]
  /// A bound on what is held of a site that links without end.
  private static let maximumCandidates = 50_000

  /// Adds a page, or what is newly known of it.
  mutating func add(_ url: NormalizedURL, clicks: Int?, listDepth: Int = 0, lastModified: String? = nil) {
    let identity = url.pageIdentity
    if let index = indexByIdentity[identity] {
      if let clicks, candidates[index].clicks.map({ clicks < $0 }) ?? true {
        candidates[index].clicks = clicks
        candidates[index].listDepth = listDepth
      }
      candidates[index].lastModified = candidates[index].lastModified ?? lastModified
    } else if candidates.count < Self.maximumCandidates {
      indexByIdentity[identity] = candidates.count
      candidates.append(
        Candidate(url: url, clicks: clicks, listDepth: listDepth, order: candidates.count, lastModified: lastModified))
    }
  }

  /// Marks a page as read already.
  mutating func markTaken(_ url: NormalizedURL) {
    if let index = indexByIdentity[url.pageIdentity] { candidates[index].isTaken = true }
  }

  /// How many pages wait that a page within `clicks` of the home page links to.
  func waiting(within clicks: Int) -> Int {
    candidates.count { !$0.isTaken && ($0.clicks ?? .max) <= clicks }
  }

  /// Takes up to `count` pages: spread over the site's folders by the square root of their sizes, and in each folder what
  /// the site puts nearest first.
  ///
  /// - Parameter clicks: only pages that are linked this near; nil for all.
  mutating func take(_ count: Int, within clicks: Int?) -> [Candidate] {
    var folders: [Substring: [Int]] = [:]
    var names: [Substring] = []
    for index in candidates.indices where !candidates[index].isTaken {
      if let clicks, (candidates[index].clicks ?? .max) > clicks { continue }
      let segments = candidates[index].url.segments
      let name = segments.count > 1 ? segments[0] : ""
      if folders[name] == nil { names.append(name) }
      folders[name, default: []].append(index)
    }
    var picked: [Int] = []
    // Each folder's turns come at equal steps of a clock that runs faster for larger folders.
    var turns: [(due: Double, folder: Int, step: Double, queue: ArraySlice<Int>)] = []
    for (position, name) in names.enumerated() {
      let queue = folders[name]!.sorted { Self.isNearer(candidates[$0], candidates[$1]) }
      let step = 1 / Double(queue.count).squareRoot()
      turns.append((step, position, step, queue[...]))
    }
    while picked.count < count, let next = turns.indices.min(by: { (turns[$0].due, turns[$0].folder) < (turns[$1].due, turns[$1].folder) }) {
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
    let (aDepth, bDepth) = (a.url.segments.count, b.url.segments.count)
    if a.clicks == nil, aDepth != bDepth { return aDepth < bDepth }
    if a.clicks == nil, let x = a.lastModified, let y = b.lastModified, x != y { return x > y }
    return a.order < b.order
  }
}
