import FoundationEssentials
import Testing
import Web

@testable import Validation

/// Validation of a file without network access.
struct FileRulesTests {
  static let head =
    "# Tidewater\n\n> Tidewater is a forecasting service for harbours: tide heights, currents and alerts.\n\nStart with the quickstart.\n\n"
  static let good =
    head + """
      ## Guides

      - [Quickstart](https://site.example/quickstart): Make the first request in five minutes
      - [Stations](https://site.example/stations): Find the station that is nearest to a place

      ## Optional

      - [Privacy](https://site.example/privacy): The data we store, and how long we store it
      - [About](https://site.example/about): The people behind the forecasts

      """

  private func issues(_ text: String, location: String? = nil) throws -> [Finding] {
    FileRules.issues(of: LLMSFile(text), location: try location.map { try NormalizedURL($0) }, isOnline: false)
  }

  @Test func goodFileHasNoFindingsAndScore100() throws {
    #expect(try issues(Self.good) == [])
    #expect(Score.of(LLMSFile(Self.good), []) == 100)
  }

  @Test func mixedFinalPeriodsAreReported() throws {
    let mixed = Self.good.replacing("forecasts\n", with: "forecasts.\n").replacing("minutes\n", with: "minutes.\n")
    #expect(try issues(mixed).map(\.rule) == [.mixedPeriods])
    #expect(try issues(Self.good.replacing("forecasts\n", with: "forecasts.\n")) == [], "a single period is ignored")
  }

  /// The arguments are a part of the good file, its replacement, the rule that this breaks, and the line.
  @Test(
    arguments: [
      ("# Tidewater\n", "", Rule.missingTitle, 2), ("# Tidewater\n", "Tidewater\n", .missingTitle, 1),
      ("# Tidewater\n", "Hello\n\n# Tidewater\n", .textBeforeTitle, 1),
      ("# Tidewater\n", "#Tidewater\n", .headingSpace, 1), ("Start with", "# Start with", .secondTitle, 5),
      ("# Tidewater", "\u{feff}# Tidewater", .byteOrderMark, 1),
      ("> Tidewater is", "Tidewater is", .missingSummary, 1), ("alerts.\n", "alerts.\n> And more.\n", .summaryLines, 4),
      ("Start with the quickstart.\n\n", "", .lostSummary, 3),
      ("# Tidewater\n", "# Tidewater\n\nStart.\n", .lostSummary, 5),
      ("Start with", "Disallow: /x\nStart with", .robotsDirective, 5),
      ("Start with", "```\n## x\n```\nStart with", .fencedHeading, 6),
      ("Start with", "```\nStart with", .unclosedFence, 5),
      ("Start with", "- [a](https://site.example/a)\nStart with", .linksBeforeSections, 5),
      ("Start with", "### X\nStart with", .subheading, 5),
      ("## Guides\n", "##\n", .emptyHeading, 7), ("## Guides\n", "##Guides\n", .headingSpace, 7),
      ("## Guides\n", "## Empty\n\n## Guides\n", .emptySection, 7),
      ("## Guides\n", "## Optional\n", .duplicateSection, 7),
      ("## Optional\n", "## optional\n", .optionalName, 12), ("## Optional\n", "## Optional \n", .optionalName, 12),
      ("## Optional\n", "### Optional\n", .subheading, 12), ("## Optional\n", "# Optional\n", .headingInSection, 12),
      ("## Optional\n", "  ## Optional\n", .headingInSection, 12),
      ("## Guides\n", "## Guides\n\nRead these.\n", .textInSection, 9),
      ("## Guides\n", "## Guides\n\n> Read these.\n", .textInSection, 9),
      ("## Guides\n", "## Guides\n\n<!-- these\nlines -->\n", .commentInSection, 9),
      ("## Guides\n", "## Guides\n\n```\nx\n```\n", .codeInSection, 9),
      ("## Guides\n", "## Guides\n\n- https://site.example/x\n", .bareURL, 9),
      ("- [Quick", "* [Quick", .bullet, 9), ("- [Quick", "1. [Quick", .bullet, 9), ("- [Quick", "[Quick", .bullet, 9),
      ("- [Quick", "- **[Quick", .decoratedLink, 9), ("- [Quick", "- See [Quick", .decoratedLink, 9),
      ("[Quickstart]", "[Quick[start]]", .bracketInTitle, 9), ("[Quickstart]", "[Quick\\]start]", .bracketInTitle, 9),
      ("/quickstart)", "/quick_(start))", .parenthesisInURL, 9), ("[Quickstart]", "[]", .emptyTitle, 9),
      ("quickstart): Make", "quickstart) - Make", .descriptionSeparator, 9),
      ("quickstart): Make", "quickstart) : Make", .descriptionSeparator, 9),
      ("quickstart): Make", "quickstart), [b](https://site.example/b): Make", .secondLink, 9),
      ("- [Quick", "  - [Quick", .indentedLink, 9), (": Make the", ": Make (the", .unbalancedBrackets, 9),
      ("https://site.example/quickstart", "", .invalidURL, 9),
      ("https://site.example/quickstart", "mailto:a@site.example", .invalidURL, 9),
      ("https://site.example/quickstart", "#quickstart", .invalidURL, 9),
      ("https://site.example/quickstart", "/quickstart", .relativeLink, 9),
      ("https://site.example/quickstart", "http://site.example/quickstart", .insecureLink, 9),
      ("https://site.example/about", "http://www.site.example/quickstart/?utm_source=x", .duplicateLink, 15),
      ("/about", "/about?utm_source=x", .trackingParameters, 15), ("/about", "/login", .systemPage, 15),
      ("/about", "/blog/page/2", .systemPage, 15),
      ("site.example/about", "staging.site.example/about", .privateLink, 15),
      ("site.example/about", "10.0.0.1/about", .privateLink, 15),
      ("site.example/about", "localhost:3000/about", .privateLink, 15),
      ("/about", "/about?token=abc", .privateLink, 15),
      ("The people behind the forecasts", "Learn more", .emptyPhrase, 15),
      ("The people behind the forecasts", "This page tells of people", .emptyPhrase, 15),
      ("The people behind the forecasts", "About.", .descriptionIsTitle, 15),
      ("The people behind the forecasts", "The people behind the", .cutDescription, 15),
      ("The people behind the forecasts", "The people behind…", .cutDescription, 15),
      ("The people behind the forecasts", "about-our-people", .slugDescription, 15),
      ("The people behind the forecasts", "site.example/about", .slugDescription, 15),
      ("The people behind the forecasts", "The people \u{202e}behind the forecasts", .invisibleCharacters, 15),
      ("/about", "/about.pdf", .fileLink, 15),
      ("# Tidewater\n", "# Tidewater | Tides for all\n", .nameSuffix, 1),
      ("The people behind the forecasts", "The data we store, and how long we store it", .repeatedDescription, 15),
      ("## Optional", "## Company", .oneLinkSection, 0),
    ] as [(String, String, Rule, Int)])
  func singleChangeBreaksItsRule(part: String, other: String, rule: Rule, line: Int) throws {
    var text = Self.good.replacing(part, with: other, maxReplacements: 1)
    if rule == .oneLinkSection {
      text = text.replacing(
        "- [Privacy](https://site.example/privacy): The data we store, and how long we store it\n", with: "")
    }
    #expect(text != Self.good)
    let found = try issues(text)
    #expect(
      found.contains { $0.rule == rule && ($0.line == line || line == 0) },
      "\(found.map { "\($0.rule.rawValue) \($0.line)" })")
    #expect(Score.of(LLMSFile(text), found) < 100)
  }

  /// There are errors if and only if the reference parser fails.
  @Test func errorsMatchTheReferenceParser() throws {
    let lines = [
      "- [a](https://site.example/a): d", "* [b](https://site.example/b)", "prose", "<!-- c -->",
      "- [c]](https://site.example/c)", "- **[d](https://site.example/d)**", "# U", "> q",
      "- [ ] [e](https://site.example/e)", "-[f](https://site.example/f)", "| x |", "- x - [g](https://site.example/g)",
      "1. - [h](https://site.example/h)", "\u{a0}- [i](https://site.example/i)", "-\u{a0}[j](https://site.example/j)",
      "`- [k](https://site.example/k)`", "    ## x",
    ]
    for line in lines {
      let file = LLMSFile(Self.head + "## A\n\n- [z](https://site.example/z): y\n" + line + "\n")
      let errors = FileRules.issues(of: file, location: nil, isOnline: false).filter { $0.severity == .error }
      #expect(file.reference.crashes == !errors.isEmpty, "\(line): \(errors)")
    }
  }

  @Test(arguments: [
    ("* [a](https://site.example/a) - d", "- [a](https://site.example/a): d"),
    ("- **[a [1]](https://site.example/b_(c))**: d", "- [a (1)](https://site.example/b_%28c%29): d"),
    ("- https://site.example/getting-started", "- [Getting Started](https://site.example/getting-started)"),
    ("- [a](/x): d", "- [a](https://site.example/x): d"),
  ])
  func fixIsTheCorrectedLine(line: String, fix: String) throws {
    let found = try issues(Self.head + "## A\n\n" + line + "\n", location: "https://site.example/llms.txt")
    #expect(found.contains { $0.fix == fix }, "\(found)")
  }

  @Test func longFilesAndManyLinksAreReported() throws {
    func file(_ count: Int, _ words: Int) -> String {
      Self.head + "## A\n\n"
        + (0..<count).map { "- [t\($0)](https://site.example/\($0)): \(String(repeating: "x", count: words)) \($0)\n" }
        .joined()
    }
    #expect(try issues(file(220, 200)).contains { $0.rule == .large })
    #expect(try issues(file(500, 200)).contains { $0.rule == .tooLarge })
    #expect(try issues(file(121, 9)).contains { $0.rule == .manyLinks })
    #expect(try issues(file(11, 9)).contains { $0.rule == .largeSection })
    #expect(try issues(file(3, 301)).contains { $0.rule == .longDescription })
    #expect(try issues("# T\n").contains { $0.rule == .tooShort })
    #expect(try issues("\n \n").map(\.rule) == [.emptyFile])
  }

  @Test func sharedTitleSuffixIsReported() throws {
    let text = Self.good.replacing("](https", with: " | Tidewater](https")
    let found = try issues(text).filter { $0.rule == .titleSuffix }
    #expect(found.map(\.line) == [9, 10, 14, 15])
    #expect(found[0].fix == "- [Quickstart](https://site.example/quickstart): Make the first request in five minutes")
  }

  @Test func missingDescriptionsAreReported() throws {
    let text =
      Self.head + "## A\n\n" + (0..<5).map { "- [t\($0)](https://site.example/\($0))\n" }.joined()
      + "- [u](https://site.example/u): v w\n"
    #expect(try issues(text).map(\.rule) == [.fewDescriptions])
  }

  // MARK: Score

  @Test func minorIssuesKeepAHighScore() throws {
    let small = Self.good.replacing(": Find the station that is nearest to a place", with: "")
    #expect(try Score.of(LLMSFile(small), issues(small)) >= 95)
  }

  @Test func formatErrorsLowerTheScore() throws {
    let trap = Self.good.replacing("- [", with: "* [")
    #expect(try Score.of(LLMSFile(trap), issues(trap)) <= 50)
    let traps = "\u{feff}# T\n## A\nprose\n* [a](b)\n"
    #expect(try Score.of(LLMSFile(traps), issues(traps)) < 30)
  }

  @Test func largeBadFileIsValidatedInTime() throws {
    let text = Self.head + "## A\n\n" + String(repeating: "* x [a](b_(c)) - d\n", count: 20_000)
    let file = LLMSFile(text)
    var report = ValidationReport(file, url: nil, at: .init(timeIntervalSince1970: 0))
    report.settle(file, FileRules.issues(of: file, location: nil, isOnline: false))
    #expect(report.score < 30)
    #expect(report.summary.errors > 20_000)
    #expect(report.issues.count <= Rule.allCases.count * ValidationReport.issuesPerRule)
  }
}
