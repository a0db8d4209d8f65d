/// An attempt to take a payment (docs.stripe.com/api/charges/object).
package struct StripeCharge: Decodable, Sendable, Equatable {
  package let id: String
  @StripeReference package var paymentIntent: String?
  /// Nil since API version 2025-03-31; since then the event `invoice_payment.paid` names the invoice.
  @StripeReference package var invoice: String?
  @StripeReference package var customer: String?
  /// In the currency's smallest unit.
  package let amount: Int
  /// The sum of all refunds so far, in the currency's smallest unit.
  package let amountRefunded: Int
  /// Three letters of ISO 4217, lower case.
  package let currency: String
  /// `succeeded`, `pending` or `failed`.
  package let status: String

  private enum CodingKeys: String, CodingKey {
    case id, invoice, customer, amount, currency, status
    case paymentIntent = "payment_intent"
    case amountRefunded = "amount_refunded"
  }
}
