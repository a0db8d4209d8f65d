import Web

/// Pages: what is read of one is no longer than the page allows, and is read again the same.
struct PageSubject: Subject {
  let name = "pages"
  let maximumBytes = 8192

  private let url = try? NormalizedURL("https://example.com/docs/page?x=1")
  private let charsets = [
    nil, nil, nil, "utf-8", "windows-1252", "iso-8859-1", "shift_jis", "gb18030", "euc-jp", "iso-2022-jp", "utf-16",
    "koi8-r", "nonsense",
  ]

  let dictionary =
    [
      "<!DOCTYPE html>", "<!-->", "<!--->", "<!--", "-->", "--!>", "<![CDATA[", "]]>", "<?", "<%", "</", "<", ">",
      "<script>", "</script>", "<style>", "<title>",
      "</title>", "<textarea>", "<plaintext>", "<template>", "<noscript>", "<svg>", "<math>", "<iframe>",
      "<select><option>", "<base href=\"//x.example/y/\">",
      "<meta charset=utf-16>", "<meta charset=\"iso-2022-jp\">", "<meta http-equiv=refresh content=\"0;url=/x\">",
      "<meta name=robots content=noindex>",
      "<main>", "</main>", "<article>", "<div>", "</div>", "<p>", "</p>", "<b><i></b></i>", "<table><tr><td>",
      "</table>", "<ul><li>", "<ol>", "<li>", "<pre>", "<code>",
      "```", "````", "|", "\\", "[", "](", "*", "`", "#", "<a href=\"/x\">", "<a href=\"javascript:x\">", "</a>",
      "<h1>", "<h7>", "<br>", "<hr>", "<img alt=x>", "<nav>",
      "<form><input type=password>", "<div id=root></div>", " class=\"breadcrumbs\"", " hidden", " aria-hidden=true",
      " role=main", "=\"", "='", "&", "&amp;", "&#0;",
      "&#x110000;", "&#xd800;", "&nbsp;", "&notit;", "&#", "\u{0}", "\u{feff}", "\u{202e}", "\u{a0}", "\u{2028}",
      "\u{300}", "👩‍👩‍👧‍👦", "<a-b>", "<x:y>", "<script type=\"application/ld+json\">{\"@graph\":[",
      "<blockquote>", "<dl><dt>x<dd>y", "<details><summary>", "<font>", "<body>", "</html>", "<frameset>",
      "<html lang=de>", "\r\n", "\t",
    ].tokens + [
      [0xff, 0xfe], [0xef, 0xbb, 0xbf], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf8, 0x88], [0x1b, 0x24, 0x42],
      [0x8e, 0xa1],
    ]

  func samples(in folder: String) -> [[UInt8]] {
    // A page's pieces are as good as the whole, and as many times faster.
    files(in: "\(folder)/extraction-training/pages", atMost: 300).flatMap { file -> [[UInt8]] in
      let page = Gzip.unpackedIfPacked(file, limit: 1 << 20) ?? []
      return stride(from: 0, to: min(page.count, 3 * maximumBytes), by: maximumBytes / 2).map {
        Array(page[$0...].prefix(maximumBytes / 2))
      }
    }
  }

  func compose(_ random: inout Randomness) -> [UInt8] {
    var page = PageComposer(random: random)
    defer { random = page.random }
    return page.compose()
  }

  func check(_ input: [UInt8], _ random: inout Randomness) throws(Violation) {
    guard let url else { throw Violation("the page has an address") }
    let charset = random.pick(charsets)
    let (page, markdown) = PageReader.readWithMarkdown(input, url: url, charset: charset)
    try checkSizes(page, markdown, of: input)
    for link in page.links {
      try require(
        !link.reference.isEmpty && !link.reference.utf8.contains(0x23), "a link's reference is without a fragment")
      _ = page.resolve(link)
    }
    for line in [page.title, page.heading, page.description, page.siteName] + page.headings.map(\.text)
    where line != nil {
      try require(
        line.map { !$0.isEmpty && !$0.utf8.contains(0x0a) } ?? true,
        "titles, headings and descriptions are one line each")
    }
    try require(page.headings.allSatisfy { (1...6).contains($0.level) }, "levels of headings are 1 to 6")
    try require((0...100).contains(page.linkDensity), "a density is of a hundred")
    guard random.once(in: 4) else { return }
    let (again, markdownAgain) = PageReader.readWithMarkdown(input, url: url, charset: charset)
    try require(
      markdown == markdownAgain && page.text == again.text && page.title == again.title, "the same page reads the same")
    try require(
      page.links == again.links && page.headings == again.headings && page.robots == again.robots,
      "the same page holds the same")
    try require(
      PageReader.read(input, url: url, charset: charset).text == page.text, "a page reads the same without its Markdown"
    )
  }

  private func checkSizes(_ page: Page, _ markdown: String, of input: [UInt8]) throws(Violation) {
    // A byte of another encoding is at most three in UTF-8, and a block of one character has the end of a line besides.
    let limit = 6 * input.count + 16
    try require(page.text.utf8.count <= limit, "text of \(page.text.utf8.count) bytes from \(input.count)")
    try require(!page.text.utf8.contains(0), "text holds no NUL")
    try require(page.words <= input.count, "there are no more words than bytes")
    try require(
      page.links.count <= input.count && page.headings.count <= input.count,
      "there are no more links and headings than bytes")
    // A link is written out, and may take what a base element added; lists are indented.
    let written = 8 * limit + (page.links.count + 1) * (NormalizedURL.maximumLength + 16)
    try require(markdown.utf8.count <= written, "Markdown of \(markdown.utf8.count) bytes from \(input.count)")
  }
}
