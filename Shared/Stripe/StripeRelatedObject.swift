/// What a thin event is about (docs.stripe.com/api/v2/core/events/object, `related_object`).
package struct StripeRelatedObject: Decodable, Sendable, Equatable {
  package let id: String
  /// As Stripe names it, such as `billing.meter`.
  package let type: String
  /// The path from which it is fetched.
  package let url: String
}
