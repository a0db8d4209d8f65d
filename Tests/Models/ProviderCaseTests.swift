import FoundationEssentials
import Support
import Testing

/// Analyses by the program, of a real site, whose pages are judged by providers that do as they please.
struct ProviderCaseTests {
  private static let cases = ProviderCase.all.flatMap { one in one.dialects.map { (one, $0) } }

  @Test(.timeLimit(.minutes(10)), arguments: cases)
  func everyCaseEndsInTimeWithAReportAndTheRightCharge(one: ProviderCase, dialect: String) async throws {
    try await Lanes.shared.run {
      let provider = try ScriptedProvider.shared.get()
      let place = try Workplace()
      let key = try place.key()
      let tag = "case-\(dialect)"
      let site = provider.site(2)
      let settings = Workplace.settings(provider.base(one.behaviour, tag), dialect: dialect)
      let outcome = try await place.analyze(site, key: key, settings, seconds: one.seconds)
      #expect(outcome.duration < .seconds(one.seconds))
      #expect(outcome.status == 200, "\(outcome.text)")
      let report = try outcome.report()
      #expect(report.pages.count == 14 && !report.partial)
      Self.check(report, one.result)
      let asked = try provider.requests(tag).filter { $0.body.contains("\"tester\"") }
      #expect(!asked.isEmpty)

      let books = try place.books()
      #expect(
        books
          == .init(
            calls: report.metrics.modelCalls, cost: report.metrics.costMicros, used: report.metrics.costMicros, open: 0)
      )
      // What a question of fourteen pages can cost at most, at what is said above.
      #expect(one.charge == .nothing ? books.cost == 0 : (1...30_000).contains(books.cost), "\(books)")

      let file = try await place.generate(report.id, key: key, settings)
      #expect(FileRules.faults(in: file, of: site) == [])
      #expect(!file.contains("evil"))
      #expect(!outcome.log.contains("sk-test"))
    }
  }

  private static func check(_ report: Workplace.Report, _ result: ProviderCase.Result) {
    let model = report.metrics.model
    switch result {
    case .complete(let calls):
      #expect(model?.status == "complete" && model?.reason == nil, "\(model as Any)")
      #expect(report.metrics.modelCalls == calls)
      #expect(report.judged >= 8)
      #expect(report.pages.contains { $0.category == "First Steps" })
      #expect(report.pages.allSatisfy { ($0.scoredBy == "model") == ($0.reason != nil) })
    case .judged(let reason, let calls):
      #expect(model?.status == "degraded" && model?.reason == reason, "\(model as Any)")
      #expect(report.metrics.modelCalls == calls)
      #expect(report.judged >= 8)
      #expect(!report.pages.contains { $0.category == "Guides" })
    case .heuristic(let reason, let calls):
      #expect(model?.status == "degraded" && model?.reason == reason, "\(model as Any)")
      #expect(report.metrics.modelCalls == calls)
      #expect(report.judged == 0)
    }
    for page in report.pages {
      #expect((0...10).contains(page.score))
      for text in [page.title, page.category, page.description, page.reason].compactMap({ $0 }) {
        #expect(!text.contains { $0.isNewline } && !text.contains("\u{202e}") && !text.contains("<|"), "\(text)")
      }
    }
  }
}
