package import FoundationEssentials
package import Postgres

/// How much a subject may use within a time, counted exactly whatever number of processes count at once.
///
/// What was taken stays taken: there is no way to give back. A refusal writes nothing, so that whoever floods costs a
/// look-up.
package struct RateLimit: Sendable {
  package enum Rule: Sendable, Hashable {
    /// So many in each window of `seconds`. Windows follow one another from 1970 on in UTC: those of 86,400 seconds are
    /// days.
    case window(limit: Int, seconds: Int)
    /// So many at once, and then one more each `interval`, of a microsecond at least.
    case bucket(capacity: Int, interval: Duration)
  }

  let database: Database
  let scope: String
  private let rule: Rule

  /// - Parameter scope: what is limited. A scope has one rule: what a subject is granted may change, the times may not.
  package init(_ database: Database, scope: String, _ rule: Rule) {
    switch rule {
    case .window(_, let seconds): precondition(seconds > 0, "a window lasts a second at least")
    case .bucket(_, let interval): precondition(interval.microseconds > 0, "a token takes a microsecond at least")
    }
    self.database = database
    self.scope = scope
    self.rule = rule
  }

  /// Takes `count` of what `subject` may use, or nothing.
  ///
  /// - Parameters:
  ///   - count: 1 at least.
  ///   - subject: in one spelling; of an IPv6 address perhaps its network.
  ///   - now: nil for the database's clock, which all processes share.
  package func take(
    _ count: Int = 1, of subject: String, at now: Date? = nil, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> RateDecision {
    precondition(count > 0, "nothing to take")
    switch rule {
    case .window(let limit, let seconds):
      return try takeInWindow(count, of: subject, limit: limit, seconds: seconds, at: now, by: deadline)
    case .bucket(let capacity, let interval):
      return try takeFromBucket(count, of: subject, capacity: capacity, interval: interval, at: now, by: deadline)
    }
  }
}
