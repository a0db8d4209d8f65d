/// A refund of a charge, in whole or in part (docs.stripe.com/api/refunds/object).
package struct StripeRefund: Decodable, Sendable, Equatable {
  package let id: String
  @StripeReference package var charge: String?
  @StripeReference package var paymentIntent: String?
  /// In the currency's smallest unit.
  package let amount: Int
  /// Three letters of ISO 4217, lower case.
  package let currency: String
  /// `pending`, `requires_action`, `succeeded`, `failed` or `canceled`. A failed refund returned no money.
  package let status: String?

  private enum CodingKeys: String, CodingKey {
    case id, charge, amount, currency, status
    case paymentIntent = "payment_intent"
  }
}
