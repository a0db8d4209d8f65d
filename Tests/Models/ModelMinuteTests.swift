import Accounts
import Support
import Testing

/// The rate limit of a provider, with twenty processes that analyse a site each, for five accounts.
@Suite(.serialized) struct ModelMinuteTests {
  private let provider: ScriptedProvider
  private let harness: FunctionHarness
  private let tag = "minute-\(UInt64.random(in: 0...(.max)))"

  init() throws {
    provider = try ScriptedProvider.shared.get()
    harness = try FunctionHarness()
  }

  /// - Parameter settings: returns extra settings for the process with this number.
  private func analyzeAll(_ behaviour: String, seconds: Double, _ settings: (Int) -> [String: String]) async throws
    -> [FunctionHarness.Report]
  {
    let keys = try (0..<5).map { try harness.key(.scale, "a\($0)") }
    return try await withThrowingTaskGroup(of: FunctionHarness.Report.self) { group in
      for number in 0..<20 {
        let merged = FunctionHarness.settings(provider.base(behaviour, tag)).merging(settings(number)) { $1 }
        group.addTask {
          try await harness.analyze(
            provider.site(100 + number), #","force":true"#, key: keys[number % 5], merged, seconds: seconds
          ).report()
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  /// The maximum number of requests within any sixty seconds.
  private func maximumPerMinute() throws -> Int {
    let times = try provider.requests(tag).map(\.at).sorted()
    return times.indices.map { first in times[first...].prefix { $0 < times[first] + 60 }.count }.max() ?? 0
  }

  /// Retries count too: every first request fails here.
  @Test(.timeLimit(.minutes(5))) func providerReceivesAtMostTwentyRequestsPerMinute() async throws {
    let reports = try await analyzeAll("fails-odd", seconds: 80) { _ in [:] }
    let count = try provider.requests(tag).count
    #expect(try maximumPerMinute() <= 20)
    // The limit is also used.
    #expect((15...26).contains(count), "\(count)")
    #expect(reports.count == 20 && reports.allSatisfy { $0.metrics.model != nil && !$0.partial })
    let reasons = Set(reports.compactMap { $0.metrics.model?.reason })
    #expect(reasons.isSubset(of: ["rate_limited", "timed_out", "refused_500", "breaker_open"]))
    let ledger = try harness.ledger()
    #expect(ledger.cost == ledger.used && ledger.openHolds == 0 && ledger.calls == count, "\(ledger)")
  }

  /// Negative control: with one bucket per process, like a limit in memory, the provider gets too many requests.
  @Test(.timeLimit(.minutes(5))) func limitPerProcessIsExceeded() async throws {
    // The bucket's name contains the limit, so a different limit gives each process its own bucket.
    _ = try await analyzeAll("good", seconds: 60) { ["MODEL_REQUESTS_PER_MINUTE": String(20 + $0)] }
    #expect(try maximumPerMinute() > 20)
  }
}
