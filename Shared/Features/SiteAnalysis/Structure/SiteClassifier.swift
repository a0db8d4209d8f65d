import Crawling
import Web

/// Determines the type of a site from its pages.
enum SiteClassifier {
  /// Whether a site is a shop.
  ///
  /// The evidence is a shop system in the generator tag, a cart together with product pages, or several pages with
  /// structured data of a product and no price list. Product pages alone are not enough, because services have them,
  /// too.
  static func isShop(_ pages: [Page]) -> Bool {
    let home = pages[0]
    let generator = home.generator?.lowercased() ?? ""
    if ["woocommerce", "shopify", "prestashop", "magento", "shopware", "opencart", "bigcommerce"].contains(
      where: generator.contains)
    {
      return true
    }
    let offered = pages.count { !$0.types.filter(["Product", "ProductGroup"].contains).isEmpty }
    let products = pages.count { page in
      page.url.segments.contains { ["products", "product", "shop", "store", "collections"].contains($0.lowercased()) }
    }
    let hasCart =
      home.links.contains { link in
        home.resolve(link)?.segments.last.map {
          ["cart", "basket", "checkout", "bag", "warenkorb", "panier", "carrito"].contains(PageAddress.stem($0))
        } ?? false
      }
      || pages.contains { ["cart", "basket", "checkout"].contains($0.url.segments.first.map(PageAddress.stem) ?? "") }
    if hasCart { return products > 0 || offered > 0 }
    let isPriced = pages.contains { ["pricing", "plans"].contains($0.url.segments.last.map(PageAddress.stem) ?? "") }
    return !isPriced && offered >= 3 && offered * 10 >= pages.count
  }

  /// Whether a site is documentation, by its home page, or because most of its pages are in its navigation and many
  /// have code.
  ///
  /// - Parameter count: The number of pages in sidebars and menus.
  static func isManual(_ pages: [Page], inNavigation count: Int) -> Bool {
    let withCode = pages.count { $0.codeBlocks > 0 }
    return isManual(pages[0]) || count >= 10 && count * 2 >= pages.count && withCode * 5 >= pages.count
  }

  /// Whether a home page is that of documentation, by its generator, title and URL.
  private static func isManual(_ home: Page) -> Bool {
    let generator = home.generator?.lowercased() ?? ""
    let name = (home.title ?? "").lowercased() + " " + (home.heading ?? "").lowercased()
    let isGenerated = [
      "docutils", "sphinx", "publican", "mkdocs", "docusaurus", "vitepress", "mdbook", "antora", "docbook",
      "jekyll-docs", "gitbook",
    ]
    .contains { generator.contains($0) }
    let isNamed = ["documentation", "handbook", "manual", " docs", "reference", "guide"].contains { name.contains($0) }
    return isGenerated || isNamed || home.url.host.hasPrefix("docs.") || home.url.path.hasPrefix("/docs")
  }

  /// Returns the type of a site.
  ///
  /// - Parameters:
  ///   - kinds: The kinds of `pages`, in the same order.
  ///   - isShop: See ``isShop(_:)``.
  ///   - isManual: See ``isManual(_:)``.
  static func type(of pages: [Page], kinds: [PageKind], isShop: Bool, isManual: Bool) -> SiteType {
    func count(_ kind: PageKind) -> Int { kinds.count { $0 == kind } }
    if isManual { return .documentation }
    if isShop { return .shop }
    func has(_ names: [String]) -> Bool {
      pages.contains { page in page.url.segments.first.map { names.contains($0.lowercased()) } ?? false }
    }
    if count(.pricing) == 0, has(["services", "leistungen", "expertise"]),
      has(["case-studies", "cases", "work", "our-work", "portfolio", "projects", "clients", "industries"])
    {
      return .agency
    }
    if count(.pricing) > 0 || count(.product) >= 3 { return .service }
    if count(.article) * 2 > pages.count - count(.system) { return .blog }
    let withCode = pages.count { $0.codeBlocks > 0 }
    if withCode * 3 > pages.count || count(.reference) + count(.guide) > pages.count / 3 { return .documentation }
    return .website
  }
}
