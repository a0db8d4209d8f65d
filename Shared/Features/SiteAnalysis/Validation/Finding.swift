/// Something in an llms.txt that its author should mend, and how.
package struct Finding: Sendable, Encodable, Equatable {
  package enum Severity: String, Sendable, Encodable, CaseIterable, Comparable {
    /// A reader fails, or is led nowhere.
    case error
    /// A reader loses something.
    case warning
    /// It could be better.
    case notice

    private var rank: Int { Self.allCases.firstIndex(of: self)! }
    package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
  }

  package let severity: Severity
  package let rule: Rule
  /// Begins at 1.
  package let line: Int
  package let message: String
  /// What would be right: the whole line where it can be given.
  package let fix: String
}
