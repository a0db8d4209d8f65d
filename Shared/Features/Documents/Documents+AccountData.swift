package import Accounts
import FoundationEssentials
import Metering
import Postgres

extension Documents {
  /// What is kept of an account's documents.
  package static let accountData = [
    AccountData("documents", as: "documents") {
      """
      SELECT json_build_object('id', document_id, 'kind', kind, 'mediaType', media_type, 'analysisId', report_id,
        'createdAt', \(unsafeSQL: AccountData.time("created_at")), 'content', content)::text
      FROM documents WHERE account_id = \($0) ORDER BY created_at, document_id
      """
    } erase: { account, transaction in
      let gone = try transaction.rows(
        "DELETE FROM documents WHERE account_id = \(account) RETURNING document_id", as: UUID.self)
      IdempotencyKeys.forget(gone.map(\.uuidString), in: &transaction)
    }
  ]
}
