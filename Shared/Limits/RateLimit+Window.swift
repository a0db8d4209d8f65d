import FoundationEssentials
import Postgres

extension RateLimit {
  func takeInWindow(
    _ count: Int, of subject: String, limit: Int, seconds: Int, at now: Date?, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> RateDecision {
    // Updating first, for to insert on conflict would lock and write even where it refuses.
    let (now, start, taken, seen) = try database.rows(
      """
      WITH clock AS (
        SELECT now, date_bin(make_interval(secs => \(seconds)), now, timestamptz '1970-01-01 00:00:00Z') AS start
        FROM coalesce(\(now), statement_timestamp()) AS now
      ), taken AS (
        UPDATE rate_windows SET used = used + \(count) FROM clock
        WHERE scope = \(scope) AND subject = \(subject) AND starts_at = start AND used <= \(limit) - \(count)
        RETURNING used
      )
      SELECT now, start, (SELECT used FROM taken),
        (SELECT used FROM rate_windows WHERE scope = \(scope) AND subject = \(subject) AND starts_at = start)
      FROM clock
      """, as: Date.self, Date.self, Int?.self, Int?.self, by: deadline)[0]
    let end = start.addingTimeInterval(Double(seconds))
    func decision(isAllowed: Bool, used: Int) -> RateDecision {
      RateDecision(
        isAllowed: isAllowed, limit: limit, remaining: max(0, limit - used), resetsAt: end,
        retryAfter: isAllowed || count > limit ? nil : Duration(from: now, to: end))
    }
    if let taken { return decision(isAllowed: true, used: taken) }
    guard (seen ?? 0) <= limit - count else { return decision(isAllowed: false, used: seen ?? 0) }

    // There was no row, or what was seen of it is old: this statement decides.
    let inserted = try database.rows(
      """
      INSERT INTO rate_windows (scope, subject, starts_at, ends_at, used)
      VALUES (\(scope), \(subject), \(start), \(end), \(count))
      ON CONFLICT (scope, subject, starts_at) DO UPDATE SET used = rate_windows.used + excluded.used
        WHERE rate_windows.used <= \(limit) - excluded.used
      RETURNING used
      """, as: Int.self, by: deadline)
    if let used = inserted.first { return decision(isAllowed: true, used: used) }
    let used = try database.rows(
      "SELECT used FROM rate_windows WHERE scope = \(scope) AND subject = \(subject) AND starts_at = \(start)",
      as: Int.self, by: deadline)
    return decision(isAllowed: false, used: used.first ?? limit)
  }
}
