/// An object as it is at Stripe, and since when that is known.
package struct StripeReading<Object> {
  package let object: Object
  /// By Stripe's clock, in seconds since 1970; no later than it was asked, so that an event of a change after that is
  /// later, or of this second.
  package let askedAt: Int
}

extension StripeReading: Sendable where Object: Sendable {}
