import FoundationEssentials
import Support
import Testing

/// Runs the `analyze` program on a test site, with a provider that misbehaves in all ways of ``ProviderCase``.
struct ProviderCaseTests {
  private static let cases = ProviderCase.all.flatMap { one in one.dialects.map { (one, $0) } }

  @Test(.timeLimit(.minutes(10)), arguments: cases)
  func analysisEndsInTimeWithReportAndCharge(one: ProviderCase, dialect: String) async throws {
    try await ConcurrencyLimit.shared.run {
      let provider = try ScriptedProvider.shared.get()
      let harness = try FunctionHarness()
      let key = try harness.key()
      let tag = "case-\(dialect)"
      let site = provider.site(2)
      let settings = FunctionHarness.settings(provider.base(one.behaviour, tag), dialect: dialect)
      let outcome = try await harness.analyze(site, key: key, settings, seconds: one.seconds)
      #expect(outcome.duration < .seconds(one.seconds))
      #expect(outcome.status == 200, "\(outcome.text)")
      let report = try outcome.report()
      #expect(report.pages.count == 14 && !report.partial)
      Self.check(report, one.result)
      let requests = try provider.requests(tag).filter { $0.body.contains("\"tester\"") }
      #expect(!requests.isEmpty)

      let ledger = try harness.ledger()
      #expect(
        ledger
          == .init(
            calls: report.metrics.modelCalls, cost: report.metrics.costMicros, used: report.metrics.costMicros,
            openHolds: 0)
      )
      // The upper bound is the maximum cost of scoring fourteen pages at the price in the settings.
      #expect(one.charge == .nothing ? ledger.cost == 0 : (1...30_000).contains(ledger.cost), "\(ledger)")

      let file = try await harness.generate(report.id, key: key, settings)
      #expect(LLMSFileRules.violations(in: file, of: site) == [])
      #expect(!file.contains("evil"))
      #expect(!outcome.log.contains("sk-test"))
    }
  }

  private static func check(_ report: FunctionHarness.Report, _ result: ProviderCase.Result) {
    let model = report.metrics.model
    switch result {
    case .complete(let calls):
      #expect(model?.status == "complete" && model?.reason == nil, "\(model as Any)")
      #expect(report.metrics.modelCalls == calls)
      #expect(report.modelScoredPages >= 8)
      #expect(report.pages.contains { $0.category == "First Steps" })
      #expect(report.pages.allSatisfy { ($0.scoredBy == "model") == ($0.reason != nil) })
    case .scored(let reason, let calls):
      #expect(model?.status == "degraded" && model?.reason == reason, "\(model as Any)")
      #expect(report.metrics.modelCalls == calls)
      #expect(report.modelScoredPages >= 8)
      #expect(!report.pages.contains { $0.category == "Guides" })
    case .heuristic(let reason, let calls):
      #expect(model?.status == "degraded" && model?.reason == reason, "\(model as Any)")
      #expect(report.metrics.modelCalls == calls)
      #expect(report.modelScoredPages == 0)
    }
    for page in report.pages {
      #expect((0...10).contains(page.score))
      for text in [page.title, page.category, page.description, page.reason].compactMap({ $0 }) {
        #expect(!text.contains { $0.isNewline } && !text.contains("\u{202e}") && !text.contains("<|"), "\(text)")
      }
    }
  }
}
