import FoundationEssentials
import Limits
import Postgres
import Support
import Testing

struct FailureLimiterTests {
  private let url: String
  private let limiter: FailureLimiter
  private let soon = ContinuousClock.now.advanced(by: .seconds(60))
  private let start = Date(timeIntervalSince1970: 1_772_323_200)

  init() throws {
    url = try TestDatabase.make(Limits.migrations)
    limiter = FailureLimiter(Database(url: url), scope: "keys")
  }

  private func fail(_ count: Int, _ source: String = "a", at seconds: Double) throws {
    for _ in 0..<count { try limiter.recordFailure(source, at: start.addingTimeInterval(seconds), by: soon) }
  }

  private func check(_ source: String = "a", at seconds: Double) throws -> Duration? {
    try limiter.check(source, at: start.addingTimeInterval(seconds), by: soon)
  }

  @Test func fifthFailureBlocksForAMinute() throws {
    #expect(try check(at: 0) == nil)
    try fail(4, at: 0)
    #expect(try check(at: 1) == nil)
    #expect(try limiter.recordFailure("a", at: start.addingTimeInterval(599), by: soon) == .seconds(60))
    #expect(try check(at: 600) == .seconds(59))
    #expect(try check("b", at: 600) == nil)
    #expect(try check(at: 659) == nil)
  }

  @Test func eachFurtherFailureDoublesTheBlockUpToAnHour() throws {
    try fail(4, at: 0)
    var now = start
    var blocks: [Duration?] = []
    for _ in 0..<9 {
      let block = try limiter.recordFailure("a", at: now, by: soon)
      blocks.append(block)
      now.addTimeInterval((block ?? .zero) / .seconds(1))
    }
    #expect(blocks == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds(60 * $0) })
  }

  @Test func failuresInDifferentWindowsDoNotAddUp() throws {
    try fail(4, at: 0)
    try fail(4, at: 600)
    #expect(try check(at: 600) == nil)
    try fail(1, at: 601)
    #expect(try check(at: 601) != nil)
  }

  @Test func countStartsAgainAfterAnHourWithoutFailure() throws {
    try fail(5, at: 0)
    try fail(4, at: 60 + 3600)
    #expect(try check(at: 3660) == nil)
    try fail(1, at: 3660)
    #expect(try check(at: 3660) == .seconds(60))
  }

  @Test func failuresDuringABlockDoNotExtendIt() throws {
    try fail(9, at: 0)
    try fail(9, at: 30)
    #expect(try check(at: 30) == .seconds(30))
  }

  @Test func successDeletesTheFailures() throws {
    try fail(5, at: 0)
    try limiter.recordSuccess("a", by: soon)
    #expect(try check(at: 1) == nil)
    try fail(4, at: 1)
    #expect(try check(at: 1) == nil)
  }

  @Test func clockSetBackReportsAtMostTheLongestBlock() throws {
    try fail(5, at: 86_400)
    #expect(try check(at: 0) == .seconds(3600))
  }

  @Test func millionFailuresDoNotOverflowTheBlock() throws {
    try fail(5, at: 0)
    try Database(url: url).execute("UPDATE failure_brakes SET failures = 1000000", by: soon)
    #expect(try limiter.recordFailure("a", at: start.addingTimeInterval(61), by: soon) == .seconds(3600))
  }

  @Test func defaultTimeIsTheClockOfTheDatabase() throws {
    for _ in 0..<5 { try limiter.recordFailure("a", by: soon) }
    let left = try #require(try limiter.check("a", by: soon))
    #expect(left > .zero && left <= .seconds(60))
  }

  /// Attempts that all start before the first of them fails cause one block.
  @Test func concurrentFailuresCauseOneBlock() async throws {
    let (url, soon, start) = (url, soon, start)
    let results = await Threads.run(32) { _ -> Bool in
      do {
        try FailureLimiter(Database(url: url), scope: "keys").recordFailure("a", at: start, by: soon)
        return true
      } catch { return false }
    }
    #expect(!results.contains(false))
    #expect(try check(at: 0) == .seconds(60))
  }
}
