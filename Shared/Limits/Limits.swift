package import FoundationEssentials
package import Postgres

/// What the limits' tables need as a whole.
package enum Limits {
  package static let migrations = [
    Migration(6, "limits", sql: PackageResources.m0006_limits_sql),
    Migration(13, "breakers", sql: PackageResources.m0013_breakers_sql),
    Migration(35, "service_pauses", sql: PackageResources.m0035_service_pauses_sql),
  ]

  /// Deletes what no limit counts any more; without it nothing is wrong, but the tables grow.
  ///
  /// Rows are kept a day longer than they count, for a clock that is set back; breakers that nobody touched for a day
  /// are closed.
  /// - Parameter now: nil for the database's clock.
  /// - Returns: how many rows went.
  @discardableResult
  package static func purge(
    _ database: Database, at now: Date? = nil, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Int {
    var count = 0
    let ends = [
      ("rate_windows", "ends_at"), ("rate_buckets", "full_at"), ("failure_brakes", "forgotten_at"),
      ("circuit_breakers", "changed_at"),
      ("service_pauses", "ends_at"),
    ]
    for (table, end) in ends {
      count += try database.execute(
        """
        DELETE FROM \(unsafeSQL: table)
        WHERE \(unsafeSQL: end) < coalesce(\(now), statement_timestamp()) - interval '24 hours'
        """, by: deadline)
    }
    return count
  }
}
