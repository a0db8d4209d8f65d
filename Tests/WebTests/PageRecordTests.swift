import Testing
import Web

/// What is kept of a page until its site says that it changed.
@Suite struct PageRecordTests {
  /// A page of which everything is known that can be.
  private static func fullPage() throws -> Page {
    let html = """
      <!DOCTYPE html><html lang="en"><head><title>Title</title><meta name="description" content="What it is about">
      <meta name="robots" content="nofollow, unavailable_after: 2199-01-01"><meta name="generator" content="Maker"><meta property="og:site_name" content="Site"><meta property="og:type" content="product">
      <base href="/docs/"><link rel="canonical" href="/docs/page"><link rel="sitemap" href="/map.xml">
      <link rel="alternate" type="application/rss+xml" href="/feed">
      <link rel="alternate" hreflang="de" href="/de/page"><link rel="alternate" type="text/markdown" href="/docs/page.md">
      <meta http-equiv="refresh" content="0; url=/docs/other">
      <script type="application/ld+json">{"@type": "TechArticle", "dateModified": "2026-01-01"}</script></head>
      <body><nav class="breadcrumbs"><a href="/">Home</a></nav><main><h1>Heading</h1>\(paragraph("Alpha"))<h2>Part</h2>
      <p>See <a href="one#place">one</a>, <a href="two">two</a> and <a href="three">three of them</a> when there is time.</p>\(paragraph("Beta"))
      <p>$5</p><pre>code()</pre></main><form><input type="password"></form><footer><h4>About us</h4><a href="/imprint">Imprint</a></footer></body></html>
      """
    var page = PageReader.read(Array(html.utf8), url: try NormalizedURL("https://example.com/docs/page"))
    // A shell and a page with text exclude one another.
    page.isScriptShell = true
    page.hasMarkdown = false
    return page
  }

  @Test("a record holds all that a page has but its text")
  func roundTrip() throws {
    let page = try Self.fullPage()
    let empty = Mirror(reflecting: Page(url: page.url)).children.map { "\($0.value)" }
    let copy = Mirror(reflecting: try #require(Page(record: page.record))).children.map { "\($0.value)" }
    for (index, field) in Mirror(reflecting: page).children.enumerated() where field.label != "text" {
      if field.label != "url" { #expect("\(field.value)" != empty[index], "the page must have a \(field.label ?? "")") }
      if field.label != "robots" { #expect(copy[index] == "\(field.value)", "\(field.label ?? "")") }
    }
    #expect(Page(record: page.record)?.robots == page.robots)
    #expect(Page(record: page.record)?.text == "")
  }

  @Test("what is no record gives no page")
  func broken() throws {
    let record = try Self.fullPage().record
    for count in 0..<record.count { #expect(Page(record: Array(record.prefix(count))) == nil) }
    #expect(Page(record: record + [0]) == nil)
    for index in record.indices {
      var changed = record
      changed[index] ^= 0xff
      // Whatever it gives, it gives something, or nothing.
      _ = Page(record: changed)
    }
  }
}
