/// Keeps a client from asking while Stripe is away; what decides that lies elsewhere.
package struct StripeBreaker: Sendable {
  /// Tells how it went: true where Stripe answered, whatever it answered.
  package typealias Report = @Sendable (_ isSuccess: Bool, _ deadline: ContinuousClock.Instant) -> Void

  /// Asked before each call: returns what its outcome is told to, or throws ``StripeError/breakerOpen(retryAfter:)``.
  ///
  /// A call that was cancelled reports nothing.
  package let before: @Sendable (_ deadline: ContinuousClock.Instant) throws(StripeError) -> Report

  package init(before: @escaping @Sendable (_ deadline: ContinuousClock.Instant) throws(StripeError) -> Report) {
    self.before = before
  }
}
