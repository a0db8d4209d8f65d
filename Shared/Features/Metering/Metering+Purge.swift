import FoundationEssentials
package import Postgres

extension Metering {
  /// Deletes holds that ended more than 30 days ago, daily counts and model calls older than 366 days, and credit
  /// accounts that never had credits.
  package func purge(by deadline: ContinuousClock.Instant) throws(DatabaseError) {
    for statement: Query in [
      "DELETE FROM meter_holds WHERE ended_at < coalesce(\(now), statement_timestamp()) - interval '30 days'",
      "DELETE FROM credit_holds WHERE ended_at < coalesce(\(now), statement_timestamp()) - interval '30 days'",
      "DELETE FROM meter_days WHERE day < (coalesce(\(now), statement_timestamp()) AT TIME ZONE 'UTC')::date - 366",
      "DELETE FROM model_calls WHERE asked_at < coalesce(\(now), statement_timestamp()) - interval '366 days'",
      """
      DELETE FROM credit_accounts WHERE balance = 0 AND held = 0
        AND NOT EXISTS (SELECT FROM credit_lots WHERE credit_lots.account_id = credit_accounts.account_id)
      """,
    ] { try database.execute(statement, by: deadline) }
  }

  /// Releases expired credit holds and removes the credits of expired lots, also for accounts without requests.
  ///
  /// - Returns: the number of accounts with expired holds or lots.
  @discardableResult
  package func settleExpiredCredits(by deadline: ContinuousClock.Instant) throws -> Int {
    let accounts = try database.rows(
      """
      SELECT account_id FROM credit_holds WHERE state = 'held' AND expires_at <= coalesce(\(now), statement_timestamp())
      UNION
      SELECT account_id FROM credit_lots
      WHERE remaining > 0 AND expires_at <= coalesce(\(now), statement_timestamp())
      """, as: UUID.self, by: deadline)
    for account in accounts {
      _ = try database.transaction(by: deadline) { try Credits(of: account, at: now).balance(in: &$0) }
    }
    return accounts.count
  }
}
