package import Accounts
import FoundationEssentials
package import Postgres

extension Metering {
  /// The number of uses of an operation on one day.
  package struct DayCount: Sendable, Codable {
    /// As `2026-01-31`.
    package let day: String
    /// A meter, a counted operation (``Metering/count(_:_:of:at:in:)``), `credits_` and the kind of a ledger entry, or
    /// `model_calls_` and the purpose of the calls.
    package let operation: String
    package let count: Int
  }

  /// The account's use in the last 90 days by day and operation, the newest day first.
  package func history(of account: Account, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> [DayCount] {
    try database.rows(
      """
      SELECT to_char(day, 'YYYY-MM-DD') AS day, meter AS operation, used AS count FROM meter_days
      WHERE account_id = \(account.id) AND used > 0 AND day > (statement_timestamp() AT TIME ZONE 'UTC')::date - 90
      UNION ALL
      SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), 'credits_' || kind, sum(amount)::bigint
      FROM credit_entries
      WHERE account_id = \(account.id)
        AND created_at >= ((statement_timestamp() AT TIME ZONE 'UTC')::date - 89)::timestamp AT TIME ZONE 'UTC'
      GROUP BY 1, 2
      UNION ALL
      SELECT to_char(asked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), 'model_calls_' || purpose, count(*) FROM model_calls
      WHERE account_id = \(account.id)
        AND asked_at >= ((statement_timestamp() AT TIME ZONE 'UTC')::date - 89)::timestamp AT TIME ZONE 'UTC'
      GROUP BY 1, 2
      ORDER BY 1 DESC, 2
      """, as: DayCount.self, by: deadline)
  }

  /// An account's use in a month (UTC).
  package struct Month: Sendable {
    /// As `2026-01`.
    package let name: String
    /// Uses by the name of a meter or of a counted operation, see ``Metering/count(_:_:of:at:in:)``.
    package let uses: [String: Int]
    package let credits: Int
    package let modelCalls: Int
    /// The cost of the model calls, in millionths of a dollar.
    package let modelCost: Int
  }

  /// The account's use in the current month.
  package func month(of account: Account, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Month {
    let rows = try database.rows(
      """
      WITH month AS (SELECT date_trunc('month', statement_timestamp() AT TIME ZONE 'UTC') AS start)
      SELECT to_char(start, 'YYYY-MM') AS month, name, used FROM month LEFT JOIN (
        SELECT 'meter ' || meter AS name, sum(used)::bigint AS used FROM meter_days, month
        WHERE account_id = \(account.id) AND day >= start::date GROUP BY meter
        UNION ALL
        SELECT 'credits', -sum(amount)::bigint FROM credit_entries, month
        WHERE account_id = \(account.id) AND kind = 'usage' AND created_at >= start AT TIME ZONE 'UTC' GROUP BY kind
        UNION ALL
        SELECT models.* FROM (
          SELECT count(*) AS calls, coalesce(sum(cost_microdollars), 0)::bigint AS cost FROM model_calls, month
          WHERE account_id = \(account.id) AND asked_at >= start AT TIME ZONE 'UTC'
        ) AS totals, LATERAL (VALUES ('model calls', calls), ('model cost', cost)) AS models
      ) AS uses ON true
      """, as: MonthRow.self, by: deadline)
    let totals = Dictionary(rows.map { ($0.name ?? "", $0.used ?? 0) }) { $0 + $1 }
    var uses: [String: Int] = [:]
    for (name, used) in totals where name.hasPrefix("meter ") { uses[String(name.dropFirst(6))] = used }
    return Month(
      name: rows[0].month, uses: uses, credits: totals["credits"] ?? 0, modelCalls: totals["model calls"] ?? 0,
      modelCost: totals["model cost"] ?? 0)
  }

  private struct MonthRow: Decodable {
    let month: String
    let name: String?
    let used: Int?
  }
}
