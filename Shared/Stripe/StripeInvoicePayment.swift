/// A payment of an invoice (docs.stripe.com/api/invoice-payment/object). Since API version 2025-03-31 this object links
/// the two: an invoice and a charge no longer name each other.
package struct StripeInvoicePayment: Sendable, Equatable {
  package let id: String
  package let invoice: String
  /// Nil if the invoice was paid in another way, such as outside of Stripe.
  package let paymentIntent: String?
  /// In the currency's smallest unit.
  package let amountPaid: Int?
  /// Three letters of ISO 4217, lower case.
  package let currency: String
  /// `open`, `paid` or `canceled`.
  package let status: String
}

extension StripeInvoicePayment: Decodable {
  private enum Keys: String, CodingKey {
    case id, invoice, payment, currency, status
    case paymentIntent = "payment_intent"
    case amountPaid = "amount_paid"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    id = try container.decode(String.self, forKey: .id)
    guard let invoice = try container.decodeReference(forKey: .invoice) else {
      throw DecodingError.dataCorruptedError(
        forKey: .invoice, in: container, debugDescription: "an invoice payment must name its invoice")
    }
    self.invoice = invoice
    paymentIntent = try container.nestedIfPresent(keyedBy: Keys.self, forKey: .payment)?.decodeReference(
      forKey: .paymentIntent)
    amountPaid = try container.decodeIfPresent(Int.self, forKey: .amountPaid)
    currency = try container.decode(String.self, forKey: .currency)
    status = try container.decode(String.self, forKey: .status)
  }
}
