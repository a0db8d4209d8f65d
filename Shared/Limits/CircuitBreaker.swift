package import FoundationEssentials
package import Postgres

/// Stops requests to a service that failed several times in a row, and later lets one caller probe whether it
/// recovered.
///
/// All processes share the state: one row per failing service, and no row for a working one. A caller asks
/// ``check(at:by:)`` before a request, and reports the outcome together with the permission that it got.
package struct CircuitBreaker: Sendable {
  package enum Permission: Sendable, Equatable {
    case allowed
    /// The caller may send one request as the only probe.
    case probe(UUID)
    /// The caller must not send a request. The next probe is allowed after `retryAfter` at the latest.
    case refused(retryAfter: Duration)
  }

  private let database: Database
  private let name: String
  private let threshold: Int
  private let openDuration: Duration
  private let probeTimeout: Duration

  /// - Parameters:
  ///   - name: the name of the service. All breakers of one name must have the same settings.
  ///   - threshold: the number of failures since the last success that opens the breaker.
  ///   - openDuration: how long the open breaker refuses all requests.
  ///   - probeTimeout: how long a probe may take to report; then another caller may probe.
  package init(
    _ database: Database, name: String, threshold: Int = 5, openDuration: Duration = .seconds(60),
    probeTimeout: Duration = .seconds(30)
  ) {
    precondition(
      threshold > 0 && .zero < openDuration && .zero < probeTimeout, "a circuit breaker needs positive settings")
    self.database = database
    self.name = name
    self.threshold = threshold
    self.openDuration = openDuration
    self.probeTimeout = probeTimeout
  }

  private struct State: Decodable {
    let now: Date
    let probe: UUID?
    let openUntil: Date?
  }

  /// Returns whether the caller may send a request. Of several callers at once only one gets a probe.
  ///
  /// - Parameter now: the current time; nil for the clock of the database.
  package func check(at now: Date? = nil, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Permission {
    // An end further away than the longest duration was set while a clock was ahead, so it counts as reached.
    let longest = max(openDuration, probeTimeout)
    let state = try database.rows(
      """
      WITH clock AS (SELECT coalesce(\(now), statement_timestamp()) AS now), chosen AS (
        UPDATE circuit_breakers SET open_until = now + \(probeTimeout), probe = gen_random_uuid(), changed_at = now
        FROM clock
        WHERE name = \(name) AND (open_until <= now OR open_until > now + \(longest))
        RETURNING probe
      )
      SELECT now, (SELECT probe FROM chosen) AS probe,
        (SELECT open_until FROM circuit_breakers WHERE name = \(name)) AS open_until
      FROM clock
      """, as: State.self, by: deadline)[0]
    if let probe = state.probe { return .probe(probe) }
    guard let end = state.openUntil else { return .allowed }
    // If the end has passed, another caller became the probe while this one waited for the row.
    return .refused(retryAfter: state.now < end ? min(longest, Duration(from: state.now, to: end)) : probeTimeout)
  }

  /// Releases a permission that was not used, or if the request revealed nothing about the service. If it was a probe,
  /// the next caller probes instead.
  ///
  /// - Parameter now: the current time; nil for the clock of the database.
  package func release(
    _ permission: Permission, at now: Date? = nil, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) {
    guard case .probe(let probe) = permission else { return }
    try database.execute(
      """
      UPDATE circuit_breakers SET open_until = coalesce(\(now), statement_timestamp()), probe = NULL
      WHERE name = \(name) AND probe = \(probe)
      """, by: deadline)
  }

  /// Records a success. The success of a probe closes the breaker.
  ///
  /// It has no effect if the request started before the breaker opened, or if another probe replaced this one.
  package func recordSuccess(_ permission: Permission, by deadline: ContinuousClock.Instant) throws(DatabaseError) {
    switch permission {
    case .allowed:
      try database.execute("DELETE FROM circuit_breakers WHERE name = \(name) AND open_until IS NULL", by: deadline)
    case .probe(let probe):
      try database.execute("DELETE FROM circuit_breakers WHERE name = \(name) AND probe = \(probe)", by: deadline)
    case .refused: break
    }
  }

  /// Records a failure. The failure of a probe opens the breaker again.
  ///
  /// The failure of a request that started before the breaker opened does not extend the open time.
  /// - Parameter now: the current time; nil for the clock of the database.
  package func recordFailure(
    _ permission: Permission, at now: Date? = nil, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) {
    switch permission {
    case .allowed:
      try database.execute(
        """
        WITH clock AS (
          SELECT now, now + \(openDuration) AS until FROM coalesce(\(now), statement_timestamp()) AS now
        )
        INSERT INTO circuit_breakers AS existing (name, failures, open_until, changed_at)
        SELECT \(name), 1, CASE WHEN \(threshold) = 1 THEN until END, now FROM clock
        ON CONFLICT (name) DO UPDATE SET (failures, open_until, changed_at) = (
          SELECT existing.failures + 1, CASE WHEN existing.failures + 1 >= \(threshold) THEN until END, now FROM clock)
        WHERE existing.open_until IS NULL
        """, by: deadline)
    case .probe(let probe):
      try database.execute(
        """
        UPDATE circuit_breakers
        SET failures = failures + 1, open_until = now + \(openDuration), probe = NULL, changed_at = now
        FROM coalesce(\(now), statement_timestamp()) AS now WHERE name = \(name) AND probe = \(probe)
        """, by: deadline)
    case .refused: break
    }
  }
}
