import Testing
import Web

@testable import Validation

/// Lines that list pages in another form, and the lines as they should be.
struct MalformedLineTests {
  private static let definitions = ["p": "https://b.example/prices", "boats": "https://b.example/boats"]

  private func items(_ line: String) -> [String]? { MalformedLine(line, definitions: Self.definitions)?.items }

  @Test(
    arguments: [
      // Tables.
      ("| [Prices](https://b.example/prices) | the price of an hour |", "the price of an hour"),
      ("|[Prices](https://b.example/prices)|the price of an hour|", "the price of an hour"),
      ("| 1 | [Prices](https://b.example/prices) | hours |", "1; hours"),
      ("| Prices | [Prices](https://b.example/prices) | a \\| b |", "a | b"),
      ("| [Prices](https://b.example/prices): hours | days |", "hours; days"),
      ("| [Prices](https://b.example/prices) |", nil), ("[Prices](https://b.example/prices) | hours |", "hours"),
      ("| Prices | https://b.example/prices | hours |", "hours"), ("| - [Prices][p] | hours |", "hours"),
      // HTML.
      ("<li><a href=\"https://b.example/prices\">Prices</a> hours</li>", "hours"),
      ("<LI><A class=x HREF='https://b.example/prices'><b>Prices</b></A>: hours", "hours"),
      ("<a href=https://b.example/prices>Prices</a><br>", nil),
      ("<tr><td><a href=\"https://b.example/prices\">Prices</a></td><td>hours</td></tr>", "hours"),
      ("<li>[Prices](https://b.example/prices): hours</li>", "hours"),
      ("<p><a href=\"https://b.example/prices\">Prices</a> – hours</p>", "hours"),
      // Blockquotes, headings and lists.
      ("> - [Prices](https://b.example/prices): hours", "hours"), ("> > [Prices](https://b.example/prices)", nil),
      ("### [Prices](https://b.example/prices): hours", "hours"), ("- [x] [Prices](https://b.example/prices)", nil),
      ("10. [Prices](https://b.example/prices) - hours", "hours"),
      ("• [Prices](https://b.example/prices): hours", "hours"),
      ("- - * [Prices](https://b.example/prices)", nil),
      ("- [![Prices](https://b.example/badge.svg)](https://b.example/prices): hours", "hours"),
      // Reference links.
      ("- [Prices][p]: hours", "hours"), ("* [Prices][P]", nil), ("- **[Prices][p]** hours", "hours"),
      // Bare URLs.
      ("- Prices: https://b.example/prices", nil), ("- https://b.example/prices: hours", "hours"),
      ("<https://b.example/prices>", nil), ("Prices (https://b.example/prices)", nil),
      ("- https://b.example/prices, hours", "hours"), ("- **Prices** — https://b.example/prices – hours", "hours"),
      ("> https://b.example/prices", nil),
    ] as [(String, String?)])
  func lineIsCorrected(line: String, description: String?) {
    #expect(items(line) == [LLMSLink.line("Prices", "https://b.example/prices", description)])
  }

  @Test func severalLinksOfALineBecomeSeveralLines() {
    let expected = ["- [A](https://b.example/a)", "- [B](https://b.example/b)", "- [C](https://b.example/c): last"]
    #expect(
      items("- [A](https://b.example/a), [B](https://b.example/b) and [C](https://b.example/c): last") == expected)
    #expect(items("[A](https://b.example/a) · [B](https://b.example/b) / [C](https://b.example/c) – last") == expected)
    #expect(
      items("| [A](https://b.example/a) | [B](https://b.example/b) | | [C](https://b.example/c): last |") == expected)
  }

  @Test(
    arguments: [
      ("- [Boats][]", "- [Boats](https://b.example/boats)"),
      ("- [Boats]: all", "- [Boats](https://b.example/boats): all"),
      ("https://b.example/", "- [b.example](https://b.example/)"),
      ("- https://b.example/getting-started.html", "- [Getting Started](https://b.example/getting-started.html)"),
      ("- www.b.example/faq", "- [FAQ](https://www.b.example/faq)"),
      ("- https://b.example/a_(b)", "- [A (b)](https://b.example/a_%28b%29)"),
    ])
  func titleIsFoundForOtherForms(line: String, expected: String) { #expect(items(line) == [expected]) }

  @Test(
    arguments: [
      "", "|", "| Page | What |", "|---|---|", "<ul>", "</li>", "words", "> words", "- [ ] task",
      "[^1]: https://b.example/",
      "- ![Logo](https://b.example/logo.png)", "- [Unknown][zz]: text",
      "This sentence with many words mentions in its middle https://b.example/prices and goes on.",
    ])
  func otherLinesHaveNoItems(line: String) { #expect(items(line) == nil) }

  // MARK: Findings

  private func findings(_ text: String) throws -> [Finding] {
    FileRules.issues(of: LLMSFile(text), location: try NormalizedURL("https://b.example/llms.txt"), isOnline: false)
  }

  private static let head =
    "# Boats\n\n> Boats rents small boats by the hour in five harbours.\n\nStart with Prices.\n\n"

  @Test(
    arguments: [
      ("Boats\n=====\n\n> Rents.\n\nText.\n\n", "# Boats"), ("**Boats**\n\n> Rents.\n\n", "# Boats"),
      ("Boats\n\n> Rents.\n\n", "# Boats"), ("<h1 align=center>Boats</h1>\n\n", "# Boats"),
      ("## Boats\n\n", "# Boats"), ("  # Boats\n\n", "# Boats"), ("### Boats\n\n> Rents.\n\n", "# Boats"),
      ("---\ntitle: \"Boats\"\n---\n\n> Rents.\n\n", "# Boats"), ("<!-- made -->\nBoats\n-----\n", "# Boats"),
      ("> Rents boats.\n\n", "# b.example"), ("Boats rents boats by the hour.\n\n", "# b.example"),
    ])
  func titleIsTakenFromTheFile(head: String, fix: String) throws {
    let found = try findings(head + "## Docs\n\n- [Prices](https://b.example/prices): hours\n")
    #expect(found.filter { $0.rule == .missingTitle }.map(\.fix) == [fix])
  }

  @Test func underlinedHeadingsAreReported() throws {
    let text =
      "Boats\n=====\n\n> Rents.\n\nText.\n\nDocs\n----\n\n- [A](https://b.example/a): x\n- [Prices][p]: hours\n- <https://b.example/c>\n\nMore\n====\n\n- https://b.example/d\n\n[p]: https://b.example/prices\n"
    let found = try findings(text)
    #expect(found.filter { $0.rule == .underlinedHeading }.map(\.line) == [8, 15])
    #expect(found.filter { $0.rule == .underlinedHeading }.map(\.fix) == ["## Docs", "## More"])
    #expect(found.first { $0.rule == .referenceLink }?.fix == "- [Prices](https://b.example/prices): hours")
    #expect(
      found.filter { $0.rule == .bareURL }.map(\.fix) == ["- [C](https://b.example/c)", "- [D](https://b.example/d)"])
    #expect(found.first { $0.rule == .noSections }?.message.contains("its 4 links") == true)
  }

  @Test(
    "lines of - and = without a text above them are not headings",
    arguments: ["---\ntitle: x\n---\n", "text\n\n---\n", "- item\n---\n", "| a |\n|---|\n", "> quote\n---\n"])
  func otherRules(text: String) { #expect(LLMSFile(text + "\n# T\n").underlinedHeadings.isEmpty) }

  @Test func underlinedHeadingInsideASectionIsReportedOnce() throws {
    let found = try findings(
      Self.head + "## Docs\n\n- [A](https://b.example/a): x y\n\nMore\n----\n\n- [B](https://b.example/b): y z\n")
    #expect(found.map(\.rule) == [.underlinedHeading])
  }

  /// The arguments are a line in a section, the rule and the fix.
  @Test(
    arguments: [
      ("| [C](https://b.example/c) | z |", Rule.textInSection, "- [C](https://b.example/c): z"),
      ("| Page | What |", .textInSection, "remove this row"), ("|---|:-:|", .textInSection, "remove this row"),
      ("<ul>", .textInSection, "remove this line"), ("***", .textInSection, "remove this line"),
      ("> [C](https://b.example/c)", .textInSection, "- [C](https://b.example/c)"),
      ("<li><a href=\"https://b.example/c\">C</a></li>", .textInSection, "- [C](https://b.example/c)"),
      ("- [C][]: z\n[c]: https://b.example/c", .referenceLink, "- [C](https://b.example/c): z"),
      ("- [C][zz]: z", .referenceLink, "- [C](https://…)"),
      ("[c]: https://b.example/c", .referenceLink, "write the URL"),
      ("- C: https://b.example/c", .bareURL, "- [C](https://b.example/c)"),
      ("### [C](https://b.example/c): z", .subheading, "- [C](https://b.example/c): z"),
      ("## [C](https://b.example/c)", .linkInHeading, "## C\n- [C](https://b.example/c)"),
      ("- ![C](https://b.example/c.png)", .decoratedLink, "remove it"),
      ("• [C](https://b.example/c): z", .bullet, "- [C](https://b.example/c): z"),
      ("- [C](https://b.example/c \"See\"): z", .lostText, "- [C](https://b.example/c): z"),
      ("- [C](<https://b.example/c>): z", .lostText, "- [C](https://b.example/c): z"),
      ("- [C](https://b.example/c), [D](https://b.example/d): z", .secondLink, "- [C](https://b.example/c)\n- [D]"),
    ] as [(String, Rule, String)])
  func findingHasACorrectedLine(line: String, rule: Rule, fix: String) throws {
    let found = try findings(Self.head + "## Docs\n\n- [A](https://b.example/a): x y\n" + line + "\n")
    let finding = try #require(found.first { $0.line == 10 && $0.rule == rule }, "\(found)")
    #expect(finding.fix.hasPrefix(fix), "\(finding.fix)")
  }

  // MARK: Score

  private func score(_ text: String) throws -> Int { try Score.of(LLMSFile(text), findings(text)) }

  private static let links = "- [A](https://b.example/a): x y\n- [B](https://b.example/b): y z\n"

  @Test(
    "a file that links nothing has a score close to zero",
    arguments: [
      "# Boats\n\n> Rents.\n", head, head + "## Docs\n\n## More\n", head + "## Docs\n\nText.\n", head + links,
      "# Boats\n" + links, head + "## Docs\n\n- [A](mailto:a@b.example)\n- [B](#b)\n",
    ])
  func uselessFiles(text: String) throws { #expect(try score(text) <= 5) }

  @Test func completeFileWithAByteOrderMarkIsBetterThanAnEmptyOne() throws {
    let good = Self.head + "## Docs\n\n" + Self.links
    #expect(try score(good) == 100)
    #expect(try score("\u{feff}" + good) >= 40)
    #expect(try score("\u{feff}" + good.replacing("\n", with: "\r\n")) >= 40)
  }
}
