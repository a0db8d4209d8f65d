/// What went wrong between here and PostgreSQL.
///
/// It names the statement, never its parameters: a server's own message may quote what a row holds, so of a failed
/// statement only the SQLSTATE and the constraint are kept.
package struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: Sendable, Equatable {
    /// `DATABASE_URL` is missing, or not one that may be used.
    case configuration
    /// No connection could be made, or it broke. A COMMIT under way then is unknown, not failed.
    case connection
    /// The deadline passed first.
    case timedOut
    /// The server refused a statement, with this SQLSTATE (PostgreSQL's manual, appendix A).
    case statement(sqlState: String)
    /// A row does not have the type that it was read as.
    case decoding
    /// Migrations and the database disagree.
    case migration
  }

  package let code: Code
  package let message: String
  /// The constraint that a statement would have broken.
  package let constraint: String?

  package init(_ code: Code, _ message: String, constraint: String? = nil) {
    self.code = code
    self.message = message
    self.constraint = constraint
  }

  package var description: String {
    switch code {
    case .statement(let state):
      "database: SQLSTATE \(state)\(constraint.map { ", constraint \($0)" } ?? ""): \(message)"
    default: "database: \(message)"
    }
  }

  /// A serialization failure or a deadlock: the transaction was rolled back whole and may be tried again.
  var isWorthRetrying: Bool { code == .statement(sqlState: "40001") || code == .statement(sqlState: "40P01") }

  /// The server, or a pooler before it, has no connection left. While connecting libpq tells no SQLSTATE (53300), only
  /// the server's words.
  var isServerFull: Bool {
    code == .connection
      && [
        "too many clients", "too many connections for", "connection slots are reserved", "no more connections allowed",
      ].contains { message.contains($0) }
  }

  /// A table or column that a migration would have made is not there.
  package var isNotMigrated: Bool {
    ["42P01", "42703", "3F000"].contains { code == .statement(sqlState: $0) }
  }
}
