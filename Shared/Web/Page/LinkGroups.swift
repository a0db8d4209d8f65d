/// What the groups of links in a page's frame are called: the caption above a list of a sidebar, the button over a menu
/// that opens, the
/// heading of a footer's column.
///
/// Follows the nodes of a document in order.
struct LinkGroups {
  private let document: HTMLDocument
  /// The name of the group in hand.
  private(set) var name: String?
  /// Text since the last link or list that may name what follows.
  private var caption = ""
  /// Lists that are open, where they end, and what the group around each is called.
  private var outer: [(end: Int, name: String?)] = []
  private var region = Page.Link.Region.content
  private var linkEnd = 0

  /// A longer text is no name.
  private static let longestName = 40

  init(_ document: HTMLDocument) { self.document = document }

  mutating func enter(_ index: Int, _ region: Page.Link.Region) {
    while let last = outer.last, last.end <= index {
      name = last.name
      caption = ""
      outer.removeLast()
    }
    if region != self.region {
      (self.region, name, caption) = (region, nil, "")
      outer = []
    }
    guard region != .content else { return }
    let node = document.nodes[index]
    switch node.tag {
    case .ul, .ol:
      outer.append((Int(node.end), name))
      if let caption = usable(caption) { name = caption }
      caption = ""
    case .h1, .h2, .h3, .h4, .h5, .h6, .summary, .dt, .strong:
      // These name what follows even where no list says so.
      if index >= linkEnd, let heading = usable(document.text(of: index, limit: 200)), !holdsLink(index) {
        name = heading
      }
    case .a:
      linkEnd = Int(node.end)
      // A link to nowhere opens a menu.
      let opens =
        document.value(.href, of: index).map { $0.isEmpty || $0.hasPrefix("#") || $0.hasPrefix("javascript:") } ?? true
      caption = opens ? document.text(of: index, limit: 200) : ""
    case .text where index >= linkEnd:
      let text = String(decoding: document.textBytes(of: index), as: UTF8.self).folded
      if text.contains(where: \.isLetter) { caption = text }
    default: break
    }
  }

  private func holdsLink(_ index: Int) -> Bool {
    // Whatever holds more is no heading.
    (index..<min(index + 200, Int(document.nodes[index].end))).contains { document.nodes[$0].tag == .a }
  }

  private func usable(_ text: String) -> String? {
    let name = text.folded
    guard name.utf8.count >= 3, name.count <= Self.longestName, name.contains(where: \.isLetter),
      !Self.generic.contains(name.lowercased())
    else { return nil }
    return name
  }

  /// Names of the frame's parts, not of what they lead to.
  private static let generic: Set<String> = [
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
