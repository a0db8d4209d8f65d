import Web

/// Resolves links to the identity of the page that they lead to, so that all spellings and redirects of a page are one.
struct SiteLinks {
  private let home: NormalizedURL
  /// The redirects seen by the crawler: requested URL to final URL, both as page identities.
  private let moved: [NormalizedURL: NormalizedURL]

  init(home: NormalizedURL, moved: [NormalizedURL: NormalizedURL] = [:]) { (self.home, self.moved) = (home, moved) }

  /// Returns the identity of a link's target, or `nil` if the link is not a valid URL.
  func target(of link: Page.Link, on page: Page) -> NormalizedURL? {
    guard let url = page.resolve(link)?.usingOrigin(of: home).pageIdentity else { return nil }
    return moved[url] ?? url
  }
}
