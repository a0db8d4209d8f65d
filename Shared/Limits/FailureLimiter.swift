package import FoundationEssentials
package import Postgres

/// Blocks a source (an address or a key) that fails repeatedly. Each further failure doubles the block.
///
/// A caller asks ``check(_:at:by:)`` before an attempt and records its outcome. Attempts already in flight when a block
/// starts do not extend it. This type never sleeps.
package struct FailureLimiter: Sendable {
  private let database: Database
  private let scope: String
  private let threshold: Int
  private let window: Duration
  private let shortestBlock: Duration
  private let longestBlock: Duration

  /// - Parameters:
  ///   - scope: a name for the kind of source, so that limiters do not share counts.
  ///   - threshold: the number of failures that starts a block, at least 2. Each further failure doubles the block.
  ///   - window: how long failures below `threshold` count, from the first of them. Around the end of a window, almost
  ///     twice `threshold` failures can happen without a block.
  ///   - longestBlock: the longest block. After a block has ended, a source without failures for this time starts again
  ///     from zero.
  package init(
    _ database: Database, scope: String, threshold: Int = 5, window: Duration = .seconds(600),
    shortestBlock: Duration = .seconds(60), longestBlock: Duration = .seconds(3600)
  ) {
    precondition(
      threshold > 1 && .zero < shortestBlock && shortestBlock <= longestBlock,
      "a failure limiter needs a threshold of at least 2 and 0 < shortestBlock <= longestBlock")
    self.database = database
    self.scope = scope
    self.threshold = threshold
    self.window = window
    self.shortestBlock = shortestBlock
    self.longestBlock = longestBlock
  }

  private struct Block: Decodable {
    let now: Date
    let refusedUntil: Date
  }

  /// Returns how long `source` remains blocked, or nil if it is not blocked.
  ///
  /// - Parameter now: the current time; nil for the clock of the database.
  package func check(
    _ source: String, at now: Date? = nil, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Duration? {
    let blocks = try database.rows(
      """
      SELECT now, refused_until FROM failure_brakes, coalesce(\(now), statement_timestamp()) AS now
      WHERE scope = \(scope) AND source = \(source) AND refused_until > now
      """, as: Block.self, by: deadline)
    // If a clock was set back, the stored end can be too far away.
    return blocks.first.map { min(longestBlock, Duration(from: $0.now, to: $0.refusedUntil)) }
  }

  /// Records a failure.
  ///
  /// - Returns: how long `source` is blocked from now on, or nil if it is not blocked.
  @discardableResult
  package func recordFailure(
    _ source: String, at now: Date? = nil, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Duration? {
    // The exponent is at most 40, because every later block has the maximum length and a larger power would overflow.
    try database.execute(
      """
      WITH clock AS (SELECT coalesce(\(now), statement_timestamp()) AS now)
      INSERT INTO failure_brakes AS existing (scope, source, failures, refused_until, forgotten_at)
      SELECT \(scope), \(source), 1, NULL, now + \(window) FROM clock
      ON CONFLICT (scope, source) DO UPDATE SET (failures, refused_until, forgotten_at) = (
        SELECT count, until, coalesce(
          until + \(longestBlock), CASE WHEN count = 1 THEN now + \(window) ELSE existing.forgotten_at END)
        FROM clock,
          LATERAL (
            SELECT CASE WHEN existing.forgotten_at <= now THEN 1 ELSE existing.failures + 1 END AS count
          ) AS counted,
          LATERAL (
            SELECT CASE WHEN count >= \(threshold) THEN now + least(
              \(longestBlock.microseconds), \(shortestBlock.microseconds) * 2 ^ least(40, count - \(threshold))
            ) * interval '1 microsecond' END AS until
          ) AS blocked)
      WHERE existing.refused_until IS NULL OR existing.refused_until <= (SELECT now FROM clock)
      """, by: deadline)
    return try check(source, at: now, by: deadline)
  }

  /// Deletes the recorded failures of `source`.
  package func recordSuccess(_ source: String, by deadline: ContinuousClock.Instant) throws(DatabaseError) {
    try database.execute("DELETE FROM failure_brakes WHERE scope = \(scope) AND source = \(source)", by: deadline)
  }
}
