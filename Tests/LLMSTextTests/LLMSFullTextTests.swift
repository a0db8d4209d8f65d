import Crawling
import Testing
import Web

@testable import LLMSText
@testable import SiteAnalysis

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

  @Test("other good pages follow those of the llms.txt, and pages that could not be fetched are listed")
  func otherPages() throws {
    let others = ["four", "five"].map { LLMSTextFile.Link(title: $0, url: "https://example.com/\($0)") }
    let markdown = [
      try NormalizedURL("https://example.com/one"): "1", try NormalizedURL("https://example.com/five"): "5",
    ]
    let text = LLMSFullText(index: index, others: others, markdown: markdown).rendered()
    let titles = text.split(separator: "\n").filter { $0.hasPrefix("# ") }
    #expect(titles == ["# Site", "# One", "# five", "# Pages that are not in this file"])
    #expect(text.hasSuffix("- Three: https://example.com/three\n- four: https://example.com/four\n"))
  }

  @Test func pagesThatAreWorthReadingFollow() throws {
    func entry(_ path: String, score: Double = 7, optional: Bool = false, role: SiteReport.Entry.Role? = nil) throws
      -> SiteReport.Entry
    {
      var entry = SiteReport.Entry(
        url: try NormalizedURL("https://example.com" + path), title: path, description: nil, category: "A",
        score: score,
        scoredBy: .heuristics, optional: optional, language: nil, words: 100, lastModified: nil, level: 1)
      entry.role = role
      return entry
    }
    let report = SiteReport(
      url: try NormalizedURL("https://example.com/"), site: .init(title: "Site", type: .documentation),
      discovery: .init(method: .links, sitemaps: [], robots: .absent, found: 9),
      pages: [
        try entry("/one"), try entry("/good"), try entry("/poor", score: 3), try entry("/legal", optional: true),
        try entry("/index", role: .index), try entry("/alike", role: .alike),
      ],
      metrics: .init(fetched: 9, fromCache: 0, skipped: [:], bytes: 0, milliseconds: 0, modelCalls: 0, costMicros: 0),
      partial: false)
    #expect(LLMSFullText.otherPages(of: report, than: index).map(\.title) == ["/good", "/alike"])
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
