/// An error of the database connection, of a statement or of the decoding of its rows.
///
/// It contains the statement but never its parameters. Of the server's error only the SQLSTATE and the constraint are
/// kept, because the server's message can quote values of a row.
package struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: Sendable, Equatable {
    /// `DATABASE_URL` is missing, invalid or not allowed.
    case configuration
    /// The connection failed or broke. If it broke during COMMIT, the outcome of the transaction is unknown.
    case connection
    /// The deadline passed before the database answered.
    case timedOut
    /// The server rejected a statement with this SQLSTATE (PostgreSQL manual, appendix A).
    case statement(sqlState: String)
    /// A row cannot be decoded as the requested type.
    case decoding
    /// The database has migrations that differ from those of this program.
    case migration
  }

  package let code: Code
  package let message: String
  /// The constraint that the statement violated.
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

  /// Whether this is a serialization failure or a deadlock: the whole transaction was rolled back and can be retried.
  var isRetryable: Bool { code == .statement(sqlState: "40001") || code == .statement(sqlState: "40P01") }

  /// Whether the server, or a pooler in front of it, has reached its limit of connections.
  ///
  /// While it connects, libpq does not provide the SQLSTATE (53300), so this compares the text of the message.
  var isServerFull: Bool {
    code == .connection
      && [
        "too many clients", "too many connections for", "connection slots are reserved", "no more connections allowed",
      ].contains { message.contains($0) }
  }

  /// Whether a table, column or schema is missing because migrations were not applied.
  package var isNotMigrated: Bool {
    ["42P01", "42703", "3F000"].contains { code == .statement(sqlState: $0) }
  }
}
