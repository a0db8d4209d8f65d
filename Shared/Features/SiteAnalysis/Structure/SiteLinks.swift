import Web

/// Where the links of a site's pages lead in the end: a page has one address, whatever its scheme, host and redirects
/// are called by.
struct SiteLinks {
  private let home: NormalizedURL
  /// By what was asked for, where that was redirected; identities both.
  private let moved: [NormalizedURL: NormalizedURL]

  init(home: NormalizedURL, moved: [NormalizedURL: NormalizedURL] = [:]) { (self.home, self.moved) = (home, moved) }

  /// The identity of the page that a link leads to.
  func target(of link: Page.Link, on page: Page) -> NormalizedURL? {
    guard let url = page.resolve(link)?.spelled(as: home).pageIdentity else { return nil }
    return moved[url] ?? url
  }
}
