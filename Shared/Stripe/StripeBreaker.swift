/// A hook that stops a ``StripeClient`` from sending requests while Stripe is unavailable. The caller implements it.
package struct StripeBreaker: Sendable {
  /// Receives the outcome of a call: true if Stripe answered, even with an error of the request.
  package typealias Report = @Sendable (_ isSuccess: Bool, _ deadline: ContinuousClock.Instant) -> Void

  /// Called before each call. Returns a closure for the outcome, or throws ``StripeError/breakerOpen(retryAfter:)``.
  ///
  /// A cancelled call does not report an outcome.
  package let before: @Sendable (_ deadline: ContinuousClock.Instant) throws(StripeError) -> Report

  package init(before: @escaping @Sendable (_ deadline: ContinuousClock.Instant) throws(StripeError) -> Report) {
    self.before = before
  }
}
