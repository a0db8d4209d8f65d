import FoundationEssentials
import Postgres

extension RateLimit {
  private struct BucketState: Decodable {
    let now: Date
    /// `full_at` after the update; nil if the update matched no row.
    let updatedFullAt: Date?
    /// `full_at` before the update; nil if the row did not exist.
    let previousFullAt: Date?
  }

  /// Takes tokens from a bucket, which is stored as the time when it will be full again.
  ///
  /// Each token postpones that time by an interval. A request is allowed if the time is then no further away than a
  /// refill of the whole bucket takes ("virtual scheduling", ITU-T I.371, annex A).
  func takeFromBucket(
    _ count: Int, of subject: String, capacity: Int, interval: Duration, at now: Date?,
    by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> RateDecision {
    // All in microseconds.
    let interval = interval.microseconds
    let refill = interval * max(0, capacity)
    let cost = interval * count
    // The bucket has enough tokens if it will be full within this time.
    let slack = Duration.microseconds(refill - cost)
    let state = try database.rows(
      """
      WITH clock AS (SELECT coalesce(\(now), statement_timestamp()) AS now), updated AS (
        UPDATE rate_buckets SET full_at = greatest(full_at, now) + \(Duration.microseconds(cost)) FROM clock
        WHERE scope = \(scope) AND subject = \(subject) AND greatest(full_at, now) <= now + \(slack)
        RETURNING full_at
      )
      SELECT now, (SELECT full_at FROM updated) AS updated_full_at,
        (SELECT full_at FROM rate_buckets WHERE scope = \(scope) AND subject = \(subject)) AS previous_full_at
      FROM clock
      """, as: BucketState.self, by: deadline)[0]
    let now = state.now
    func decision(isAllowed: Bool, fullAt: Date) -> RateDecision {
      let missing = min(Duration(from: now, to: fullAt).microseconds, refill)
      return RateDecision(
        isAllowed: isAllowed, limit: capacity, remaining: (refill - missing) / interval,
        resetsAt: now.addingTimeInterval(Double(missing) / 1_000_000),
        retryAfter: isAllowed || count > capacity ? nil : .microseconds(max(0, missing + cost - refill)))
    }
    if let fullAt = state.updatedFullAt { return decision(isAllowed: true, fullAt: fullAt) }
    let fullAt = max(state.previousFullAt ?? now, now)
    let missing = Duration(from: now, to: fullAt).microseconds
    if missing > refill - cost {
      // The bucket lacks more than its capacity: a clock was set back, or the capacity was reduced.
      if missing > refill { try capMissingTokens(of: subject, refill: refill, at: now, by: deadline) }
      return decision(isAllowed: false, fullAt: fullAt)
    }

    // The row did not exist, or it changed after the snapshot. This statement decides.
    let inserted = try database.rows(
      """
      INSERT INTO rate_buckets (scope, subject, full_at)
      VALUES (\(scope), \(subject), \(now) + \(Duration.microseconds(cost)))
      ON CONFLICT (scope, subject) DO UPDATE
        SET full_at = greatest(rate_buckets.full_at, \(now)) + \(Duration.microseconds(cost))
        WHERE greatest(rate_buckets.full_at, \(now)) <= \(now) + \(slack)
      RETURNING full_at
      """, as: Date.self, by: deadline)
    if let fullAt = inserted.first { return decision(isAllowed: true, fullAt: fullAt) }
    let current = try database.rows(
      "SELECT full_at FROM rate_buckets WHERE scope = \(scope) AND subject = \(subject)", as: Date.self, by: deadline)
    return decision(isAllowed: false, fullAt: current.first ?? now.addingTimeInterval(Double(refill) / 1_000_000))
  }

  /// Limits the missing tokens of a bucket to its capacity.
  private func capMissingTokens(
    of subject: String, refill: Int, at now: Date, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) {
    let refill = Duration.microseconds(refill)
    try database.execute(
      """
      UPDATE rate_buckets SET full_at = \(now) + \(refill)
      WHERE scope = \(scope) AND subject = \(subject) AND full_at > \(now) + \(refill)
      """, by: deadline)
  }
}
