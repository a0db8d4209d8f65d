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

/// Holds that 64 connections make concurrently.
@Suite(.serialized) struct ConcurrentHoldsTests {
  static let connections = 64, requests = 50
  let url: String
  let soon = ContinuousClock.now.advanced(by: .seconds(400))
  let noon = Date(timeIntervalSince1970: 1_772_366_400)

  init() throws { url = try TestDatabase.make(Accounts.migrations + Metering.migrations) }

  private func open(_ name: String) throws -> Account {
    try Accounts(Database(url: url)).grant(.growth, to: Email("\(name)@example.com")!, by: soon)
  }

  /// Calls `use` 50 times on each of 64 connections, with random pauses.
  ///
  /// - Returns: the number of calls that returned true; below zero if one threw.
  private func countOfPassed(seed: UInt64, _ use: @escaping @Sendable (Database, UInt64) throws -> Bool) async -> Int {
    let url = url
    return await Threads.run(Self.connections) { number -> Int in
      let database = Database(url: url)
      var chance = seed &* 1_000 &+ UInt64(number)
      var count = 0
      for _ in 0..<Self.requests {
        // Linear congruential generator (Knuth, MMIX).
        chance = chance &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        usleep(UInt32(chance >> 57))
        do { if try use(database, chance >> 32) { count += 1 } } catch { return -1_000_000 }
      }
      return count
    }.reduce(0, +)
  }

  /// Some holds are released, and other connections can take them.
  @Test(arguments: [0, 1, 5, 20, 100]) func exactlyTheLimitIsSettled(limit: Int) async throws {
    let (soon, noon) = (soon, noon)
    for seed in 1...(Products.isLongRun ? 20 : 6) as ClosedRange<UInt64> {
      let account = try open("a\(seed)")
      let count = await countOfPassed(seed: seed) { database, chance in
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
      #expect(
        try database.rows("SELECT used FROM meter_days WHERE account_id = \(account.id)", as: Int.self, by: soon)
          == (limit == 0 ? [] : [limit]))
      #expect(
        try database.rows(
          "SELECT count(*) FROM meter_holds WHERE account_id = \(account.id) AND state = 'settled'", as: Int.self,
          by: soon) == [limit])
    }
  }

  /// Negative control: if the use is read first and updated afterwards, more than the limit passes.
  @Test(arguments: [1, 5, 20, 100]) func checkingBeforeCountingExceedsTheLimit(limit: Int) async throws {
    let soon = soon
    // A single run may be exact by chance, but not twenty.
    for seed in 1...20 as ClosedRange<UInt64> {
      let account = try open("a\(seed)")
      try Database(url: url).execute(
        "INSERT INTO meter_days VALUES (\(account.id), 'analyses', '2026-03-01', 0)", by: soon)
      let count = await countOfPassed(seed: seed) { database, _ in
        let used = try database.rows(
          "SELECT used FROM meter_days WHERE account_id = \(account.id)", as: Int.self, by: soon)[0]
        guard used < limit else { return false }
        return try database.execute("UPDATE meter_days SET used = used + 1 WHERE account_id = \(account.id)", by: soon)
          == 1
      }
      if count > limit { return }
    }
    Issue.record("the limit was never exceeded in twenty runs")
  }
}

extension Metering {
  /// Nil if the quota is exceeded.
  fileprivate func holdIfAny(of account: Account, limit: Int, by deadline: ContinuousClock.Instant) throws -> MeterHold?
  {
    do {
      return try hold(.analyses, of: account, limit: limit, for: .seconds(60), by: deadline).hold
    } catch let failure as Failure where failure.code == .quotaExceeded {
      return nil
    }
  }
}
