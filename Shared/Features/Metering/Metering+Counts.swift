package import Accounts
package import FoundationEssentials
package import Postgres

extension Metering {
  /// Counts an operation that has no limit, for the account's usage history.
  ///
  /// - Parameters:
  ///   - operation: the name in the history, such as `documents_llms_txt`.
  ///   - amount: the number to add; for costs, millionths of a dollar.
  package static func count(
    _ operation: String, _ amount: Int = 1, of account: Account, at now: Date? = nil, in transaction: inout Transaction
  ) {
    transaction.send(
      """
      INSERT INTO meter_days AS known (account_id, meter, day, used)
      VALUES (
        \(account.id), \(operation), (coalesce(\(now), statement_timestamp()) AT TIME ZONE 'UTC')::date, \(amount))
      ON CONFLICT (account_id, meter, day) DO UPDATE SET used = known.used + excluded.used
      """)
  }
}
