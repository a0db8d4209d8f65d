import Web

extension SiteTree {
  /// Adds the pages that no navigation leads to.
  ///
  /// A page is added below the page that its breadcrumbs name, the page of its folder or of the list that contains its
  /// link, or the group of its neighbours in the same folder. The rest forms groups by ``LooseGroups``.
  mutating func addOthers(
    _ pages: [Page], _ outline: SiteOutline, _ links: SiteLinks, _ loose: LooseGroups, inShop: Bool = false
  ) {
    let byName = nodesByName()
    let byFolder = groupsByFolder(pages)
    var waiting: [Int] = []
    for page in outline.order where nodeOfPage[page] == nil {
      let parent =
        pages[page].breadcrumbs.reversed().lazy.compactMap { byName[Titles.clean($0).lowercased()] }.first
        ?? outline.parents[page].flatMap { $0 == 0 ? nil : nodeOfPage[$0] } ?? byFolder[pages[page].url.folder]
      if let parent {
        add(page, named: outline.labels[page] ?? "", below: parent, isInNavigation: false)
      } else if !outline.children[page].isEmpty {
        // A table of contents or a folder made the page a part of the site with pages of its own.
        add(page, named: outline.labels[page] ?? "", below: Self.root, isInNavigation: false)
      } else {
        waiting.append(page)
      }
    }
    for listed in listingPages(of: waiting, pages, links, inShop: inShop) {
      let parent = listed.group.map { group($0, below: listed.parent, isInNavigation: false) } ?? listed.parent
      add(listed.page, named: listed.name, below: parent, isInNavigation: false)
    }
    for group in loose.groups(of: waiting.filter { nodeOfPage[$0] == nil }) {
      let node = self.group(group.name, below: Self.root, isInNavigation: false)
      for page in group.pages { add(page, named: outline.labels[page] ?? "", below: node, isInNavigation: false) }
    }
    for page in waiting where nodeOfPage[page] == nil {
      add(page, named: outline.labels[page] ?? "", below: Self.root, isInNavigation: false)
    }
  }

  /// A longer heading is not the name of a group.
  private static let longestHeading = 48

  private struct ListedPage {
    let page: Int
    let name: String
    /// The node of the page that lists it.
    let parent: Int
    /// The heading above its link, if several headings divide the list.
    let group: String?
  }

  /// The fewest pages that a page outside of the navigation lists.
  private static let shortestList = 3
  /// The same for pages in the navigation, such as the categories of a small shop.
  private static let shortestListOfNavigation = 2
  /// The number of pages that are examined for links that all pages have.
  private static let sample = 12

  /// Finds the pages that list some pages in their content, such as the categories of a shop.
  ///
  /// - Returns: The listed pages in the order of the lists; each with the first page that lists it.
  private func listingPages(
    of pages: [Int], _ all: [Page], _ links: SiteLinks, inShop: Bool
  ) -> [ListedPage] {
    guard !pages.isEmpty else { return [] }
    // A category may have a single product.
    let fewestInNavigation = inShop ? 1 : Self.shortestListOfNavigation
    var index = Dictionary(pages.map { (all[$0].url.pageIdentity, $0) }) { first, _ in first }
    for url in commonTargets(all, links) { index[url] = nil }
    var found: [ListedPage] = []
    visit(Self.root) { node in
      guard node != Self.root, let page = nodes[node].page else { return }
      var listed: [(page: Int, link: Page.Link)] = []
      var seen: Set<Int> = []
      for link in all[page].links where link.region == .content {
        guard let target = links.target(of: link, on: all[page]).flatMap({ index[$0] }) else { continue }
        if seen.insert(target).inserted { listed.append((target, link)) }
      }
      let fewest = nodes[node].isInNavigation ? fewestInNavigation : Self.shortestList
      guard listed.count >= fewest else { return }
      let own = all[page].heading
      let headings = Dictionary(grouping: listed) { $0.link.heading }.filter { heading, links in
        heading.map { $0 != own && (2...Self.longestHeading).contains($0.count) } ?? false && links.count >= 3
      }
      for (target, link) in listed {
        index[all[target].url.pageIdentity] = nil
        let isDivided = headings.count >= 2 && headings.keys.contains(link.heading)
        found.append(
          ListedPage(
            page: target, name: Titles.clean(link.text), parent: node,
            group: isDivided ? link.heading.map(Titles.clean) : nil))
      }
    }
    return found
  }

  /// The targets of links that most pages have, so that they are part of the template.
  private func commonTargets(_ pages: [Page], _ links: SiteLinks) -> [NormalizedURL] {
    let step = max(1, pages.count / Self.sample)
    let sample = stride(from: 0, to: pages.count, by: step).map { pages[$0] }
    var counts: [NormalizedURL: Int] = [:]
    for page in sample {
      for url in Set(page.links.lazy.filter({ $0.region == .content }).compactMap { links.target(of: $0, on: page) }) {
        counts[url, default: 0] += 1
      }
    }
    return counts.filter { $0.value > 2 && $0.value * 2 > sample.count }.map(\.key)
  }

  /// The nodes below the root by their names in lower case; names that occur twice are omitted.
  private func nodesByName() -> [String: Int] {
    var byName: [String: Int?] = [:]
    for node in nodes.indices.dropFirst() {
      let name = nodes[node].name.lowercased()
      byName[name] = byName.keys.contains(name) ? .some(nil) : .some(node)
    }
    return byName.compactMapValues(\.self)
  }

  /// The node that contains most pages of a folder, by the folder's path. The top folder is omitted.
  ///
  /// If the navigation leads to one page of a folder, this page is the folder's entrance.
  private func groupsByFolder(_ pages: [Page]) -> [String: Int] {
    var counts: [String: [Int: Int]] = [:]
    for (page, node) in nodeOfPage.enumerated() {
      guard let node, page != 0, pages[page].url.segments.count > 1 else { continue }
      counts[pages[page].url.folder, default: [:]][nodes[node].parent, default: 0] += 1
    }
    return counts.compactMapValues { parents in
      let best = parents.max { ($0.value, $1.key) < ($1.value, $0.key) }!
      return best.value >= 3 && best.key != Self.root ? best.key : nil
    }
    .merging(entrances(pages)) { group, _ in group }
  }

  /// The only page of a folder to which the navigation leads, by the folder's path.
  private func entrances(_ pages: [Page]) -> [String: Int] {
    var counts: [String: [Int]] = [:]
    for (page, node) in nodeOfPage.enumerated() where page != 0 && pages[page].url.segments.count > 1 {
      if let node { counts[pages[page].url.folder, default: []].append(node) }
    }
    return counts.compactMapValues { $0.count == 1 ? $0[0] : nil }
  }
}
