import Crawling
import Web

extension PageKind {
  /// Whether a page with an ambiguous URL segment (`search`, `tags`, `category`) is a system page: a form with almost
  /// no text, or a list of links.
  static func isSystemByContent(_ page: Page, inShop: Bool) -> Bool {
    let segments = page.url.segments.map(PageAddress.stem)
    let isEmpty = page.words < 40 && page.headings.count < 3
    if let last = segments.last,
      PageAddress.systemSegments.contains(last) || PageAddress.gates.contains(last) || last == "compare"
    {
      return isEmpty
    }
    let isList = page.linkDensity > 60 || isEmpty
    if segments.contains(where: PageAddress.lists.contains) { return isList }
    guard segments.contains(where: PageAddress.categories.contains), !(inShop && leadsToProducts(page)) else {
      return false
    }
    return isList || !PageAddress.isDocumentation(page.url, segments[...])
  }

  /// Whether a category page lists products for sale rather than articles.
  private static func leadsToProducts(_ page: Page) -> Bool {
    page.prices > 0 || page.isOffer
      || page.links.contains { link in
        link.region == .content
          && (page.resolve(link)?.segments.contains { ["product", "products"].contains($0.lowercased()) } ?? false)
      }
  }
}
