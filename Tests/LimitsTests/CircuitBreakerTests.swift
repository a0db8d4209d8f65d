import FoundationEssentials
import Limits
import Postgres
import Support
import Testing

struct CircuitBreakerTests {
  private let url: String
  private let breaker: CircuitBreaker
  private let soon = ContinuousClock.now.advanced(by: .seconds(60))
  private let start = Date(timeIntervalSince1970: 1_772_323_200)

  init() throws {
    url = try TestDatabase.make(Limits.migrations)
    breaker = CircuitBreaker(Database(url: url), name: "service")
  }

  private func check(at seconds: Double) throws -> CircuitBreaker.Permission {
    try breaker.check(at: start.addingTimeInterval(seconds), by: soon)
  }

  private func fail(_ count: Int = 1, _ permission: CircuitBreaker.Permission = .allowed, at seconds: Double) throws {
    for _ in 0..<count { try breaker.recordFailure(permission, at: start.addingTimeInterval(seconds), by: soon) }
  }

  private func isProbe(_ permission: CircuitBreaker.Permission) -> Bool {
    if case .probe = permission { true } else { false }
  }

  @Test func fifthConsecutiveFailureOpensTheBreakerForAMinute() throws {
    #expect(try check(at: 0) == .allowed)
    try fail(4, at: 0)
    #expect(try check(at: 0) == .allowed)
    try fail(at: 1)
    #expect(try check(at: 1) == .refused(retryAfter: .seconds(60)))
    #expect(try check(at: 60) == .refused(retryAfter: .seconds(1)))
    #expect(try CircuitBreaker(Database(url: url), name: "another").check(at: start, by: soon) == .allowed)
  }

  @Test func successResetsTheCount() throws {
    try fail(4, at: 0)
    try breaker.recordSuccess(.allowed, by: soon)
    try fail(4, at: 1)
    #expect(try check(at: 1) == .allowed)
  }

  @Test func thresholdOfOneOpensAtTheFirstFailure() throws {
    let breaker = CircuitBreaker(Database(url: url), name: "frail", threshold: 1, openDuration: .seconds(5))
    try breaker.recordFailure(.allowed, at: start, by: soon)
    #expect(try breaker.check(at: start, by: soon) == .refused(retryAfter: .seconds(5)))
  }

  @Test func releasedProbeLetsTheNextCallerProbe() throws {
    try fail(5, at: 0)
    let probe = try check(at: 60)
    try breaker.release(probe, at: start.addingTimeInterval(61), by: soon)
    let next = try check(at: 61)
    #expect(isProbe(next) && next != probe)
    // The old probe was replaced, so its release has no effect.
    try breaker.release(probe, at: start.addingTimeInterval(62), by: soon)
    #expect(try !isProbe(check(at: 62)))
    try breaker.release(.allowed, by: soon)
  }

  @Test func successOfTheProbeClosesTheBreaker() throws {
    try fail(5, at: 0)
    let probe = try check(at: 60)
    #expect(isProbe(probe))
    #expect(try check(at: 60) == .refused(retryAfter: .seconds(30)))
    try breaker.recordSuccess(probe, by: soon)
    #expect(try check(at: 61) == .allowed)
    try fail(4, at: 61)
    #expect(try check(at: 61) == .allowed)
  }

  @Test func failureOfTheProbeOpensTheBreakerAgain() throws {
    try fail(5, at: 0)
    try fail(1, check(at: 60), at: 62)
    #expect(try check(at: 62) == .refused(retryAfter: .seconds(60)))
    #expect(isProbe(try check(at: 122)))
  }

  @Test func probeThatNeverReportsIsReplaced() throws {
    try fail(5, at: 0)
    let lost = try check(at: 60)
    #expect(!isProbe(try check(at: 89)))
    let next = try check(at: 90)
    #expect(isProbe(next) && next != lost)
    // A late report of the replaced probe has no effect.
    try breaker.recordSuccess(lost, by: soon)
    try fail(1, lost, at: 91)
    #expect(try check(at: 91) == .refused(retryAfter: .seconds(29)))
    try breaker.recordSuccess(next, by: soon)
    #expect(try check(at: 92) == .allowed)
  }

  @Test func outcomeOfAnEarlierRequestDoesNotChangeTheOpenBreaker() throws {
    try fail(9, at: 0)
    try fail(9, at: 30)
    try breaker.recordSuccess(.allowed, by: soon)
    #expect(try check(at: 30) == .refused(retryAfter: .seconds(30)))
  }

  @Test func clockSetBackDoesNotKeepTheBreakerOpen() throws {
    try fail(5, at: 86_400)
    #expect(isProbe(try check(at: 0)))
  }

  @Test func defaultTimeIsTheClockOfTheDatabase() throws {
    for _ in 0..<5 { try breaker.recordFailure(.allowed, by: soon) }
    guard case .refused(let left) = try breaker.check(by: soon) else {
      Issue.record("the breaker did not refuse")
      return
    }
    #expect(left > .seconds(50) && left <= .seconds(60))
  }

  @Test func unchangedBreakerIsPurgedAfterADay() throws {
    try fail(5, at: 0)
    #expect(try Limits.purge(Database(url: url), at: start.addingTimeInterval(86_400), by: soon) == 0)
    #expect(try Limits.purge(Database(url: url), at: start.addingTimeInterval(86_401), by: soon) == 1)
    #expect(try check(at: 86_401) == .allowed)
  }

  /// The number of 16 concurrent calls of `choose` that returned true, or nil if one threw.
  private func chosen(_ choose: @escaping @Sendable (Database) throws -> Bool) async -> Int? {
    let url = url
    let results = await Threads.run(16) { _ in try? choose(Database(url: url)) }
    return results.contains(nil) ? nil : results.count { $0 == true }
  }

  @Test func oneOfSixteenConcurrentCallersIsTheProbe() async throws {
    try fail(5, at: 0)
    let (soon, start) = (soon, start)
    for round in 1...5 {
      let count = await chosen { database in
        let permission = try CircuitBreaker(database, name: "service").check(
          at: start.addingTimeInterval(Double(round) * 60), by: soon)
        if case .probe = permission { return true } else { return false }
      }
      #expect(count == 1)
    }
  }

  @Test func concurrentFailuresAreAllCounted() async throws {
    let (soon, start) = (soon, start)
    let count = await chosen { database in
      try CircuitBreaker(database, name: "service", threshold: 17).recordFailure(.allowed, at: start, by: soon)
      return true
    }
    #expect(count == 16)
    #expect(try Database(url: url).rows("SELECT failures FROM circuit_breakers", as: Int.self, by: soon) == [16])
  }

  /// Negative control: a SELECT followed by an UPDATE allows several probes.
  @Test func selectBeforeUpdateAllowsSeveralProbes() async throws {
    try fail(5, at: 0)
    let soon = soon
    let count = await chosen { database in
      let isDue =
        try database.rows(
          "SELECT 1 FROM circuit_breakers, pg_sleep(0.1) WHERE open_until <= now()", as: Int.self, by: soon
        ).count == 1
      return try isDue
        && database.execute("UPDATE circuit_breakers SET open_until = now() + interval '30 seconds'", by: soon) == 1
    }
    #expect(try #require(count) > 1)
  }
}
