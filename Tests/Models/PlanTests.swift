import Accounts
import FoundationEssentials
import Metering
import Postgres
import Support
import Testing

/// Who has pages judged, how often, and which provider is asked.
struct PlanTests {
  private let provider: ScriptedProvider
  private let place: Workplace
  private let tag = UUID().uuidString

  init() throws {
    provider = try ScriptedProvider.shared.get()
    place = try Workplace()
  }

  @Test func aFreeAccountThatAsksForAModelIsToldWhatItCosts() async throws {
    try await Lanes.shared.run {
      let settings = Workplace.settings(provider.base("good", tag))
      let asked = try await place.analyze(provider.site(3), #","model":true"#, key: nil, settings)
      #expect(asked.status == 402 && asked.text.contains(#""code":"payment_required""#))
      let usual = try await place.analyze(provider.site(3), key: nil, settings).report()
      #expect(usual.metrics.model == nil && usual.judged == 0)
      #expect(try provider.requests(tag).isEmpty && place.books() == .init(calls: 0, cost: 0, used: 0, open: 0))
    }
  }

  @Test func whoeverPaysMayDoWithout() async throws {
    try await Lanes.shared.run {
      let report = try await place.analyze(
        provider.site(3), #","model":false"#, key: try place.key(), Workplace.settings(provider.base("good", tag))
      ).report()
      #expect(report.metrics.model == nil && report.judged == 0)
      #expect(try provider.requests(tag).isEmpty)
    }
  }

  @Test func withoutAProviderTheReportSaysSo() async throws {
    try await Lanes.shared.run {
      let report = try await place.analyze(provider.site(3), key: try place.key(), [:]).report()
      #expect(report.metrics.model?.status == "degraded" && report.metrics.model?.reason == "no_model")
    }
  }

  @Test func aSecondAnalysisOfWhatDidNotChangeAsksNobody() async throws {
    try await Lanes.shared.run {
      let key = try place.key()
      let settings = Workplace.settings(provider.base("good", tag))
      let first = try await place.analyze(provider.site(4), key: key, settings).report()
      #expect(try provider.requests(tag).count == 2)
      let second = try await place.analyze(provider.site(4), #","force":true"#, key: key, settings).report()
      #expect(try provider.requests(tag).count == 2)
      #expect(second.id != first.id && second.metrics.modelCalls == 0 && second.metrics.costMicros == 0)
      #expect(second.metrics.model?.status == "complete" && second.judged == first.judged)
      // Another account neither: what is public is nobody's own.
      let other = try await place.analyze(provider.site(4), key: try place.key(.growth, "bob"), settings).report()
      #expect(try provider.requests(tag).count == 2)
      #expect(other.judged == first.judged)
      let files = try await [first, second].asyncMap { try await place.generate($0.id, key: key, settings) }
      #expect(files[0] == files[1])
    }
  }

  @Test func aDayWhoseMoneyIsSpentHasHeuristics() async throws {
    try await Lanes.shared.run {
      let key = try place.key()
      let limit = Plan.coffee.modelMicrodollarsPerDay
      let account = try Accounts(place.database).grant(.coffee, to: Email("ada@example.com")!, by: place.soon)
      // All but what a question could cost.
      let metering = Metering(place.database)
      let hold = try #require(
        try metering.hold(.modelMicrodollars, amount: limit - 10, of: account, for: .seconds(60), by: place.soon)?.hold)
      try metering.settle(hold, by: place.soon)
      // The next provider is no way around it.
      let settings = Workplace.settings(provider.base("good", tag)).merging(
        Workplace.settings(provider.base("good", tag), dialect: "anthropic")
      ) { $1 }
      let report = try await place.analyze(provider.site(5), key: key, settings).report()
      #expect(report.metrics.model?.reason == "budget_spent" && report.judged == 0)
      #expect(try provider.requests(tag).isEmpty)
      #expect(try place.books() == .init(calls: 0, cost: 0, used: limit - 10, open: 0))
    }
  }

  @Test(arguments: ["fails", "redirect", "hang", "nobody"]) func theNextProviderIsAskedWhereOneIsAway(behaviour: String)
    async throws
  {
    try await Lanes.shared.run {
      let first = behaviour == "nobody" ? "http://127.0.0.1:9/v1" : provider.base(behaviour, tag + "-away")
      let settings = Workplace.settings(first).merging(
        Workplace.settings(provider.base("good", tag), dialect: "anthropic")
      ) { $1 }
      let report = try await place.analyze(
        provider.site(6), key: try place.key(), settings, seconds: behaviour == "hang" ? 40 : 60
      ).report()
      #expect(report.metrics.model?.status == "complete", "\(report.metrics)")
      #expect(try provider.requests(tag).count == 2)
      let books = try place.books()
      #expect(books.cost == books.used && books.cost > 0 && books.open == 0)
    }
  }

  /// What a model would not say another is not asked.
  @Test func aQuestionThatWasAnsweredIsAskedOfNoOther() async throws {
    try await Lanes.shared.run {
      let settings = Workplace.settings(provider.base("talk", tag)).merging(
        Workplace.settings(provider.base("good", tag + "-next"), dialect: "anthropic")
      ) { $1 }
      let report = try await place.analyze(provider.site(7), key: try place.key(), settings).report()
      #expect(report.metrics.model?.reason == "mismatched")
      #expect(try provider.requests(tag + "-next").isEmpty)
    }
  }

  @Test func pagesThatGiveOrdersAreFlaggedAndNeverSent() async throws {
    try await Lanes.shared.run {
      let site = provider.evilSite(2)
      let key = try place.key()
      let settings = Workplace.settings(provider.base("good", tag))
      let report = try await place.analyze(site, key: key, settings).report()
      #expect(report.metrics.model?.status == "complete" && report.judged >= 5)
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
      let faults = FileRules.faults(in: try await place.generate(report.id, key: key, settings), of: site)
      #expect(faults == [])
    }
  }

  /// A window in which little fits: batches are small, and what fits no request keeps its score.
  @Test func batchesFitASmallContext() async throws {
    try await Lanes.shared.run {
      var settings = Workplace.settings(provider.base("good", tag))
      settings["MODEL_PRICES"] = "tester=0/0@2048"
      let report = try await place.analyze(provider.site(8), key: try place.key(), settings).report()
      #expect(report.judged > 0, "\(report.metrics)")
      #expect(try provider.requests(tag).count { $0.kind == "scoring" } > 1)
      #expect(try place.books().cost == 0)
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
