import Accounts
import Contract
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

  private func open(_ name: String) throws -> Account { try Accounts(Database(url: url)).grant(.growth, to: Email("\(name)@example.com")!, by: soon) }

  /// How many of all calls of `use` say that they may; below zero where one went wrong. Each connection pauses as the seed says.
  private func passed(seed: UInt64, _ use: @escaping @Sendable (Database, UInt64) throws -> Bool) async -> Int {
    let url = url
    return await Threads.run(Self.connections) { number -> Int in
      let database = Database(url: url)
      var chance = seed &* 1_000 &+ UInt64(number), count = 0
      for _ in 0..<Self.requests {
        // Knuth's MMIX.
        chance = chance &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        usleep(UInt32(chance >> 57))
        do { if try use(database, chance >> 32) { count += 1 } } catch { return -1_000_000 }
      }
      return count
    }.reduce(0, +)
  }

  /// Some holds are released, and must be there for others.
  @Test(arguments: [0, 1, 5, 20, 100]) func exactlyTheLimitPasses(limit: Int) async throws {
    let (soon, noon) = (soon, noon)
    for seed in 1...20 as ClosedRange<UInt64> {
      let account = try open("a\(seed)")
      let count = await passed(seed: seed) { database, chance in
        let metering = Metering(database, at: noon)
        guard let hold = try metering.holdIfAny(of: account, limit: limit, by: soon) else { return false }
        if (chance >> 8) & 3 == 0 {
          guard try metering.release(hold, by: soon) else { throw HoldLost() }
          return false
        }
        try metering.settle(hold, by: soon)
        return true
      }
      #expect(count == limit, "seed \(seed)")
      let database = Database(url: url)
      #expect(try database.rows("SELECT used FROM meter_days WHERE account_id = \(account.id)", as: Int.self, by: soon) == (limit == 0 ? [] : [limit]))
      #expect(
        try database.rows("SELECT count(*) FROM meter_holds WHERE account_id = \(account.id) AND state = 'settled'", as: Int.self, by: soon) == [limit])
    }
  }

  /// Negative control: who looks first and counts then lets more through.
  @Test(arguments: [1, 5, 20, 100]) func lookingBeforeCountingLetsMoreThrough(limit: Int) async throws {
    let soon = soon
    // It depends on chance; that it never happens does not.
    for seed in 1...20 as ClosedRange<UInt64> {
      let account = try open("a\(seed)")
      try Database(url: url).execute("INSERT INTO meter_days VALUES (\(account.id), 'analyses', '2026-03-01', 0)", by: soon)
      let count = await passed(seed: seed) { database, _ in
        let used = try database.rows("SELECT used FROM meter_days WHERE account_id = \(account.id)", as: Int.self, by: soon)[0]
        guard used < limit else { return false }
        return try database.execute("UPDATE meter_days SET used = used + 1 WHERE account_id = \(account.id)", by: soon) == 1
      }
      if count > limit { return }
    }
    Issue.record("twenty times exact")
  }
}

extension Metering {
  /// Nil where it is refused.
  fileprivate func holdIfAny(of account: Account, limit: Int, by deadline: ContinuousClock.Instant) throws -> Hold? {
    do {
      return try hold(.analyses, of: account, limit: limit, for: .seconds(60), by: deadline).hold
    } catch let failure as Failure where failure.code == .quotaExceeded {
      return nil
    }
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
