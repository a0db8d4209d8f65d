import Testing
import Web

/// Parsing of a page's metadata.
@Suite struct PageHeads {
  @Test("title, description, language and site name are parsed")
  func basics() throws {
    let page = try page(
      """
      <!DOCTYPE html><html lang="pt-BR"><head><title>
        A &amp; B </title><meta name="Description" content=" One
        line "><meta name="generator" content="Hugo"><meta property="og:site_name" content="Site"></head><body><p>x</html>
      """)
    #expect(page.title == "A & B")
    #expect(page.description == "One line")
    #expect(page.language == "pt-BR")
    #expect(page.generator == "Hugo")
    #expect(page.siteName == "Site")
  }

  @Test(
    "Open Graph values, by name or property, are used if the page has no others", arguments: ["name", "property"])
  func openGraph(attribute: String) throws {
    let metas =
      "<meta \(attribute)='og:title' content='OG title'><meta \(attribute)='og:description' content='OG text'>"
    let without = try page("<head><title> </title>\(metas)</head>")
    #expect(without.title == "OG title")
    #expect(without.description == "OG text")
    let with = try page("<head>\(metas)<title>Own</title><meta name=description content='Own text'></head>")
    #expect(with.title == "Own")
    #expect(with.description == "Own text")
  }

  @Test(
    "HTML standard, section 13.1.2.4: the tags of html, head and body are optional",
    arguments: ["main", "article", "section", "div", "my-page", "p"])
  func omittedTags(element: String) throws {
    let page = try page(
      "<!DOCTYPE html><title>T</title><meta name=description content=D><\(element)>\(paragraph("First"))</\(element)>")
    #expect(page.title == "T")
    #expect(page.description == "D")
    #expect(page.text.hasPrefix("First"))
  }

  @Test("the title of an SVG image is not the title of the page")
  func svgTitle() throws {
    #expect(try page("<body><svg><title>Icon</title></svg><p>x").title == nil)
  }

  @Test("references in the head are resolved against the base element or the page URL")
  func references() throws {
    let head = """
      <link rel="shortlink Canonical" href="/a/../b?x=1#y"><link rel=sitemap href=map.xml>
      <link rel="alternate" hreflang="de" href="/de/"><link rel="alternate" hreflang="x-default" href="/">
      <link rel="alternate" type="text/markdown; charset=utf-8" href="page.md">
      <link rel="alternate" type="application/rss+xml" href="/feed">
      """
    let plain = try page("<head>\(head)</head>")
    #expect(plain.canonical?.description == "https://example.com/b?x=1")
    #expect(plain.sitemapURL?.description == "https://example.com/docs/map.xml")
    #expect(plain.alternates.map(\.language) == ["de", "x-default"])
    #expect(plain.alternates.map(\.url.description) == ["https://example.com/de/", "https://example.com/"])
    #expect(plain.markdownURL?.description == "https://example.com/docs/page.md")
    let based = try page("<head><base href='//cdn.example.net/x/'><base href='/second/'>\(head)</head>")
    #expect(based.canonical?.description == "https://cdn.example.net/b?x=1")
    #expect(based.markdownURL?.description == "https://cdn.example.net/x/page.md")
  }

  @Test("an invalid base or canonical URL is ignored")
  func badReferences() throws {
    let page = try page(
      "<head><base href='javascript:x'><link rel=canonical href='ftp://example.com/'><link rel=canonical href=''></head>"
    )
    #expect(page.base == nil)
    #expect(page.canonical == nil)
  }

  @Test("directives of all robots elements are combined")
  func robots() throws {
    let page = try page(
      "<meta name=robots content='NoIndex, follow'><meta name=ROBOTS content='nofollow'><meta name=googlebot content=none>"
    )
    #expect(page.robots == ["noindex", "follow", "nofollow"])
  }

  @Test(
    "a meta refresh with a short delay is a redirect",
    arguments: [
      ("0; url=/new", "https://example.com/new"),
      ("0;URL='new'", "https://example.com/docs/new"),
      ("5; url=https://example.org/", "https://example.org/"),
      ("30; url=/new", nil), ("0", nil), ("; url=/new", nil), ("0; url=", nil),
    ] as [(String, String?)])
  func refresh(content: String, expected: String?) throws {
    #expect(try page("<meta http-equiv=Refresh content=\"\(content)\">").refreshURL?.description == expected)
  }

  @Test("a password field is detected")
  func password() throws {
    #expect(try page("<form><input TYPE=Password></form>").hasPasswordField)
    #expect(try !page("<form><input type=text name=password></form>").hasPasswordField)
  }

  @Test(
    "a page that needs scripts to render is distinguished from a short page",
    arguments: [
      ("<div id=root></div><script src=a.js></script>", true),
      ("<div id='__next'></div><script>go()</script>", true),
      ("<my-app></my-app><script src=a.js></script>", true),
      (
        "<noscript>You need to enable JavaScript to run this app.</noscript><div id=app></div><script src=a.js></script>",
        true
      ),
      ("<div class=application-mount></div><script type=module src=a.js></script>", true),
      ("<script src=flutter_bootstrap.js async></script>", true),
      ("<main><div><span>Loading…</span></div><div></div></main><script src=a.js></script>", true),
      ("<div></div><script type='application/ld+json'>{}</script>", false),
      ("<div></div><p>Closed today.</p><script src=a.js></script>", false),
      ("<div></div><a href=/x>On</a><script src=a.js></script>", false),
      ("<div></div><img src=a.png><script src=a.js></script>", false),
      ("<form><input></form><div></div><script src=a.js></script>", false),
      ("<div id=root></div>", false),
      ("<p>Short.</p><script src=a.js></script>", false),
      ("<p>Short.</p><picture><source srcset=a><img src=b></picture><script src=a.js></script>", false),
      ("<div id=root>\(String(repeating: paragraph("One"), count: 2))</div><script src=a.js></script>", false),
    ])
  func scriptShell(body: String, expected: Bool) throws {
    #expect(try page("<body>\(body)</body>").isScriptShell == expected)
  }
}

/// Parsing of a page's headings, links and content.
@Suite struct PageBodies {
  @Test("headings are in document order, without permalink signs")
  func headings() throws {
    let page = try page("<body><h1>One <em>two</em></h1><p>x<h2>Three<a href=#three>¶</a></h2><h3> Four\n five </h3>")
    #expect(page.headings.map(\.level) == [1, 2, 3])
    #expect(page.headings.map(\.text) == ["One two", "Three", "Four five"])
    #expect(page.heading == "One two")
  }

  @Test("links have their region, list depth and heading")
  func links() throws {
    let page = try page(
      """
      <body><header><a href="/home">Home</a></header><nav><ul><li><a href="/one">One</a><ul><li><a href="two?x#y">Two</a></ul></ul></nav>
      <main><h2>Part</h2>\(paragraph("Text"))<p>See <a href="/three"><b>Th</b>ree</a> and <a href="#place">here</a>.</p></main>
      <aside><a href="/four" aria-label="Four"><img src=x></a></aside><footer><a href="/five">Five</a></footer>
      """)
    #expect(page.links.map(\.reference) == ["/home", "/one", "two?x", "/three", "/four", "/five"])
    #expect(page.links.map(\.text) == ["Home", "One", "Two", "Three", "Four", "Five"])
    #expect(page.links.map(\.region) == [.header, .navigation, .navigation, .content, .aside, .footer])
    #expect(page.links.map(\.listDepth) == [0, 1, 2, 0, 0, 0])
    #expect(page.links.map(\.hasFragment) == [false, false, true, false, false, false])
    #expect(page.links[3].heading == "Part")
    #expect(page.links[0].heading == nil)
    #expect(page.resolve(page.links[2])?.description == "https://example.com/docs/two?x")
  }

  @Test(
    "links outside the main content have the name of their group",
    arguments: [
      (
        "<nav><p class=caption>Guides</p><ul><li><a href=/a>A</a><li><a href=/b>B</a></ul><p class=caption>Reference</p><ul><li><a href=/c>C</a></ul></nav>",
        ["A Guides", "B Guides", "C Reference"]
      ),
      (
        "<nav><ul><li><a href=/home>Start page</a><li><a href='#'>Product</a><ul><li><a href=/a>A</a></ul><li><button>Company</button><ul><li><a href=/b>B</a></ul><li><a href=/c>C</a></ul></nav>",
        ["Start page -", "A Product", "B Company", "C -"]
      ),
      (
        "<footer><div><h4>Resources</h4><a href=/a>A</a><a href=/b>B</a></div><div><h4>Legal</h4><a href=/c>C</a></div></footer>",
        ["A Resources", "B Resources", "C Legal"]
      ),
      (
        "<nav>Menu <ul><li><a href=/a>A</a></ul></nav><footer><a href=/b>B</a> | <a href=/c>C</a></footer>",
        ["A -", "B -", "C -"]
      ),
      ("<main><h2>Part</h2><ul><li><a href=/a>A</a></ul></main>", ["A -"]),
      (
        "<aside><ul><li><span>Guides</span><ul><li><span>First</span><ul><li><a href=/a>A</a></ul><li><a href=/b>B</a></ul></ul></aside>",
        ["A Guides/First", "B Guides"]
      ),
      (
        "<aside><h2>Guides</h2><a href=/a>A</a><h3>Advanced</h3><ul><li><a href=/b>B</a></ul><h2>Reference</h2><a href=/c>C</a></aside>",
        ["A Guides", "B Guides/Advanced", "C Reference"]
      ),
    ])
  func groups(html: String, expected: [String]) throws {
    let links = try page("<body>\(html)</body>").links
    #expect(links.map { "\($0.text) \($0.groups.isEmpty ? "-" : $0.groups.joined(separator: "/"))" } == expected)
  }

  @Test("links without a page as target are dropped or not resolved")
  func otherLinks() throws {
    let page = try page(
      "<body><a href='javascript:x()'>a</a><a href='mailto:a@b.c'>b</a><a href=''>c</a><a>d</a><a href='#'>e</a><a href='tel:1'>f</a>"
    )
    #expect(page.links.compactMap(page.resolve).isEmpty)
  }

  @Test(
    "the breadcrumb trail is found by class, id or label",
    arguments: ["nav aria-label=Breadcrumb", "ol class='nav breadcrumb'", "div id=breadcrumbs"])
  func breadcrumbs(element: String) throws {
    let name = element.prefix { $0 != " " }
    #expect(
      try page("<body><\(element)><a href=/>Home</a> › <a href=/docs/>Docs</a> › Page</\(name)>").breadcrumbs == [
        "Home", "Docs",
      ])
  }

  @Test("the main content is selected, and boilerplate is omitted")
  func mainContent() throws {
    let frame = ["nav", "header", "footer", "aside", "dialog", "form"].map {
      "<\($0)><p>Frame \($0) with a few words.</p></\($0)>"
    }
    let named = ["cookie-banner", "sidebar", "comments", "share"].map {
      "<div class='x \($0)'><p>Frame \($0) with a few words.</p></div>"
    }
    let names = ["Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta"]
    let body =
      frame.joined() + named.joined()
      + "<template><p>Frame</p></template><div><h1>Title</h1>\(names.map(paragraph).joined())</div>"
    let page = try page("<body>\(body)<script>frame()</script><style>frame{}</style></body>")
    #expect(!page.text.lowercased().contains("frame"))
    #expect(page.text.split(separator: "\n").map { String($0.prefix { $0 != " " }) } == names)
    #expect(page.headings.map(\.text) == ["Title"])
    #expect(page.paragraphs.count == names.count)
    #expect(page.words == 20 * names.count)
  }

  @Test(
    "content outside a marked main region is omitted",
    arguments: ["main", "article", "div role=main"])
  func markedRegion(element: String) throws {
    let inside = ["Inside", "Within", "Amid", "Among", "Between", "Herein"].map(paragraph).joined()
    func menu(_ name: String) -> String {
      "<ul>\((1...6).map { "<li><a href=/\($0)>\(name) number \($0)</a>" }.joined())</ul>"
    }
    let page = try page(
      "<body>\(menu("Before"))<\(element)>\(inside)</\(element.prefix { $0 != " " })>\(menu("After"))<p>After all.</p>")
    #expect(page.text.hasPrefix("Inside"))
    #expect(!page.text.contains("Before") && !page.text.contains("After"))
  }

  @Test("a header element inside an article belongs to the article")
  func articleHeader() throws {
    let page = try page(
      "<body><header>Banner</header><article><header><h1>Title</h1></header>\(paragraph("Text"))<footer>Author</footer></article>"
    )
    #expect(page.headings.map(\.text) == ["Title"])
    #expect(!page.text.contains("Banner"))
  }
}

/// Broken, unusual and hostile HTML.
@Suite(.timeLimit(.minutes(1))) struct BrokenPages {
  @Test(
    "unclosed and misnested elements are parsed",
    arguments: [
      "<body><p>One<p>Two<ul><li>Three<li>Four", "<p>One</div><div>Two</p></span></div>Three<table><tr><td>Four",
      "<html><body><p>One</p></body></html><p>Two</p>Three</html><div>Four", "One<br>Two<b><p>Three</b><i>\nFour",
      "<p>One\0<p>Two\0\0<p>Three<p>Four", "<p a=b>One<p>Two<!-- x -->\n Three<p>Four",
    ])
  func unclosed(html: String) throws {
    let words = try page(html).text.split { !$0.isLetter }
    #expect(words == ["One", "Two", "Three", "Four"])
  }

  @Test("the text of a script is not part of the page")
  func scripts() throws {
    let page = try page(
      "<body><p>One<script>var a = '<p>leak</p><b>leak</b>'; if (a<b) leak() //</b></script><p>Two<style>p::after{content:'</b>leak'}</style>"
    )
    #expect(!page.text.contains("leak"))
  }

  @Test(
    "input without content is an empty page",
    arguments: ["", " ", "\0", "<", "<!", "<!--", "<html>", "\u{feff}", "</p>", "&", "<a href"])
  func emptyInput(html: String) throws {
    let page = try page(html)
    #expect(page.links.isEmpty)
    #expect(page.title == nil)
  }

  @Test(
    "3,000 nested elements are parsed",
    arguments: [
      "<div>", "<div>one two three four five six seven eight nine ten ", "<span>word ", "<ul><li>word ",
      "<blockquote><a href=/a>word</a> ",
      "<my-element>", "<section><header>word ",
    ])
  func deepNesting(element: String) throws {
    let html = "<body><article>" + String(repeating: element, count: 3_000) + "end<script></script>"
    let (page, markdown) = PageReader.readWithMarkdown(Array(html.utf8), url: try NormalizedURL("https://example.com/"))
    #expect(page.text.hasSuffix("end"))
    #expect(markdown.hasSuffix("end"))
  }

  @Test("a page with a hundred thousand links is parsed")
  func manyLinks() throws {
    let html = "<body><main><ul>" + String(repeating: "<li><a href=/a>b</a>", count: 20_000)
    let page = try page(html)
    #expect(page.links.count == 20_000)
    #expect(page.links.last?.listDepth == 1)
  }

  @Test("a long list or table is rendered as Markdown in linear time", arguments: ["ul", "table"])
  func longLists(element: String) throws {
    let item = element == "ul" ? "<li>one two</li>" : "<tr><td>one</td><td>two</td></tr>"
    let markdown = try markdown("<body><main><\(element)>\(String(repeating: item, count: 10_000))</\(element)></main>")
    #expect(markdown.utf8.count { $0 == 0x0a } == (element == "ul" ? 9_999 : 10_000))
  }

  @Test(
    "bytes that are invalid in the encoding are replaced",
    arguments: ["shift_jis", "gbk", "euc-kr", "utf-8", "windows-1252", "iso-2022-jp", "nonsense"])
  func invalidBytes(charset: String) throws {
    let bytes = Array("<p>One".utf8) + Array(repeating: 0xff, count: 100_000) + Array("<p>Two".utf8)
    let page = PageReader.read(bytes, url: try NormalizedURL("https://example.com/"), charset: charset)
    #expect(page.text.hasPrefix("One"))
    #expect(page.text.hasSuffix("Two"))
  }

  @Test("at most twenty thousand links are kept of a page with a million")
  func tooManyLinks() throws {
    let page = try page(
      "<body><main>" + (0..<30_000).map { "<a href=/\($0)>x</a>" }.joined() + paragraph("Last") + "</main>")
    #expect(page.links.count == 20_000)
    #expect(page.text.contains("Last explains"))
  }

  /// `FETCH_USER_AGENT` changes the crawler's name; then directives for that name apply.
  @Test func robotsElementMayAddressTheCrawlerByName() throws {
    func isRefused(_ name: String, by agent: String) throws -> Bool {
      let html = "<title>A</title><meta name=\"\(name)\" content=\"noindex\"><p>Text"
      return PageReader.read(Array(html.utf8), url: try NormalizedURL("https://example.com/"), agent: agent).robots
        .contains("noindex")
    }
    #expect(try isRefused("acmebot", by: "AcmeBot") && !isRefused("acmebot", by: "LLMTxtMastery"))
    #expect(try isRefused("LLMTxtMastery", by: "LLMTxtMastery") && !isRefused("llmtxtmastery", by: "AcmeBot"))
    #expect(try isRefused("robots", by: "AcmeBot"))
  }

  /// An unclosed element contains the rest of the page, and so does each unclosed element inside it. Without a limit
  /// such a page would take minutes.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "<a href=x><b>word ", "<a href=x><div>word", "<h2><a href=x><b>word ", "<ul><li><a href=x><code>word ",
    ], ["", "<div class=breadcrumb>"])
  func textOfUnclosedElementsIsLimited(unit: String, start: String) throws {
    let html = "<!DOCTYPE html><title>T</title><h1>T</h1>" + start + String(repeating: unit, count: 20_000)
    let (page, markdown) = PageReader.readWithMarkdown(
      Array(html.utf8), url: try NormalizedURL("https://site.example/"))
    #expect(page.links.allSatisfy { $0.text.utf8.count <= 2_000 })
    #expect(page.breadcrumbs.count <= 20)
    #expect(markdown.utf8.count < 4 * html.utf8.count)
  }
}
