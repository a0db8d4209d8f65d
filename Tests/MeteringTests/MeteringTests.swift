import Accounts
import Contract
import FoundationEssentials
import Metering
import Postgres
import Support
import Testing

/// Holds on daily meters.
@Suite struct MeteringTests {
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))
  /// 2026-03-01, noon UTC.
  private let noon = Date(timeIntervalSince1970: 1_772_366_400)
  private let account: Account

  init() throws {
    database = Database(url: try TestDatabase.make(Accounts.migrations + Metering.migrations))
    account = try Accounts(database).grant(.coffee, to: Email("ada@example.com")!, by: soon)
  }

  private func hold(at time: Date, for duration: Duration = .seconds(60)) throws -> MeterHold? {
    try Metering(database, at: time).hold(.analyses, of: account, for: duration, by: soon)?.hold
  }

  private func used(at time: Date) throws -> Int? {
    try Metering(database, at: time).quota(of: .analyses, for: account, by: soon)?.used
  }

  @Test func usesOverTheLimitOfThePlanAreRefused() throws {
    for left in stride(from: 4, through: 0, by: -1) {
      #expect(
        try Metering(database, at: noon).hold(.analyses, of: account, for: .seconds(60), by: soon)?.quota.remaining
          == left)
    }
    let refusal = #expect(throws: Failure.self) { try hold(at: noon) }
    #expect(refusal?.code == .quotaExceeded && refusal?.retryAfter == 43_200)
  }

  @Test func usesOfTheOperatorAreNotCounted() throws {
    let operatorAccount = Account(id: account.id, kind: .operator)
    for _ in 0..<10 {
      #expect(try Metering(database, at: noon).hold(.analyses, of: operatorAccount, for: .seconds(60), by: soon) == nil)
    }
    #expect(try used(at: noon) == 0)
  }

  @Test func releasedHoldCannotBeReleasedOrSettledAgain() throws {
    let metering = Metering(database, at: noon)
    let hold = try #require(try hold(at: noon))
    #expect(try used(at: noon) == 1)
    #expect(try metering.release(hold, by: soon))
    #expect(try !metering.release(hold, by: soon), "a hold is released at most once")
    #expect(throws: HoldLost.self) { try metering.settle(hold, by: soon) }
    #expect(try used(at: noon) == 0)
  }

  @Test func settledHoldCannotBeReleasedOrSettledAgain() throws {
    let metering = Metering(database, at: noon)
    let hold = try #require(try hold(at: noon))
    try metering.settle(hold, by: soon)
    #expect(throws: HoldLost.self) { try metering.settle(hold, by: soon) }
    #expect(try !metering.release(hold, by: soon))
    #expect(try used(at: noon) == 1)
  }

  @Test func expiredHoldIsReleasedOnceAndCannotBeSettled() throws {
    let holds = try (0..<5).map { _ in try #require(try hold(at: noon)) }
    let later = noon.addingTimeInterval(61)
    let metering = Metering(database, at: later)
    #expect(throws: HoldLost.self) { try metering.settle(holds[0], by: soon) }
    #expect(try used(at: later) == 5, "expired holds count until another hold needs them")
    #expect(try hold(at: later) != nil, "a hold over the limit releases the expired ones")
    #expect(try used(at: later) == 1)
    #expect(try metering.releaseExpired(by: soon) == 0)
    #expect(try !metering.release(holds[1], by: soon))
    #expect(try used(at: later) == 1)
  }

  @Test func useCountsOnTheDayOfItsHold() throws {
    let late = Date(timeIntervalSince1970: 1_772_409_599)
    let early = late.addingTimeInterval(2)
    let hold = try #require(try hold(at: late))
    #expect(try used(at: late) == 1 && used(at: early) == 0)
    try Metering(database, at: early).settle(hold, by: soon)
    #expect(try used(at: late) == 1 && used(at: early) == 0)
    let other = try #require(try self.hold(at: late))
    #expect(try Metering(database, at: early).release(other, by: soon))
    #expect(try used(at: late) == 1 && used(at: early) == 0)
    #expect(try Metering(database, at: late).quota(of: .analyses, for: account, by: soon)?.secondsToReset == 1)
  }

  @Test func limitStaysUsedUpWhenTheClockIsSetBack() throws {
    for _ in 0..<5 { _ = try #require(try hold(at: noon)) }
    #expect(throws: Failure.self) { try hold(at: noon.addingTimeInterval(-3_600)) }
    #expect(try used(at: noon) == 5)
  }

  @Test func usesOverTheLimitOfASmallerPlanAreRefused() throws {
    for _ in 0..<5 { _ = try #require(try hold(at: noon)) }
    var smaller = account
    smaller.plan = .free
    #expect(throws: Failure.self) {
      try Metering(database, at: noon).hold(.analyses, of: smaller, for: .seconds(60), by: soon)
    }
    #expect(try Metering(database, at: noon).quota(of: .analyses, for: smaller, by: soon)?.remaining == 0)
  }
}
