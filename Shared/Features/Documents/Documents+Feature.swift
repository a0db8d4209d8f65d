import Access
package import Accounts
import FoundationEssentials
package import Postgres

extension Documents {
  package static let migrations = [
    Migration(3, "documents", sql: PackageResources.m0003_documents_sql),
    Migration(5, "llms_full_txt", sql: PackageResources.m0005_llms_full_txt_sql),
    Migration(34, "documents_of_a_report", sql: PackageResources.m0034_documents_of_a_report_sql),
    Migration(36, "documents_of_any_kind", sql: PackageResources.m0036_documents_of_any_kind_sql),
    Migration(37, "base_of_a_document", sql: PackageResources.m0037_base_of_a_document_sql),
  ]

  /// The entry of Documents in the runner's list of features.
  package static let feature = Feature("documents", migrations: migrations, personalData: personalData)

  private static let personalData = [
    PersonalData("documents", as: "documents") {
      """
      SELECT json_strip_nulls(json_build_object('id', document_id, 'kind', kind, 'mediaType', media_type,
        'analysisId', report_id, 'createdAt', \(unsafeSQL: PersonalData.time("created_at")), 'content', content,
        'base', base))::text
      FROM documents WHERE account_id = \($0) ORDER BY created_at, document_id
      """
    } erase: { account, transaction in
      let deleted = try transaction.rows(
        "DELETE FROM documents WHERE account_id = \(account) RETURNING document_id", as: UUID.self)
      IdempotencyKeys.delete(resources: deleted.map(\.uuidString), in: &transaction)
    }
  ]
}
