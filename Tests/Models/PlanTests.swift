import Accounts
import FoundationEssentials
import Metering
import Postgres
import Support
import Testing

/// Model scoring by plan, reuse of stored scores, the daily budget, and the choice of the provider.
struct PlanTests {
  private let provider: ScriptedProvider
  private let harness: FunctionHarness
  private let tag = UUID().uuidString

  init() throws {
    provider = try ScriptedProvider.shared.get()
    harness = try FunctionHarness()
  }

  @Test func freeAccountRequestingAModelGetsPaymentRequired() async throws {
    try await ConcurrencyLimit.shared.run {
      let settings = FunctionHarness.settings(provider.base("good", tag))
      let paid = try await harness.analyze(provider.site(3), #","model":true"#, key: nil, settings)
      #expect(paid.status == 402 && paid.text.contains(#""code":"payment_required""#))
      let free = try await harness.analyze(provider.site(3), key: nil, settings).report()
      #expect(free.metrics.model == nil && free.modelScoredPages == 0)
      #expect(try provider.requests(tag).isEmpty && harness.ledger() == .init(calls: 0, cost: 0, used: 0, openHolds: 0))
    }
  }

  @Test func payingAccountCanDisableTheModel() async throws {
    try await ConcurrencyLimit.shared.run {
      let report = try await harness.analyze(
        provider.site(3), #","model":false"#, key: try harness.key(),
        FunctionHarness.settings(provider.base("good", tag))
      ).report()
      #expect(report.metrics.model == nil && report.modelScoredPages == 0)
      #expect(try provider.requests(tag).isEmpty)
    }
  }

  @Test func missingProviderIsReported() async throws {
    try await ConcurrencyLimit.shared.run {
      let report = try await harness.analyze(provider.site(3), key: try harness.key(), [:]).report()
      #expect(report.metrics.model?.status == "degraded" && report.metrics.model?.reason == "no_model")
    }
  }

  @Test func unchangedPagesReuseStoredScores() async throws {
    try await ConcurrencyLimit.shared.run {
      let key = try harness.key()
      let settings = FunctionHarness.settings(provider.base("good", tag))
      let first = try await harness.analyze(provider.site(4), key: key, settings).report()
      #expect(try provider.requests(tag).count == 2)
      let second = try await harness.analyze(provider.site(4), #","force":true"#, key: key, settings).report()
      #expect(try provider.requests(tag).count == 2)
      #expect(second.id != first.id && second.metrics.modelCalls == 0 && second.metrics.costMicros == 0)
      #expect(second.metrics.model?.status == "complete" && second.modelScoredPages == first.modelScoredPages)
      // Another account reuses the scores too, because they describe public pages.
      let other = try await harness.analyze(provider.site(4), key: try harness.key(.growth, "bob"), settings).report()
      #expect(try provider.requests(tag).count == 2)
      #expect(other.modelScoredPages == first.modelScoredPages)
      let files = try await [first, second].asyncMap { try await harness.generate($0.id, key: key, settings) }
      #expect(files[0] == files[1])
    }
  }

  @Test func spentDailyBudgetFallsBackToHeuristics() async throws {
    try await ConcurrencyLimit.shared.run {
      let key = try harness.key()
      let limit = Plan.coffee.modelMicrodollarsPerDay
      let account = try Accounts(harness.database).grant(.coffee, to: Email("ada@example.com")!, by: harness.soon)
      // Leave less budget than a request could cost.
      let metering = Metering(harness.database)
      let hold = try #require(
        try metering.hold(.modelMicrodollars, amount: limit - 10, of: account, for: .seconds(60), by: harness.soon)?
          .hold)
      try metering.settle(hold, by: harness.soon)
      // The budget applies to the next provider too.
      let settings = FunctionHarness.settings(provider.base("good", tag)).merging(
        FunctionHarness.settings(provider.base("good", tag), dialect: "anthropic")
      ) { $1 }
      let report = try await harness.analyze(provider.site(5), key: key, settings).report()
      #expect(report.metrics.model?.reason == "budget_spent" && report.modelScoredPages == 0)
      #expect(try provider.requests(tag).isEmpty)
      #expect(try harness.ledger() == .init(calls: 0, cost: 0, used: limit - 10, openHolds: 0))
    }
  }

  @Test(arguments: ["fails", "redirect", "hang", "unreachable"]) func nextProviderReplacesAFailingOne(behaviour: String)
    async throws
  {
    try await ConcurrencyLimit.shared.run {
      let first = behaviour == "unreachable" ? "http://127.0.0.1:9/v1" : provider.base(behaviour, tag + "-away")
      let settings = FunctionHarness.settings(first).merging(
        FunctionHarness.settings(provider.base("good", tag), dialect: "anthropic")
      ) { $1 }
      let report = try await harness.analyze(
        provider.site(6), key: try harness.key(), settings, seconds: behaviour == "hang" ? 40 : 60
      ).report()
      #expect(report.metrics.model?.status == "complete", "\(report.metrics)")
      #expect(try provider.requests(tag).count == 2)
      let ledger = try harness.ledger()
      #expect(ledger.cost == ledger.used && ledger.cost > 0 && ledger.openHolds == 0)
    }
  }

  /// An invalid answer is not a failure of the provider, so the next provider is not called.
  @Test func invalidAnswerDoesNotTryTheNextProvider() async throws {
    try await ConcurrencyLimit.shared.run {
      let settings = FunctionHarness.settings(provider.base("prose", tag)).merging(
        FunctionHarness.settings(provider.base("good", tag + "-next"), dialect: "anthropic")
      ) { $1 }
      let report = try await harness.analyze(provider.site(7), key: try harness.key(), settings).report()
      #expect(report.metrics.model?.reason == "mismatched")
      #expect(try provider.requests(tag + "-next").isEmpty)
    }
  }

  @Test func pagesWithPromptInjectionAreFlaggedAndNotSent() async throws {
    try await ConcurrencyLimit.shared.run {
      let site = provider.injectionSite(2)
      let key = try harness.key()
      let settings = FunctionHarness.settings(provider.base("good", tag))
      let report = try await harness.analyze(site, key: key, settings).report()
      #expect(report.metrics.model?.status == "complete" && report.modelScoredPages >= 5)
      let flagged = report.pages.filter { $0.flagged == "prompt_injection" }
      #expect(Set(flagged.map(\.url)) == [site, site + "docs/3", site + "docs/5", site + "docs/7"])
      #expect(flagged.allSatisfy { $0.scoredBy == "heuristics" })
      let requests = try provider.requests(tag)
      #expect(requests.count == 2)
      for request in requests {
        #expect(
          !request.body.contains("OBEYME") && !request.body.lowercased().contains("ignore all previous"),
          "\(request.kind)")
      }
      let violations = LLMSFileRules.violations(in: try await harness.generate(report.id, key: key, settings), of: site)
      #expect(violations == [])
    }
  }

  /// With a small context window, pages are split into several requests. A page that fits into no request keeps its
  /// heuristic score.
  @Test func pagesAreSplitToFitASmallContextWindow() async throws {
    try await ConcurrencyLimit.shared.run {
      var settings = FunctionHarness.settings(provider.base("good", tag))
      settings["MODEL_PRICES"] = "tester=0/0@2048"
      let report = try await harness.analyze(provider.site(8), key: try harness.key(), settings).report()
      #expect(report.modelScoredPages > 0, "\(report.metrics)")
      #expect(try provider.requests(tag).count { $0.kind == "scoring" } > 1)
      #expect(try harness.ledger().cost == 0)
    }
  }
}

extension Array {
  fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}
