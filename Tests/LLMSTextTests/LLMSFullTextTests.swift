import Testing
import Web

@testable import LLMSText

@Suite struct LLMSFullTextTests {
  private let index = LLMSTextFile(
    title: "Site", summary: "A site.", details: "More.",
    sections: [
      .init(
        name: "Guides",
        links: [
          .init(title: "One", url: "https://example.com/one"), .init(title: "Two", url: "https://example.com/two"),
        ]),
      .init(
        name: "Optional",
        links: [
          .init(title: "One again", url: "https://example.com/one"),
          .init(title: "Three", url: "https://example.com/three"),
        ]),
    ])

  private func rendered(_ markdown: [String: String], limit: Int = LLMSFullText.maximumBytes) throws -> String {
    let byURL = try Dictionary(
      uniqueKeysWithValues: markdown.map { (try NormalizedURL("https://example.com/" + $0.key), $0.value) })
    return LLMSFullText(index: index, markdown: byURL, maximumBytes: limit).rendered()
  }

  @Test("each page is included once, in the order of the links, and pages that could not be fetched are listed")
  func shape() throws {
    #expect(
      try rendered(["one": "Text of one.", "two": "Text of two."]) == """
        # Site

        > A site.

        # One

        Source: https://example.com/one

        Text of one.

        # Two

        Source: https://example.com/two

        Text of two.

        # Pages that are not in this file

        - Three: https://example.com/three

        """)
  }

  @Test(
    "headings of a page are below the heading that the file gives it",
    arguments: [
      ("# One\n\nText", "Text"),
      ("# Chapter 1. One\n\nText", "Text"),
      ("# Other\n\nText", "## Other\n\nText"),
      ("Text\n\n# One\n\nMore", "Text\n\n## One\n\nMore"),
      ("```\n# comment\n```", "```\n# comment\n```"),
      ("````\n```\n# comment\n````\n\n# Later", "````\n```\n# comment\n````\n\n## Later"),
    ])
  func headings(markdown: String, expected: String) throws {
    #expect(try rendered(["one": markdown]).contains("Source: https://example.com/one\n\n\(expected)\n"))
  }

  @Test("a page that would exceed the size limit is listed and not included")
  func limit() throws {
    let text = try rendered(["one": String(repeating: "word ", count: 190), "two": "Text of two."], limit: 1000)
    #expect(text.utf8.count <= 1000 + 200)
    #expect(text.contains("# One\n") && text.contains("- Two: https://example.com/two"))
  }
}
