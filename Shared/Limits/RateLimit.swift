package import FoundationEssentials
package import Postgres

/// A rate limit that all processes share, exact under concurrency.
///
/// Used quota cannot be returned. A refusal costs one query and writes nothing, so a flood of requests stays cheap.
package struct RateLimit: Sendable {
  package enum Rule: Sendable, Hashable {
    /// Allows `limit` in each window of `seconds`. Windows are aligned to 1970-01-01 00:00 UTC, so windows of 86,400
    /// seconds are UTC days.
    case window(limit: Int, seconds: Int)
    /// A token bucket: allows `capacity` at once and then one more per `interval`, which is at least a microsecond.
    case bucket(capacity: Int, interval: Duration)
  }

  let database: Database
  let scope: String
  private let rule: Rule

  /// - Parameter scope: a name for the limited resource. The limit or capacity of a scope may change, but not its kind,
  ///   window length or interval.
  package init(_ database: Database, scope: String, _ rule: Rule) {
    switch rule {
    case .window(_, let seconds): precondition(seconds > 0, "a window must last at least a second")
    case .bucket(_, let interval): precondition(interval.microseconds > 0, "an interval must last at least 1 µs")
    }
    self.database = database
    self.scope = scope
    self.rule = rule
  }

  /// Takes `count` units from the quota of `subject`, or none if fewer are left.
  ///
  /// - Parameters:
  ///   - count: at least 1.
  ///   - subject: the limited account, key or address, in one canonical spelling; for an IPv6 address perhaps its
  ///     network.
  ///   - now: the current time; nil for the clock of the database, which all processes share.
  package func take(
    _ count: Int = 1, of subject: String, at now: Date? = nil, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> RateDecision {
    precondition(count > 0, "count must be at least 1")
    switch rule {
    case .window(let limit, let seconds):
      return try takeInWindow(count, of: subject, limit: limit, seconds: seconds, at: now, by: deadline)
    case .bucket(let capacity, let interval):
      return try takeFromBucket(count, of: subject, capacity: capacity, interval: interval, at: now, by: deadline)
    }
  }
}
