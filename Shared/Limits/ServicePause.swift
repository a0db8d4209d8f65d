package import FoundationEssentials
package import Postgres

/// A pause that a service asked for, such as by Retry-After (RFC 9110, section 10.2.3): whoever heard it tells all
/// processes.
package struct ServicePause: Sendable {
  /// Longer than this nobody stays away, whatever was asked for.
  package static let longest = Duration.seconds(3600)

  private let database: Database
  private let name: String

  package init(_ database: Database, name: String) { (self.database, self.name) = (database, name) }

  /// What is left of it; nil where the service may be asked.
  ///
  /// - Parameter now: nil for the database's clock.
  package func remaining(at now: Date? = nil, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Duration? {
    // An end that is further away was set by a clock that has been set back since.
    let rows = try database.rows(
      """
      SELECT now, ends_at FROM service_pauses, coalesce(\(now), statement_timestamp()) AS now
      WHERE name = \(name) AND ends_at > now AND ends_at <= now + \(Self.longest.microseconds) * interval '1 microsecond'
      """, as: Date.self, Date.self, by: deadline)
    return rows.first.map { Duration(from: $0.0, to: $0.1) }
  }

  /// Begins one; one that ends later stays.
  ///
  /// - Parameter now: nil for the database's clock.
  package func begin(_ duration: Duration, at now: Date? = nil, by deadline: ContinuousClock.Instant)
    throws(DatabaseError)
  {
    guard duration > .zero else { return }
    let span = min(duration, Self.longest).microseconds
    try database.execute(
      """
      INSERT INTO service_pauses AS known (name, ends_at)
      SELECT \(name), now + \(span) * interval '1 microsecond' FROM coalesce(\(now), statement_timestamp()) AS now
      ON CONFLICT (name) DO UPDATE SET ends_at = excluded.ends_at
      WHERE known.ends_at < excluded.ends_at OR known.ends_at > excluded.ends_at + \(Self.longest.microseconds) * interval '1 microsecond'
      """, by: deadline)
  }
}
