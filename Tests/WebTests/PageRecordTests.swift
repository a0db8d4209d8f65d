import Testing
import Web

/// The binary record of a page.
@Suite struct PageRecordTests {
  /// A page with a value for every property.
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
    // A page with text cannot be a script shell.
    page.isScriptShell = true
    page.hasMarkdown = false
    return page
  }

  @Test("a record preserves all properties of a page except its text")
  func roundTrip() throws {
    let page = try Self.fullPage()
    let empty = Mirror(reflecting: Page(url: page.url)).children.map { "\($0.value)" }
    let copy = Mirror(reflecting: try #require(Page(record: page.record))).children.map { "\($0.value)" }
    for (index, field) in Mirror(reflecting: page).children.enumerated() where field.label != "text" {
      if field.label != "url" {
        #expect("\(field.value)" != empty[index], "the test page needs a value for \(field.label ?? "")")
      }
      if field.label != "robots" { #expect(copy[index] == "\(field.value)", "\(field.label ?? "")") }
    }
    #expect(Page(record: page.record)?.robots == page.robots)
    #expect(Page(record: page.record)?.text == "")
  }

  @Test("malformed records are rejected")
  func broken() throws {
    let record = try Self.fullPage().record
    for count in 0..<record.count { #expect(Page(record: Array(record.prefix(count))) == nil) }
    #expect(Page(record: record + [0]) == nil)
    for index in record.indices {
      var changed = record
      changed[index] ^= 0xff
      // The result does not matter; it must not crash.
      _ = Page(record: changed)
    }
  }
}
