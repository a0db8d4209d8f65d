import Crawling
import Testing
import Web

@testable import SiteAnalysis

/// Classification of pages and sites by URL and content.
struct PageKindTests {
  private func url(_ path: String) throws -> NormalizedURL { try NormalizedURL("https://site.example" + path) }

  @Test(arguments: [
    "/a?sort=price", "/a?color=red&size=l", "/a?filter[size]=l", "/a?print=1", "/a?format=PRINT", "/a?add-to-cart=3",
    "/w/?action=edit", "/a?b=1&replytocom=2",
  ])
  func variationIsASystemPage(path: String) throws {
    #expect(PageAddress.isVariation(try url(path)))
    #expect(PageAddress.isSystem(try url(path)))
  }

  @Test(arguments: [
    "/a", "/a?id=1", "/a?page=about", "/a?action=view", "/index.php?page=docs", "/sort", "/a?format=json", "/a?sorted",
  ])
  func ordinaryURLsAreNotSystemPages(path: String) throws {
    #expect(!PageAddress.isVariation(try url(path)))
    #expect(!PageAddress.isSystem(try url(path)))
  }

  @Test(arguments: [
    ("/2024/05/", true), ("/blog/2024/05", true), ("/calendar/2031", true), ("/events/2031-02", true),
    ("/a?month=2031-02", true), ("/2024/05/title", false),
    ("/2024", false), ("/reports/2024", false), ("/v/10/20", false), ("/a/12345", false), ("/a?date", false),
    ("/a/2024-05-01-title", false),
  ])
  func dateArchivesAreDetected(path: String, isArchive: Bool) throws {
    #expect(PageAddress.isDateArchive(try url(path)) == isArchive)
  }

  @Test(arguments: [
    "/login?next=/a", "/consent?return=/", "/en/sign-in", "/a/?page=2", "/a/page/3", "/tag/x", "/?s=tide", "/drafts/a",
    "/internal/b", "/a?preview=true",
  ])
  func systemURLsAreDetected(path: String) throws {
    #expect(PageAddress.isSystem(try url(path)))
  }

  @Test(arguments: [
    "/docs/search/", "/docs/payments/checkout", "/docs/auth/login", "/docs/tags", "/compare/acme-vs-zenith",
    "/category/clocks", "/api/cart", "/guides/admin/users", "/help/account",
  ])
  func ambiguousURLsAreNotSystemPagesByURL(path: String) throws {
    let address = try url(path)
    #expect(!PageAddress.isSystem(address))
    #expect(!PageAddress.isGate(address))
    var page = Page(url: address)
    (page.words, page.linkDensity, page.prices) = (300, 10, 1)
    #expect(PageKind(page, title: "X", inShop: true) != .system)
  }

  @Test(arguments: [
    ("/docs/search/", 5, 0), ("/docs/tags/x", 200, 80), ("/category/news", 200, 40), ("/compare", 8, 0),
    ("/docs/auth/login", 12, 0), ("/search.html", 900, 0), ("/genindex.html", 900, 0),
  ])
  func ambiguousURLsWithFormsOrListsAreSystemPages(path: String, words: Int, density: Int) throws {
    var page = Page(url: try url(path))
    (page.words, page.linkDensity) = (words, density)
    #expect(PageKind(page, title: "X") == .system)
  }

  @Test func documentationHostAllowsAmbiguousSegments() throws {
    #expect(!PageAddress.isSystem(try NormalizedURL("https://docs.site.example/search/overview")))
    #expect(PageAddress.isSystem(try NormalizedURL("https://www.site.example/search/overview")))
  }

  @Test func shopCategoriesWithProductsAreProductPages() throws {
    var page = Page(url: try url("/category/clocks"))
    (page.words, page.linkDensity) = (200, 90)
    #expect(PageKind(page, title: "Clocks", inShop: true) == .system, "the category lists articles")
    page.links = [
      .init(
        reference: "/product/tide-clock", hasFragment: false, text: "Tide clock", region: .content, listDepth: 1,
        heading: nil)
    ]
    #expect(PageKind(page, title: "Clocks", inShop: true) == .product)
    #expect(PageKind(page, title: "Clocks") == .system)
  }

  private func site(_ paths: [String], types: [String] = [], cart: Bool = false) throws -> [Page] {
    var pages = try (["/"] + paths).map { Page(url: try url($0)) }
    for index in pages.indices.dropFirst() { pages[index].types = types }
    if cart {
      pages[0].links = [
        .init(reference: "/cart", hasFragment: false, text: "Cart", region: .header, listDepth: 0, heading: nil)
      ]
    }
    return pages
  }

  @Test func shopDetection() throws {
    #expect(SiteClassifier.isShop(try site(["/product/a", "/product/b", "/product/c"], types: ["Product"])))
    #expect(SiteClassifier.isShop(try site(["/products/a"], cart: true)))
    #expect(
      !SiteClassifier.isShop(try site(["/products/a", "/products/b", "/products/c"])),
      "services have product pages, too")
    #expect(!SiteClassifier.isShop(try site(["/products/a", "/products/b", "/pricing"], types: ["Product"])))
    var generated = try site(["/a"])
    generated[0].generator = "WooCommerce 9.1"
    #expect(SiteClassifier.isShop(generated))
  }

  @Test(arguments: [
    (["Product"], "/x/1", PageKind.product), (["FAQPage", "WebPage"], "/x/2", .support),
    (["BlogPosting"], "/x/3", .article), (["Article"], "/x/4", .other),
    (["BlogPosting"], "/docs/reference/x", .reference), (["ProfilePage"], "/mary", .system),
    (["FAQPage"], "/pricing", .pricing), ([], "/contact", .contact),
  ])
  func structuredDataCountsAfterNames(types: [String], path: String, kind: PageKind) throws {
    var page = Page(url: try url(path))
    page.types = types
    #expect(PageKind(page, title: "X") == kind)
  }
}
