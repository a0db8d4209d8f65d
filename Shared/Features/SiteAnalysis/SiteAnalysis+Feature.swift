package import Accounts
import Contract
package import FoundationEssentials
package import Jobs
package import Postgres

extension SiteAnalysis {
  package static let migrations = [
    Migration(2, "site_analysis", sql: PackageResources.m0002_site_analysis_sql),
    Migration(4, "pages_read", sql: PackageResources.m0004_pages_read_sql),
    Migration(18, "queued_analyses", sql: PackageResources.m0018_queued_analyses_sql),
    Migration(31, "model_answers", sql: PackageResources.m0031_model_answers_sql),
  ]

  package static let feature = Feature(
    "site analysis", migrations: migrations, personalData: personalData,
    purge: { database, deadline in
      try purge(database, by: deadline)
      try AnalysisQueue.purge(database, by: deadline)
    },
    jobs: [JobHandler(.analysis, function: .analyze)])

  /// Deletes pages that were fetched more than 30 days ago, and expired answers of language models.
  ///
  /// - Parameter now: The current time; `nil` for the database's clock.
  /// - Returns: The number of deleted rows.
  @discardableResult
  package static func purge(
    _ database: Database, at now: Date? = nil, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Int {
    try database.execute(
      "DELETE FROM pages_read WHERE read_at < coalesce(\(now), statement_timestamp()) - interval '30 days'",
      by: deadline) + ModelAnswerStore.purge(database, at: now, by: deadline)
  }
}

extension JobKind {
  /// One queued analysis.
  package static let analysis: JobKind = "analysis"
}
