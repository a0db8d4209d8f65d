import Access
import Contract
import Models
import Web

/// Refines a report with a language model if one is configured, or records in the report why it could not.
struct ModelScoring: Sendable {
  /// The configured models; `nil` if there are none, or a failure if a setting is malformed.
  let models: Result<ModelPool?, Failure>
  let answers: ModelAnswerStore

  /// Returns the time to reserve for the model: a sixth of the remaining time, at most 20 seconds.
  func duration(_ input: AnalyzeRequest, remaining: Duration) -> Duration {
    guard input.usesModel, case .success(_?) = models else { return .zero }
    return min(remaining / 6, .seconds(20))
  }

  /// Scores and arranges the pages of a report and sets `metrics.model`. It never fails.
  ///
  /// - Parameter pages: The crawled pages by URL.
  func refine(
    _ report: inout SiteReport, _ pages: [NormalizedURL: Page], _ call: Call, by deadline: ContinuousClock.Instant
  ) async {
    let log = call.log
    switch models {
    case .success(let pool?):
      for failure in pool.unusableProviders {
        log(.error, "a configured model cannot be used", failure.details.merging(["error": failure.message]) { $1 })
      }
      let refinement = ModelRefinement(
        pool: pool, session: pool.session(for: call.account, log), answers: answers, log: log, deadline: deadline)
      await refinement.refine(&report, pages)
    case .success(nil):
      report.metrics.model = .init(status: .degraded, reason: "no_model")
    case .failure(let failure):
      log(.error, "language models cannot be used", failure.details.merging(["error": failure.message]) { $1 })
      report.metrics.model = .init(status: .degraded, reason: "misconfigured")
    }
  }
}
