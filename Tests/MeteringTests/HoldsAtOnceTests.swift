import Accounts
import FoundationEssentials
import Metering
import Postgres
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// 64 connections that hold at once.
@Suite(.serialized) struct HoldsAtOnceTests {
  private static let connections = 64, requests = 50
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(400))
  private let noon = Date(timeIntervalSince1970: 1_772_366_400)

  init() throws { url = try TestDatabase.make(Accounts.migrations + Metering.migrations) }

  /// Plans of 1, 5, 20 and 100 a day. Some holds are released, and must be there for others.
  @Test(arguments: Plan.allCases, 1...5) func exactlyThePlansLimitPasses(plan: Plan, seed: UInt64) async throws {
    let (url, soon, noon) = (url, soon, noon)
    let account = try Accounts(Database(url: url)).grant(plan, to: Email("\(plan.rawValue)\(seed)@example.com")!, by: soon)
    let held = await Threads.run(Self.connections) { number -> Int in
      let metering = Metering(Database(url: url), at: noon)
      var chance = seed &* 1_000 &+ UInt64(number), count = 0
      for _ in 0..<Self.requests {
        // Knuth's MMIX.
        chance = chance &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        usleep(UInt32(chance >> 57))
        guard let hold = try? metering.hold(.analyses, of: account, for: .seconds(60), by: soon)?.hold else { continue }
        if chance >> 40 & 3 == 0 {
          guard (try? metering.release(hold, by: soon)) == true else { return -1_000_000 }
        } else {
          guard (try? metering.settle(hold, by: soon)) != nil else { return -1_000_000 }
          count += 1
        }
      }
      return count
    }
    #expect(held.reduce(0, +) == plan.analysesPerDay)
    let rows = try Database(url: url).rows(
      "SELECT used FROM meter_days WHERE account_id = \(account.id)", as: Int.self, by: soon)
    #expect(rows == [plan.analysesPerDay])
    let states = try Database(url: url).rows(
      "SELECT count(*) FROM meter_holds WHERE account_id = \(account.id) AND state = 'settled'", as: Int.self, by: soon)
    #expect(states == [plan.analysesPerDay])
  }

  /// Ten cents a day, in amounts of up to two: the limit is never passed, and in the end what is used is what was settled.
  @Test(arguments: 1...3) func noMoreThanTheDaysMoneyIsEverHeld(seed: UInt64) async throws {
    let (url, soon, noon) = (url, soon, noon)
    let limit = Plan.coffee.modelMicrodollarsPerDay
    let account = try Accounts(Database(url: url)).grant(.coffee, to: Email("money\(seed)@example.com")!, by: soon)
    let sums = await Threads.run(Self.connections) { number -> Int in
      let database = Database(url: url), metering = Metering(database, at: noon)
      var chance = seed &* 1_000 &+ UInt64(number), sum = 0
      for _ in 0..<Self.requests {
        chance = chance &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let amount = 1 + Int(chance >> 33) % 20_000, used = Int(chance >> 20 & 0xffff) % 500
        guard let (hold, quota) = try? metering.hold(.modelMicrodollars, amount: amount, of: account, for: .seconds(60), by: soon) else { continue }
        if quota.used > limit { return -100_000_000 }
        if chance >> 40 & 7 == 0 {
          guard (try? metering.release(hold, by: soon)) == true else { return -100_000_000 }
        } else {
          guard (try? database.transaction(by: soon) { try metering.settle(hold, used: used, in: &$0) }) != nil else { return -100_000_000 }
          sum += min(used, amount)
        }
      }
      return sum
    }
    let sum = sums.reduce(0, +)
    let rows = try Database(url: url).rows("SELECT used FROM meter_days WHERE account_id = \(account.id)", as: Int.self, by: soon)
    #expect(rows == [sum] && sum <= limit && sum > limit / 2)
  }

  /// The negative control: who looks first and holds then holds too much.
  @Test func lookingFirstIsNotEnough() async throws {
    let url = url, soon = soon
    try Database(url: url).execute("CREATE TABLE naive_days (used bigint NOT NULL)", by: soon)
    var most = 0
    for _ in 0..<10 where most <= 100_000 {
      try Database(url: url).execute("TRUNCATE naive_days", by: soon)
      try Database(url: url).execute("INSERT INTO naive_days VALUES (0)", by: soon)
      _ = await Threads.run(16) { _ in
        let database = Database(url: url)
        for _ in 0..<20 {
          guard let used = try? database.rows("SELECT used FROM naive_days", as: Int.self, by: soon).first, used + 9_000 <= 100_000 else { continue }
          _ = try? database.execute("UPDATE naive_days SET used = used + 9000", by: soon)
        }
      }
      most = try Database(url: url).rows("SELECT used FROM naive_days", as: Int.self, by: soon)[0]
    }
    #expect(most > 100_000)
  }
}
