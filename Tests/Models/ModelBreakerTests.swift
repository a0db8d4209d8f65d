import Accounts
import Postgres
import Support
import Testing

/// The breaker of a provider, seen by as many processes as there are.
@Suite(.serialized) struct ModelBreakerTests {
  private let provider: ScriptedProvider
  private let place: Workplace
  private let key: String
  private let tag = "breaker-\(UInt64.random(in: 0...(.max)))"

  init() throws {
    provider = try ScriptedProvider.shared.get()
    place = try Workplace()
    key = try place.key(.scale)
  }

  private func analyze(_ site: Int, _ behaviour: String, seconds: Double = 60) async throws -> (
    report: Workplace.Report, outcome: Workplace.Outcome
  ) {
    let outcome = try await place.analyze(
      provider.site(site), #","force":true"#, key: key, Workplace.settings(provider.base(behaviour, tag + behaviour)),
      seconds: seconds)
    return (try outcome.report(), outcome)
  }

  /// Eight processes that come when it is time for a probe.
  private func eight(_ behaviour: String, seconds: Double = 60) async throws -> [Workplace.Report] {
    try await withThrowingTaskGroup(of: Workplace.Report.self) { group in
      for number in 0..<8 { group.addTask { try await analyze(60 + number, behaviour, seconds: seconds).report } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  /// Seconds until the next probe goes; nil where it is closed.
  private func open() throws -> Double? {
    try place.database.rows(
      "SELECT extract(epoch FROM open_until - now())::float8 FROM circuit_breakers WHERE name = 'model openai' AND open_until IS NOT NULL",
      as: Double.self, by: place.soon
    ).first
  }

  /// As if the sixty seconds were over.
  private func waitUntilItIsTime() throws {
    try place.database.execute(
      "UPDATE circuit_breakers SET open_until = now() - interval '1 millisecond' WHERE name = 'model openai'",
      by: place.soon)
  }

  private func asked(_ behaviour: String) throws -> Int { try provider.requests(tag + behaviour).count }

  @Test(.timeLimit(.minutes(5))) func itOpensRefusesProbesAndCloses() async throws {
    // Three attempts, and two of the next.
    #expect(try await analyze(50, "fails").report.metrics.model?.reason == "refused_500")
    #expect(try open() == nil)
    let second = try await analyze(51, "fails").report
    #expect(try asked("fails") == 5)
    #expect(second.metrics.modelCalls == 2)
    #expect((30...60).contains(try open() ?? 0))

    // At once, and without a request.
    for site in 52..<55 {
      let (report, outcome) = try await analyze(site, "fails")
      #expect(report.metrics.model?.reason == "breaker_open" && report.judged == 0 && report.metrics.modelCalls == 0)
      #expect(outcome.duration < .seconds(20))
    }
    #expect(try asked("fails") == 5)

    // One probe of eight, which fails, and opens it anew.
    try waitUntilItIsTime()
    let refused = try await eight("fails")
    #expect(try asked("fails") == 6)
    #expect(refused.allSatisfy { $0.judged == 0 })
    #expect((30...60).contains(try open() ?? 0))

    // One that hangs until all others are done: none goes beside it.
    try waitUntilItIsTime()
    let others = try await eight("hang", seconds: 45)
    #expect(try asked("hang") == 1)
    #expect(others.count { $0.metrics.model?.reason == "breaker_open" } == 7)
    #expect((30...60).contains(try open() ?? 0))

    // One that is answered closes it.
    try waitUntilItIsTime()
    #expect(try await analyze(56, "good").report.metrics.model?.status == "complete")
    #expect(try asked("good") == 2)
    #expect(try open() == nil)
    let rows = try place.database.rows(
      "SELECT count(*) FROM circuit_breakers WHERE name LIKE 'model %'", as: Int.self, by: place.soon)
    #expect(rows == [0])
    let books = try place.books()
    #expect(books.open == 0 && books.cost == books.used)
  }
}
