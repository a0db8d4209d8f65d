import Accounts
import Postgres
import Support
import Testing

/// The circuit breaker of a provider, shared by several processes.
@Suite(.serialized) struct ModelBreakerTests {
  private let provider: ScriptedProvider
  private let harness: FunctionHarness
  private let key: String
  private let tag = "breaker-\(UInt64.random(in: 0...(.max)))"

  init() throws {
    provider = try ScriptedProvider.shared.get()
    harness = try FunctionHarness()
    key = try harness.key(.scale)
  }

  private func analyze(_ site: Int, _ behaviour: String, seconds: Double = 60) async throws -> (
    report: FunctionHarness.Report, outcome: FunctionHarness.Outcome
  ) {
    var settings = FunctionHarness.settings(provider.base(behaviour, tag + behaviour))
    // The analyses of this test must not reach the rate limits.
    settings["MODEL_REQUESTS_PER_MINUTE"] = "6000"
    settings["MODEL_TOKENS_PER_MINUTE"] = "100000000"
    let outcome = try await harness.analyze(
      provider.site(site), #","force":true"#, key: key, settings, seconds: seconds)
    return (try outcome.report(), outcome)
  }

  /// Starts eight analyses at once, in a process each.
  private func analyzeEightSites(_ behaviour: String, seconds: Double = 60) async throws -> [FunctionHarness.Report] {
    try await withThrowingTaskGroup(of: FunctionHarness.Report.self) { group in
      for number in 0..<8 { group.addTask { try await analyze(60 + number, behaviour, seconds: seconds).report } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  /// Seconds until the next probe is allowed; nil if the breaker is closed.
  private func secondsUntilProbe() throws -> Double? {
    try harness.database.rows(
      """
      SELECT extract(epoch FROM open_until - now())::float8 FROM circuit_breakers
      WHERE name = 'model openai' AND open_until IS NOT NULL
      """, as: Double.self, by: harness.soon
    ).first
  }

  /// Moves the end of the breaker's open period into the past.
  private func endOpenPeriod() throws {
    try harness.database.execute(
      "UPDATE circuit_breakers SET open_until = now() - interval '1 millisecond' WHERE name = 'model openai'",
      by: harness.soon)
  }

  private func requestCount(_ behaviour: String) throws -> Int { try provider.requests(tag + behaviour).count }

  @Test(.timeLimit(.minutes(5))) func breakerOpensProbesAndCloses() async throws {
    // The breaker opens after five failures: three attempts of the first analysis and two of the second.
    #expect(try await analyze(50, "fails").report.metrics.model?.reason == "refused_500")
    #expect(try secondsUntilProbe() == nil)
    let second = try await analyze(51, "fails").report
    #expect(try requestCount("fails") == 5)
    #expect(second.metrics.modelCalls == 2)
    #expect((30...60).contains(try secondsUntilProbe() ?? 0))

    // While it is open, analyses end quickly and send no request.
    for site in 52..<55 {
      let (report, outcome) = try await analyze(site, "fails")
      #expect(
        report.metrics.model?.reason == "breaker_open" && report.modelScoredPages == 0 && report.metrics.modelCalls == 0
      )
      #expect(outcome.duration < .seconds(20))
    }
    #expect(try requestCount("fails") == 5)

    // One of eight processes sends a probe. It fails and reopens the breaker.
    try endOpenPeriod()
    let refused = try await analyzeEightSites("fails")
    #expect(try requestCount("fails") == 6)
    #expect(refused.allSatisfy { $0.modelScoredPages == 0 })
    #expect((30...60).contains(try secondsUntilProbe() ?? 0))

    // One process sends a probe that hangs. The other seven send no request.
    try endOpenPeriod()
    let others = try await analyzeEightSites("hang", seconds: 45)
    #expect(try requestCount("hang") == 1)
    #expect(others.count { $0.metrics.model?.reason == "breaker_open" } == 7)
    #expect((30...60).contains(try secondsUntilProbe() ?? 0))

    // A successful probe closes the breaker.
    try endOpenPeriod()
    #expect(try await analyze(56, "good").report.metrics.model?.status == "complete")
    #expect(try requestCount("good") == 2)
    #expect(try secondsUntilProbe() == nil)
    let rows = try harness.database.rows(
      "SELECT count(*) FROM circuit_breakers WHERE name LIKE 'model %'", as: Int.self, by: harness.soon)
    #expect(rows == [0])
    let ledger = try harness.ledger()
    #expect(ledger.openHolds == 0 && ledger.cost == ledger.used)
  }
}
