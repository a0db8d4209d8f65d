import Testing
import Web

@testable import SiteAnalysis

/// What an address tells before anything is read.
struct PageKindTests {
  private func url(_ path: String) throws -> NormalizedURL { try NormalizedURL("https://site.example" + path) }

  @Test(arguments: [
    "/a?sort=price", "/a?color=red&size=l", "/a?filter[size]=l", "/a?print=1", "/a?format=PRINT", "/a?add-to-cart=3", "/w/?action=edit", "/a?b=1&replytocom=2",
  ])
  func aVariationIsNoPageOfItsOwn(path: String) throws {
    #expect(PageKind.isVariation(try url(path)))
    #expect(PageKind.isSystem(try url(path)))
  }

  @Test(arguments: ["/a", "/a?id=1", "/a?page=about", "/a?action=view", "/index.php?page=docs", "/sort", "/a?format=json", "/a?sorted"])
  func whatMayBeAPageIsOne(path: String) throws {
    #expect(!PageKind.isVariation(try url(path)))
    #expect(!PageKind.isSystem(try url(path)))
  }

  @Test(arguments: [
    ("/2024/05/", true), ("/blog/2024/05", true), ("/calendar/2031", true), ("/events/2031-02", true), ("/a?month=2031-02", true), ("/2024/05/title", false),
    ("/2024", false), ("/reports/2024", false), ("/v/10/20", false), ("/a/12345", false), ("/a?date", false), ("/a/2024-05-01-title", false),
  ])
  func aListByDateIsKnown(path: String, isArchive: Bool) throws {
    #expect(PageKind.isDateArchive(try url(path)) == isArchive)
  }

  @Test(arguments: ["/login?next=/a", "/consent?return=/", "/en/sign-in", "/a/?page=2", "/a/page/3", "/tag/x", "/?s=tide", "/drafts/a", "/internal/b", "/a?preview=true"])
  func nobodyCameForThese(path: String) throws {
    #expect(PageKind.isSystem(try url(path)))
  }

  @Test(arguments: [
    (["Product"], "/x/1", PageKind.product), (["FAQPage", "WebPage"], "/x/2", .support), (["BlogPosting"], "/x/3", .article), (["Article"], "/x/4", .other),
    (["BlogPosting"], "/docs/reference/x", .reference), (["ProfilePage"], "/mary", .system), (["FAQPage"], "/pricing", .pricing), ([], "/contact", .contact),
  ])
  func typesCountBehindNames(types: [String], path: String, kind: PageKind) throws {
    var page = Page(url: try url(path))
    page.types = types
    #expect(PageKind(page, title: "X") == kind)
  }
}
