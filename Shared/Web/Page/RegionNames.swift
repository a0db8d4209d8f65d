/// Finds the page region that a class or id value suggests. Results are cached, because a page has thousands of
/// elements but only dozens of different values.
struct RegionNames {
  private var cachedRegions: [ArraySlice<UInt8>: Page.Link.Region?] = [:]

  mutating func region(of value: ArraySlice<UInt8>) -> Page.Link.Region? {
    if let region = cachedRegions[value] { return region }
    let words = Set(value.split { $0 <= 0x20 }.map { String(decoding: $0, as: UTF8.self).lowercased() })
    let region = Self.words.first { !$0.words.isDisjoint(with: words) }?.region
    cachedRegions[value] = .some(region)
    return region
  }

  private static let words: [(region: Page.Link.Region, words: Set<String>)] = [
    (
      .navigation,
      [
        "nav", "navbar", "navigation", "menu", "main-menu", "docnav", "breadcrumb", "breadcrumbs", "pagination",
        "pager",
        "sidebar", "sphinxsidebar", "related", "toc", "table-of-contents", "skip-link", "navheader", "navfooter",
        "tabs",
        "site-nav", "topbar", "toctree-wrapper-nav",
      ]
    ),
    (.footer, ["footer", "site-footer", "page-footer", "colophon", "copyright"]),
    (
      .aside,
      [
        "cookie", "cookies", "cookie-banner", "cookie-notice", "cookie-consent", "banner", "newsletter", "share",
        "sharing",
        "social", "social-share", "comments", "comment-list", "advertisement", "ads", "promo", "popup", "modal",
        "related-posts", "related-articles", "sr-only", "visually-hidden", "screen-reader-text",
      ]
    ),
  ]
}
