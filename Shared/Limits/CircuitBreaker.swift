package import FoundationEssentials
package import Postgres

/// Refuses at once to ask a service that failed several times in a row, and lets one caller find out whether it is
/// back.
///
/// The state is a row that all processes share; a service that answers has none. The caller asks ``check(at:by:)``
/// before it
/// tries, and tells with the permission it got how it went.
package struct CircuitBreaker: Sendable {
  package enum Permission: Sendable, Equatable {
    case allowed
    /// To be the only one to ask.
    case probe(UUID)
    /// Not to ask; `retryAfter` is when the next probe goes at the latest.
    case refused(retryAfter: Duration)
  }

  private let database: Database
  private let name: String
  private let tolerance: Int
  private let openSpan: Duration
  private let probeSpan: Duration

  /// - Parameters:
  ///   - name: the service's. A name has one set of rules.
  ///   - tolerance: the failure, counted from the last success, that opens it.
  ///   - openSpan: how long nobody asks then.
  ///   - probeSpan: how long a probe has to report; then another goes in its place.
  package init(
    _ database: Database, name: String, tolerance: Int = 5, openSpan: Duration = .seconds(60),
    probeSpan: Duration = .seconds(30)
  ) {
    precondition(tolerance > 0 && .zero < openSpan && .zero < probeSpan, "a breaker that could not hold")
    self.database = database
    self.name = name
    self.tolerance = tolerance
    self.openSpan = openSpan
    self.probeSpan = probeSpan
  }

  /// Whether to ask the service. Of any number that come when it is time for a probe, one goes.
  ///
  /// - Parameter now: nil for the database's clock.
  package func check(at now: Date? = nil, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Permission {
    // No span reaches further than the longest: an end that does was set by a clock that has been set back since.
    let longest = max(openSpan, probeSpan)
    let (now, probe, end) = try database.rows(
      """
      WITH clock AS (SELECT coalesce(\(now), statement_timestamp()) AS now), chosen AS (
        UPDATE circuit_breakers
        SET open_until = now + \(probeSpan.microseconds) * interval '1 microsecond', probe = gen_random_uuid(), changed_at = now
        FROM clock
        WHERE name = \(name) AND (open_until <= now OR open_until > now + \(longest.microseconds) * interval '1 microsecond')
        RETURNING probe
      )
      SELECT now, (SELECT probe FROM chosen), (SELECT open_until FROM circuit_breakers WHERE name = \(name)) FROM clock
      """, as: Date.self, UUID?.self, Date?.self, by: deadline)[0]
    if let probe { return .probe(probe) }
    guard let end else { return .allowed }
    // An end that is past: another became the probe while this one waited for the row.
    return .refused(retryAfter: now < end ? min(longest, Duration(from: now, to: end)) : probeSpan)
  }

  /// Gives back what came to nothing before the service was asked, or said nothing about it: where it was to probe, the
  /// next one does.
  ///
  /// - Parameter now: nil for the database's clock.
  package func giveBack(_ permission: Permission, at now: Date? = nil, by deadline: ContinuousClock.Instant)
    throws(DatabaseError)
  {
    guard case .probe(let probe) = permission else { return }
    try database.execute(
      """
      UPDATE circuit_breakers SET open_until = coalesce(\(now), statement_timestamp()), probe = NULL WHERE name = \(name) AND probe = \(probe)
      """, by: deadline)
  }

  /// Counts an answer: a probe's closes the breaker.
  ///
  /// One that was asked for before it opened, or by a probe in whose place another went, changes nothing.
  package func recordSuccess(_ permission: Permission, by deadline: ContinuousClock.Instant) throws(DatabaseError) {
    switch permission {
    case .allowed:
      try database.execute("DELETE FROM circuit_breakers WHERE name = \(name) AND open_until IS NULL", by: deadline)
    case .probe(let probe):
      try database.execute("DELETE FROM circuit_breakers WHERE name = \(name) AND probe = \(probe)", by: deadline)
    case .refused: break
    }
  }

  /// Counts a failure: a probe's opens the breaker anew.
  ///
  /// One of an attempt that began before it opened does not lengthen it.
  /// - Parameter now: nil for the database's clock.
  package func recordFailure(
    _ permission: Permission, at now: Date? = nil, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) {
    switch permission {
    case .allowed:
      try database.execute(
        """
        WITH clock AS (
          SELECT now, now + \(openSpan.microseconds) * interval '1 microsecond' AS until
          FROM coalesce(\(now), statement_timestamp()) AS now
        )
        INSERT INTO circuit_breakers AS known (name, failures, open_until, changed_at)
        SELECT \(name), 1, CASE WHEN \(tolerance) = 1 THEN until END, now FROM clock
        ON CONFLICT (name) DO UPDATE SET (failures, open_until, changed_at) = (
          SELECT known.failures + 1, CASE WHEN known.failures + 1 >= \(tolerance) THEN until END, now FROM clock)
        WHERE known.open_until IS NULL
        """, by: deadline)
    case .probe(let probe):
      try database.execute(
        """
        UPDATE circuit_breakers
        SET failures = failures + 1, open_until = now + \(openSpan.microseconds) * interval '1 microsecond', probe = NULL, changed_at = now
        FROM coalesce(\(now), statement_timestamp()) AS now WHERE name = \(name) AND probe = \(probe)
        """, by: deadline)
    case .refused: break
    }
  }
}
