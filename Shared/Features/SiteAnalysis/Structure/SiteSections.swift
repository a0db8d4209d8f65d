import Crawling
import LanguageModel
import Web

/// Divides the pages of a site into named sections.
///
/// A branch of the outline is a section. A branch with more than half of all pages is split into its own branches.
/// Pages outside of branches are grouped by folder, navigation group, heading, breadcrumb or kind, in that order; the
/// rest is in ``SiteReport/generalCategory``.
struct SiteSections {
  /// The section of each page as an index into ``names``.
  private(set) var sections: [Int]
  private(set) var names: [String] = []

  /// A branch with more than this share of all pages is split into its own branches.
  private static let largestShare = 0.5

  init(_ pages: [Page], _ outline: SiteOutline, _ links: SiteLinks, titles: [String], kinds: [PageKind]) {
    sections = Array(repeating: 0, count: pages.count)
    let sizes = outline.descendantCounts()
    var heads: [Int] = outline.children[0].filter { sizes[$0] > 0 }
    // If one branch holds most of the site, the sections are one level below it.
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
      // Section names must be unique; the text of the site's link usually differs.
      names.append(names.contains(name) ? outline.labels[head].map(Titles.clean) ?? name : name)
    }
    assignByFolder(pages, outline, sectionByHead, general)
    assignByLinkGroup(pages, outline, links, sectionByHead)
    inherit(outline, sectionByHead)
    assignByBreadcrumb(outline.order.filter { $0 != 0 && self.sections[$0] == 0 }, pages, general)
    assignByKind(kinds, outline)
    inherit(outline, sectionByHead)
    for section in names.indices where PromptInjection.isSuspected(in: names[section], by: .phrases) {
      names[section] = SiteReport.generalCategory
    }
  }

  /// Assigns pages without a section to the section of their parent.
  private mutating func inherit(_ outline: SiteOutline, _ heads: [Int: Int]) {
    for page in outline.order where page != 0 {
      if let own = heads[page] {
        sections[page] = own
      } else if sections[page] == 0, let parent = outline.parents[page] {
        sections[page] = sections[parent]
      }
    }
  }

  /// Assigns pages to the section with a name, which is added if it does not exist.
  private mutating func gather(_ pages: [Int], _ name: String) {
    let section: Int
    if let existing = names.dropFirst().firstIndex(of: name) {
      section = existing
    } else {
      section = names.count
      names.append(name)
    }
    for page in pages { sections[page] = section }
  }

  /// Makes a section of each group of links in the home page's navigation: a sidebar caption, a menu, a footer column.
  ///
  /// The headings of the home page also form sections if three or more of them have at least two links each.
  private mutating func assignByLinkGroup(
    _ pages: [Page], _ outline: SiteOutline, _ links: SiteLinks, _ heads: [Int: Int]
  ) {
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

  /// Returns a heading of the home page as the name of a section, or `nil` if it is the page's title or generic.
  private static func sectionName(_ heading: String?, on home: Page) -> String? {
    guard let name = heading.map(Titles.clean), name != home.heading, (2...48).contains(name.count) else { return nil }
    let lower = name.lowercased()
    return Descriptions.genericHeadings.contains(lower) || Descriptions.standardHeadings.contains(lower) ? nil : name
  }

  /// Makes a section of three or more unassigned pages with the same breadcrumb.
  private mutating func assignByBreadcrumb(_ unassigned: [Int], _ pages: [Page], _ general: Set<String>) {
    for (name, members) in Self.breadcrumbGroups(unassigned, pages, general) { gather(members, name) }
  }

  /// Groups pages by their first breadcrumb that is specific, and returns the groups of three or more pages.
  private static func breadcrumbGroups(_ candidates: [Int], _ pages: [Page], _ general: Set<String>) -> [(
    name: String, members: [Int]
  )] {
    let byBreadcrumb = Dictionary(grouping: candidates) { page in
      pages[page].breadcrumbs.first {
        !general.contains($0.lowercased()) && (2...40).contains($0.count) && $0 != pages[page].heading
      } ?? ""
    }
    return byBreadcrumb.filter { !$0.key.isEmpty && $0.value.count >= 3 }.map { ($0.key, $0.value) }.sorted {
      $0.members[0] < $1.members[0]
    }
  }

  /// Makes sections of pages of the same kind, if ten or more pages are still unassigned.
  private mutating func assignByKind(_ kinds: [PageKind], _ outline: SiteOutline) {
    let unassigned = outline.order.filter { $0 != 0 && sections[$0] == 0 }
    guard unassigned.count >= 10 else { return }
    for kind in PageKind.allCases {
      let members = unassigned.filter { kinds[$0] == kind }
      if let name = kind.sectionName, members.count >= 3 { gather(members, name) }
    }
  }

  /// Makes a section of each folder that has three or more pages and no page at its own URL.
  ///
  /// If the breadcrumbs of its pages name several groups, the groups become the sections instead. A folder with a
  /// meaningless name, or with other sections inside, is not a section.
  private mutating func assignByFolder(
    _ pages: [Page], _ outline: SiteOutline, _ heads: [Int: Int], _ general: Set<String>
  ) {
    let depth = pages[0].url.path.hasSuffix("/") ? pages[0].url.segments.count : max(0, pages[0].url.segments.count - 1)
    let unassigned = outline.order.filter { $0 != 0 && outline.parents[$0] == 0 && heads[$0] == nil }
    var folders = Folders(
      unassigned.filter { pages[$0].url.segments.count > depth + 1 }.map { ($0, pages[$0].url.segments) },
      depth: depth + 1)
    folders.split(over: Int(Self.largestShare * Double(pages.count)))
    for (folder, members) in folders.inOrder where members.count >= 3 {
      let containsSection = heads.keys.contains {
        pages[$0].url.segments.count > folder.count && pages[$0].url.segments.starts(with: folder)
      }
      let name = folder[folder.count - 1]
      guard !containsSection, !SiteLanguages.isCode(name) else { continue }
      let groups = Self.breadcrumbGroups(members, pages, general)
      if groups.count >= 2 || groups.count == 1 && Self.isOpaque(name) {
        for group in groups { gather(group.members, group.name) }
      } else if !Self.isOpaque(name) {
        for page in members { sections[page] = names.count }
        names.append(name.humanized)
      }
    }
  }

  /// Groups pages by folder.
  private struct Folders {
    private var pages: [(page: Int, segments: [Substring], length: Int)]

    /// - Parameter depth: The initial number of segments of a folder's path.
    init(_ pages: [(Int, [Substring])], depth: Int) { self.pages = pages.map { ($0, $1, depth) } }

    private func folder(_ index: Int) -> [Substring] { Array(pages[index].segments.prefix(pages[index].length)) }

    /// Splits folders of more than `size` pages into their subfolders, if two or more of these have three pages each,
    /// or if the folder is a language code.
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

    /// The folders and their pages in the order of their first pages.
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

  /// Whether a folder's name is meaningless to readers, such as `p`, `id`, `node` or a number.
  private static func isOpaque(_ name: Substring) -> Bool {
    name.count < 2 || !name.contains(where: \.isLetter)
      || [
        "id", "item", "items", "node", "nodes", "page", "pages", "content", "contents", "view", "show", "entry",
        "index.php", "detail",
      ].contains(name.lowercased())
  }

  /// Returns a short section name: the navigation label if it is shorter than the page's title, else the title.
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
