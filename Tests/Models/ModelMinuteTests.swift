import Accounts
import Support
import Testing

/// Twenty analyses at once, by as many processes, of as many sites, for five accounts.
@Suite(.serialized) struct ModelMinuteTests {
  private let provider: ScriptedProvider
  private let place: Workplace
  private let tag = "minute-\(UInt64.random(in: 0...(.max)))"

  init() throws {
    provider = try ScriptedProvider.shared.get()
    place = try Workplace()
  }

  /// - Parameter settings: of the process with that number.
  private func analyzeAll(_ behaviour: String, seconds: Double, _ settings: (Int) -> [String: String]) async throws
    -> [Workplace.Report]
  {
    let keys = try (0..<5).map { try place.key(.scale, "a\($0)") }
    return try await withThrowingTaskGroup(of: Workplace.Report.self) { group in
      for number in 0..<20 {
        let own = Workplace.settings(provider.base(behaviour, tag)).merging(settings(number)) { $1 }
        group.addTask {
          try await place.analyze(
            provider.site(100 + number), #","force":true"#, key: keys[number % 5], own, seconds: seconds
          ).report()
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  /// The most requests that arrived within any sixty seconds.
  private func mostInAMinute() throws -> Int {
    let times = try provider.requests(tag).map(\.at).sorted()
    return times.indices.map { first in times[first...].prefix { $0 < times[first] + 60 }.count }.max() ?? 0
  }

  /// Retries count like any other: here every first answer is a failure.
  @Test(.timeLimit(.minutes(5))) func noMinuteHasMoreThanTwenty() async throws {
    let reports = try await analyzeAll("fails-odd", seconds: 80) { _ in [:] }
    let count = try provider.requests(tag).count
    #expect(try mostInAMinute() <= 20)
    // What is allowed is used, too.
    #expect((15...26).contains(count), "\(count)")
    #expect(reports.count == 20 && reports.allSatisfy { $0.metrics.model != nil && !$0.partial })
    let reasons = Set(reports.compactMap { $0.metrics.model?.reason })
    #expect(reasons.isSubset(of: ["rate_limited", "timed_out", "refused_500", "breaker_open"]))
    let books = try place.books()
    #expect(books.cost == books.used && books.open == 0 && books.calls == count, "\(books)")
  }

  /// The negative control: with a bucket for each process, as a limit in memory has it, they are too many.
  @Test(.timeLimit(.minutes(5))) func aLimitForEachProcessIsNone() async throws {
    // A number of its own gives each a bucket of its own.
    _ = try await analyzeAll("good", seconds: 60) { ["MODEL_REQUESTS_PER_MINUTE": String(20 + $0)] }
    #expect(try mostInAMinute() > 20)
  }
}
