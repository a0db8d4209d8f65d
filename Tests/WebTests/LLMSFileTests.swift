import Testing

@testable import Web

struct LLMSFileTests {
  @Test func everyLineBecomesAnElementWithItsLineNumber() {
    let file = LLMSFile(
      "# T\r\n\r\n> s\r> u\n\ntext\n```\n## no section\n```\n## A\n<!-- a\nb -->\n- [t](u): d\n### B\n> q\n")
    #expect(file.title?.line == 1)
    #expect(file.title?.text == "T")
    #expect(file.quotes.map(\.line) == [3, 4])
    #expect(file.head.map(\.line) == [1, 3, 4, 6, 7, 8, 9])
    #expect(file.head.map(\.kind).suffix(3) == [.fence, .code, .fence])
    #expect(file.sections.map(\.name) == ["A"])
    #expect(file.sections[0].line == 10)
    #expect(file.sections[0].elements.map(\.line) == [11, 12, 13, 14, 15])
    #expect(file.sections[0].elements[0...1].map(\.kind) == [.comment, .comment])
    #expect(file.sections[0].elements[3].kind == .heading(level: 3, name: "B", isIndented: false))
    #expect(file.hasCarriageReturns)
  }

  @Test func unclosedFencesAndCommentsAreReported() {
    #expect(LLMSFile("# T\n\n```sh\nx\n## A\n").openFence == 3)
    #expect(LLMSFile("# T\n\n````\n```\n````\n## A\n").openFence == nil)
    #expect(LLMSFile("# T\n\n<!-- never\n## A\n").sections.isEmpty)
  }

  @Test func arbitraryBytesAreParsed() {
    #expect(!LLMSFile([0x23, 0x20, 0xff, 0xfe, 0x0a]).isUTF8)
    #expect(LLMSFile([0xef, 0xbb, 0xbf, 0x23, 0x20, 0x54]).hasByteOrderMark)
    #expect(LLMSFile([0xef, 0xbb, 0xbf, 0x23, 0x20, 0x54]).title?.text == "T")
    #expect(LLMSFile([]).lines.isEmpty)
    #expect(LLMSFile([0, 0, 0]).sections.isEmpty)
  }

  // MARK: Links

  @Test(
    arguments: [
      ("- [t](u): d", LLMSLink.Marker.dash, "", "t", "u", ":", "d"), ("* [t](u) - d", .star, "", "t", "u", "-", "d"),
      ("1. [t](u)", .number, "", "t", "u", "", nil),
      ("+ [t](u) — d", .plus, "", "t", "u", "—", "d"), ("[t](u)", .none, "", "t", "u", "", nil),
      ("- **[t](u)**: d", .dash, "**", "t", "u", "**:", "d"),
      ("- See [t](u): d", .dash, "See", "t", "u", ":", "d"), ("- [a [b] c](u): d", .dash, "", "a [b] c", "u", ":", "d"),
      ("- [a \\] c](u)", .dash, "", "a \\] c", "u", "", nil),
      ("- [t](/w_(x)): d", .dash, "", "t", "/w_(x)", ":", "d"), ("- [t](u \"x\"): d", .dash, "", "t", "u", ":", "d"),
      ("- [t](<u v>): d", .dash, "", "t", "u v", ":", "d"),
      ("- [ ] [t](u)", .dash, "[ ]", "t", "u", "", nil), ("- [t](u): d - e", .dash, "", "t", "u", ":", "d - e"),
      ("- [t](u): -d", .dash, "", "t", "u", ":", "-d"), ("- [t](u): é", .dash, "", "t", "u", ":", "é"),
    ] as [(String, LLMSLink.Marker, String, String, String, String, String?)])
  func linkIsParsedInEveryNotation(
    line: String, marker: LLMSLink.Marker, prefix: String, title: String, url: String, separator: String,
    description: String?
  ) throws {
    let link = try #require(LLMSLink(line))
    #expect(link.marker == marker)
    #expect(link.prefix == prefix)
    #expect(link.title == title)
    #expect(link.url == url)
    #expect(link.separator == separator)
    #expect(link.description == description)
  }

  @Test(arguments: ["- https://x.example", "- [a][b]", "text", "- [a] (b)", "[", "]("])
  func lineWithoutLinkIsNotALink(line: String) { #expect(LLMSLink(line) == nil) }

  @Test(arguments: [
    "* [a](https://x.example/): d", "- **[a](https://x.example/)** - d", "- [a [b]](https://x.example/c_(d)) : e",
    "1. [a](https://x.example/)", "- [a \\]](https://x.example/ b): d",
  ])
  func correctedLineIsParsedCompletely(line: String) throws {
    let link = try #require(LLMSLink(line))
    let result = LLMSFile("# T\n\ninfo\n\n## A\n" + link.corrected).reference
    #expect(!result.crashes)
    #expect(result.sections[0].links.first?.description == link.description)
    #expect(LLMSLink(link.corrected)?.corrected == link.corrected)
  }

  @Test func secondLinkIsDetected() {
    #expect(LLMSLink("- [a](b), [c](d)")?.hasSecondLink == true)
    #expect(LLMSLink("- [a](b): see [c](d)")?.hasSecondLink == false)
  }
}
