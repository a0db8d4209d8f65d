package import FoundationEssentials
package import Postgres

extension Accounts {
  /// Deletes accounts that came to nothing within 30 days: those that a request without a credential was given, and
  /// those of purchases that
  /// nobody paid, once these are forgotten.
  ///
  /// - Parameter now: nil for the database's clock.
  /// - Returns: how many went, 500 at most: again while there are as many.
  @discardableResult
  package static func purge(_ database: Database, at now: Date? = nil, by deadline: ContinuousClock.Instant) throws
    -> Int
  {
    // What features keep of an account refers to it, so the database knows where that is.
    let tables = try database.rows(
      """
      SELECT DISTINCT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND confrelid = 'accounts'::regclass
        AND conrelid NOT IN ('account_identities'::regclass, 'audit_log'::regclass)
      """, as: String.self, by: deadline)
    let hasNothing = tables.map { "NOT EXISTS (SELECT FROM \($0) AS it WHERE it.account_id = accounts.account_id)" }
      .joined(separator: " AND ")
    let old: Query = """
      SELECT account_id FROM accounts WHERE created_at < coalesce(\(now), statement_timestamp()) - interval '30 days'
        AND (kind = 'free' OR kind = 'customer' AND plan = 'free' AND bought_plan = 'free' AND subscribed_until IS NULL
          AND NOT EXISTS (SELECT FROM account_identities AS it WHERE it.account_id = accounts.account_id))
        AND NOT EXISTS (SELECT FROM audit_log AS it WHERE it.account_id = accounts.account_id AND action <> 'checkout_opened')
        AND \(unsafeSQL: hasNothing) LIMIT 500 FOR UPDATE SKIP LOCKED
      """
    return try database.transaction(by: deadline) { transaction in
      // From here on nobody gives them anything; what somebody gave meanwhile the second look sees.
      let locked = try transaction.rows(old, as: UUID.self)
      if locked.isEmpty { return 0 }
      let list = locked.map(\.uuidString).joined(separator: " ")
      let gone = try transaction.rows(
        """
        SELECT account_id::text FROM accounts WHERE account_id = ANY (string_to_array(\(list), ' ')::uuid[]) AND \(unsafeSQL: hasNothing)
        """, as: String.self
      ).joined(separator: " ")
      transaction.send("DELETE FROM audit_log WHERE account_id = ANY (string_to_array(\(gone), ' ')::uuid[])")
      transaction.send("DELETE FROM account_identities WHERE account_id = ANY (string_to_array(\(gone), ' ')::uuid[])")
      return try transaction.execute(
        "DELETE FROM accounts WHERE account_id = ANY (string_to_array(\(gone), ' ')::uuid[])")
    }
  }
}
