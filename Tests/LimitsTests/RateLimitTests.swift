import FoundationEssentials
import Limits
import Postgres
import Support
import Testing

struct RateLimitTests {
  private let url: String
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(60))
  /// 2026-03-01 00:00 UTC.
  private let midnight = Date(timeIntervalSince1970: 1_772_323_200)

  init() throws {
    url = try TestDatabase.make(Limits.migrations)
    database = Database(url: url)
  }

  private func days(_ limit: Int) -> RateLimit {
    RateLimit(database, scope: "reads", .window(limit: limit, seconds: 86_400))
  }

  private func bucket(_ capacity: Int, every seconds: Int = 10) -> RateLimit {
    RateLimit(database, scope: "reads", .bucket(capacity: capacity, interval: .seconds(seconds)))
  }

  // MARK: Windows

  @Test func decisionReportsTheRemainingQuota() throws {
    let limit = days(5)
    let noon = midnight.addingTimeInterval(43_200)
    let first = try limit.take(2, of: "a", at: noon, by: soon)
    #expect(first.isAllowed && first.limit == 5 && first.remaining == 3 && first.retryAfter == nil)
    #expect(first.resetsAt == midnight.addingTimeInterval(86_400))
    #expect(try limit.take(3, of: "a", at: noon, by: soon).remaining == 0)
    let refused = try limit.take(of: "a", at: noon, by: soon)
    #expect(!refused.isAllowed && refused.remaining == 0 && refused.retryAfter == .seconds(43_200))
  }

  @Test func requestIsAllowedWholeOrNotAtAll() throws {
    let limit = days(5)
    #expect(try limit.take(4, of: "a", at: midnight, by: soon).isAllowed)
    let refused = try limit.take(2, of: "a", at: midnight, by: soon)
    #expect(!refused.isAllowed && refused.remaining == 1)
    #expect(try limit.take(1, of: "a", at: midnight, by: soon).isAllowed)
    let never = try limit.take(6, of: "b", at: midnight, by: soon)
    #expect(!never.isAllowed && never.remaining == 5 && never.retryAfter == nil)
  }

  @Test func subjectsAndScopesAreIndependent() throws {
    let limit = days(1)
    let other = RateLimit(database, scope: "writes", .window(limit: 1, seconds: 86_400))
    #expect(try limit.take(of: "a", at: midnight, by: soon).isAllowed)
    #expect(try limit.take(of: "b", at: midnight, by: soon).isAllowed)
    #expect(try other.take(of: "a", at: midnight, by: soon).isAllowed)
    #expect(try !limit.take(of: "a", at: midnight, by: soon).isAllowed)
  }

  /// The time zone of the session must not matter.
  @Test func dayWindowEndsAtMidnightUTC() throws {
    let name = try database.rows("SELECT current_database()::text", as: String.self, by: soon)[0]
    try database.execute("ALTER DATABASE \(unsafeSQL: name) SET timezone = 'America/New_York'", by: soon)
    let limit = RateLimit(Database(url: url), scope: "reads", .window(limit: 1, seconds: 86_400))
    let before = try limit.take(of: "a", at: midnight.addingTimeInterval(-0.001), by: soon)
    #expect(before.isAllowed && before.resetsAt == midnight)
    let refused = try limit.take(of: "a", at: midnight.addingTimeInterval(-0.001), by: soon)
    #expect(!refused.isAllowed && refused.retryAfter == .milliseconds(1))
    let after = try limit.take(of: "a", at: midnight, by: soon)
    #expect(after.isAllowed && after.resetsAt == midnight.addingTimeInterval(86_400))
  }

  @Test func clockSetBackDoesNotResetAWindow() throws {
    let limit = days(2)
    let yesterday = midnight.addingTimeInterval(-3600)
    for now in [midnight, yesterday, midnight, yesterday] {
      #expect(try limit.take(of: "a", at: now, by: soon).isAllowed)
    }
    for now in [yesterday, midnight] { #expect(try !limit.take(of: "a", at: now, by: soon).isAllowed) }
  }

  @Test func defaultTimeIsTheClockOfTheDatabase() throws {
    func endOfDay() throws -> Date {
      try database.rows(
        "SELECT (date_trunc('day', now() AT TIME ZONE 'UTC') + interval '1 day') AT TIME ZONE 'UTC'", as: Date.self,
        by: soon)[0]
    }
    let before = try endOfDay()
    let resetsAt = try days(1).take(of: "a", by: soon).resetsAt
    #expect(try [before, endOfDay()].contains(resetsAt))
  }

  @Test(arguments: [0, 3]) func refusalWritesNothing(limit: Int) throws {
    for rate in [days(limit), bucket(limit)] {
      for _ in 0..<limit { #expect(try rate.take(of: "a", at: midnight, by: soon).isAllowed) }
      // A row lock alone would change xmax.
      func rows() throws -> [String] {
        try ["rate_windows", "rate_buckets"].flatMap {
          try database.rows("SELECT concat_ws(' ', ctid, xmin, xmax) FROM \(unsafeSQL: $0)", as: String.self, by: soon)
        }
      }
      let before = try rows()
      for _ in 0..<3 { #expect(try !rate.take(of: "a", at: midnight, by: soon).isAllowed) }
      #expect(try rows() == before)
      if limit == 0 { #expect(before.isEmpty) }
    }
  }

  // MARK: Buckets

  @Test func bucketRefills() throws {
    let rate = bucket(3)
    let all = try rate.take(3, of: "a", at: midnight, by: soon)
    #expect(all.isAllowed && all.limit == 3 && all.remaining == 0 && all.retryAfter == nil)
    #expect(all.resetsAt == midnight.addingTimeInterval(30))
    let refused = try rate.take(2, of: "a", at: midnight.addingTimeInterval(4), by: soon)
    #expect(!refused.isAllowed && refused.remaining == 0 && refused.retryAfter == .seconds(16))
    #expect(try !rate.take(of: "a", at: midnight.addingTimeInterval(9.999_999), by: soon).isAllowed)
    #expect(try rate.take(of: "a", at: midnight.addingTimeInterval(10), by: soon).isAllowed)
    #expect(
      try rate.take(3, of: "a", at: midnight.addingTimeInterval(40), by: soon).isAllowed,
      "the bucket must be full again")
    #expect(
      try !rate.take(4, of: "a", at: midnight.addingTimeInterval(9_999), by: soon).isAllowed,
      "a bucket must not exceed its capacity")
    #expect(try rate.take(4, of: "a", at: midnight.addingTimeInterval(9_999), by: soon).retryAfter == nil)
  }

  @Test func clockSetBackNeitherFillsNorBlocksABucket() throws {
    let rate = bucket(2)
    #expect(try rate.take(2, of: "a", at: midnight, by: soon).isAllowed)
    let back = midnight.addingTimeInterval(-3600)
    let refused = try rate.take(of: "a", at: back, by: soon)
    #expect(!refused.isAllowed && refused.retryAfter == .seconds(10))
    #expect(try rate.take(of: "a", at: back.addingTimeInterval(10), by: soon).isAllowed)
    #expect(try !rate.take(of: "a", at: back.addingTimeInterval(10), by: soon).isAllowed)
  }

  // MARK: Purging

  @Test func purgeDeletesOnlyRowsExpiredForADay() throws {
    let now = midnight.addingTimeInterval(86_400 * 3)
    #expect(try days(1).take(of: "old", at: midnight, by: soon).isAllowed)
    #expect(try days(1).take(of: "new", at: now, by: soon).isAllowed)
    #expect(try bucket(1).take(of: "old", at: midnight, by: soon).isAllowed)
    #expect(try bucket(1).take(of: "new", at: now, by: soon).isAllowed)
    let limiter = FailureLimiter(database, scope: "keys")
    try limiter.recordFailure("old", at: midnight, by: soon)
    try limiter.recordFailure("new", at: now, by: soon)
    #expect(try Limits.purge(database, at: now, by: soon) == 3)
    #expect(try !days(1).take(of: "new", at: now, by: soon).isAllowed)
    #expect(try !bucket(1).take(of: "new", at: now, by: soon).isAllowed)
    #expect(try Limits.purge(database, at: now, by: soon) == 0)
  }
}
