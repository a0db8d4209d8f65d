package import Postgres

/// What the sale's tables need as a whole.
package enum Billing {
  package static let migrations = [
    Migration(11, "billing", sql: PackageResources.m0011_billing_sql),
    Migration(20, "paid_lines", sql: PackageResources.m0020_paid_lines_sql),
    Migration(21, "delivery_audit", sql: PackageResources.m0021_delivery_audit_sql),
  ]

  /// Forgets deliveries older than 30 days: Stripe repeats one for three.
  ///
  /// - Returns: how many rows went.
  @discardableResult
  package static func purge(_ database: Database, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Int {
    try database.execute("DELETE FROM webhook_events WHERE received_at < statement_timestamp() - interval '30 days'", by: deadline)
  }
}
