import Crawling
import Web

extension SiteTree {
  /// A part of a page's navigation: a sidebar or the menus of the header.
  struct NavigationBlock {
    struct Link {
      let depth: Int
      let groups: [String]
      let name: String
      let page: Int
    }

    let links: [Link]
    let pages: Set<Int>
    /// The page that contains the block.
    let page: Int

    init(_ links: [Link], on page: Int) {
      self.links = links
      self.page = page
      pages = Set(links.map(\.page)).subtracting([0])
    }
  }

  /// Adds the pages that the sidebars of all pages and the header of the home page link to.
  ///
  /// - Parameter index: The page with each identity.
  mutating func addNavigation(of pages: [Page], _ links: SiteLinks, _ index: [NormalizedURL: Int]) {
    var header = Self.header(of: pages, links, index)
    var clusters: [Cluster] = []
    for block in Self.sidebars(of: pages, links, index) {
      // Pages with different sidebars belong to different parts of the site, unless the sidebars have much in common.
      let similar = clusters.firstIndex {
        $0.pages.intersection(block.pages).count * 2 >= min($0.pages.count, block.pages.count)
      }
      if let similar {
        clusters[similar].pages.formUnion(block.pages)
        clusters[similar].blocks.append(block)
      } else {
        clusters.append(Cluster(pages: block.pages, blocks: [block]))
      }
    }
    // On some sites the main menu is outside of a header.
    if header.pages.isEmpty, clusters.count > 1, clusters[0].blocks[0].page == 0,
      clusters[0].pages.count <= Self.longestMenu
    {
      header = clusters.removeFirst().blocks[0]
    }
    let entries = clusters.map { Self.entry(of: $0, in: header, pages) }
    for position in clusters.indices.sorted(by: { (entries[$0] ?? .max, $0) < (entries[$1] ?? .max, $1) }) {
      // The link of the header that leads to the sidebar's pages names them.
      var top = Self.root
      if clusters.count > 1, let entry = entries[position] {
        top = group(header.links[entry].name, below: Self.root)
      }
      for block in clusters[position].blocks { add(block, below: top) }
    }
    add(header, below: Self.root)
  }

  /// Sidebars that list the same pages, or most of them.
  private struct Cluster {
    var pages: Set<Int>
    var blocks: [NavigationBlock]
  }

  /// Returns the first link of the header that leads to the pages of a sidebar, or to the folder of most of them.
  private static func entry(of cluster: Cluster, in header: NavigationBlock, _ pages: [Page]) -> Int? {
    if let entry = header.links.firstIndex(where: { cluster.pages.contains($0.page) }) { return entry }
    return header.links.firstIndex { link in
      let folder = pages[link.page].url.segments
      return !folder.isEmpty
        && cluster.pages.count { pages[$0].url.segments.starts(with: folder) } * 2 > cluster.pages.count
    }
  }

  /// Adds the links of a block: each below the group that it belongs to, or below the page in whose list it is nested.
  private mutating func add(_ block: NavigationBlock, below top: Int) {
    var open: [(depth: Int, groups: [String], node: Int)] = []
    for link in block.links {
      while let last = open.last {
        let new = link.groups.count - last.groups.count
        // The caption of a group is in the list outside of the group's list.
        let isInside =
          last.depth < link.depth && link.groups.starts(with: last.groups)
          && (new == 0 || last.depth < link.depth - new)
        if isInside { break }
        open.removeLast()
      }
      var parent = open.last?.node ?? top
      for name in link.groups.dropFirst(open.last?.groups.count ?? 0) { parent = group(name, below: parent) }
      if let node = nodeOfPage[link.page] {
        if node != Self.root { open.append((link.depth, link.groups, node)) }
      } else {
        open.append((link.depth, link.groups, add(link.page, named: link.name, below: parent)))
      }
    }
  }

  /// The most pages in a main menu.
  private static let longestMenu = 12
  /// The fewest pages of a sidebar.
  private static let smallestSidebar = 3
  /// A sidebar that only one page has is a list of related pages, unless it is at least as long as this.
  private static let longSidebar = 8
  /// The number of different sidebars that are read. A site with more has one for each page.
  private static let maximumSidebars = 400

  /// Returns the different sidebars of the pages in the order of the pages.
  private static func sidebars(
    of pages: [Page], _ links: SiteLinks, _ index: [NormalizedURL: Int]
  ) -> [NavigationBlock] {
    var counts: [Int: Int] = [:]
    var found: [(signature: Int, links: ArraySlice<Page.Link>, page: Int)] = []
    for (position, page) in pages.enumerated() {
      for run in runs(of: page) {
        // The same sidebar has other references on pages of other folders, but the same texts.
        var hasher = Hasher()
        for link in run where !link.hasFragment {
          hasher.combine(link.text)
          hasher.combine(link.listDepth)
        }
        let signature = hasher.finalize()
        counts[signature, default: 0] += 1
        if counts[signature] == 1, found.count < maximumSidebars { found.append((signature, run, position)) }
      }
    }
    return found.compactMap { signature, run, position in
      let block = block(run, of: pages, position, links, index)
      let isShared = counts[signature]! > 1 || pages.count <= 3
      return block.pages.count >= (isShared ? smallestSidebar : longSidebar) ? block : nil
    }
  }

  /// Returns the sequences of links in sidebars.
  private static func runs(of page: Page) -> [ArraySlice<Page.Link>] {
    var runs: [ArraySlice<Page.Link>] = []
    var start = page.links.startIndex
    while start < page.links.endIndex {
      let region = page.links[start].region
      let end = page.links[start...].firstIndex { $0.region != region } ?? page.links.endIndex
      if region == .navigation || region == .aside { runs.append(page.links[start..<end]) }
      start = end
    }
    return runs
  }

  /// Returns the menus of the home page's header.
  private static func header(of pages: [Page], _ links: SiteLinks, _ index: [NormalizedURL: Int]) -> NavigationBlock {
    block(pages[0].links.filter { $0.region == .header }[...], of: pages, 0, links, index)
  }

  private static func block(
    _ run: ArraySlice<Page.Link>, of pages: [Page], _ position: Int, _ links: SiteLinks, _ index: [NormalizedURL: Int]
  ) -> NavigationBlock {
    let found = run.compactMap { link -> NavigationBlock.Link? in
      guard !link.hasFragment, link.groups.last.map(isGroupName) ?? true,
        let target = links.target(of: link, on: pages[position]).flatMap({ index[$0] })
      else { return nil }
      return .init(
        depth: link.listDepth, groups: link.groups.map(Titles.clean), name: Titles.clean(link.text), page: target)
    }
    return NavigationBlock(found, on: position)
  }

  /// Whether a group of links is part of the site's structure, unlike lists of recent posts.
  private static func isGroupName(_ name: String) -> Bool {
    let words = name.lowercased()
    return ![
      "recent", "latest", "popular", "related", "archive", "tags", "see also", "you may", "trending", "new posts",
    ]
    .contains { words.hasPrefix($0) }
  }
}
