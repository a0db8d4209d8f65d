package import FoundationEssentials
package import Postgres

/// One table with data of accounts: how its rows are exported to their owner, and how they are erased.
///
/// Every feature lists its own tables in its ``Feature``.
package struct PersonalData: Sendable {
  package typealias Erasure = @Sendable (_ account: UUID, _ transaction: inout Transaction) throws -> Void

  package let table: String
  /// The name of the table's section in an export.
  let section: String
  /// Selects one JSON object per row, always in the same order, without secrets and digests. Nil if the table has
  /// nothing that concerns its owner.
  let export: (@Sendable (_ account: UUID) -> Query)?
  /// Nil if the rows stay because the ledger needs them; such rows do not identify a person.
  let erase: Erasure?

  package init(
    _ table: String, as section: String, export: (@Sendable (_ account: UUID) -> Query)?, erase: Erasure? = nil
  ) {
    self.table = table
    self.section = section
    self.export = export
    self.erase = erase
  }

  /// SQL that formats a time for an export, independent of the server's time zone.
  package static func time(_ column: String) -> String {
    "to_char(\(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
  }
}

extension Accounts {
  static let personalData = [
    PersonalData("accounts", as: "account") {
      """
      SELECT json_build_object('id', account_id, 'kind', kind, 'email', email, 'grantedPlan', plan,
        'boughtPlan', bought_plan, 'subscribedPlan', subscribed_plan,
        'subscribedUntil', \(unsafeSQL: PersonalData.time("subscribed_until")),
        'nextPlan', next_plan, 'nextUntil', \(unsafeSQL: PersonalData.time("next_until")),
        'createdAt', \(unsafeSQL: PersonalData.time("created_at")),
        'erasedAt', \(unsafeSQL: PersonalData.time("erased_at")))::text
      FROM accounts WHERE account_id = \($0)
      """
    } erase: { account, transaction in
      transaction.send(
        """
        UPDATE accounts SET email = NULL, plan = 'free', bought_plan = 'free', subscribed_plan = 'free',
          subscribed_until = NULL, next_plan = 'free', next_until = NULL, erased_at = coalesce(erased_at, now())
        WHERE account_id = \(account)
        """)
    },
    PersonalData("account_identities", as: "identities") {
      """
      SELECT json_build_object('kind', kind, 'subject', subject)::text FROM account_identities WHERE account_id = \($0)
      ORDER BY kind, subject
      """
    } erase: { account, transaction in
      transaction.send("DELETE FROM account_identities WHERE account_id = \(account) AND kind <> 'token'")
      try TokenSubject.anonymize(account, in: &transaction)
    },
    PersonalData("credentials", as: "keys") {
      """
      SELECT json_build_object('beginning', beginning, 'createdAt', \(unsafeSQL: PersonalData.time("created_at")),
        'firstUsedAt', \(unsafeSQL: PersonalData.time("first_used_at")),
        'expiresAt', \(unsafeSQL: PersonalData.time("expires_at")),
        'revokedAt', \(unsafeSQL: PersonalData.time("revoked_at")))::text
      FROM credentials WHERE account_id = \($0) ORDER BY created_at, key_id
      """
    } erase: { account, transaction in
      transaction.send("DELETE FROM credentials WHERE account_id = \(account)")
    },
    PersonalData("audit_log", as: "audit") {
      """
      SELECT json_build_object('at', \(unsafeSQL: PersonalData.time("created_at")), 'actor', actor, 'action', action,
        'details', details)::text
      FROM audit_log WHERE account_id = \($0) ORDER BY created_at, entry_id
      """
    },
  ]
}
