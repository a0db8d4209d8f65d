import Testing
import Web

/// The text of headings and links without badges, buttons and numbers.
@Suite struct HeadingTests {
  private func heading(_ html: String, title: String = "") throws -> String? {
    try page("<title>\(title)</title><main><h1>\(html)</h1><p>\(paragraph("A"))</p></main>").heading
  }

  @Test(
    "decorations of a heading belong to no title",
    arguments: [
      ("Locks <span class='VPBadge tip'>New</span>", "Locks"),
      ("Locks <span class='badge badge-info'>Beta</span> <span class='badge'>Server</span>", "Locks"),
      ("<span class='md-tag__badge'>Pro</span> Locks", "Locks"),
      ("Locks <span class='api-version'>v2.3.1</span>", "Locks"),
      ("Locks <small>since 2.0</small>", "Locks"),
      ("Locks <sup>beta</sup>", "Locks"),
      ("Locks <span class='ml-2 rounded-full px-2'>Deprecated</span>", "Locks"),
      ("<span class='header-section-number'>3.2</span> Locks", "Locks"),
      ("Locks <button>Copy page</button>", "Locks"),
      ("Locks <a class='headerlink' href='#l'>¶</a>", "Locks"),
      ("Locks <span class='mw-editsection'>[edit]</span>", "Locks"),
      ("Locks <span aria-hidden='true'>★</span>", "Locks"),
      ("Locks <span class='sr-only'>opens in a new window</span>", "Locks"),
    ])
  func decorations(html: String, expected: String) throws { #expect(try heading(html) == expected) }

  @Test(
    "an element that the page's title does not have is no part of the heading",
    arguments: [
      ("Locks <span>Server</span>", "Locks | Gatekeeper", "Locks"),
      ("<em>Cloud</em> Locks", "Locks – Gatekeeper", "Locks"),
      ("Using <code>lock</code>", "Using lock | Gatekeeper", "Using lock"),
      ("Locks <span>Server</span>", "Something else", "Locks Server"),
    ])
  func extraElement(html: String, title: String, expected: String) throws {
    #expect(try heading(html, title: title) == expected)
  }

  @Test(
    "text that is not a decoration is kept",
    arguments: [
      ("The <code>lock()</code> function", "The lock() function"), ("E = mc<sup>2</sup>", "E = mc2"),
      ("<span class='label'>Locks</span>", "Locks"),
      ("<a class='anchor' href='#l'>Locks and keys</a>", "Locks and keys"),
      ("<span>L</span><span>ocks</span>", "Locks"),
      ("The <span class='tag'>pill</span> and the key", "The pill and the key"),
    ])
  func ordinaryElements(html: String, expected: String) throws { #expect(try heading(html) == expected) }

  @Test("badges in the navigation belong to no label")
  func navigationLabels() throws {
    let page = try page(
      "<nav><a href='/a'>Locks <span class='badge'>New</span></a><a href='/b'><span class='badge'>Keys</span></a></nav>"
    )
    #expect(page.links.map(\.text) == ["Locks", "Keys"])
  }

  @Test(
    "metadata that was escaped twice is decoded once more",
    arguments: [
      ("Marks &amp;amp; Spencer", "Marks & Spencer"), ("A &amp;#8211; B", "A – B"), ("Caf&amp;eacute;", "Café"),
      ("&amp;lt;a&amp;gt; and b", "<a> and b"), ("R&amp;D; and more", "R&D; and more"), ("a && b", "a && b"),
    ])
  func escapedTwice(html: String, expected: String) throws {
    let page = try page("<title>\(html)</title><meta name=description content=\"\(html)\"><p>x")
    #expect(page.title == expected)
    #expect(page.description == expected)
  }

  @Test(
    "a description has no tags",
    arguments: [
      ("&lt;h2&gt;A heading&lt;/h2&gt;&lt;p&gt;Some text&lt;/p&gt;", "A heading Some text"),
      ("Locks&lt;br&gt;and keys", "Locks and keys"), ("&lt;p&gt;Locks and &lt;b&gt;keys&lt;/b&gt;", "Locks and keys"),
      ("The &lt;a&gt; element creates links", "The <a> element creates links"),
      ("A List&lt;String&gt; of locks", "A List<String> of locks"),
    ])
  func descriptionsWithTags(content: String, expected: String) throws {
    #expect(try page("<meta name=description content='\(content)'><p>x").description == expected)
  }
}
