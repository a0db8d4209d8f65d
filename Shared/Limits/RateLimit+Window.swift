import FoundationEssentials
import Postgres

extension RateLimit {
  private struct WindowState: Decodable {
    let now: Date
    let start: Date
    /// The usage after the update; nil if the update matched no row.
    let updatedUse: Int?
    /// The usage before the update; nil if the row did not exist.
    let previousUse: Int?
  }

  func takeInWindow(
    _ count: Int, of subject: String, limit: Int, seconds: Int, at now: Date?, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> RateDecision {
    // Update before insert: INSERT … ON CONFLICT would lock and write the row even if it refuses.
    let state = try database.rows(
      """
      WITH clock AS (
        SELECT now, date_bin(make_interval(secs => \(seconds)), now, timestamptz '1970-01-01 00:00:00Z') AS start
        FROM coalesce(\(now), statement_timestamp()) AS now
      ), updated AS (
        UPDATE rate_windows SET used = used + \(count) FROM clock
        WHERE scope = \(scope) AND subject = \(subject) AND starts_at = start AND used <= \(limit) - \(count)
        RETURNING used
      )
      SELECT now, start, (SELECT used FROM updated) AS updated_use, (
        SELECT used FROM rate_windows WHERE scope = \(scope) AND subject = \(subject) AND starts_at = start
      ) AS previous_use
      FROM clock
      """, as: WindowState.self, by: deadline)[0]
    let end = state.start.addingTimeInterval(Double(seconds))
    func decision(isAllowed: Bool, used: Int) -> RateDecision {
      RateDecision(
        isAllowed: isAllowed, limit: limit, remaining: max(0, limit - used), resetsAt: end,
        retryAfter: isAllowed || count > limit ? nil : Duration(from: state.now, to: end))
    }
    if let used = state.updatedUse { return decision(isAllowed: true, used: used) }
    let previousUse = state.previousUse ?? 0
    guard previousUse <= limit - count else { return decision(isAllowed: false, used: previousUse) }

    // The row did not exist, or it changed after the snapshot. This statement decides.
    let inserted = try database.rows(
      """
      INSERT INTO rate_windows (scope, subject, starts_at, ends_at, used)
      VALUES (\(scope), \(subject), \(state.start), \(end), \(count))
      ON CONFLICT (scope, subject, starts_at) DO UPDATE SET used = rate_windows.used + excluded.used
        WHERE rate_windows.used <= \(limit) - excluded.used
      RETURNING used
      """, as: Int.self, by: deadline)
    if let used = inserted.first { return decision(isAllowed: true, used: used) }
    let used = try database.rows(
      "SELECT used FROM rate_windows WHERE scope = \(scope) AND subject = \(subject) AND starts_at = \(state.start)",
      as: Int.self, by: deadline)
    return decision(isAllowed: false, used: used.first ?? limit)
  }
}
