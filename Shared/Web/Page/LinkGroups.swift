/// Finds the names of link groups outside the main content: the captions above lists in a sidebar, the button of a
/// dropdown menu, the heading of a footer column.
///
/// Groups can be nested, so each link has a path of names. Call ``enter(_:_:)`` for each node in document order.
struct LinkGroups {
  /// A list, or the part of a region that is outside of lists.
  private struct Frame {
    /// The node at which the list ends.
    let end: Int
    /// The names that apply in the list, each with the level of its heading; a list's caption has level 0.
    var names: [(level: Int, name: String)] = []
  }

  private let document: HTMLDocument
  private var frames = [Frame(end: .max)]
  /// The text since the last link or list; a possible name of the next group.
  private var caption = ""
  private var region = Page.Link.Region.content
  private var linkEnd = 0

  /// A longer text is not a group name.
  private static let maximumNameLength = 40
  /// The level of names that are not in heading elements. They are below all headings.
  private static let levelOfOthers = 7

  init(_ document: HTMLDocument) { self.document = document }

  /// The names of the groups around the current node, from the outermost to the innermost.
  var names: [String] {
    var names: [String] = []
    // Many lists repeat the name of the list or heading around them.
    for frame in frames { for (_, name) in frame.names where name != names.last { names.append(name) } }
    return names
  }

  mutating func enter(_ index: Int, _ region: Page.Link.Region) {
    while let last = frames.last, last.end <= index {
      caption = ""
      frames.removeLast()
    }
    if region != self.region {
      self.region = region
      caption = ""
      frames = [Frame(end: .max)]
    }
    guard region != .content else { return }
    let node = document.nodes[index]
    switch node.tag {
    case .ul, .ol:
      frames.append(Frame(end: Int(node.end), names: groupName(caption).map { [(0, $0)] } ?? []))
      caption = ""
    case .h1, .h2, .h3, .h4, .h5, .h6, .summary, .dt, .strong:
      // These elements name the following links even without a list.
      if index >= linkEnd, let heading = groupName(document.text(of: index, limit: 200)), !containsLink(index) {
        let level = node.tag.headingLevel ?? Self.levelOfOthers
        frames[frames.count - 1].names.removeAll { $0.level >= level }
        frames[frames.count - 1].names.append((level, heading))
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
