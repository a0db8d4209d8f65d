import Accounts
import FoundationEssentials
import Notifications
import Postgres
import Web

/// Where documents lie.
struct DocumentStore: Sendable {
  let database: Database
  /// Whether the operator's endpoints are told of each.
  let isTold: Bool

  /// - Parameter also: what else counts with the document, or not at all.
  func save(
    kind: String, mediaType: String, content: String, from report: UUID, of account: Account,
    by deadline: ContinuousClock.Instant, also: (UUID, inout Transaction) throws -> Void
  ) throws -> Document {
    let id = UUID()
    let createdAt = try database.transaction(by: deadline) { transaction in
      try Accounts.confirm(account.id, in: &transaction)
      try also(id, &transaction)
      let createdAt = try transaction.rows(
        """
        INSERT INTO documents (account_id, document_id, kind, media_type, content, report_id)
        VALUES (\(account.id), \(id), \(kind), \(mediaType), \(content), \(report))
        RETURNING created_at
        """, as: Date.self)[0]
      if isTold {
        let message = Outbox.Message.documentCreated(
          account: account.id, document: id, kind: kind, analysis: report, createdAt: createdAt)
        try Outbox.add(message, in: &transaction)
      }
      return createdAt
    }
    return Document(
      id: id, kind: kind, mediaType: mediaType, content: content, analysisID: report, createdAt: createdAt)
  }

  /// The account's latest llms.txt files of a site, the latest first.
  ///
  /// - Parameter url: as it was asked for.
  func written(of url: NormalizedURL, for account: Account, by deadline: ContinuousClock.Instant) throws -> [String] {
    try database.rows(
      """
      SELECT content FROM documents JOIN site_reports USING (account_id, report_id)
      WHERE account_id = \(account.id) AND url = \(url.description) AND documents.kind = 'llms_txt'
      ORDER BY documents.created_at DESC LIMIT \(Self.written)
      """, as: String.self, by: deadline)
  }

  /// Files that a site may have published one of.
  private static let written = 20

  /// A document of the account, or of any Free account, whose documents' ids are their credentials.
  func find(_ id: UUID, for account: Account, by deadline: ContinuousClock.Instant) throws -> Document? {
    let rows = try database.rows(
      """
      SELECT documents.kind, media_type, content, report_id, documents.created_at
      FROM documents JOIN accounts USING (account_id)
      WHERE document_id = \(id) AND (account_id = \(account.id) OR accounts.kind = 'free')
      """, as: String.self, String.self, String.self, UUID.self, Date.self, by: deadline)
    return rows.first.map {
      Document(id: id, kind: $0.0, mediaType: $0.1, content: $0.2, analysisID: $0.3, createdAt: $0.4)
    }
  }
}

/// Something written, as it is stored.
struct Document: Sendable {
  let id: UUID
  let kind: String
  let mediaType: String
  let content: String
  let analysisID: UUID
  let createdAt: Date
}
