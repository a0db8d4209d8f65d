import Accounts
import Contract
import FoundationEssentials
import Postgres
import Web

/// Stores reports in the table `site_reports`.
struct ReportStore: Sendable {
  private let database: Database

  init(_ database: Database) { self.database = database }

  private struct Row: Decodable {
    let accountID: UUID
    let reportID: UUID
    let createdAt: Date
    let report: JSON.Text<SiteReport>

    var stored: StoredReport { StoredReport(id: reportID, createdAt: createdAt, report: report.value) }
  }

  /// Returns the newest complete report of the same account, URL and options that is younger than 24 hours.
  func fresh(
    _ account: Account, _ request: AnalyzeRequest, by deadline: ContinuousClock.Instant
  ) throws -> StoredReport? {
    try database.rows(
      """
      SELECT account_id, report_id, created_at, report FROM site_reports
      WHERE account_id = \(account.id) AND url = \(request.url.description)
        AND options = encode(sha256(convert_to(\(request.optionsKey), 'UTF8')), 'hex')
        AND created_at > now() - interval '24 hours' AND NOT partial
      ORDER BY created_at DESC LIMIT 1
      """, as: Row.self, by: deadline
    ).first?.stored
  }

  /// Returns a report of the account or of any Free account, or `nil` if there is none.
  ///
  /// The id of a Free account's report is its credential, because a Free account has no key.
  ///
  /// - Parameter account: `nil` for the reports of all accounts.
  func find(_ id: UUID, for account: Account?, by deadline: ContinuousClock.Instant) throws -> StoredReport? {
    let found = try database.rows(
      "SELECT account_id, report_id, created_at, report FROM site_reports WHERE report_id = \(id)", as: Row.self,
      by: deadline)
    guard let row = found.first else { return nil }
    if let account, row.accountID != account.id {
      guard try Accounts(database).isFree(row.accountID, by: deadline) else { return nil }
    }
    return row.stored
  }

  /// Returns the ids of the account's reports of a URL, the newest first.
  func ids(
    of url: NormalizedURL, for account: Account, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> [UUID] {
    try database.rows(
      """
      SELECT report_id FROM site_reports WHERE account_id = \(account.id) AND url = \(url.description)
      ORDER BY created_at DESC
      """, as: UUID.self, by: deadline)
  }

  /// Returns the llms.txt files that a site had at earlier analyses of the account, the newest first.
  func existingFiles(
    of url: NormalizedURL, for account: Account, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> [FileVersion] {
    try database.rows(
      """
      SELECT report->'existing'->>'text' AS text, report->'existing'->>'base' AS base FROM site_reports
      WHERE account_id = \(account.id) AND url = \(url.description) AND report->'existing'->>'text' IS NOT NULL
      ORDER BY created_at DESC LIMIT \(FileVersion.maximum)
      """, as: FileVersion.self, by: deadline)
  }

  /// Stores a report.
  ///
  /// - Parameter also: Receives the id and runs in the same transaction, before the report is inserted.
  func save(
    _ report: SiteReport, id: UUID = UUID(), of account: Account, _ request: AnalyzeRequest,
    by deadline: ContinuousClock.Instant,
    also: (UUID, inout Transaction) throws -> Void
  ) throws -> StoredReport {
    let text = String(decoding: try JSON.encode(report), as: UTF8.self)
    let createdAt = try database.transaction(by: deadline) { transaction in
      try Accounts.requireNotErased(account.id, in: &transaction)
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
}
