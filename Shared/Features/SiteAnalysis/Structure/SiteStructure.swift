import Crawling
import Web

/// The structure of a site: its pages with names, kinds and labels, in one tree that is divided into sections.
struct SiteStructure {
  let pages: [Page]
  let titles: Titles
  /// The name of each page.
  let names: [String]
  let kinds: [PageKind]
  let type: SiteType
  let tree: SiteTree
  let sections: [SiteSections.Section]
  private let outline: SiteOutline
  private let links: SiteLinks
  private let isShop: Bool
  /// The number of pages that link to each page in their content, for pages in alphabetical lists.
  private let citations: [Int: Int]
  /// The role of each page that introduces others, and of pages that are made from one template.
  private let roles: [Int: SiteReport.Entry.Role]

  /// - Parameters:
  ///   - pages: The pages, beginning with the home page.
  ///   - moved: The redirects that the crawler found.
  init(_ pages: [Page], moved: [NormalizedURL: NormalizedURL] = [:]) {
    self.pages = pages
    links = SiteLinks(home: pages[0].url, moved: moved)
    let index = Dictionary(pages.indices.map { (pages[$0].url.pageIdentity, $0) }) { first, _ in first }
    var tree = SiteTree(pageCount: pages.count)
    tree.addNavigation(of: pages, links, index)
    titles = Titles(pages)
    let labels = Titles.labels(in: pages, links)
    names = pages.map { [titles] page in titles.name(of: page, label: labels[page.url.pageIdentity]) }
    isShop = SiteClassifier.isShop(pages)
    let isManual = SiteClassifier.isManual(pages, inNavigation: tree.pageCount)
    kinds = Self.kinds(pages, names, tree, inShop: isShop, inManual: isManual)
    type = SiteClassifier.type(of: pages, kinds: kinds, isShop: isShop, isManual: isManual)
    outline = SiteOutline(pages, links)
    tree.addOthers(pages, outline, links, LooseGroups(pages, links, kinds: kinds), inShop: isShop)
    tree.simplify()
    self.tree = tree
    sections = SiteSections(tree, pages, titles: names).sections
    roles = Self.roles(tree, pages, names, links, inShop: isShop)
    citations = Self.citations(sections, pages, names, links)
  }

  /// The pages in reading order.
  var order: [Int] { sections.flatMap(\.members).map(\.page) }

  /// Returns the names of the pages below a page, including pages that were not crawled.
  func entries(below page: Int) -> [String] {
    let listed = outline.entries[page]
    guard listed.isEmpty, let node = tree.nodeOfPage[page] else { return listed }
    let container = tree.hasChildren(node) ? node : tree.nodes[node].parent
    guard page != 0, tree.indexPage(of: container, pages) == page else { return listed }
    return tree.nodes[container].children.filter { $0 != node }.compactMap { child in
      tree.nodes[child].page.map { names[$0] } ?? tree.nodes[child].name
    }
  }

  // MARK: Entries

  /// A page with fewer words and without a description is optional.
  private static let fewWords = 12

  /// Returns the report's entry of a page.
  func entry(
    _ member: SiteSections.Member, of section: String, description: String?, lastModified: String?
  ) -> SiteReport.Entry {
    let (page, kind) = (pages[member.page], kinds[member.page])
    let above = tree.pagesAbove(member.page)
    let level = above.count
    let role = roles[member.page]
    let below = role == .hub || role == .index ? entries(below: member.page).count : 0
    // A system page, such as a list of tags, does not count as a hub.
    let children = kind == .system ? 0 : max(below, outline.children[member.page].count)
    let score = PageScore(page, kind: kind, level: level, children: children, inShop: isShop)
    let isThin =
      kind != .system && (1..<Self.fewWords).contains(page.words) && page.description == nil && children < 3
    // The kind of the home page says nothing about the other pages.
    let kinds = [kind] + above.dropLast().map { self.kinds[$0] }
    let isOptional =
      isThin || kinds.contains { $0.isOptional(onSiteOf: type) }
      || ([section] + member.groups).contains { PageKind(ofGroup: $0)?.isOptional(onSiteOf: type) ?? false }
    let isShown = tree.nodeOfPage[member.page].map { tree.nodes[$0].isInNavigation } ?? false
    return SiteReport.Entry(
      url: page.url, title: names[member.page], description: description, category: section, score: score.value,
      parts: score.named, scoredBy: .heuristics, optional: isOptional && member.page != 0, language: page.language,
      words: page.words, lastModified: lastModified, level: level,
      isShown: isShown && kind != .system && page.words + children > 0 ? true : nil,
      isStart: kind == .start ? true : nil, markdownURL: page.hasMarkdown == true ? page.markdownURL : nil,
      groups: member.groups.isEmpty ? nil : member.groups, role: role, citations: citations[member.page])
  }

  // MARK: Kinds and roles

  /// The number of pages with the same version in their titles from which the version is part of the site's name.
  private static let sharedVersions = 3

  /// Classifies the pages.
  ///
  /// Three or more pages with the same title and heading, to which no navigation leads, count as system pages, because
  /// a reader cannot choose among them.
  private static func kinds(
    _ pages: [Page], _ names: [String], _ tree: SiteTree, inShop: Bool, inManual: Bool
  ) -> [PageKind] {
    var counts: [[String?]: Int] = [:]
    var versions: [Substring: Int] = [:]
    var folders: [String: Int] = [:]
    for (page, name) in zip(pages, names) {
      counts[[page.title, page.heading], default: 0] += 1
      for version in Set(PageKind.versions(in: name)) { versions[version, default: 0] += 1 }
      folders[page.url.folder, default: 0] += 1
    }
    let common = Set(versions.filter { $0.value >= sharedVersions }.keys).union(PageKind.versions(in: names[0]))
    return pages.indices.map { index in
      let page = pages[index]
      if index == 0 { return .start }
      let isOneOfMany = page.title != nil && page.heading != nil && counts[[page.title, page.heading]]! >= 3
      if isOneOfMany, tree.nodeOfPage[index] == nil { return .system }
      return PageKind(
        page, title: names[index], inShop: inShop, inManual: inManual,
        context: .init(
          versions: common, siblings: folders[page.url.folder]! - 1, isInNavigation: tree.nodeOfPage[index] != nil))
    }
  }

  private static func roles(
    _ tree: SiteTree, _ pages: [Page], _ names: [String], _ links: SiteLinks, inShop: Bool
  ) -> [Int: SiteReport.Entry.Role] {
    // The home page is worth reading if it is not only a list.
    let targets = Set(pages.dropFirst().map(\.url.pageIdentity))
    let isHomeBare = pages[0].linkDensity > 50 || HubPage.isBare(pages[0], introducing: targets, links)
    var roles: [Int: SiteReport.Entry.Role] = [0: isHomeBare ? .index : .hub]
    let descriptions = Dictionary(pages.compactMap(\.description).map { ($0, 1) }, uniquingKeysWith: +)
    /// The branches that have a page that introduces them, or are inside of such a branch.
    var introduced: Set<Int> = []
    tree.visit(SiteTree.root) { node in
      guard node != SiteTree.root, tree.hasChildren(node) else { return }
      let index = tree.indexPage(of: node, pages)
      if let index {
        let others = Set(tree.pages(of: node).filter { $0 != index }.map { pages[$0].url.pageIdentity })
        let isDescribed = pages[index].description.map { descriptions[$0] == 1 } ?? false
        let isBare = HubPage.isBare(pages[index], introducing: others, links, isDescribed: isDescribed)
        // The categories of a shop are worth listing even if they only list products.
        roles[index] = isBare && !inShop ? .index : .hub
      }
      if index != nil || introduced.contains(tree.nodes[node].parent) { introduced.insert(node) }
      guard introduced.contains(node) else { return }
      let leaves = Self.leaves(of: node, tree).filter { $0 != index }
      // Groups inside of a group, such as products by category, are compared as a whole.
      let inner = tree.nodes[node].children.filter(tree.hasChildren)
      let cousins = inner.count >= 3 ? inner.flatMap { Self.leaves(of: $0, tree) } : []
      for members in [leaves, cousins] {
        if SimilarPages.areSimilar(members.map { pages[$0] }, names: members.map { names[$0] }) {
          for member in members where roles[member] == nil { roles[member] = .alike }
        }
      }
    }
    return roles
  }

  /// Lists with more pages may have to be cut.
  private static let longList = 12

  /// Counts the pages that link to each page of long alphabetical lists, because their order says nothing.
  private static func citations(
    _ sections: [SiteSections.Section], _ pages: [Page], _ names: [String], _ links: SiteLinks
  ) -> [Int: Int] {
    var counted: [NormalizedURL: Int] = [:]
    for section in sections {
      for (_, members) in Dictionary(grouping: section.members, by: \.container)
      where members.count > longList && SimilarPages.areAlphabetical(members.map { names[$0.page] }) {
        for member in members { counted[pages[member.page].url.pageIdentity] = member.page }
      }
    }
    guard !counted.isEmpty else { return [:] }
    var citations: [Int: Int] = [:]
    // The home page lists all pages alike.
    for (position, page) in pages.enumerated().dropFirst() {
      var seen: Set<Int> = []
      for link in page.links where link.region == .content {
        guard let cited = links.target(of: link, on: page).flatMap({ counted[$0] }), cited != position,
          seen.insert(cited).inserted
        else { continue }
        citations[cited, default: 0] += 1
      }
    }
    return citations
  }

  /// Returns the pages directly below a node that have no pages below them.
  private static func leaves(of node: Int, _ tree: SiteTree) -> [Int] {
    tree.nodes[node].children.filter { !tree.hasChildren($0) }.compactMap { tree.nodes[$0].page }
  }
}
