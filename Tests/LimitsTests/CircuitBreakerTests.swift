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

  @Test func theFifthFailureInARowOpensItForAMinute() throws {
    #expect(try check(at: 0) == .allowed)
    try fail(4, at: 0)
    #expect(try check(at: 0) == .allowed)
    try fail(at: 1)
    #expect(try check(at: 1) == .refused(retryAfter: .seconds(60)))
    #expect(try check(at: 60) == .refused(retryAfter: .seconds(1)))
    #expect(try CircuitBreaker(Database(url: url), name: "another").check(at: start, by: soon) == .allowed)
  }

  @Test func aSuccessBetweenBeginsTheCountAnew() throws {
    try fail(4, at: 0)
    try breaker.recordSuccess(.allowed, by: soon)
    try fail(4, at: 1)
    #expect(try check(at: 1) == .allowed)
  }

  @Test func aToleranceOfOneOpensAtOnce() throws {
    let breaker = CircuitBreaker(Database(url: url), name: "frail", tolerance: 1, openSpan: .seconds(5))
    try breaker.recordFailure(.allowed, at: start, by: soon)
    #expect(try breaker.check(at: start, by: soon) == .refused(retryAfter: .seconds(5)))
  }

  @Test func whoGivesItsProbeBackLetsTheNextGo() throws {
    try fail(5, at: 0)
    let probe = try check(at: 60)
    try breaker.giveBack(probe, at: start.addingTimeInterval(61), by: soon)
    let next = try check(at: 61)
    #expect(isProbe(next) && next != probe)
    // It is another's by now.
    try breaker.giveBack(probe, at: start.addingTimeInterval(62), by: soon)
    #expect(try !isProbe(check(at: 62)))
    try breaker.giveBack(.allowed, by: soon)
  }

  @Test func afterTheMinuteOneProbeGoesAndItsSuccessCloses() throws {
    try fail(5, at: 0)
    let probe = try check(at: 60)
    #expect(isProbe(probe))
    #expect(try check(at: 60) == .refused(retryAfter: .seconds(30)))
    try breaker.recordSuccess(probe, by: soon)
    #expect(try check(at: 61) == .allowed)
    try fail(4, at: 61)
    #expect(try check(at: 61) == .allowed)
  }

  @Test func aProbesFailureOpensItAgain() throws {
    try fail(5, at: 0)
    try fail(1, check(at: 60), at: 62)
    #expect(try check(at: 62) == .refused(retryAfter: .seconds(60)))
    #expect(isProbe(try check(at: 122)))
  }

  @Test func aProbeThatNeverReportsIsGivenUp() throws {
    try fail(5, at: 0)
    let lost = try check(at: 60)
    #expect(!isProbe(try check(at: 89)))
    let next = try check(at: 90)
    #expect(isProbe(next) && next != lost)
    // What the first says now no longer counts.
    try breaker.recordSuccess(lost, by: soon)
    try fail(1, lost, at: 91)
    #expect(try check(at: 91) == .refused(retryAfter: .seconds(29)))
    try breaker.recordSuccess(next, by: soon)
    #expect(try check(at: 92) == .allowed)
  }

  @Test func whatBeganBeforeItOpenedNeitherClosesNorLengthensIt() throws {
    try fail(9, at: 0)
    try fail(9, at: 30)
    try breaker.recordSuccess(.allowed, by: soon)
    #expect(try check(at: 30) == .refused(retryAfter: .seconds(30)))
  }

  @Test func aClockSetBackDoesNotHoldItOpen() throws {
    try fail(5, at: 86_400)
    #expect(isProbe(try check(at: 0)))
  }

  @Test func withoutATimeTheDatabasesCounts() throws {
    for _ in 0..<5 { try breaker.recordFailure(.allowed, by: soon) }
    guard case .refused(let left) = try breaker.check(by: soon) else {
      Issue.record("not refused")
      return
    }
    #expect(left > .seconds(50) && left <= .seconds(60))
  }

  @Test func aDayUntouchedItIsPurged() throws {
    try fail(5, at: 0)
    #expect(try Limits.purge(Database(url: url), at: start.addingTimeInterval(86_400), by: soon) == 0)
    #expect(try Limits.purge(Database(url: url), at: start.addingTimeInterval(86_401), by: soon) == 1)
    #expect(try check(at: 86_401) == .allowed)
  }

  /// How many of 16 at once `choose` lets through; nil where one failed.
  private func chosen(_ choose: @escaping @Sendable (Database) throws -> Bool) async -> Int? {
    let url = url
    let went = await Threads.run(16) { _ in try? choose(Database(url: url)) }
    return went.contains(nil) ? nil : went.count { $0 == true }
  }

  @Test func ofSixteenAtOnceOneIsTheProbe() async throws {
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

  @Test func failuresAtOnceAreAllCounted() async throws {
    let (soon, start) = (soon, start)
    let count = await chosen { database in
      try CircuitBreaker(database, name: "service", tolerance: 17).recordFailure(.allowed, at: start, by: soon)
      return true
    }
    #expect(count == 16)
    #expect(try Database(url: url).rows("SELECT failures FROM circuit_breakers", as: Int.self, by: soon) == [16])
  }

  /// Negative control: who looks first and writes then sends several.
  @Test func lookingBeforeChoosingSendsSeveral() async throws {
    try fail(5, at: 0)
    let soon = soon
    let count = await chosen { database in
      let isOver =
        try database.rows(
          "SELECT 1 FROM circuit_breakers, pg_sleep(0.1) WHERE open_until <= now()", as: Int.self, by: soon
        ).count == 1
      return try isOver
        && database.execute("UPDATE circuit_breakers SET open_until = now() + interval '30 seconds'", by: soon) == 1
    }
    #expect(try #require(count) > 1)
  }
}
