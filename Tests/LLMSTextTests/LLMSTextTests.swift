import Testing
import Web

@testable import LLMSText

/// The text form of an llms.txt must be readable for the reference parser, llms-txt 0.0.7.
struct LLMSTextTests {
  private func rendered(title: String = "T", summary: String = "S.", details: String = "D.", link: LLMSTextFile.Link)
    -> [String]
  {
    LLMSTextFile(title: title, summary: summary, details: details, sections: [.init(name: "Docs", links: [link])])
      .rendered()
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func fileHasTitleSummaryDetailsAndNonEmptySections() {
    let text = LLMSTextFile(
      title: "Site", summary: "A site.", details: "Start there.",
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

        > A site.

        Start there.

        ## Docs

        - [A](https://x.example/a): All of a
        - [B](https://x.example/b)

        ## Optional

        - [C](https://x.example/c)

        """)
  }

  @Test func bracketsInLinkTitlesAreReplaced() {
    #expect(
      rendered(link: .init(title: "a[0] = b", url: "https://x.example/")).contains("- [a(0) = b](https://x.example/)"))
    #expect(rendered(link: .init(title: #"C:\"#, url: "https://x.example/")).contains("- [C:](https://x.example/)"))
  }

  @Test func parenthesesInURLsAreEncoded() {
    #expect(
      rendered(link: .init(title: "A", url: "https://x.example/a_(b)")).contains("- [A](https://x.example/a_%28b%29)"))
  }

  @Test func lineBreaksInTextsBecomeSpaces() {
    let lines = rendered(
      title: "a\nb", summary: "c\r\nd", details: "e\nf",
      link: .init(title: "g\nh", url: "https://x.example/", description: "i\nj\u{2028}k\tl"))
    #expect(lines.contains("# a b") && lines.contains("> c d") && lines.contains("e f"))
    #expect(!lines.joined().contains("\r"))
    #expect(lines.count == 10)
  }

  @Test(arguments: ["## Heading", "- item", "> quote", "```", "* star", "| table"])
  func detailsThatLookLikeMarkupAreEscaped(details: String) {
    #expect(!rendered(details: details, link: .init(title: "A", url: "https://x.example/")).contains(details))
  }

  @Test func emptyDetailsAreReplacedByAParagraph() {
    let lines = rendered(details: "", link: .init(title: "A", url: "https://x.example/"))
    #expect(!lines[4].isEmpty, "without it, the reference parser reads no summary")
  }
}
