package import FoundationEssentials
package import Web

/// The result of validating an llms.txt: the response of `POST /analyze` with `kind: "llms_txt"`. It is not stored.
package struct ValidationReport: Sendable, Encodable {
  package let kind = "llms_txt"
  /// The URL of the file; `nil` for text in the request.
  package var url: NormalizedURL?
  package let status = "completed"
  /// Whether the deadline ended the network checks early.
  package var partial = false
  /// 0 to 100.
  package var score = 0
  package var summary: Summary
  /// The findings by line, at most ``issuesPerRule`` of each rule.
  package var issues: [Finding] = []
  package var deadLinks: [DeadLink] = []
  package var robotsConflicts: [RobotsConflict] = []
  package var coverage: Coverage?
  package var checked = Checked()
  package var createdAt: Date

  /// The result of parsing a file with the format's reference parser.
  package enum ReferenceResult: String, Sendable, Encodable {
    /// It reads the whole file.
    case whole
    /// It loses text without failing.
    case loses
    /// It fails.
    case crashes
  }

  package struct Summary: Sendable, Encodable {
    package var title: String?
    package var links: Int
    package var sections: Int
    /// The number of links with a description.
    package var described: Int
    package var characters: Int
    /// `nil` if there is no file.
    package var reference: ReferenceResult?
    package var errors = 0
    package var warnings = 0
    package var notices = 0
  }

  package struct DeadLink: Sendable, Encodable, Equatable {
    package let line: Int
    package let url: NormalizedURL
    package let status: Int?
    package let reason: String?
  }

  package struct RobotsConflict: Sendable, Encodable, Equatable {
    package let line: Int
    package let url: NormalizedURL
    /// The product token in robots.txt that must not fetch the URL; `*` for all crawlers.
    package let agent: String
  }

  /// The extent of the network checks.
  package struct Checked: Sendable, Encodable, Equatable {
    /// The number of URLs that were requested and had a result.
    package var links = 0
    /// The number of URLs that were not checked by reason: `over_limit` (more than 200), `offline`, `not_absolute`,
    /// `robots`, `deadline`, …
    package var skipped: [String: Int] = [:]
  }
}

extension ValidationReport {
  /// The maximum number of findings per rule in ``issues``.
  static let issuesPerRule = 50

  /// Creates a report with the summary of a parsed file and no findings.
  init(_ file: LLMSFile, url: NormalizedURL?, at date: Date) {
    let reference = file.reference
    let links = file.links
    self.init(
      url: url,
      summary: Summary(
        title: file.title?.text, links: links.count + file.headLinks.count, sections: file.sections.count,
        described: links.count { $0.link.description != nil }, characters: file.characters,
        reference: reference.crashes ? .crashes : .whole),
      createdAt: date)
  }

  /// Adds the findings, their counts and the score.
  mutating func settle(_ file: LLMSFile, _ found: [Finding]) {
    score = Score.of(file, found)
    summary.errors = found.count { $0.severity == .error }
    summary.warnings = found.count { $0.severity == .warning }
    summary.notices = found.count { $0.severity == .notice }
    if summary.reference == .whole, found.contains(where: { Self.textLossRules.contains($0.rule) }) {
      summary.reference = .loses
    }
    var counts: [Rule: Int] = [:]
    issues = found.enumerated().sorted {
      ($0.element.line, $0.element.severity, $0.offset) < ($1.element.line, $1.element.severity, $1.offset)
    }
    .map(\.element).filter { issue in
      counts[issue.rule, default: 0] += 1
      return counts[issue.rule]! <= Self.issuesPerRule
    }
  }

  /// The rules that, if broken, make the reference parser lose text without failing.
  private static let textLossRules: Set<Rule> = [
    .carriageReturns, .textBeforeTitle, .titleAlone, .lostSummary, .summaryLines, .fencedHeading, .linksBeforeSections,
    .noSections, .emptyHeading, .duplicateSection, .parenthesisInURL, .descriptionSeparator, .secondLink, .lostText,
  ]
}
