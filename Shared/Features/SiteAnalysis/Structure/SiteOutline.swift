import Web

/// The tree that a site's pages form below its home page, as the site itself shows it.
///
/// A page belongs to the page at its folder's own address (`/tutorial/` for `/tutorial/classes.html`), or the nearest
/// folder above that has one. Among the pages of a folder, the nesting of the links on the folder's page decides: what
/// stands in a list inside another entry belongs to that entry.
struct SiteOutline {
  /// By index of the page; the home page, index 0, has none.
  private(set) var parents: [Int?]
  private(set) var levels: [Int]
  private(set) var children: [[Int]]
  /// The pages in reading order: each before what lies under it, siblings as the site links to them.
  private(set) var order: [Int] = []
  /// How the page that leads to it calls each page, where that is a name.
  private(set) var labels: [String?]
  /// What the site lists below each page, read or not, by the names of the links.
  private(set) var entries: [[String]]

  /// - Parameter pages: the home page first.
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

    // Where a page stands among the links of its head, and inside of which other entry.
    var rank: [Int] = Array(repeating: Int.max, count: pages.count)
    for head in Set(heads).sorted() {
      var open: [(depth: Int, page: Int)] = []
      for (position, link) in pages[head].links.enumerated() {
        let isListed = link.listDepth > 0
        while let last = open.last, last.depth >= link.listDepth { open.removeLast() }
        guard let url = links.target(of: link, on: pages[head]), url.isSameSite(as: pages[0].url) else { continue }
        let name = Titles.clean(link.text)
        let target = index[url]
        if isListed, !link.hasFragment, Self.isName(name), target != head {
          // A direct entry of what is open, or of the head itself.
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
        // A later mention of a page does not make it the parent of what follows there, but keeps the place in the list.
        if isListed { open.append((link.listDepth, target)) }
      }
    }
    for position in pages.indices.dropFirst() where parents[position] == nil { parents[position] = heads[position] }
    breakCycles()
    for position in pages.indices.dropFirst() { children[parents[position]!].append(position) }
    for position in pages.indices { children[position].sort { (rank[$0], $0) < (rank[$1], $1) } }
    var stack = [0]
    while let next = stack.popLast() {
      order.append(next)
      for child in children[next].reversed() {
        levels[child] = levels[next] + 1
        stack.append(child)
      }
    }
  }

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

  /// The page that stands for the nearest folder above.
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

  private static func isName(_ text: String) -> Bool {
    guard (2...64).contains(text.count), text.contains(where: \.isLetter) else { return false }
    let generic: Set<String> = [
      "here", "read more", "learn more", "more", "next", "previous", "prev", "index", "start here", "home", "back",
      "up", "top", "details",
      "see more", "click here", "get started", "view all", "see all", "all", "link", "continue reading", "read", "view",
      "documentation",
    ]
    return !generic.contains(text.lowercased())
  }

  /// How many pages lie under one, itself not counted.
  func descendantCounts() -> [Int] {
    var counts = Array(repeating: 0, count: parents.count)
    for page in order.reversed() { if let parent = parents[page] { counts[parent] += counts[page] + 1 } }
    return counts
  }
}
