/// The price of a product (docs.stripe.com/api/prices/object).
package struct StripePrice: Sendable, Equatable {
  package let id: String
  /// In the currency's smallest unit; nil for a tiered price or one in fractions of that unit.
  package let unitAmount: Int?
  /// Three letters of ISO 4217, lower case.
  package let currency: String
  /// `day`, `week`, `month` or `year`; nil for a one-time payment.
  package let recurringInterval: String?
  /// True if the price can be used for new purchases.
  package let isActive: Bool
  package let isLive: Bool
}

extension StripePrice: Decodable {
  private enum Keys: String, CodingKey {
    case id, currency, recurring, interval, active, livemode
    case unitAmount = "unit_amount"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    id = try container.decode(String.self, forKey: .id)
    unitAmount = try container.decodeIfPresent(Int.self, forKey: .unitAmount)
    currency = try container.decode(String.self, forKey: .currency)
    recurringInterval = try container.nestedIfPresent(keyedBy: Keys.self, forKey: .recurring)?.decode(
      String.self, forKey: .interval)
    isActive = try container.decode(Bool.self, forKey: .active)
    isLive = try container.decode(Bool.self, forKey: .livemode)
  }
}
