import Crawling
import Web

/// Groups pages that no navigation, breadcrumb or table of contents assigns to a part of the site.
///
/// The evidence, in this order: folders, groups of links on the home page and its headings, breadcrumbs, kinds. Pages
/// without any of them are in no group.
struct LooseGroups {
  struct Group {
    let name: String
    var pages: [Int]
  }

  let pages: [Page]
  let links: SiteLinks
  let kinds: [PageKind]
  /// The names of the home page, which do not name groups.
  private let general: Set<String>

  init(_ pages: [Page], _ links: SiteLinks, kinds: [PageKind]) {
    self.pages = pages
    self.links = links
    self.kinds = kinds
    general = [
      "home", "start", "index", pages[0].heading?.lowercased() ?? "", pages[0].siteName?.lowercased() ?? "",
    ]
  }

  /// Groups pages.
  ///
  /// - Parameter loose: The pages in reading order.
  func groups(of loose: [Int]) -> [Group] {
    var groups: [Group] = []
    func add(_ found: [Group]) {
      for group in found {
        if let existing = groups.firstIndex(where: { $0.name == group.name }) {
          groups[existing].pages += group.pages
        } else {
          groups.append(group)
        }
      }
    }
    func rest() -> [Int] {
      let grouped = Set(groups.flatMap(\.pages))
      return loose.filter { !grouped.contains($0) }
    }
    add(byFolder(loose))
    for regions in [[Page.Link.Region.navigation, .header], [.aside, .footer], [.content]] {
      add(byLinkGroup(rest(), regions))
    }
    add(byBreadcrumb(rest()))
    add(byKind(rest()))
    return groups
  }

  /// Groups pages by the link groups of the home page: a sidebar caption, a menu, a footer column.
  ///
  /// The headings of the home page also form groups if three or more of them have at least two links each.
  private func byLinkGroup(_ loose: [Int], _ regions: [Page.Link.Region]) -> [Group] {
    var index = Dictionary(loose.map { (pages[$0].url.pageIdentity, $0) }) { first, _ in first }
    let isContent = regions == [.content]
    var groups: [Group] = []
    for link in pages[0].links where regions.contains(link.region) {
      let name = isContent ? Self.sectionName(link.heading, on: pages[0]) : link.groups.last
      guard let name, let url = links.target(of: link, on: pages[0]), let page = index.removeValue(forKey: url) else {
        continue
      }
      if let existing = groups.firstIndex(where: { $0.name == name }) {
        groups[existing].pages.append(page)
      } else {
        groups.append(Group(name: name, pages: [page]))
      }
    }
    groups.removeAll { $0.pages.count < 2 }
    return isContent && groups.count < 3 ? [] : groups
  }

  /// Returns a heading of the home page as the name of a section, or `nil` if it is the page's title or generic.
  private static func sectionName(_ heading: String?, on home: Page) -> String? {
    guard let name = heading.map(Titles.clean), name != home.heading, (2...48).contains(name.count) else { return nil }
    let lower = name.lowercased()
    return Descriptions.genericHeadings.contains(lower) || Descriptions.standardHeadings.contains(lower) ? nil : name
  }

  /// Groups pages by their first breadcrumb that is specific, and returns the groups of three or more pages.
  private func byBreadcrumb(_ loose: [Int]) -> [Group] {
    let groups = Dictionary(grouping: loose) { page in
      pages[page].breadcrumbs.first {
        !general.contains($0.lowercased()) && (2...40).contains($0.count) && $0 != pages[page].heading
      } ?? ""
    }
    return groups.filter { !$0.key.isEmpty && $0.value.count >= 3 }.map { Group(name: $0.key, pages: $0.value) }.sorted
    {
      $0.pages[0] < $1.pages[0]
    }
  }

  /// Groups ten or more pages by kind.
  private func byKind(_ loose: [Int]) -> [Group] {
    guard loose.count >= 10 else { return [] }
    return PageKind.allCases.compactMap { kind in
      let members = loose.filter { kinds[$0] == kind }
      guard let name = kind.sectionName, members.count >= 3 else { return nil }
      return Group(name: name, pages: members)
    }
  }

  /// A folder with more than this share of all pages is split into its subfolders.
  private static let largestShare = 0.5

  /// Makes a group of each folder with three or more pages.
  ///
  /// If the breadcrumbs of its pages name several groups, these are used instead. A folder with a meaningless name is
  /// not a group.
  private func byFolder(_ loose: [Int]) -> [Group] {
    let home = pages[0].url
    let depth = home.path.hasSuffix("/") ? home.segments.count : max(0, home.segments.count - 1)
    var folders = Folders(
      loose.filter { pages[$0].url.segments.count > depth + 1 }.map { ($0, pages[$0].url.segments) }, depth: depth + 1)
    folders.split(over: Int(Self.largestShare * Double(pages.count)))
    var found: [Group] = []
    for (folder, members) in folders.inOrder where members.count >= 3 {
      let name = folder[folder.count - 1]
      guard !SiteLanguages.isCode(name) else { continue }
      let groups = byBreadcrumb(members)
      if groups.count >= 2 || groups.count == 1 && Self.isOpaque(name) {
        found += groups
      } else if !Self.isOpaque(name) {
        found.append(Group(name: name.humanized, pages: members))
      }
    }
    return found
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
        "index.php", "detail", "product-category", "produkt-kategorie", "categorie-produit", "category", "kategorie",
        "categorie", "collections", "blogs",
      ].contains(name.lowercased())
  }
}
