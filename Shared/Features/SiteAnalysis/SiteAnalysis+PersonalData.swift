import Access
import Accounts
import FoundationEssentials
import Postgres

extension SiteAnalysis {
  /// The reports and queued analyses of an account. Cached pages are public, so they are not personal data.
  static let personalData = [
    PersonalData("site_reports", as: "reports") {
      """
      SELECT json_build_object('id', report_id, 'url', url, 'partial', partial,
        'createdAt', \(unsafeSQL: PersonalData.time("created_at")), 'report', report)::text
      FROM site_reports WHERE account_id = \($0) ORDER BY created_at, report_id
      """
    } erase: { account, transaction in
      let deleted = try transaction.rows(
        "DELETE FROM site_reports WHERE account_id = \(account) RETURNING report_id", as: UUID.self)
      IdempotencyKeys.delete(resources: deleted.map(\.uuidString), in: &transaction)
    },
    PersonalData("queued_analyses", as: "queuedAnalyses") {
      """
      SELECT json_build_object('id', report_id, 'url', url, 'state', state,
        'createdAt', \(unsafeSQL: PersonalData.time("created_at")))::text
      FROM queued_analyses WHERE account_id = \($0) ORDER BY created_at, report_id
      """
    } erase: { account, transaction in
      let deleted = try transaction.rows(
        "DELETE FROM queued_analyses WHERE account_id = \(account) RETURNING report_id", as: UUID.self)
      IdempotencyKeys.delete(resources: deleted.map(\.uuidString), in: &transaction)
    },
  ]
}
