import Web

/// The sections of a site: the branches of its outline, split where one is the whole site, gathered where they are leaves.
struct SiteSections {
  /// The section of each page, by index into ``names``.
  private(set) var sections: [Int]
  private(set) var names: [String] = []

  /// A branch with more than this part of all pages is split into its own branches.
  private static let largestShare = 0.5

  init(_ pages: [Page], _ outline: SiteOutline, titles: [String]) {
    sections = Array(repeating: 0, count: pages.count)
    let sizes = outline.descendantCounts()
    var heads: [Int] = outline.children[0].filter { sizes[$0] > 0 }
    // A site in one folder, or with a cover page: its sections are one level down.
    while let position = heads.indices.max(by: { sizes[heads[$0]] < sizes[heads[$1]] }) {
      let head = heads[position]
      let branches = outline.children[head].filter { sizes[$0] > 0 }
      let isTooLarge = Double(sizes[head] + 1) > Self.largestShare * Double(pages.count) || heads.count == 1
      guard isTooLarge, branches.count >= 2 else { break }
      heads.replaceSubrange(position...position, with: branches)
    }
    names = [SiteReport.generalCategory]
    var sectionByHead: [Int: Int] = [:]
    for head in outline.order where heads.contains(head) {
      sectionByHead[head] = names.count
      names.append(Self.shortened(outline.labels[head], titles[head]))
    }
    nameFolders(pages, outline, sectionByHead)
    for page in outline.order where page != 0 {
      if let own = sectionByHead[page] { sections[page] = own; continue }
      if sections[page] == 0, let parent = outline.parents[page] { sections[page] = sections[parent] }
    }
  }

  /// Folders without a page of their own are sections too, where three pages or more lie in them.
  private mutating func nameFolders(_ pages: [Page], _ outline: SiteOutline, _ heads: [Int: Int]) {
    var folders: [Substring: [Int]] = [:]
    var seen: [Substring] = []
    let depth = pages[0].url.path.hasSuffix("/") ? pages[0].url.segments.count : max(0, pages[0].url.segments.count - 1)
    for page in outline.order where page != 0 && outline.parents[page] == 0 && heads[page] == nil {
      let segments = pages[page].url.segments
      guard segments.count > depth + 1 else { continue }
      if folders[segments[depth]] == nil { seen.append(segments[depth]) }
      folders[segments[depth], default: []].append(page)
    }
    for name in seen where folders[name]!.count >= 3 {
      for page in folders[name]! { sections[page] = names.count }
      names.append(Titles.humanized(name))
    }
  }

  /// A name of few words: the label in the navigation where it is shorter than the page's title.
  static func shortened(_ label: String?, _ title: String) -> String {
    var name = label.map(Titles.clean).map { $0.count < title.count ? $0 : title } ?? title
    for mark in [": ", " — ", " – ", " ("] where name.count > 24 {
      if let range = name.firstRange(of: mark), name.distance(from: name.startIndex, to: range.lowerBound) >= 6 {
        name = String(name[..<range.lowerBound])
      }
    }
    if name.count > 36, let range = name.firstRange(of: " and "), name.distance(from: name.startIndex, to: range.lowerBound) >= 10 {
      name = String(name[..<range.lowerBound])
    }
    if name.hasPrefix("The "), name.count > 12 { name = String(name.dropFirst(4)) }
    return name
  }
}
