import Testing
import Web

@testable import Documents

@Suite struct LLMSFullTextTests {
  private let text = LLMSText(
    title: "Site", summary: "What it is.", details: "More.",
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
    return LLMSFullText(head: text, markdown: byURL, maximumBytes: limit).rendered()
  }

  @Test("each page once, in the order of the links, below its title and address; what could not be read is named")
  func shape() throws {
    #expect(
      try rendered(["one": "Text of one.", "two": "Text of two."]) == """
        # Site

        > What it is.

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
    "a page's own headings lie below the file's",
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

  @Test("it ends within its limit, page by page")
  func limit() throws {
    let text = try rendered(["one": String(repeating: "word ", count: 190), "two": "Text of two."], limit: 1000)
    #expect(text.utf8.count <= 1000 + 200)
    #expect(text.contains("# One\n") && text.contains("- Two: https://example.com/two"))
  }
}
