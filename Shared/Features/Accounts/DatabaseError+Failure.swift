package import Contract
package import Postgres

extension DatabaseError: FailureConvertible {
  /// What a caller is told of it: that it is not their doing, and what the operator can do.
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
    case .statement(let state) where state == "40001" || state == "40P01" || state.hasPrefix("53"):
      Failure(.unavailable, "the database is too busy", details: ["database": "busy"])
    // What refers to an account or belongs to one, which was purged or erased since it was found.
    case .statement("23503"): Failure(.unavailable, "what this was for has just been removed; send the request again")
    case .statement, .decoding, .migration:
      Failure(.internal, "something went wrong here; the request id finds it in the logs")
    }
  }
}
