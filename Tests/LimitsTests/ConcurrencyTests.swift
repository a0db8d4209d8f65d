import FoundationEssentials
import Limits
import Postgres
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// 64 connections that use the same limit concurrently.
@Suite(.serialized)
struct ConcurrencyTests {
  private static let connections = 64, requests = 50
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))
  private let noon = Date(timeIntervalSince1970: 1_772_366_400)

  init() throws { url = try TestDatabase.make(Limits.migrations) }

  /// The number of allowed calls of `take` over all connections, with random pauses from `seed`; nil if one threw.
  private func allowed(seed: UInt64, _ take: @escaping @Sendable (Database, UInt64) throws -> Bool) async -> Int? {
    let url = url
    let counts = await Threads.run(Self.connections) { number -> Int? in
      let database = Database(url: url)
      var chance = seed &* 1_000 &+ UInt64(number)
      var count = 0
      for _ in 0..<Self.requests {
        // The linear congruential generator of Knuth's MMIX.
        chance = chance &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        usleep(UInt32(chance >> 57))
        guard let isAllowed = try? take(database, chance >> 32) else { return nil }
        if isAllowed { count += 1 }
      }
      return count
    }
    return counts.contains(nil) ? nil : counts.reduce(0) { $0 + ($1 ?? 0) }
  }

  @Test(arguments: [0, 1, 5, 20, 100], [1, 2, 3] as [UInt64])
  func exactlyTheLimitIsAllowed(limit: Int, seed: UInt64) async throws {
    let (soon, noon) = (soon, noon)
    for rule in [
      RateLimit.Rule.window(limit: limit, seconds: 86_400), .bucket(capacity: limit, interval: .seconds(60)),
    ] {
      let count = await allowed(seed: seed) { database, _ in
        try RateLimit(database, scope: "reads", rule).take(of: "a", at: noon, by: soon).isAllowed
      }
      #expect(count == limit, "\(rule)")
    }
  }

  @Test func allAreAllowedBelowTheLimit() async throws {
    let (soon, noon) = (soon, noon)
    let count = await allowed(seed: 4) { database, _ in
      try RateLimit(database, scope: "reads", .window(limit: 9_999, seconds: 86_400)).take(of: "a", at: noon, by: soon)
        .isAllowed
    }
    #expect(count == Self.connections * Self.requests)
    let left = try RateLimit(Database(url: url), scope: "reads", .window(limit: 9_999, seconds: 86_400)).take(
      of: "a", at: noon, by: soon)
    #expect(left.remaining == 9_998 - Self.connections * Self.requests)
  }

  @Test(arguments: [5, 6, 7] as [UInt64]) func differentCountsSumExactlyToTheLimit(seed: UInt64) async throws {
    let (soon, noon) = (soon, noon)
    let count = await allowed(seed: seed) { database, chance in
      try RateLimit(database, scope: "reads", .window(limit: 100, seconds: 86_400))
        .take(Int(chance % 3) + 1, of: "a", at: noon, by: soon).isAllowed
    }
    #expect(count != nil)
    // Requests for one unit use up the rest.
    #expect(try Database(url: url).rows("SELECT used FROM rate_windows", as: Int.self, by: soon) == [100])
  }

  /// A request whose row was just purged must still be allowed.
  @Test func purgeDuringRequestsRefusesNone() async throws {
    let (soon, noon) = (soon, noon)
    let count = await allowed(seed: 8) { database, chance in
      // By the clock of the purge the bucket has been full for long; by the clock of the requests it is in use.
      if chance.isMultiple(of: 16) { try Limits.purge(database, at: noon.addingTimeInterval(864_000), by: soon) }
      return try RateLimit(database, scope: "reads", .bucket(capacity: 9_999, interval: .seconds(1))).take(
        of: "a", at: noon, by: soon
      ).isAllowed
    }
    #expect(count == Self.connections * Self.requests)
  }

  /// Negative control: a SELECT followed by an UPDATE allows more than the limit.
  @Test func selectBeforeUpdateAllowsMoreThanTheLimit() async throws {
    let soon = soon
    // One round can be exact by chance, but not all ten.
    for seed in 9..<19 as Range<UInt64> {
      let database = Database(url: url)
      try database.execute("DELETE FROM rate_windows", by: soon)
      try database.execute("INSERT INTO rate_windows VALUES ('reads', 'a', now(), now(), 1)", by: soon)
      let count = await allowed(seed: seed) { database, _ in
        let used = try database.rows("SELECT used FROM rate_windows", as: Int.self, by: soon)[0]
        guard used <= 100 else { return false }
        return try database.execute("UPDATE rate_windows SET used = used + 1", by: soon) == 1
      }
      if try #require(count) > 100 { return }
    }
    Issue.record("the limit was exact in all ten rounds")
  }
}
