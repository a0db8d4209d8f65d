import Testing
import Web

/// Parsing of JSON-LD (W3C Recommendation, section 7.2: scripts of the type application/ld+json).
@Suite struct StructuredDataTests {
  private func page(_ json: String, head: String = "") throws -> Page {
    try WebTests.page(
      "<html><head>\(head)<script type='application/ld+json'>\(json)</script></head><body><p>x</body></html>")
  }

  @Test("JSON-LD supplies properties that the page's own markup lacks")
  func fallbacks() throws {
    let json = """
      {"@context": "https://schema.org", "@type": "BlogPosting", "headline": "A  headline", "description": "About it", "inLanguage": {"@type": "Language",
       "alternateName": "pt"}, "datePublished": "2025-01-01", "dateModified": "2026-02-03T04:05:06Z"}
      """
    let without = try page(json)
    #expect(without.title == "A headline")
    #expect(without.description == "About it")
    #expect(without.language == "pt")
    #expect(without.modified == "2026-02-03T04:05:06Z")
    #expect(without.types == ["BlogPosting"])
    let own =
      "<title>Own</title><meta name=description content='Own text'><meta property='article:modified_time' content='2026-05-05'>"
    let with = try page(json, head: own)
    #expect(with.title == "Own")
    #expect(with.description == "Own text")
    #expect(with.modified == "2026-05-05")
  }

  @Test(
    "in a graph, the entity takes precedence over its page; site and organization are ignored",
    arguments: [
      #"{"@graph": [{"@type": "WebSite", "name": "Site"}, {"@type": "Organization", "name": "Us"}, {"@type": "WebPage", "name": "Page"}, {"@type": "Product", "name": "Thing"}]}"#,
      #"[{"@type": "WebSite", "name": "Site"}, {"@type": ["WebPage"], "name": "Page", "mainEntity": {"@type": "https://schema.org/Product", "name": ["Thing"]}}]"#,
      #"<!-- {"@graph": [{"@type": "schema:WebPage", "name": "Page"}, {"@type": "Product", "name": "Thing"}, {"@type": "WebSite", "name": "Site"},]}; -->"#,
    ])
  func graphs(json: String) throws {
    let page = try page(json)
    #expect(page.title == "Thing")
    #expect(page.types == ["Product", "WebPage"])
    #expect(page.siteName == "Site")
  }

  @Test(
    "breadcrumbs are ordered by position, without the page itself",
    arguments: [
      #"{"@type": "ListItem", "position": "2", "item": {"@id": "/docs/", "name": "Docs"}}, {"@type": "ListItem", "position": 1, "name": "Home", "item": "/"}, {"@type": "ListItem", "position": 3, "name": "Page"}"#,
      #"{"@type": "ListItem", "name": "Home", "item": "/"}, {"@type": "ListItem", "name": "Docs", "item": {"url": "/docs/"}}, {"@type": "ListItem", "name": "Page", "item": "https://example.com/docs/page"}"#,
      #"{"@type": "ListItem", "name": "Home", "item": "/"}, {"@type": "ListItem", "name": "Docs", "item": "/docs/"}"#,
    ])
  func breadcrumbs(entries: String) throws {
    let json = #"{"@type": "WebPage", "breadcrumb": {"@type": "BreadcrumbList", "itemListElement": [\#(entries)]}}"#
    #expect(try page(json).breadcrumbs == ["Home", "Docs"])
    let shown = try WebTests.page(
      "<nav class=breadcrumbs><a href=/>Start</a></nav><script type='application/ld+json'>\(json)</script>")
    #expect(shown.breadcrumbs == ["Start"])
  }

  @Test(
    "invalid JSON and unexpected values are ignored",
    arguments: [
      "", "{", "null", "7", "[]", "[[[[]]]]", "\"text\"", "{\"@type\": 7, \"name\": {}}",
      "{\"@type\": \"Product\", \"name\": oops}",
      "{\"@graph\": \"x\", \"itemListElement\": 5}", "{\"@type\": \"Product\", \"name\": \"\"}", "\u{0}", "<!-- -->",
      "{\"@type\": \"BreadcrumbList\"}",
      "{\"@type\": null, \"headline\": [], \"position\": [[]]}",
    ])
  func broken(json: String) throws {
    let page = try page(json, head: "<title>Own</title>")
    #expect(page.title == "Own")
    #expect(page.description == nil)
    #expect(page.breadcrumbs == [])
  }

  @Test("line breaks in strings become spaces, and deep nesting is ignored")
  func hostile() throws {
    #expect(try page("{\"@type\": \"Product\", \"name\": \"One\ntwo\"}").title == "One two")
    let deep =
      String(repeating: "{\"@type\": \"WebPage\", \"mainEntity\": ", count: 5000) + "{}"
      + String(repeating: "}", count: 5000)
    #expect(try page(deep, head: "<title>Own</title>").title == "Own")
  }

  @Test("the Open Graph locale is used as the language")
  func locale() throws {
    #expect(try WebTests.page("<head><meta property='og:locale' content='de_AT'></head>").language == "de-AT")
    #expect(
      try WebTests.page("<html lang=en><head><meta property='og:locale' content='de_AT'></head>").language == "en")
  }
}
