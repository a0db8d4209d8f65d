package import Contract
package import Postgres

extension DatabaseError: FailureConvertible {
  /// The failure that a caller sees: `unavailable` if the operator or a retry can help, else `internal`.
  package var failure: Failure {
    switch code {
    case .configuration:
      Failure(.unavailable, message, details: ["database": "not_configured", "setting": "DATABASE_URL"])
    case .connection: Failure(.unavailable, "the database cannot be reached", details: ["database": "unreachable"])
    case .timedOut: .pastDeadline
    case .statement where isNotMigrated:
      Failure(
        .unavailable, "the database is not migrated; run: local-runner database migrate",
        details: ["database": "not_migrated"])
    // Serialization failure, deadlock, insufficient resources.
    case .statement(let state) where state == "40001" || state == "40P01" || state.hasPrefix("53"):
      Failure(.unavailable, "the database is too busy", details: ["database": "busy"])
    // Foreign key violation: the account was purged or erased while the request ran.
    case .statement("23503"): Failure(.unavailable, "the account was just deleted; send the request again")
    case .statement, .decoding, .migration:
      Failure(.internal, "an internal error occurred; look for the request id in the logs")
    }
  }
}
