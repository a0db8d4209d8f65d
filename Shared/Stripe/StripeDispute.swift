/// A charge that the payer's bank disputes (docs.stripe.com/api/disputes/object).
package struct StripeDispute: Decodable, Sendable, Equatable {
  package let id: String
  @StripeReference package var charge: String?
  @StripeReference package var paymentIntent: String?
  /// In the currency's smallest unit; usually the amount of the charge.
  package let amount: Int
  /// Three letters of ISO 4217, lower case.
  package let currency: String
  /// `needs_response`, `under_review`, `won` or `lost`. With `prevented` and the statuses that begin with `warning_`, no
  /// money was taken.
  package let status: String

  private enum CodingKeys: String, CodingKey {
    case id, charge, amount, currency, status
    case paymentIntent = "payment_intent"
  }
}
