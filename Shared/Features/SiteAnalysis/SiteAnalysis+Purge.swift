package import FoundationEssentials
package import Postgres

extension SiteAnalysis {
  /// Forgets pages that were read more than 30 days ago, where no analysis does it meanwhile.
  ///
  /// - Parameter now: nil for the database's clock.
  /// - Returns: how many rows went.
  @discardableResult
  package static func purge(_ database: Database, at now: Date? = nil, by deadline: ContinuousClock.Instant)
    throws(DatabaseError) -> Int
  {
    try database.execute(
      "DELETE FROM pages_read WHERE read_at < coalesce(\(now), statement_timestamp()) - interval '30 days'",
      by: deadline)
      + ModelAnswerStore.purge(database, at: now, by: deadline)
  }
}
