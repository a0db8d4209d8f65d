/// A charge that its payer's bank questions (docs.stripe.com/api/disputes/object).
package struct StripeDispute: Sendable, Equatable {
  package let id: String
  package let charge: String?
  package let paymentIntent: String?
  /// In the currency's smallest unit; seldom another than the charge's.
  package let amount: Int
  /// Three letters of ISO 4217, lower case.
  package let currency: String
  /// `needs_response`, `under_review`, `won` or `lost`; those that begin with `warning_` took no money, nor did
  /// `prevented`.
  package let status: String
}

extension StripeDispute: Decodable {
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
    status = try container.decode(String.self, forKey: .status)
  }
}
