package import Accounts
import FoundationEssentials
import Metering
import Postgres

extension SiteAnalysis {
  /// What is kept of an account's analyses. Pages that were read are public, and nobody's.
  package static let accountData = [
    AccountData("site_reports", as: "reports") {
      """
      SELECT json_build_object('id', report_id, 'url', url, 'partial', partial, 'createdAt', \(unsafeSQL: AccountData.time("created_at")),
        'report', report)::text
      FROM site_reports WHERE account_id = \($0) ORDER BY created_at, report_id
      """
    } erase: { account, transaction in
      let gone = try transaction.rows(
        "DELETE FROM site_reports WHERE account_id = \(account) RETURNING report_id", as: UUID.self)
      IdempotencyKeys.forget(gone.map(\.uuidString), in: &transaction)
    },
    AccountData("queued_analyses", as: "queuedAnalyses") {
      """
      SELECT json_build_object('id', report_id, 'url', url, 'state', state, 'createdAt', \(unsafeSQL: AccountData.time("created_at")))::text
      FROM queued_analyses WHERE account_id = \($0) ORDER BY created_at, report_id
      """
    } erase: { account, transaction in
      let gone = try transaction.rows(
        "DELETE FROM queued_analyses WHERE account_id = \(account) RETURNING report_id", as: UUID.self)
      IdempotencyKeys.forget(gone.map(\.uuidString), in: &transaction)
    },
  ]
}
