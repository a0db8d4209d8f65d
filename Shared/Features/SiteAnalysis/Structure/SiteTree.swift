import Crawling
import Web

/// The author's structure of a site: one tree of named groups and pages, used for sections, order and scores.
///
/// The navigation decides first: sidebars of all pages, then the menus of the header, with the names of their groups.
/// Pages outside of it follow from breadcrumbs, folders, tables of contents and links.
struct SiteTree {
  /// A group of links, a page, or a page with others below it.
  struct Node {
    /// The text of the link or the caption of the group.
    var name: String
    /// The page, as an index into the pages of the site; `nil` for a group without a page.
    var page: Int?
    var parent: Int
    var children: [Int] = []
    /// Whether a sidebar or menu leads to the page.
    let isInNavigation: Bool
  }

  /// The nodes. The first one is the home page and the root of the tree.
  private(set) var nodes: [Node]
  /// The node of each page, or `nil` for a page that is not yet in the tree.
  private(set) var nodeOfPage: [Int?]
  private struct GroupKey: Hashable {
    let parent: Int
    let name: String
  }
  private var groups: [GroupKey: Int] = [:]

  static let root = 0

  init(pageCount: Int) {
    nodes = [Node(name: "", page: 0, parent: 0, isInNavigation: true)]
    nodeOfPage = Array(repeating: nil, count: pageCount)
    nodeOfPage[0] = Self.root
  }

  // MARK: Building

  /// Returns the group with a name below a node, which is added if it does not exist.
  mutating func group(_ name: String, below parent: Int, isInNavigation: Bool = true) -> Int {
    let key = GroupKey(parent: parent, name: name)
    if let existing = groups[key] { return existing }
    groups[key] = nodes.count
    return append(Node(name: name, page: nil, parent: parent, isInNavigation: isInNavigation))
  }

  /// Adds a page below a node.
  @discardableResult mutating func add(
    _ page: Int, named name: String, below parent: Int, isInNavigation: Bool = true
  ) -> Int {
    nodeOfPage[page] = nodes.count
    return append(Node(name: name, page: page, parent: parent, isInNavigation: isInNavigation))
  }

  private mutating func append(_ node: Node) -> Int {
    nodes[node.parent].children.append(nodes.count)
    nodes.append(node)
    return nodes.count - 1
  }

  /// Removes groups without pages, and replaces a group that contains only one group or one page by it.
  mutating func simplify() {
    for node in nodes.indices.reversed() where node != Self.root && nodes[node].page == nil {
      let parent = nodes[node].parent
      guard let position = nodes[parent].children.firstIndex(of: node) else { continue }
      if nodes[node].children.isEmpty {
        nodes[parent].children.remove(at: position)
      } else if nodes[node].children.count == 1 {
        let only = nodes[node].children[0]
        if nodes[only].page == nil {
          nodes[node].children = nodes[only].children
          for child in nodes[node].children { nodes[child].parent = node }
        } else if nodes[only].children.isEmpty, parent != Self.root {
          nodes[parent].children[position] = only
          nodes[only].parent = parent
        }
      }
    }
  }

  // MARK: Reading

  /// The number of pages in the tree.
  var pageCount: Int { nodeOfPage.count { $0 != nil } }

  func hasChildren(_ node: Int) -> Bool { !nodes[node].children.isEmpty }

  /// Returns the pages of a node and below it, in order.
  func pages(of node: Int) -> [Int] {
    var pages: [Int] = []
    visit(node) { if let page = nodes[$0].page { pages.append(page) } }
    return pages
  }

  /// Calls a function with each node from `node` down, parents before children.
  func visit(_ node: Int, _ body: (Int) -> Void) {
    var stack = [node]
    while let next = stack.popLast() {
      body(next)
      stack += nodes[next].children.reversed()
    }
  }

  /// Returns the pages above a page: those that contain it, from the nearest to the home page.
  func pagesAbove(_ page: Int) -> [Int] {
    guard var node = nodeOfPage[page] else { return [] }
    var above: [Int] = []
    while node != Self.root {
      node = nodes[node].parent
      if let page = nodes[node].page { above.append(page) }
    }
    return above
  }

  /// Returns the page that introduces a group: its own page, or one of the first two that is named like the group, is
  /// called an overview, or is the index of the folder with the others.
  func indexPage(of node: Int, _ pages: [Page]) -> Int? {
    guard node != Self.root else { return nil }
    if let own = nodes[node].page { return own }
    let name = nodes[node].name.lowercased()
    var all: [Int]?
    for child in nodes[node].children.prefix(2) where !hasChildren(child) {
      guard let page = nodes[child].page else { continue }
      if [name, "overview"].contains(nodes[child].name.lowercased()) { return page }
      var folder = pages[page].url.segments
      if let last = folder.last, Self.indexNames.contains(PageAddress.stem(last)) { folder.removeLast() }
      guard !folder.isEmpty else { continue }
      let others = (all ?? self.pages(of: node)).filter { $0 != page }
      all = others + [page]
      let below = others.count {
        pages[$0].url.segments.count > folder.count && pages[$0].url.segments.starts(with: folder)
      }
      if others.count >= 2, below * 2 >= others.count { return page }
    }
    return nil
  }

  private static let indexNames: Set<String> = ["index", "overview", "readme", "introduction", "default", "home"]
}
