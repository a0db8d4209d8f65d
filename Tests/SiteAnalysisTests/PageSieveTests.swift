import Testing
import Web

@testable import Crawling
@testable import SiteAnalysis

/// Exclusion of crawled pages, and the reasons.
struct PageSieveTests {
  private static func page(_ path: String, _ change: (inout Page) -> Void = { _ in }) -> Page {
    var page = Page(url: url(path))
    page.language = "en"
    page.words = 100
    page.fingerprint = path.hashValue
    page.title = path
    change(&page)
    return page
  }

  private static func url(_ path: String) -> NormalizedURL {
    try! NormalizedURL(path, relativeTo: NormalizedURL("https://site.example/"))
  }

  private func sift(_ pages: [Page], language: String? = nil) -> [String: String] {
    let crawled = pages.map {
      CrawledPage(
        .init(page: $0, bytes: 0, lastModified: nil, validators: nil, markdown: nil, isUnchanged: false), clicks: 1,
        lastModified: nil)
    }
    let sieve = PageSieve(crawled, SiteLanguages(home: pages[0], asked: language), today: 20_260_615)
    #expect(sieve.kept.count + sieve.skippedPages.count == pages.count)
    #expect(sieve.kept.first?.page.url == pages[0].url, "the home page stays")
    return Dictionary(uniqueKeysWithValues: sieve.skippedPages.map { ($0.url.pathAndQuery, $0.reason.rawValue) })
  }

  @Test func pageWithACanonicalLinkToAnotherIsExcluded() {
    let copy = Self.page("/copy") { $0.canonical = Self.url("/a") }
    #expect(sift([Self.page("/"), Self.page("/a"), copy]) == ["/copy": "canonical"])
    #expect(sift([Self.page("/"), copy]) == [:], "the original was not found")
  }

  @Test func onePageOfACanonicalCycleIsKept() {
    let a = Self.page("/a") { $0.canonical = Self.url("/b") }
    let b = Self.page("/b") { $0.canonical = Self.url("/c") }
    let c = Self.page("/c") { $0.canonical = Self.url("/a") }
    let d = Self.page("/d") { $0.canonical = Self.url("/b") }
    #expect(sift([Self.page("/"), a, b, c]) == ["/b": "canonical", "/c": "canonical"])
    #expect(sift([Self.page("/"), a, b, c, d]) == ["/b": "canonical", "/c": "canonical", "/d": "canonical"])
  }

  @Test func canonicalLinkSharedByATemplateIsIgnored() {
    let pages = (0..<8).map { number in Self.page("/\(number)") { $0.canonical = Self.url("/") } }
    #expect(sift([Self.page("/")] + pages) == [:])
    #expect(sift([Self.page("/")] + pages.prefix(2)) == ["/0": "canonical", "/1": "canonical"])
  }

  @Test func canonicalLinkToAnotherSiteExcludesUnlessTheSiteIsAMirror() {
    let copy = Self.page("/copy") { $0.canonical = Self.url("https://maker.example/x") }
    #expect(sift([Self.page("/"), copy]) == ["/copy": "canonical"])
    let home = Self.page("/") { $0.canonical = Self.url("https://maker.example/") }
    #expect(sift([home, copy]) == [:])
  }

  @Test func translationsAreExcludedByHreflangOrLang() {
    let twins = ["en": "/a", "de": "/de/a", "x-default": "/a"].map {
      Page.Alternate(language: $0.key, url: Self.url($0.value))
    }
    let a = Self.page("/a") { $0.alternates = twins }
    let german = Self.page("/de/a")
    let unnamed = Self.page("/b") { $0.language = nil }
    let french = Self.page("/c") { $0.language = "fr-CA" }
    #expect(sift([Self.page("/"), a, german, unnamed, french]) == ["/de/a": "language", "/c": "language"])
    #expect(sift([Self.page("/"), a, german], language: "de") == ["/a": "language"])
  }

  @Test(arguments: [("/de/a", true), ("/pt-br/a", true), ("/it/other", false), ("/docs/a", false), ("/de/", false)])
  func languageFolderIsForeignIfItsPageHasATranslation(path: String, isForeign: Bool) {
    let page = Self.page(path) { $0.language = nil }
    #expect(sift([Self.page("/"), Self.page("/a"), page]) == (isForeign ? [path: "language"] : [:]))
  }

  @Test func siteWithoutALanguageKeepsAllPages() {
    let home = Self.page("/") { $0.language = nil }
    #expect(sift([home, Self.page("/a") { $0.language = "de" }, Self.page("/b")]) == [:])
  }

  @Test func duplicatesAreExcluded() {
    let a = Self.page("/a") { $0.fingerprint = 7 }
    let b = Self.page("/b") { $0.fingerprint = 7 }
    let short = ["/c", "/d"].map { path in Self.page(path) { ($0.fingerprint, $0.words) = (8, 5) } }
    #expect(sift([Self.page("/"), a, b] + short) == ["/b": "duplicate"])
    let red = Self.page("/a?x=red") { $0.title = "/a" }
    let other = Self.page("/a?x=other") { $0.title = "Other" }
    #expect(sift([Self.page("/"), a, red, other]) == ["/a?x=red": "duplicate"])
  }

  @Test func foldersOfHomePageTranslationsAreForeign() {
    let home = Self.page("/") { home in
      home.alternates = [("en", "/"), ("de", "/de/"), ("fr", "/fr"), ("en-GB", "/uk/"), ("es", "https://es.example/")]
        .map {
          Page.Alternate(language: $0.0, url: Self.url($0.1))
        }
    }
    let languages = SiteLanguages(home: home, asked: nil)
    let foreign = ["/", "/de/", "/de/a", "/fr", "/fr/a", "/french", "/uk/a", "/a"].filter {
      languages.isForeign(Self.url($0))
    }
    // `/uk/` is another region of the same language.
    #expect(foreign == ["/de/", "/de/a", "/fr", "/fr/a", "/uk/a"])
    #expect(!SiteLanguages(home: home, asked: "de").isForeign(Self.url("/de/a")))
  }
}
