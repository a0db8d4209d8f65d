import Web

/// The known pages of a site, and the choice of the pages to fetch next.
///
/// Pages become known through links and sitemaps. A link says how near the page is to the home page; a sitemap only says that
/// the page exists. Linked pages come first.
struct Frontier {
  struct Candidate {
    let url: NormalizedURL
    /// Clicks from the home page; nil if only a sitemap names the page.
    var clicks: Int?
    /// The depth of nested lists around the link.
    var listDepth: Int
    /// The number of candidates that became known earlier.
    let order: Int
    var lastModified: String?
    /// The number of segments of its path.
    let depth: Int
    let folders: FolderPath
    /// The section of the site, as of the last call of ``take(_:within:)``.
    var section = FolderPath.top
    /// Whether it is an index or a page of a list, or one of many release notes. These come last.
    let isSystem: Bool
    /// The modification date, as ``SitemapDate/day(_:)`` counts days.
    var day: Int { lastModified.map(SitemapDate.day) ?? 0 }
    var isTaken = false
  }

  /// The clicks of pages that come last.
  static let farClicks = 50

  /// Further release notes come last.
  private static let maximumReleaseNotes = 5

  private let scope: Scope
  private var releaseNotes = 0

  /// - Parameter scope: the folders of the site are relative to its folder.
  init(_ scope: Scope) { self.scope = scope }

  private(set) var candidates: [Candidate] = []
  private var division = SectionDivision()
  private var indexByIdentity: [NormalizedURL: Int] = [:]
  /// Limits the memory for sites with endless links.
  private static let maximumCandidates = 50_000

  /// Adds a page, or updates it if the new link is nearer.
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
      // The index of a manual's modules is as near as the pages that link to it. A few release notes are enough.
      let isRelease = PageAddress.isReleaseNote(url)
      if isRelease, !isRefused { releaseNotes += 1 }
      let isSystem =
        PageAddress.isSystem(url) && !PageAddress.isModuleIndex(url)
        || isRelease && releaseNotes > Self.maximumReleaseNotes
      let folders = scope.folders(of: url)
      if !isRefused { division.count(folders) }
      candidates.append(
        Candidate(
          url: url, clicks: clicks.map { isSystem ? Self.farClicks : $0 }, listDepth: listDepth,
          order: candidates.count, lastModified: lastModified, depth: url.segments.count,
          folders: folders, isSystem: isSystem))
    }
  }

  /// Adds a page that will not be fetched.
  ///
  /// - Returns: whether the page was unknown before.
  mutating func refuse(_ url: NormalizedURL) -> Bool {
    guard indexByIdentity[url.pageIdentity] == nil, candidates.count < Self.maximumCandidates else { return false }
    insert(url, nil, 0, nil, isRefused: true)
    markTaken(url)
    return true
  }

  func isKnown(_ url: NormalizedURL) -> Bool { indexByIdentity[url.pageIdentity] != nil }

  /// Marks all pages of a section as taken.
  mutating func abandon(_ section: UInt64) {
    for index in candidates.indices where candidates[index].section == section { candidates[index].isTaken = true }
  }

  /// Marks a page as taken, so that it is not fetched.
  mutating func markTaken(_ url: NormalizedURL) {
    if let index = indexByIdentity[url.pageIdentity] { candidates[index].isTaken = true }
  }

  /// The folders of all known pages.
  var folders: Set<UInt64> {
    var folders: Set = [FolderPath.top]
    for candidate in candidates {
      for depth in 0..<candidate.folders.count { folders.insert(candidate.folders[depth]) }
    }
    return folders
  }

  /// The number of pages to fetch within a number of clicks from the home page.
  func waiting(within clicks: Int) -> Int {
    candidates.count { !$0.isTaken && ($0.clicks ?? .max) <= clicks }
  }

  /// Takes up to `count` pages. The sections of the site get shares by the square roots of their sizes; the nearest pages of
  /// each section come first.
  ///
  /// - Parameter clicks: the most clicks from the home page; nil for no limit.
  mutating func take(_ count: Int, within clicks: Int?) -> [Candidate] {
    var sections: [UInt64: [Int]] = [:]
    var names: [UInt64] = []
    let base = division.base
    for index in candidates.indices {
      let name = SectionDivision.section(of: candidates[index].folders, base)
      candidates[index].section = name
      if candidates[index].isTaken { continue }
      if let clicks, (candidates[index].clicks ?? .max) > clicks { continue }
      if sections[name] == nil { names.append(name) }
      sections[name, default: []].append(index)
    }
    var picked: [Int] = []
    // Each section has a next turn on a common clock; the step between its turns is smaller for larger sections.
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
