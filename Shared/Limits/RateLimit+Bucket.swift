import FoundationEssentials
import Postgres

extension RateLimit {
  /// The bucket is kept as the time when it will be full: each token taken puts it off by an interval, and there are
  /// enough as long
  /// as that leaves it no further away than filling the whole bucket takes (the "virtual scheduling" of ITU-T I.371,
  /// annex A).
  func takeFromBucket(
    _ count: Int, of subject: String, capacity: Int, interval: Duration, at now: Date?,
    by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> RateDecision {
    let interval = interval.microseconds
    let whole = interval * max(0, capacity)
    let cost = interval * count
    let (now, taken, seen) = try database.rows(
      """
      WITH clock AS (SELECT coalesce(\(now), statement_timestamp()) AS now), taken AS (
        UPDATE rate_buckets SET full_at = greatest(full_at, now) + \(cost) * interval '1 microsecond' FROM clock
        WHERE scope = \(scope) AND subject = \(subject)
          AND greatest(full_at, now) <= now + (\(whole) - \(cost)) * interval '1 microsecond'
        RETURNING full_at
      )
      SELECT now, (SELECT full_at FROM taken), (SELECT full_at FROM rate_buckets WHERE scope = \(scope) AND subject = \(subject))
      FROM clock
      """, as: Date.self, Date?.self, Date?.self, by: deadline)[0]
    func decision(isAllowed: Bool, fullAt: Date) -> RateDecision {
      let missing = min(Duration(from: now, to: fullAt).microseconds, whole)
      return RateDecision(
        isAllowed: isAllowed, limit: capacity, remaining: (whole - missing) / interval,
        resetsAt: now.addingTimeInterval(Double(missing) / 1_000_000),
        retryAfter: isAllowed || count > capacity ? nil : .microseconds(max(0, missing + cost - whole)))
    }
    if let taken { return decision(isAllowed: true, fullAt: taken) }
    let fullAt = max(seen ?? now, now)
    let missing = Duration(from: now, to: fullAt).microseconds
    if missing > whole - cost {
      // No bucket is emptier than empty: either the clock was set back, or the capacity is less than it was.
      if missing > whole { try capEmptiness(of: subject, whole: whole, at: now, by: deadline) }
      return decision(isAllowed: false, fullAt: fullAt)
    }

    // There was no row, or what was seen of it is old: this statement decides.
    let inserted = try database.rows(
      """
      INSERT INTO rate_buckets (scope, subject, full_at)
      VALUES (\(scope), \(subject), \(now) + \(cost) * interval '1 microsecond')
      ON CONFLICT (scope, subject) DO UPDATE
        SET full_at = greatest(rate_buckets.full_at, \(now)) + \(cost) * interval '1 microsecond'
        WHERE greatest(rate_buckets.full_at, \(now)) <= \(now) + (\(whole) - \(cost)) * interval '1 microsecond'
      RETURNING full_at
      """, as: Date.self, by: deadline)
    if let fullAt = inserted.first { return decision(isAllowed: true, fullAt: fullAt) }
    let known = try database.rows(
      "SELECT full_at FROM rate_buckets WHERE scope = \(scope) AND subject = \(subject)", as: Date.self, by: deadline)
    return decision(isAllowed: false, fullAt: known.first ?? now.addingTimeInterval(Double(whole) / 1_000_000))
  }

  private func capEmptiness(
    of subject: String, whole: Int, at now: Date, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) {
    try database.execute(
      """
      UPDATE rate_buckets SET full_at = \(now) + \(whole) * interval '1 microsecond'
      WHERE scope = \(scope) AND subject = \(subject) AND full_at > \(now) + \(whole) * interval '1 microsecond'
      """, by: deadline)
  }
}
