import Web

/// Tests ``PageReader``: results are bounded by the input's size, and parsing is deterministic.
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
    // Use pieces of pages, because they are faster to parse than whole ones.
    files(in: "\(folder)/extraction-training/pages", atMost: 300).flatMap { file -> [[UInt8]] in
      let page = Gzip.decompressedIfGzip(file, limit: 1 << 20) ?? []
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
    guard let url else { throw Violation("the page has a URL") }
    let charset = random.pick(charsets)
    let (page, markdown) = PageReader.readWithMarkdown(input, url: url, charset: charset)
    try checkSizes(page, markdown, of: input)
    for link in page.links {
      try require(
        !link.reference.isEmpty && !link.reference.utf8.contains(0x23),
        "a link's reference is not empty and has no fragment")
      _ = page.resolve(link)
    }
    for line in [page.title, page.heading, page.description, page.siteName] + page.headings.map(\.text)
    where line != nil {
      try require(
        line.map { !$0.isEmpty && !$0.utf8.contains(0x0a) } ?? true,
        "titles, headings and descriptions have one line each")
    }
    try require(page.headings.allSatisfy { (1...6).contains($0.level) }, "heading levels are 1 to 6")
    try require((0...100).contains(page.linkDensity), "the link density is from 0 to 100")
    guard random.once(in: 4) else { return }
    let (repeated, repeatedMarkdown) = PageReader.readWithMarkdown(input, url: url, charset: charset)
    try require(
      markdown == repeatedMarkdown && page.text == repeated.text && page.title == repeated.title,
      "text, title and Markdown are deterministic")
    try require(
      page.links == repeated.links && page.headings == repeated.headings && page.robots == repeated.robots,
      "links, headings and robots rules are deterministic")
    try require(
      PageReader.read(input, url: url, charset: charset).text == page.text, "the text is the same without Markdown"
    )
  }

  private func checkSizes(_ page: Page, _ markdown: String, of input: [UInt8]) throws(Violation) {
    // A byte of another encoding becomes at most three bytes of UTF-8, and each block adds a line end.
    let limit = 6 * input.count + 16
    try require(page.text.utf8.count <= limit, "text is bounded: \(page.text.utf8.count) bytes from \(input.count)")
    try require(!page.text.utf8.contains(0), "text contains no NUL")
    try require(page.words <= input.count, "there are no more words than bytes")
    try require(
      page.links.count <= input.count && page.headings.count <= input.count,
      "there are no more links and headings than bytes")
    // Markdown has absolute URLs, which a base element can lengthen, and indented lists.
    let limitOfMarkdown = 8 * limit + (page.links.count + 1) * (NormalizedURL.maximumLength + 16)
    try require(
      markdown.utf8.count <= limitOfMarkdown, "Markdown is bounded: \(markdown.utf8.count) bytes from \(input.count)")
  }
}
