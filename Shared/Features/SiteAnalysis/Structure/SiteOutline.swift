import Crawling
import Web

/// The tree of a site's pages below its home page, derived from URLs and from nested lists of links.
///
/// The parent of a page is the page at its folder's URL (`/tutorial/` for `/tutorial/classes.html`), or at the nearest
/// folder above that has a page. Within a folder, the nesting of links on the folder's page decides: a page that is
/// linked inside the entry of another page is a child of that page.
struct SiteOutline {
  /// The parent of each page by index. The home page has index 0 and no parent.
  private(set) var parents: [Int?]
  private(set) var levels: [Int]
  private(set) var children: [[Int]]
  /// The pages in reading order: each page before its children, and siblings in the order of their links.
  private(set) var order: [Int] = []
  /// The text of the link to each page on its parent's page, if that text is a name.
  private(set) var labels: [String?]
  /// The texts of the links that are listed below each page, including links to pages that were not crawled.
  private(set) var entries: [[String]]

  /// - Parameter pages: The pages of the site, beginning with the home page.
  init(_ pages: [Page], _ links: SiteLinks) {
    var index: [NormalizedURL: Int] = [:]
    for (position, page) in pages.enumerated() where index[page.url.pageIdentity] == nil {
      index[page.url.pageIdentity] = position
    }
    parents = Array(repeating: nil, count: pages.count)
    labels = Array(repeating: nil, count: pages.count)
    entries = Array(repeating: [], count: pages.count)
    levels = Array(repeating: 0, count: pages.count)
    children = Array(repeating: [], count: pages.count)

    var heads: [Int] = Array(repeating: 0, count: pages.count)
    for position in pages.indices.dropFirst() {
      heads[position] = Self.head(of: pages[position].url, index, pages[0].url) ?? 0
    }

    // Find the position of each page among the links of its folder's page, and the entry that contains it.
    var rank: [Int] = Array(repeating: Int.max, count: pages.count)
    for head in Set(heads).sorted() {
      var open: [(depth: Int, page: Int)] = []
      for (position, link) in pages[head].links.enumerated() {
        let isListed = link.listDepth > 0
        while let last = open.last, last.depth >= link.listDepth { open.removeLast() }
        guard let url = links.target(of: link, on: pages[head]), url.isSameSite(as: pages[0].url) else { continue }
        let target = index[url]
        // The link to a page that has a name is needed only for the names of entries.
        guard isListed || target.map({ labels[$0] == nil || rank[$0] == Int.max }) ?? false else { continue }
        let name = Titles.clean(link.text)
        if isListed, !link.hasFragment, Self.isName(name), target != head {
          // The link is a direct entry of the open page, or of the head itself.
          let owner = open.last?.page ?? head
          if owner != target, open.last.map({ link.listDepth == $0.depth + 1 }) ?? (link.region == .content),
            entries[owner].count < 40,
            !entries[owner].contains(name)
          {
            entries[owner].append(name)
          }
        }
        guard let target, target != head, target != 0 else { continue }
        if labels[target] == nil, !link.hasFragment, Self.isName(name) { labels[target] = name }
        guard heads[target] == head, link.region == .content || link.region == .navigation else { continue }
        if rank[target] == Int.max {
          rank[target] = position
          parents[target] = isListed ? open.last?.page ?? head : head
        }
        // A repeated link keeps the first parent, but it still opens a level in this list.
        if isListed { open.append((link.listDepth, target)) }
      }
    }
    for position in pages.indices.dropFirst() where parents[position] == nil { parents[position] = heads[position] }
    breakCycles()
    arrange(by: rank)
  }

  /// Fills the children of each page, the order and the levels.
  private mutating func arrange(by rank: [Int]) {
    for position in parents.indices.dropFirst() { children[parents[position]!].append(position) }
    for position in children.indices { children[position].sort { (rank[$0], $0) < (rank[$1], $1) } }
    var stack = [0]
    while let next = stack.popLast() {
      order.append(next)
      for child in children[next].reversed() {
        levels[child] = levels[next] + 1
        stack.append(child)
      }
    }
  }

  /// Moves pages that are their own ancestors below the home page.
  private mutating func breakCycles() {
    for position in parents.indices.dropFirst() {
      var ancestor = parents[position]
      var steps = 0
      while let current = ancestor, current != 0, steps <= parents.count {
        if current == position { break }
        ancestor = parents[current]
        steps += 1
      }
      if ancestor == position || steps > parents.count { parents[position] = 0 }
    }
  }

  /// Returns the page at the URL of the nearest folder above, or `nil` if no folder has a page.
  private static func head(of url: NormalizedURL, _ index: [NormalizedURL: Int], _ home: NormalizedURL) -> Int? {
    var segments = url.segments
    if !segments.isEmpty { segments.removeLast() }
    while true {
      let folder = "/" + segments.joined(separator: "/")
      for path in [folder + (segments.isEmpty ? "" : "/"), folder, folder + ".html"] {
        if let found = index[home.at(path: path).pageIdentity], path != url.path { return found }
      }
      if segments.isEmpty { return nil }
      segments.removeLast()
    }
  }

  /// Whether a link text names its target, unlike `read more` or `next`.
  private static func isName(_ text: String) -> Bool {
    guard (2...64).contains(text.count), text.contains(where: \.isLetter) else { return false }
    let generic: Set<String> = [
      "here", "read more", "learn more", "more", "next", "previous", "prev", "index", "start here", "home", "back",
      "up", "top", "details", "see more", "click here", "get started", "view all", "see all", "all", "link",
      "continue reading", "read", "view", "documentation",
    ]
    return !generic.contains(text.lowercased())
  }
}
