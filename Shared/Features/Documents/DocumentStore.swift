import Access
import Accounts
import Contract
import FoundationEssentials
import Notifications
import Postgres

/// Reads and writes the table `documents`.
///
/// A document is never changed after it is stored, so its id also identifies its version (see the ETag).
struct DocumentStore: Sendable {
  private let database: Database
  private let accounts: Accounts
  /// True to notify the operator's endpoints of each new document.
  private let notifies: Bool

  init(_ access: Access, notifies: Bool) {
    database = access.database
    accounts = access.accounts
    self.notifies = notifies
  }

  private static let columns =
    "account_id, document_id, kind, media_type, content, report_id AS source, created_at"

  /// Stores the result of a kind's handler as a new document.
  ///
  /// - Parameters:
  ///   - work: its bytes must be UTF-8 text.
  ///   - also: runs in the same transaction before the document is inserted, with the document's id. If it throws,
  ///     nothing is stored.
  /// - Throws: `unauthorized` if the account was erased.
  func save(
    kind: String, _ work: Work, of account: Account, by deadline: ContinuousClock.Instant,
    also: (UUID, inout Transaction) throws -> Void
  ) throws -> Document {
    let id = UUID()
    guard let content = String(validating: work.bytes, as: UTF8.self) else {
      throw Failure(.internal, "a document of the kind \(kind) is not UTF-8 text, which is all that can be stored")
    }
    return try database.transaction(by: deadline) { transaction in
      try Accounts.requireNotErased(account.id, in: &transaction)
      try also(id, &transaction)
      let document = try transaction.rows(
        """
        INSERT INTO documents (account_id, document_id, kind, media_type, content, base, report_id)
        VALUES (\(account.id), \(id), \(kind), \(work.mediaType), \(content), \(work.base), \(work.source))
        RETURNING \(unsafeSQL: Self.columns)
        """, as: Document.self)[0]
      if notifies {
        let message = Outbox.Message.documentCreated(
          account: account.id, document: id, kind: kind, analysis: work.source, createdAt: document.createdAt)
        try Outbox.add(message, in: &transaction)
      }
      return document
    }
  }

  /// Finds a document of the account or of any Free account.
  ///
  /// Documents of Free accounts have no other access control than their random id.
  func find(_ id: UUID, for account: Account, by deadline: ContinuousClock.Instant) throws -> Document? {
    let found = try database.rows(
      "SELECT \(unsafeSQL: Self.columns) FROM documents WHERE document_id = \(id)", as: Document.self, by: deadline)
    guard let document = found.first else { return nil }
    if document.accountID != account.id, try !accounts.isFree(document.accountID, by: deadline) { return nil }
    return document
  }
}
