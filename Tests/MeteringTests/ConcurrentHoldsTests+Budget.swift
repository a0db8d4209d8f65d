import Accounts
import FoundationEssentials
import Metering
import Postgres
import Support
import Testing

/// Holds on the daily budget for model calls that 64 connections make concurrently.
extension ConcurrentHoldsTests {
  /// The limit is ten cents a day, each hold takes up to two. The limit is never exceeded, and the day's use is the sum
  /// of the settled amounts.
  @Test(arguments: 1...3) func budgetIsNeverExceeded(seed: UInt64) async throws {
    let (url, soon, noon) = (url, soon, noon)
    let limit = Plan.coffee.modelMicrodollarsPerDay
    let account = try Accounts(Database(url: url)).grant(.coffee, to: Email("money\(seed)@example.com")!, by: soon)
    let sums = await Threads.run(Self.connections) { number -> Int in
      let database = Database(url: url)
      let metering = Metering(database, at: noon)
      var chance = seed &* 1_000 &+ UInt64(number)
      var sum = 0
      for _ in 0..<Self.requests {
        chance = chance &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let amount = 1 + Int(chance >> 33) % 20_000
        let used = Int(chance >> 20 & 0xffff) % 500
        guard
          let (hold, quota) = try? metering.hold(
            .modelMicrodollars, amount: amount, of: account, for: .seconds(60), by: soon)
        else { continue }
        if quota.used > limit { return -100_000_000 }
        if chance >> 40 & 7 == 0 {
          guard (try? metering.release(hold, by: soon)) == true else { return -100_000_000 }
        } else {
          guard (try? database.transaction(by: soon) { try metering.settle(hold, used: used, in: &$0) }) != nil else {
            return -100_000_000
          }
          sum += min(used, amount)
        }
      }
      return sum
    }
    let sum = sums.reduce(0, +)
    let rows = try Database(url: url).rows(
      "SELECT used FROM meter_days WHERE account_id = \(account.id)", as: Int.self, by: soon)
    #expect(rows == [sum] && sum <= limit && sum > limit / 2)
  }

  /// Negative control: if the use is read first and updated afterwards, the budget is exceeded.
  @Test func checkingBeforeHoldingExceedsTheBudget() async throws {
    let url = url
    let soon = soon
    try Database(url: url).execute("CREATE TABLE naive_days (used bigint NOT NULL)", by: soon)
    var most = 0
    for _ in 0..<10 where most <= 100_000 {
      try Database(url: url).execute("TRUNCATE naive_days", by: soon)
      try Database(url: url).execute("INSERT INTO naive_days VALUES (0)", by: soon)
      _ = await Threads.run(16) { _ in
        let database = Database(url: url)
        for _ in 0..<20 {
          guard let used = try? database.rows("SELECT used FROM naive_days", as: Int.self, by: soon).first,
            used + 9_000 <= 100_000
          else { continue }
          _ = try? database.execute("UPDATE naive_days SET used = used + 9000", by: soon)
        }
      }
      most = try Database(url: url).rows("SELECT used FROM naive_days", as: Int.self, by: soon)[0]
    }
    #expect(most > 100_000)
  }
}
