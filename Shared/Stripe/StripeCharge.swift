/// One attempt to take money (docs.stripe.com/api/charges/object).
package struct StripeCharge: Sendable, Equatable {
  package let id: String
  package let paymentIntent: String?
  /// Nil since API version 2025-03-31, which tells it in `invoice_payment.paid`.
  package let invoice: String?
  package let customer: String?
  /// In the currency's smallest unit.
  package let amount: Int
  /// All that was given back until now, in the currency's smallest unit.
  package let amountRefunded: Int
  /// Three letters of ISO 4217, lower case.
  package let currency: String
  /// `succeeded`, `pending` or `failed`.
  package let status: String
}

extension StripeCharge: Decodable {
  private enum Keys: String, CodingKey {
    case id, invoice, customer, amount, currency, status
    case paymentIntent = "payment_intent"
    case amountRefunded = "amount_refunded"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    id = try container.decode(String.self, forKey: .id)
    paymentIntent = try container.decodeReference(forKey: .paymentIntent)
    invoice = try container.decodeReference(forKey: .invoice)
    customer = try container.decodeReference(forKey: .customer)
    amount = try container.decode(Int.self, forKey: .amount)
    amountRefunded = try container.decode(Int.self, forKey: .amountRefunded)
    currency = try container.decode(String.self, forKey: .currency)
    status = try container.decode(String.self, forKey: .status)
  }
}
