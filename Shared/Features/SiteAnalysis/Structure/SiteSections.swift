import Crawling
import LanguageModel
import Web

/// The named sections of a site: the parts of its tree that a reader sees first.
///
/// A part that is nearly the whole site, or a menu called "Learn more", is opened: its parts become sections.
/// Pages outside of all parts form the section ``SiteReport/generalCategory``, which is the first one.
struct SiteSections {
  /// A page of a section.
  struct Member {
    let page: Int
    /// The names of the groups between the section and the page. A page that introduces a group is in this group.
    let groups: [String]
    /// The tree's node of the innermost group, or of the section.
    let container: Int
  }

  struct Section {
    let name: String
    /// The pages in reading order.
    let members: [Member]
  }

  private(set) var sections: [Section] = []

  /// A branch of the tree, or only the pages directly below a node that was opened.
  private enum Part: Equatable {
    case branch(Int)
    case leaves(of: Int)
  }

  /// Parts are not opened if this gives more sections.
  private static let maximumSections = 12
  /// A part with more than this share of all pages is opened, because it is nearly the whole site.
  private static let largestShare = 0.6
  /// The largest site whose parts are not opened, except for a part that is the only one or only has groups.
  private static let largestSection = 60

  private let tree: SiteTree
  private let pages: [Page]
  private let titles: [String]
  /// How many branches have each name.
  private let nameCounts: [String: Int]

  init(_ tree: SiteTree, _ pages: [Page], titles: [String]) {
    self.tree = tree
    self.pages = pages
    self.titles = titles
    let branches = tree.nodes.indices.filter { $0 != SiteTree.root && tree.hasChildren($0) }
    nameCounts = Dictionary(branches.map { (Self.name(of: $0, tree, titles), 1) }, uniquingKeysWith: +)

    var parts = self.branches(below: SiteTree.root).map(Part.branch)
    var general = leaves(below: SiteTree.root)
    while let position = parts.indices.first(where: { isOpened(parts[$0], of: parts.count) }) {
      guard case .branch(let opened) = parts[position] else { break }
      let index = tree.indexPage(of: opened, pages).flatMap { tree.nodeOfPage[$0] }
      let leaves = leaves(below: opened).filter { $0 != index }
      if leaves.isEmpty, let index { general.append(index) }
      parts.replaceSubrange(
        position...position,
        with: (leaves.isEmpty ? [] : [.leaves(of: opened)]) + self.branches(below: opened).map(Part.branch))
    }
    sections = [
      Section(
        name: SiteReport.generalCategory,
        members: [Member(page: 0, groups: [], container: SiteTree.root)]
          + general.compactMap { node in
            tree.nodes[node].page.map { Member(page: $0, groups: [], container: SiteTree.root) }
          })
    ]
    for part in parts { sections.append(section(part)) }
  }

  private func branches(below node: Int) -> [Int] { tree.nodes[node].children.filter(tree.hasChildren) }

  private func leaves(below node: Int) -> [Int] {
    tree.nodes[node].children.filter { !tree.hasChildren($0) && tree.nodes[$0].page != nil }
  }

  private func isOpened(_ part: Part, of count: Int) -> Bool {
    guard case .branch(let node) = part else { return false }
    let inner = branches(below: node)
    guard inner.count >= 2, count - 1 + inner.count <= Self.maximumSections,
      inner.allSatisfy({ nameCounts[groupName($0)] == 1 }), !Self.isReference(groupName(node))
    else { return false }
    let index = tree.indexPage(of: node, pages)
    let onlyGroups = leaves(below: node).allSatisfy { tree.nodes[$0].page == index }
    let isLarge = Double(tree.pages(of: node).count) > Self.largestShare * Double(pages.count)
    return onlyGroups && (isLarge || Self.genericNames.contains(groupName(node).lowercased()))
      || isLarge && (count == 1 || pages.count > Self.largestSection)
  }

  /// The names of menus that say nothing about their pages.
  private static let genericNames: Set<String> = [
    "more", "learn more", "explore", "discover", "others", "other", "resources", "documentation", "docs", "all",
    "mehr", "weiteres", "plus", "en savoir plus", "más", "altro",
  ]

  /// Whether a part is a reference. Its parts, such as modules, have no names of sections.
  private static func isReference(_ name: String) -> Bool {
    name.lowercased().split { !$0.isLetter }.contains {
      ["reference", "api", "apis", "modules", "packages"].contains($0)
    }
  }

  private func section(_ part: Part) -> Section {
    var members: [Member] = []
    switch part {
    case .leaves(let node):
      if let own = tree.nodes[node].page { members.append(Member(page: own, groups: [], container: node)) }
      for leaf in leaves(below: node) {
        members.append(Member(page: tree.nodes[leaf].page!, groups: [], container: node))
      }
      return Section(name: name(node), members: members)
    case .branch(let node):
      collect(node, [], into: &members)
      return Section(name: name(node), members: members)
    }
  }

  private func collect(_ node: Int, _ groups: [String], into members: inout [Member]) {
    if let own = tree.nodes[node].page { members.append(Member(page: own, groups: groups, container: node)) }
    for child in tree.nodes[node].children {
      if tree.hasChildren(child) {
        collect(child, groups + [groupName(child)], into: &members)
      } else if let page = tree.nodes[child].page {
        members.append(Member(page: page, groups: groups, container: node))
      }
    }
  }

  private func groupName(_ node: Int) -> String { Self.name(of: node, tree, titles) }

  private static func name(of node: Int, _ tree: SiteTree, _ titles: [String]) -> String {
    let name = tree.nodes[node].name
    return name.isEmpty ? tree.nodes[node].page.map { titles[$0] } ?? "" : name
  }

  private func name(_ node: Int) -> String {
    let label = groupName(node)
    var name = Self.shortened(label, tree.nodes[node].page.map { titles[$0] } ?? label)
    // Section names must be unique; the text of the site's link usually differs.
    if sections.contains(where: { $0.name == name }) { name = label }
    if sections.contains(where: { $0.name == name }), tree.nodes[node].parent != SiteTree.root {
      name = "\(groupName(tree.nodes[node].parent)): \(name)"
    }
    return PromptInjection.isSuspected(in: name, by: .phrases) ? SiteReport.generalCategory : name
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
