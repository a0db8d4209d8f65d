/// Finds the names of link groups outside the main content: the caption above a list in a sidebar, the button of a
/// dropdown menu, the heading of a footer column.
///
/// Call ``enter(_:_:)`` for each node in document order.
struct LinkGroups {
  private let document: HTMLDocument
  /// The name of the current group.
  private(set) var name: String?
  /// The text since the last link or list; a possible name of the next group.
  private var caption = ""
  /// The open lists: the node at which each ends, and the name of the group around it.
  private var openLists: [(end: Int, name: String?)] = []
  private var region = Page.Link.Region.content
  private var linkEnd = 0

  /// A longer text is not a group name.
  private static let maximumNameLength = 40

  init(_ document: HTMLDocument) { self.document = document }

  mutating func enter(_ index: Int, _ region: Page.Link.Region) {
    while let last = openLists.last, last.end <= index {
      name = last.name
      caption = ""
      openLists.removeLast()
    }
    if region != self.region {
      (self.region, name, caption) = (region, nil, "")
      openLists = []
    }
    guard region != .content else { return }
    let node = document.nodes[index]
    switch node.tag {
    case .ul, .ol:
      openLists.append((Int(node.end), name))
      if let caption = groupName(caption) { name = caption }
      caption = ""
    case .h1, .h2, .h3, .h4, .h5, .h6, .summary, .dt, .strong:
      // These elements name the following links even without a list.
      if index >= linkEnd, let heading = groupName(document.text(of: index, limit: 200)), !containsLink(index) {
        name = heading
      }
    case .a:
      linkEnd = Int(node.end)
      // A link without a target is the button of a menu.
      let opensMenu =
        document.value(.href, of: index).map { $0.isEmpty || $0.hasPrefix("#") || $0.hasPrefix("javascript:") } ?? true
      caption = opensMenu ? document.text(of: index, limit: 200) : ""
    case .text where index >= linkEnd:
      let text = String(decoding: document.textBytes(of: index), as: UTF8.self).folded
      if text.contains(where: \.isLetter) { caption = text }
    default: break
    }
  }

  private func containsLink(_ index: Int) -> Bool {
    // An element with more nodes is not a heading.
    (index..<min(index + 200, Int(document.nodes[index].end))).contains { document.nodes[$0].tag == .a }
  }

  private func groupName(_ text: String) -> String? {
    let name = text.folded
    guard name.utf8.count >= 3, name.count <= Self.maximumNameLength, name.contains(where: \.isLetter),
      !Self.genericNames.contains(name.lowercased())
    else { return nil }
    return name
  }

  /// Names that describe a part of the layout rather than the linked pages.
  private static let genericNames: Set<String> = [
    "menu", "main menu", "navigation", "main navigation", "site navigation", "toggle navigation", "toggle menu",
    "open menu", "close menu", "close",
    "search", "table of contents", "contents", "on this page", "skip to content", "skip to main content", "language",
    "languages", "theme", "links",
    "quick links", "quick search", "this page", "follow us", "social", "connect", "footer", "header", "sidebar", "more",
    "explore", "site map",
    "sitemap", "home", "previous topic", "next topic", "related", "breadcrumb", "breadcrumbs", "you are here",
    "version", "versions", "topics",
  ]
}
