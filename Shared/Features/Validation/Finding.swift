/// A problem in an llms.txt, and its fix.
package struct Finding: Sendable, Encodable, Equatable {
  package enum Severity: String, Sendable, Encodable, CaseIterable, Comparable {
    /// Clients fail to parse the file or to follow a link.
    case error
    /// Clients lose information.
    case warning
    /// A suggestion.
    case notice

    private var rank: Int { Self.allCases.firstIndex(of: self)! }
    package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
  }

  package let severity: Severity
  package let rule: Rule
  /// The line number, from 1.
  package let line: Int
  package let message: String
  /// The corrected line, or lines, if they can be derived; otherwise an instruction.
  package let fix: String

  /// - Parameter severity: nil for the usual severity of the rule.
  init(severity: Severity? = nil, rule: Rule, line: Int, message: String, fix: String) {
    self.severity = severity ?? rule.severity
    self.rule = rule
    self.line = line
    self.message = message
    self.fix = fix
  }
}
