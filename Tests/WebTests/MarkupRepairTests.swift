import Testing
import Web

/// Workarounds for libxml2's handling of comments and of many attributes.
@Suite(.timeLimit(.minutes(1))) struct MarkupRepairs {
  @Test(
    "HTML standard, section 13.2.5.43: comments end where browsers end them",
    arguments: [
      "<!-->", "<!--->", "<!---->", "<!-- -->", "<!-- > -->", "<!-- <!-->", "<!-- a -- b --!>", "<!--[if !IE]><!-->",
      "<!--[if IE]> <p>Old <![endif]-->", "<!--><!--->",
      "<!--[if !IE]> --> <!-- <![endif]-->",
    ])
  func comments(comment: String) throws {
    let page = try page(
      "<title>T</title><main>\(paragraph("First"))\(comment)\(paragraph("Second"))<!-- hidden -->\(paragraph("Third"))</main>"
    )
    #expect(page.paragraphs.map { $0.prefix { $0 != " " } } == ["First", "Second", "Third"])
    #expect(!page.text.contains("hidden") && !page.text.contains("Old") && !page.text.contains("-->"))
  }

  @Test(
    "comment syntax in scripts, styles and attribute values is not a comment",
    arguments: [
      "<script>var a = '<!-->'; if (a<b) c=\"</script>", "<style>a::before { content: '<!-->' }</style>",
      "<p title='<!--'>", "<scripted a=\"<!--\">", "<img alt='<!--->'>",
    ])
  func noComments(markup: String) throws {
    let page = try page("<title>T</title><main>\(paragraph("First"))\(markup)\(paragraph("Second"))</main>")
    #expect(page.paragraphs.map { $0.prefix { $0 != " " } } == ["First", "Second"])
  }

  @Test("an element may have hundreds of attributes, and a link with 200 attributes is found")
  func hundreds() throws {
    let attributes = (0..<200).map { "data-\($0)='>' " }.joined()
    let page = try page("<title>T</title><main>\(paragraph("First"))<a \(attributes) href=/there>There</a></main>")
    #expect(page.links.map(\.reference) == ["/there"])
  }

  @Test(
    "excess attributes of a million are dropped, and the rest of the page is parsed",
    arguments: [" a%", " a%=b", " a%=\"x>y\"", " a%='<p '", "/a%"])
  func million(attribute: String) throws {
    let flood = (0..<300_000).map { attribute.replacing("%", with: String($0)) }.joined()
    let page = try page("<title>T</title><main>\(paragraph("First"))<p\(flood)>Second</p>\(paragraph("Third"))</main>")
    #expect(page.paragraphs.contains { $0.hasPrefix("Third") })
    #expect(page.text.contains("\nSecond\n"))
  }
}
