package import FoundationEssentials
package import Postgres

extension Accounts {
  /// Deletes accounts that are over 30 days old and own nothing: Free accounts without any rows, and customer accounts
  /// of checkouts that were never paid.
  ///
  /// - Parameter now: nil for the database's clock.
  /// - Returns: the number of deleted accounts, at most 500. At 500 there may be more.
  @discardableResult
  package static func purge(
    _ database: Database, at now: Date? = nil, by deadline: ContinuousClock.Instant
  ) throws -> Int {
    // Every table with data of accounts has a foreign key to `accounts`.
    let tables = try database.rows(
      """
      SELECT DISTINCT conrelid::regclass::text FROM pg_constraint
      WHERE contype = 'f' AND confrelid = 'accounts'::regclass
        AND conrelid NOT IN ('account_identities'::regclass, 'audit_log'::regclass)
      """, as: String.self, by: deadline)
    let ownsNothing = tables.map { "NOT EXISTS (SELECT FROM \($0) AS it WHERE it.account_id = accounts.account_id)" }
      .joined(separator: " AND ")
    let candidates: Query = """
      SELECT account_id FROM accounts WHERE created_at < coalesce(\(now), statement_timestamp()) - interval '30 days'
        AND (kind = 'free' OR kind = 'customer' AND plan = 'free' AND bought_plan = 'free' AND subscribed_until IS NULL
          AND NOT EXISTS (SELECT FROM account_identities AS it WHERE it.account_id = accounts.account_id))
        AND NOT EXISTS (
          SELECT FROM audit_log AS it WHERE it.account_id = accounts.account_id AND action <> 'checkout_opened')
        AND \(unsafeSQL: ownsNothing) LIMIT 500 FOR UPDATE SKIP LOCKED
      """
    return try database.transaction(by: deadline) { transaction in
      // The lock keeps other transactions from adding rows. The second query sees the rows that were added before it.
      let locked = try transaction.rows(candidates, as: UUID.self)
      if locked.isEmpty { return 0 }
      let list = locked.map(\.uuidString).joined(separator: " ")
      let deletable = try transaction.rows(
        """
        SELECT account_id::text FROM accounts
        WHERE account_id = ANY (string_to_array(\(list), ' ')::uuid[]) AND \(unsafeSQL: ownsNothing)
        """, as: String.self
      ).joined(separator: " ")
      for table in ["audit_log", "account_identities"] {
        transaction.send(
          """
          DELETE FROM \(unsafeSQL: table) WHERE account_id = ANY (string_to_array(\(deletable), ' ')::uuid[])
          """)
      }
      return try transaction.execute(
        "DELETE FROM accounts WHERE account_id = ANY (string_to_array(\(deletable), ' ')::uuid[])")
    }
  }
}
