package import FoundationEssentials
package import Web

/// What a validation found, as `POST /analyze` answers it for `kind: "llms_txt"`; it is not stored.
package struct ValidationReport: Sendable, Encodable {
  package let kind = "llms_txt"
  /// Where the file was found.
  package var url: NormalizedURL?
  package let status = "completed"
  /// Whether the deadline came before everything was asked.
  package var partial = false
  /// 0 to 100.
  package var score = 0
  package var summary: Summary
  /// By line; of each rule, the first fifty.
  package var issues: [Finding] = []
  package var deadLinks: [DeadLink] = []
  package var robotsConflicts: [RobotsConflict] = []
  package var coverage: Coverage?
  package var checked = Checked()
  package var createdAt: Date

  package struct Summary: Sendable, Encodable {
    package var title: String?
    package var links: Int
    package var sections: Int
    /// Links with a description.
    package var described: Int
    package var characters: Int
    /// How the format's reference parser takes it: `whole`, `loses` or `crashes`; nil where there is no file.
    package var reference: String?
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
    /// The product token that may not read it, `*` for everybody.
    package let agent: String
  }

  /// What was asked of the network.
  package struct Checked: Sendable, Encodable, Equatable {
    /// URLs that were asked for and answered, well or not.
    package var links = 0
    /// Those that were not, by why: `over_limit` (more than 200), `offline`, `relative`, `robots`, `deadline`, …
    package var skipped: [String: Int] = [:]
  }
}

extension ValidationReport {
  static let issuesPerRule = 50

  /// Of a file that could be read.
  init(_ file: LLMSFile, url: NormalizedURL?, at date: Date) {
    let reference = file.reference
    let links = file.links
    self.init(
      url: url,
      summary: Summary(
        title: file.title?.text, links: links.count + file.headLinks.count, sections: file.sections.count,
        described: links.count { $0.link.description != nil }, characters: file.characters,
        reference: reference.crashes ? "crashes" : "whole"),
      createdAt: date)
  }

  /// Takes in what was found, and judges.
  mutating func settle(_ file: LLMSFile, _ found: [Finding]) {
    score = Score.of(file, found)
    summary.errors = found.count { $0.severity == .error }
    summary.warnings = found.count { $0.severity == .warning }
    summary.notices = found.count { $0.severity == .notice }
    if summary.reference == "whole", found.contains(where: { Self.losing.contains($0.rule) }) {
      summary.reference = "loses"
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

  /// Rules whose breach makes the reference parser lose text without failing.
  private static let losing: Set<Rule> = [
    .carriageReturns, .textBeforeTitle, .titleAlone, .lostSummary, .summaryLines, .fencedHeading, .linksBeforeSections,
    .noSections,
    .emptyHeading, .duplicateSection, .parenthesisInURL, .descriptionSeparator, .secondLink, .lostText,
  ]
}
