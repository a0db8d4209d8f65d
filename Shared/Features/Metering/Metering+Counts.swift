package import Accounts
package import FoundationEssentials
package import Postgres

extension Metering {
  /// Counts what an account did that no limit holds back, for its history: by the day, together with what else the
  /// transaction does.
  ///
  /// - Parameters:
  ///   - operation: as the history names it, such as `documents_llms_txt`.
  ///   - amount: how much of it; of what costs money, millionths of a dollar.
  package static func count(
    _ operation: String, _ amount: Int = 1, of account: Account, at now: Date? = nil, in transaction: inout Transaction
  ) {
    transaction.send(
      """
      INSERT INTO meter_days AS known (account_id, meter, day, used)
      VALUES (\(account.id), \(operation), (coalesce(\(now), statement_timestamp()) AT TIME ZONE 'UTC')::date, \(amount))
      ON CONFLICT (account_id, meter, day) DO UPDATE SET used = known.used + excluded.used
      """)
  }
}
