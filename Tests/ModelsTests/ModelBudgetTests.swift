import Accounts
import Contract
import FoundationEssentials
import Metering
import Postgres
import Support
import Testing

/// Holds on the daily budget for model calls, settled at the cost of the call.
@Suite struct ModelBudgetTests {
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))
  /// 2026-03-01, noon UTC.
  private let noon = Date(timeIntervalSince1970: 1_772_366_400)
  private let account: Account
  /// Ten cents.
  private let limit = 100_000

  init() throws {
    database = Database(url: try TestDatabase.make(Accounts.migrations + Metering.migrations))
    account = try Accounts(database).grant(.coffee, to: Email("ada@example.com")!, by: soon)
  }

  private func hold(
    _ amount: Int, at time: Date? = nil, of other: Account? = nil, for duration: Duration = .seconds(60)
  ) throws -> MeterHold? {
    try Metering(database, at: time ?? noon).hold(
      .modelMicrodollars, amount: amount, of: other ?? account, for: duration, by: soon)?.hold
  }

  private func used(at time: Date? = nil) throws -> Int? {
    try Metering(database, at: time ?? noon).quota(of: .modelMicrodollars, for: account, by: soon)?.used
  }

  private func settle(_ hold: MeterHold, used: Int, at time: Date? = nil) throws {
    try database.transaction(by: soon) { try Metering(database, at: time ?? noon).settle(hold, used: used, in: &$0) }
  }

  private func states() throws -> [String] {
    try database.rows(
      "SELECT state || ' ' || amount FROM meter_holds ORDER BY amount, state", as: String.self, by: soon)
  }

  @Test func settlingReleasesTheUnspentPartOfAHold() throws {
    let hold = try #require(try hold(70_000))
    #expect(try used() == 70_000)
    #expect(throws: Failure.self) { try self.hold(30_001) }
    try settle(hold, used: 1_234)
    #expect(try used() == 1_234)
    #expect(try self.hold(limit - 1_234) != nil, "the unspent part can be held again")
    #expect(throws: HoldLost.self) { try settle(hold, used: 1) }
    #expect(try used() == limit)
  }

  @Test(arguments: [(-5, 0), (0, 0), (100, 100), (101, 100), (Int.max, 100), (Int.min, 0)])
  func settledCostIsLimitedToTheHold(cost: Int, counted: Int) throws {
    let hold = try #require(try hold(100))
    try settle(hold, used: cost)
    #expect(try used() == counted)
    #expect(try states() == ["settled 100"])
  }

  @Test func releasedAndExpiredHoldsAreReturnedInFull() throws {
    let metering = Metering(database, at: noon)
    let released = try #require(try hold(40_000))
    let expired = try #require(try hold(60_000))
    #expect(try metering.release(released, by: soon))
    #expect(try !metering.release(released, by: soon))
    #expect(try used() == 60_000)
    let later = noon.addingTimeInterval(60)
    #expect(throws: HoldLost.self) { try settle(expired, used: 5, at: later) }
    #expect(try used() == 60_000)
    // A hold over the limit releases the expired ones.
    #expect(try hold(limit, at: later) != nil)
    #expect(try used() == limit)
    #expect(try states() == ["released 40000", "expired 60000", "held 100000"])
    #expect(throws: HoldLost.self) { try settle(released, used: 5) }
  }

  @Test func holdOverTheLimitIsRefused() throws {
    #expect(throws: Failure.self) { try hold(limit + 1) }
    #expect(throws: Failure.self) { try hold(.max) }
    #expect(try used() == 0 && states() == [])
    #expect(try hold(limit) != nil)
  }

  @Test func costCountsOnTheDayOfItsHold() throws {
    let late = Date(timeIntervalSince1970: 1_772_409_599)
    let early = late.addingTimeInterval(2)
    let hold = try #require(try hold(90_000, at: late))
    #expect(try self.hold(90_000, at: early) != nil, "the next day has its own limit")
    try settle(hold, used: 10_000, at: early)
    #expect(try used(at: late) == 10_000 && used(at: early) == 90_000)
  }

  @Test(arguments: [(Plan.free, 0), (.coffee, 100_000), (.growth, 500_000), (.scale, 2_000_000)])
  func planHasItsDailyBudget(plan: Plan, most: Int) throws {
    let account = try Accounts(database).grant(plan, to: Email("\(plan.rawValue)@example.com")!, by: soon)
    if most > 0 { #expect(try hold(most, of: account) != nil) }
    #expect(throws: Failure.self) { try hold(1, of: account) }
  }

  /// The operator has no other limit.
  @Test func operatorHasADailyBudget() throws {
    let operatorAccount = Account(id: account.id, kind: .operator)
    #expect(try hold(2_000_000, of: operatorAccount) != nil)
    let refusal = #expect(throws: Failure.self) { try hold(1, of: operatorAccount) }
    #expect(refusal?.code == .quotaExceeded)
  }

  /// Compares a thousand random operations with a simple model of holds and days.
  @Test(arguments: 1...4) func randomOperationsAgreeWithAModel(seed: UInt64) throws {
    var chance = seed
    func random(_ bound: Int) -> Int {
      // Linear congruential generator (Knuth, MMIX).
      chance = chance &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(chance >> 33) % bound
    }
    var time = Date(timeIntervalSince1970: 1_772_400_000)
    var open: [(hold: MeterHold, day: Int, amount: Int, ends: Date)] = []
    var days: [Int: Int] = [:]
    for step in 0..<1_000 {
      time += Double(random(60))
      let day = Int(time.timeIntervalSince1970) / 86_400
      let metering = Metering(database, at: time)
      switch random(10) {
      case ..<5:
        let amount = 1 + random(60_000)
        let duration = 1 + random(300)
        if let hold = try? self.hold(amount, at: time, for: .seconds(duration)) {
          #expect(days[day, default: 0] + amount <= limit || open.contains { $0.ends <= time }, "step \(step)")
          // The hold has released the expired ones.
          if days[day, default: 0] + amount > limit {
            for late in open where late.ends <= time { days[late.day]! -= late.amount }
            open.removeAll { $0.ends <= time }
          }
          days[day, default: 0] += amount
          open.append((hold, day, amount, time.addingTimeInterval(Double(duration))))
        } else {
          // A refused hold has also released the expired ones.
          for late in open where late.ends <= time { days[late.day]! -= late.amount }
          open.removeAll { $0.ends <= time }
          #expect(days[day, default: 0] + amount > limit, "step \(step): refused although enough was left")
        }
      case ..<8 where !open.isEmpty:
        let (hold, day, amount, ends) = open[random(open.count)]
        let used = random(70_000)
        if ends > time {
          try settle(hold, used: used, at: time)
          days[day]! -= amount - min(amount, used)
          open.removeAll { $0.hold == hold }
        } else {
          #expect(throws: HoldLost.self) { try settle(hold, used: used, at: time) }
        }
      case 8 where !open.isEmpty:
        let (hold, day, amount, _) = open.remove(at: random(open.count))
        #expect(try metering.release(hold, by: soon))
        days[day]! -= amount
      default:
        try metering.releaseExpired(by: soon)
        for late in open where late.ends <= time { days[late.day]! -= late.amount }
        open.removeAll { $0.ends <= time }
      }
      #expect(try self.used(at: time) == days[day, default: 0], "step \(step)")
      #expect((0...limit).contains(days[day, default: 0]))
    }
  }
}
