package import FoundationEssentials
package import Postgres

/// A pause that a service requested, for example with Retry-After (RFC 9110, section 10.2.3). All processes share it.
package struct ServicePause: Sendable {
  /// The longest pause; a longer request is shortened to it.
  package static let longest = Duration.seconds(3600)

  private let database: Database
  private let name: String

  /// - Parameter name: the name of the service.
  package init(_ database: Database, name: String) { (self.database, self.name) = (database, name) }

  private struct Pause: Decodable {
    let now: Date
    let endsAt: Date
  }

  /// Returns the remaining time of the pause, or nil if the service is not paused.
  ///
  /// - Parameter now: the current time; nil for the clock of the database.
  package func remaining(at now: Date? = nil, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Duration? {
    // An end further away than the longest pause was set while a clock was ahead.
    let pauses = try database.rows(
      """
      SELECT now, ends_at FROM service_pauses, coalesce(\(now), statement_timestamp()) AS now
      WHERE name = \(name) AND ends_at > now AND ends_at <= now + \(Self.longest)
      """, as: Pause.self, by: deadline)
    return pauses.first.map { Duration(from: $0.now, to: $0.endsAt) }
  }

  /// Starts a pause of `duration`. A pause that ends later stays in effect.
  ///
  /// - Parameter now: the current time; nil for the clock of the database.
  package func begin(
    _ duration: Duration, at now: Date? = nil, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) {
    guard duration > .zero else { return }
    try database.execute(
      """
      INSERT INTO service_pauses AS existing (name, ends_at)
      SELECT \(name), now + \(min(duration, Self.longest)) FROM coalesce(\(now), statement_timestamp()) AS now
      ON CONFLICT (name) DO UPDATE SET ends_at = excluded.ends_at
      WHERE existing.ends_at < excluded.ends_at OR existing.ends_at > excluded.ends_at + \(Self.longest)
      """, by: deadline)
  }
}
