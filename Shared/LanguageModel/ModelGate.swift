/// Asked before each attempt: whoever has limits, a breaker or a budget puts them here.
package struct ModelGate: Sendable {
  /// How an attempt went.
  package enum Outcome: Sendable, Equatable {
    /// Also where whoever read a stream wanted no more (``ModelAnswer/StopReason/stopped``).
    case answered(ModelAnswer)
    /// What was paid for all the same lies in the error's ``ModelError/answer``; what else was generated before it
    /// failed, nobody has counted.
    case failed(ModelError)
    /// It was given up before anything came of it: that says nothing about the provider, and what it cost nobody knows.
    case cancelled
  }

  /// Takes how an attempt went, and for how long the provider then wants not to be asked: once, whatever happens, where
  /// it was let through.
  package typealias Report = @Sendable (_ outcome: Outcome, _ retryAfter: Duration?) -> Void

  /// Lets an attempt through, or throws ``ModelError/breakerOpen(retryAfter:)`` or ``ModelError/limited(retryAfter:)``.
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
