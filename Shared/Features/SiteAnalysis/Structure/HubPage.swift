import Web

/// Judges pages that introduce other pages.
enum HubPage {
  /// A page with fewer words has no text of its own.
  private static let fewWords = 100
  /// The percentage of prose below which a page that links to its pages is only a list of them.
  private static let littleProse = 20

  /// Whether a page has no text of its own but only leads to other pages.
  ///
  /// - Parameters:
  ///   - pages: The identities of the pages that it introduces.
  ///   - isDescribed: Whether it has a description that no other page has.
  static func isBare(
    _ page: Page, introducing pages: Set<NormalizedURL>, _ links: SiteLinks, isDescribed: Bool = false
  ) -> Bool {
    if isDescribed { return false }
    if page.words < fewWords { return true }
    guard page.proseShare < littleProse else { return false }
    let linked = Set(page.links.lazy.filter { $0.region == .content }.compactMap { links.target(of: $0, on: page) })
    return linked.intersection(pages).count * 2 >= pages.count
  }
}
