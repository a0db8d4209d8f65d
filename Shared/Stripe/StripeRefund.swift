/// Money given back (docs.stripe.com/api/refunds/object).
package struct StripeRefund: Sendable, Equatable {
  package let id: String
  package let charge: String?
  package let paymentIntent: String?
  /// In the currency's smallest unit.
  package let amount: Int
  /// Three letters of ISO 4217, lower case.
  package let currency: String
  /// `pending`, `requires_action`, `succeeded`, `failed` or `canceled`: one that failed gave nothing back.
  package let status: String?
}

extension StripeRefund: Decodable {
  private enum Keys: String, CodingKey {
    case id, charge, amount, currency, status
    case paymentIntent = "payment_intent"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    id = try container.decode(String.self, forKey: .id)
    charge = try container.decodeReference(forKey: .charge)
    paymentIntent = try container.decodeReference(forKey: .paymentIntent)
    amount = try container.decode(Int.self, forKey: .amount)
    currency = try container.decode(String.self, forKey: .currency)
    status = try container.decodeIfPresent(String.self, forKey: .status)
  }
}
