package import FoundationEssentials
package import Postgres

/// The migrations and the cleanup of the tables of this target.
package enum Limits {
  package static let migrations = [
    Migration(6, "limits", sql: PackageResources.m0006_limits_sql),
    Migration(13, "breakers", sql: PackageResources.m0013_breakers_sql),
    Migration(35, "service_pauses", sql: PackageResources.m0035_service_pauses_sql),
  ]

  /// Deletes expired rows. Without it all limits work, but the tables grow.
  ///
  /// Rows are kept for a day after they expire, in case a clock is set back. A circuit breaker that did not change for
  /// a day is deleted, which closes it.
  /// - Parameter now: the current time; nil for the clock of the database.
  /// - Returns: the number of deleted rows.
  @discardableResult
  package static func purge(
    _ database: Database, at now: Date? = nil, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Int {
    let expiryColumns = [
      ("rate_windows", "ends_at"), ("rate_buckets", "full_at"), ("failure_brakes", "forgotten_at"),
      ("circuit_breakers", "changed_at"), ("service_pauses", "ends_at"),
    ]
    var count = 0
    for (table, column) in expiryColumns {
      count += try database.execute(
        """
        DELETE FROM \(unsafeSQL: table)
        WHERE \(unsafeSQL: column) < coalesce(\(now), statement_timestamp()) - interval '24 hours'
        """, by: deadline)
    }
    return count
  }
}
