package import FoundationEssentials
package import Postgres

/// Refuses a source (an address or a key) that fails again and again, for spans that double.
///
/// The caller asks ``check(_:at:by:)`` before it tries, and tells how it went. Failures of attempts that began before a
/// refusal and end during it do not lengthen it: a burst of them counts as one. Nothing waits here.
package struct FailureBrake: Sendable {
  private let database: Database
  private let scope: String
  private let tolerance: Int
  private let within: Duration
  private let shortest: Duration
  private let longest: Duration

  /// - Parameters:
  ///   - tolerance: the failure, counted from the first, that is answered by a refusal: 2 at least. Each further one
  ///   doubles the span.
  ///   - within: how long failures below `tolerance` are remembered, from the first of them: twice as many as are
  ///     tolerated may so fall around the end of one such time.
  ///   - longest: the longest span, and how long after a refusal a source must not fail to begin anew.
  package init(
    _ database: Database, scope: String, tolerance: Int = 5, within: Duration = .seconds(600),
    shortest: Duration = .seconds(60),
    longest: Duration = .seconds(3600)
  ) {
    precondition(tolerance > 1 && .zero < shortest && shortest <= longest, "a brake that could not hold")
    self.database = database
    self.scope = scope
    self.tolerance = tolerance
    self.within = within
    self.shortest = shortest
    self.longest = longest
  }

  /// How long `source` is still refused; nil where it is not.
  ///
  /// - Parameter now: nil for the database's clock.
  package func check(_ source: String, at now: Date? = nil, by deadline: ContinuousClock.Instant) throws(DatabaseError)
    -> Duration?
  {
    let rows = try database.rows(
      """
      SELECT now, refused_until FROM failure_brakes, coalesce(\(now), statement_timestamp()) AS now
      WHERE scope = \(scope) AND source = \(source) AND refused_until > now
      """, as: Date.self, Date.self, by: deadline)
    // A clock set back must not tell of more than there is.
    return rows.first.map { min(longest, Duration(from: $0.0, to: $0.1)) }
  }

  /// Counts a failure.
  ///
  /// - Returns: how long `source` is refused from now on; nil where it is not.
  @discardableResult
  package func recordFailure(
    _ source: String, at now: Date? = nil, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Duration? {
    // Past the 40th doubling every span is the longest; numeric powers of more would overflow.
    try database.execute(
      """
      WITH clock AS (SELECT coalesce(\(now), statement_timestamp()) AS now)
      INSERT INTO failure_brakes AS known (scope, source, failures, refused_until, forgotten_at)
      SELECT \(scope), \(source), 1, NULL, now + \(within.microseconds) * interval '1 microsecond' FROM clock
      ON CONFLICT (scope, source) DO UPDATE SET (failures, refused_until, forgotten_at) = (
        SELECT count, until, coalesce(
          until + \(longest.microseconds) * interval '1 microsecond',
          CASE WHEN count = 1 THEN now + \(within.microseconds) * interval '1 microsecond' ELSE known.forgotten_at END)
        FROM clock,
          LATERAL (SELECT CASE WHEN known.forgotten_at <= now THEN 1 ELSE known.failures + 1 END AS count) AS counted,
          LATERAL (SELECT CASE WHEN count >= \(tolerance) THEN now
            + least(\(longest.microseconds), \(shortest.microseconds) * 2 ^ least(40, count - \(tolerance))) * interval '1 microsecond'
            END AS until) AS braked)
      WHERE known.refused_until IS NULL OR known.refused_until <= (SELECT now FROM clock)
      """, by: deadline)
    return try check(source, at: now, by: deadline)
  }

  /// Forgets what `source` failed at before.
  package func recordSuccess(_ source: String, by deadline: ContinuousClock.Instant) throws(DatabaseError) {
    try database.execute("DELETE FROM failure_brakes WHERE scope = \(scope) AND source = \(source)", by: deadline)
  }
}
