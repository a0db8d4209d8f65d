/// A hook around each attempt of a ``ModelClient``, used for rate limits, circuit breakers and budgets.
package struct ModelGate: Sendable {
  /// The result of an attempt.
  package enum Outcome: Sendable, Equatable {
    /// The model answered, or the caller stopped the stream (``ModelAnswer/StopReason/stopped``).
    case answered(ModelAnswer)
    /// The attempt failed. If its answer is billed, ``ModelError/answer`` holds it; other billed tokens are unknown.
    case failed(ModelError)
    /// The attempt was cancelled. This is not the provider's failure, and the cost is unknown.
    case cancelled
  }

  /// Receives the outcome of a permitted attempt, exactly once.
  ///
  /// - Parameter retryAfter: the pause that an overloaded provider asked for.
  package typealias Report = @Sendable (_ outcome: Outcome, _ retryAfter: Duration?) -> Void

  /// Permits an attempt and returns a closure for its outcome, or throws ``ModelError/breakerOpen(retryAfter:)``,
  /// ``ModelError/limited(retryAfter:)`` or ``ModelError/accountingUnavailable``.
  package let before:
    @Sendable (_ estimate: ModelEstimate, _ deadline: ContinuousClock.Instant) async throws(ModelError) -> Report

  package init(
    before:
      @escaping @Sendable (_ estimate: ModelEstimate, _ deadline: ContinuousClock.Instant) async throws(ModelError) ->
      Report
  ) {
    self.before = before
  }
}
