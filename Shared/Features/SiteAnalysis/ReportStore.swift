import Accounts
import Contract
import FoundationEssentials
import Postgres
import Web

/// Where reports lie.
struct ReportStore: Sendable {
  let database: Database

  /// A report of the same account, site and options that is younger than a day.
  func fresh(_ account: Account, _ request: AnalyzeRequest, by deadline: ContinuousClock.Instant) throws
    -> StoredReport?
  {
    let rows = try database.rows(
      """
      SELECT report_id, created_at, report FROM site_reports
      WHERE account_id = \(account.id) AND url = \(request.url.description) AND options = encode(sha256(convert_to(\(request.optionsKey), 'UTF8')), 'hex')
        AND created_at > now() - interval '24 hours' AND NOT partial
      ORDER BY created_at DESC LIMIT 1
      """, as: UUID.self, Date.self, String.self, by: deadline)
    return try rows.first.map(Self.stored)
  }

  /// A report of the account, or of any Free account, whose reports' ids are their credentials.
  ///
  /// - Parameter account: nil for any.
  func find(_ id: UUID, for account: Account?, by deadline: ContinuousClock.Instant) throws -> StoredReport? {
    let rows = try database.rows(
      """
      SELECT report_id, site_reports.created_at, report FROM site_reports JOIN accounts USING (account_id)
      WHERE report_id = \(id) AND (\(account?.id) IS NULL OR account_id = \(account?.id) OR accounts.kind = 'free')
      """, as: UUID.self, Date.self, String.self, by: deadline)
    return try rows.first.map(Self.stored)
  }

  /// - Parameter also: what else counts with the report, or not at all.
  func save(
    _ report: SiteReport, id: UUID = UUID(), of account: Account, _ request: AnalyzeRequest,
    by deadline: ContinuousClock.Instant,
    also: (UUID, inout Transaction) throws -> Void
  ) throws -> StoredReport {
    let text = String(decoding: try JSON.encode(report), as: UTF8.self)
    let createdAt = try database.transaction(by: deadline) { transaction in
      try Accounts.confirm(account.id, in: &transaction)
      try also(id, &transaction)
      return try transaction.rows(
        """
        INSERT INTO site_reports (account_id, report_id, url, options, partial, report)
        VALUES (\(account.id), \(id), \(request.url.description),
          encode(sha256(convert_to(\(request.optionsKey), 'UTF8')), 'hex'), \(report.partial), \(text)::json)
        RETURNING created_at
        """, as: Date.self)[0]
    }
    return StoredReport(id: id, createdAt: createdAt, report: report)
  }

  private static func stored(_ row: (UUID, Date, String)) throws -> StoredReport {
    StoredReport(id: row.0, createdAt: row.1, report: try JSON.decode(SiteReport.self, from: Array(row.2.utf8)))
  }
}
