import Testing
import Web

@testable import Documents

/// The traps of the format's readers, as llms-txt 0.0.7 sets them.
struct LLMSTextTests {
  private func rendered(title: String = "T", summary: String = "S.", details: String = "D.", link: LLMSText.Link)
    -> [String]
  {
    LLMSText(title: title, summary: summary, details: details, sections: [.init(name: "Docs", links: [link])])
      .rendered()
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func theWholeFile() {
    let text = LLMSText(
      title: "Site", summary: "What it is.", details: "Start there.",
      sections: [
        .init(
          name: "Docs",
          links: [
            .init(title: "A", url: "https://x.example/a", description: "All of a"),
            .init(title: "B", url: "https://x.example/b"),
          ]),
        .init(name: "Empty", links: []),
        .init(name: "Optional", links: [.init(title: "C", url: "https://x.example/c")]),
      ])
    #expect(
      text.rendered() == """
        # Site

        > What it is.

        Start there.

        ## Docs

        - [A](https://x.example/a): All of a
        - [B](https://x.example/b)

        ## Optional

        - [C](https://x.example/c)

        """)
  }

  @Test func bracketsInATitleWouldEndIt() {
    #expect(
      rendered(link: .init(title: "a[0] = b", url: "https://x.example/")).contains("- [a(0) = b](https://x.example/)"))
    #expect(rendered(link: .init(title: #"C:\"#, url: "https://x.example/")).contains("- [C:](https://x.example/)"))
  }

  @Test func parenthesesInAURLWouldCutIt() {
    #expect(
      rendered(link: .init(title: "A", url: "https://x.example/a_(b)")).contains("- [A](https://x.example/a_%28b%29)"))
  }

  @Test func everythingIsOneLine() {
    let lines = rendered(
      title: "a\nb", summary: "c\r\nd", details: "e\nf",
      link: .init(title: "g\nh", url: "https://x.example/", description: "i\nj\u{2028}k\tl"))
    #expect(lines.contains("# a b") && lines.contains("> c d") && lines.contains("e f"))
    #expect(!lines.joined().contains("\r"))
    #expect(lines.count == 10)
  }

  @Test(arguments: ["## Heading", "- item", "> quote", "```", "* star", "| table"])
  func detailsAreNeverTakenForAnythingElse(details: String) {
    #expect(!rendered(details: details, link: .init(title: "A", url: "https://x.example/")).contains(details))
  }

  @Test func thereIsAlwaysAParagraphBeforeTheFirstSection() {
    let lines = rendered(details: "", link: .init(title: "A", url: "https://x.example/"))
    #expect(!lines[4].isEmpty, "without one, the reference parser takes the summary for text")
  }
}
