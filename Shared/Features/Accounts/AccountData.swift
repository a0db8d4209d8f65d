package import FoundationEssentials
package import Postgres

/// One table of what is kept of accounts: how it is told to whom it concerns, and what becomes of it when they go.
///
/// Each feature names its own; whoever wires puts the lists together.
package struct AccountData: Sendable {
  package typealias Erasure = @Sendable (_ account: UUID, _ transaction: inout Transaction) throws -> Void

  package let table: String
  /// Its name in an export.
  let section: String
  /// Rows of one JSON object each, always in the same order; without secrets and digests.
  let told: @Sendable (_ account: UUID) -> Query
  /// Nil where it stays for the books, and names nobody.
  let erase: Erasure?

  package init(
    _ table: String, as section: String, told: @escaping @Sendable (_ account: UUID) -> Query, erase: Erasure? = nil
  ) {
    self.table = table
    self.section = section
    self.told = told
    self.erase = erase
  }

  /// SQL for a time as an export writes it, whatever the server's time zone.
  package static func time(_ column: String) -> String {
    "to_char(\(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
  }
}

extension Accounts {
  /// What this feature keeps of an account beside its own row.
  static let accountData = [
    AccountData("accounts", as: "account") {
      """
      SELECT json_build_object('id', account_id, 'kind', kind, 'email', email, 'grantedPlan', plan, 'boughtPlan', bought_plan,
        'subscribedPlan', subscribed_plan, 'subscribedUntil', \(unsafeSQL: AccountData.time("subscribed_until")),
        'nextPlan', next_plan, 'nextUntil', \(unsafeSQL: AccountData.time("next_until")), 'createdAt', \(unsafeSQL: AccountData.time("created_at")), 'erasedAt', \(unsafeSQL: AccountData.time("erased_at")))::text
      FROM accounts WHERE account_id = \($0)
      """
    } erase: { account, transaction in
      transaction.send(
        """
        UPDATE accounts SET email = NULL, plan = 'free', bought_plan = 'free', subscribed_plan = 'free', subscribed_until = NULL,
          next_plan = 'free', next_until = NULL, erased_at = coalesce(erased_at, now())
        WHERE account_id = \(account)
        """)
    },
    AccountData("account_identities", as: "identities") {
      """
      SELECT json_build_object('kind', kind, 'subject', subject)::text FROM account_identities WHERE account_id = \($0)
      ORDER BY kind, subject
      """
    } erase: { account, transaction in
      transaction.send("DELETE FROM account_identities WHERE account_id = \(account) AND kind <> 'token'")
      try TokenSubject.forget(account, in: &transaction)
    },
    AccountData("credentials", as: "keys") {
      """
      SELECT json_build_object('beginning', beginning, 'createdAt', \(unsafeSQL: AccountData.time("created_at")),
        'firstUsedAt', \(unsafeSQL: AccountData.time("first_used_at")), 'expiresAt', \(unsafeSQL: AccountData.time("expires_at")),
        'revokedAt', \(unsafeSQL: AccountData.time("revoked_at")))::text
      FROM credentials WHERE account_id = \($0) ORDER BY created_at, key_id
      """
    } erase: { account, transaction in
      transaction.send("DELETE FROM credentials WHERE account_id = \(account)")
    },
    AccountData("audit_log", as: "audit") {
      """
      SELECT json_build_object('at', \(unsafeSQL: AccountData.time("created_at")), 'actor', actor, 'action', action, 'details', details)::text
      FROM audit_log WHERE account_id = \($0) ORDER BY created_at, entry_id
      """
    },
  ]
}
