import Web

/// The sections of a site: the branches of its outline, split where one is the whole site, gathered where they are
/// leaves.
struct SiteSections {
  /// The section of each page, by index into ``names``.
  private(set) var sections: [Int]
  private(set) var names: [String] = []

  /// A branch with more than this part of all pages is split into its own branches.
  private static let largestShare = 0.5

  init(_ pages: [Page], _ outline: SiteOutline, _ links: SiteLinks, titles: [String], kinds: [PageKind]) {
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
    let general: Set<String> = [
      "home", "start", "index", pages[0].heading?.lowercased() ?? "", pages[0].siteName?.lowercased() ?? "",
    ]
    var sectionByHead: [Int: Int] = [:]
    for head in outline.order where heads.contains(head) {
      sectionByHead[head] = names.count
      let name = Self.shortened(outline.labels[head], titles[head])
      // Two of one name would be one to readers; the site's own links tell them apart, as a rule.
      names.append(names.contains(name) ? outline.labels[head].map(Titles.clean) ?? name : name)
    }
    nameFolders(pages, outline, sectionByHead, general)
    nameGroups(pages, outline, links, sectionByHead)
    inherit(outline, sectionByHead)
    nameTrails(outline.order.filter { $0 != 0 && self.sections[$0] == 0 }, pages, general)
    nameKinds(kinds, outline)
    inherit(outline, sectionByHead)
    for section in names.indices where Commands.occur(in: names[section]) {
      names[section] = SiteReport.generalCategory
    }
  }

  private mutating func inherit(_ outline: SiteOutline, _ heads: [Int: Int]) {
    for page in outline.order where page != 0 {
      if let own = heads[page] {
        sections[page] = own
      } else if sections[page] == 0, let parent = outline.parents[page] {
        sections[page] = sections[parent]
      }
    }
  }

  /// Puts pages of no section into one of this name.
  private mutating func gather(_ pages: [Int], _ name: String) {
    let section: Int
    if let known = names.dropFirst().firstIndex(of: name) {
      section = known
    } else {
      section = names.count
      names.append(name)
    }
    for page in pages { sections[page] = section }
  }

  /// What the home page's navigation puts under one name is a section: the caption of a sidebar, a menu, a footer's
  /// column.
  ///
  /// And so is what it puts under a heading of its own, where it has three such headings or more.
  private mutating func nameGroups(_ pages: [Page], _ outline: SiteOutline, _ links: SiteLinks, _ heads: [Int: Int]) {
    var index: [NormalizedURL: Int] = [:]
    for page in outline.order where page != 0 && sections[page] == 0 && heads[page] == nil && outline.parents[page] == 0
    {
      index[pages[page].url.pageIdentity] = page
    }
    let home = pages[0]
    for regions in [[Page.Link.Region.navigation, .header], [.aside, .footer], [.content]] {
      let isContent = regions == [.content]
      var members: [String: [Int]] = [:]
      var order: [String] = []
      for link in home.links where regions.contains(link.region) {
        let name = isContent ? Self.sectionName(link.heading, on: home) : link.group
        guard let name, let page = links.target(of: link, on: home).flatMap({ index[$0] }) else { continue }
        index[pages[page].url.pageIdentity] = nil
        if members[name] == nil { order.append(name) }
        members[name, default: []].append(page)
      }
      let named = order.filter { members[$0]!.count >= 2 }
      for group in order {
        if named.contains(group), !isContent || named.count >= 3 {
          gather(members[group]!, group)
        } else {
          for page in members[group]! { index[pages[page].url.pageIdentity] = page }
        }
      }
    }
  }

  /// A heading of the home page as a section's name; nil where it is its own, or names nothing.
  private static func sectionName(_ heading: String?, on home: Page) -> String? {
    guard let name = heading.map(Titles.clean), name != home.heading, (2...48).contains(name.count) else { return nil }
    let lower = name.lowercased()
    return Descriptions.empty.contains(lower) || Descriptions.parts.contains(lower) ? nil : name
  }

  /// Pages of no section that lead the reader down by the same trail are one, where they are three or more.
  private mutating func nameTrails(_ loose: [Int], _ pages: [Page], _ general: Set<String>) {
    for (name, members) in Self.trails(loose, pages, general) { gather(members, name) }
  }

  private static func trails(_ loose: [Int], _ pages: [Page], _ general: Set<String>) -> [(
    name: String, members: [Int]
  )] {
    let byTrail = Dictionary(grouping: loose) { page in
      pages[page].breadcrumbs.first {
        !general.contains($0.lowercased()) && (2...40).contains($0.count) && $0 != pages[page].heading
      } ?? ""
    }
    return byTrail.filter { !$0.key.isEmpty && $0.value.count >= 3 }.map { ($0.key, $0.value) }.sorted {
      $0.members[0] < $1.members[0]
    }
  }

  /// Of a site that shows no order, what pages are for is the order: where ten or more belong to no section.
  private mutating func nameKinds(_ kinds: [PageKind], _ outline: SiteOutline) {
    let loose = outline.order.filter { $0 != 0 && sections[$0] == 0 }
    guard loose.count >= 10 else { return }
    for kind in PageKind.allCases {
      let members = loose.filter { kinds[$0] == kind }
      if let name = kind.sectionName, members.count >= 3 { gather(members, name) }
    }
  }

  /// Folders without a page of their own are sections too, where three pages or more lie in them.
  ///
  /// Where the pages themselves say by their trails that a folder holds several kinds of things, those are the
  /// sections; and a folder
  /// whose name says nothing, or that holds other sections, is none.
  private mutating func nameFolders(
    _ pages: [Page], _ outline: SiteOutline, _ heads: [Int: Int], _ general: Set<String>
  ) {
    let depth = pages[0].url.path.hasSuffix("/") ? pages[0].url.segments.count : max(0, pages[0].url.segments.count - 1)
    let loose = outline.order.filter { $0 != 0 && outline.parents[$0] == 0 && heads[$0] == nil }
    var folders = Folders(
      loose.filter { pages[$0].url.segments.count > depth + 1 }.map { ($0, pages[$0].url.segments) }, depth: depth + 1)
    folders.split(over: Int(Self.largestShare * Double(pages.count)))
    for (folder, members) in folders.inOrder where members.count >= 3 {
      let holdsSection = heads.keys.contains {
        pages[$0].url.segments.count > folder.count && pages[$0].url.segments.starts(with: folder)
      }
      let name = folder[folder.count - 1]
      guard !holdsSection, !SiteLanguages.isCode(name) else { continue }
      let trails = Self.trails(members, pages, general)
      if trails.count >= 2 || trails.count == 1 && Self.isOpaque(name) {
        for trail in trails { gather(trail.members, trail.name) }
      } else if !Self.isOpaque(name) {
        for page in members { sections[page] = names.count }
        names.append(Titles.humanized(name))
      }
    }
  }

  /// Pages by the folder that they lie in.
  private struct Folders {
    private var pages: [(page: Int, segments: [Substring], length: Int)]

    /// - Parameter depth: segments of a folder's path.
    init(_ pages: [(Int, [Substring])], depth: Int) { self.pages = pages.map { ($0, $1, depth) } }

    private func folder(_ index: Int) -> [Substring] { Array(pages[index].segments.prefix(pages[index].length)) }

    /// Parts each folder of more than `size` pages into those below it, where there are several, or where it is only a
    /// language's.
    mutating func split(over size: Int) {
      for _ in 0..<8 {
        let all = Dictionary(grouping: pages.indices) { folder($0) }
        guard let (name, members) = all.max(by: { ($0.value.count, $1.value[0]) < ($1.value.count, $0.value[0]) }),
          members.count > size
        else { return }
        let deeper = members.filter { pages[$0].segments.count > name.count + 1 }
        let below = Dictionary(grouping: deeper) { pages[$0].segments[name.count] }
        guard
          below.values.count(where: { $0.count >= 3 }) >= 2
            || SiteLanguages.isCode(name[name.count - 1]) && !deeper.isEmpty
        else { return }
        for index in deeper { pages[index].length += 1 }
      }
    }

    /// In the order of their first pages.
    var inOrder: [([Substring], [Int])] {
      var order: [[Substring]] = []
      var members: [[Substring]: [Int]] = [:]
      for index in pages.indices {
        let folder = folder(index)
        if members[folder] == nil { order.append(folder) }
        members[folder, default: []].append(pages[index].page)
      }
      return order.map { ($0, members[$0]!) }
    }
  }

  /// Whether a folder's name is a program's rather than a reader's: `p`, `id`, `node`, a number.
  private static func isOpaque(_ name: Substring) -> Bool {
    name.count < 2 || !name.contains(where: \.isLetter)
      || [
        "id", "item", "items", "node", "nodes", "page", "pages", "content", "contents", "view", "show", "entry",
        "index.php", "detail",
      ].contains(name.lowercased())
  }

  /// A name of few words: the label in the navigation where it is shorter than the page's title.
  static func shortened(_ label: String?, _ title: String) -> String {
    var name = label.map(Titles.clean).map { $0.count < title.count ? $0 : title } ?? title
    for mark in [": ", " — ", " – ", " ("] where name.count > 24 {
      if let range = name.firstRange(of: mark), name.distance(from: name.startIndex, to: range.lowerBound) >= 6 {
        name = String(name[..<range.lowerBound])
      }
    }
    if name.count > 36, let range = name.firstRange(of: " and "),
      name.distance(from: name.startIndex, to: range.lowerBound) >= 10
    {
      name = String(name[..<range.lowerBound])
    }
    while name.hasSuffix(",") { name.removeLast() }
    if name.hasPrefix("The "), name.count > 12 { name = String(name.dropFirst(4)) }
    return name
  }
}
