/// A checkout session that was just made, and where its payer goes.
package struct StripeOpenedSession: Decodable, Sendable, Equatable {
  package let id: String
  package let url: String
  /// In seconds since 1970.
  package let expiresAt: Int
  /// In the currency's smallest unit.
  package let amountTotal: Int?
  /// Three letters of ISO 4217, lower case.
  package let currency: String?
  package let isLive: Bool

  private enum CodingKeys: String, CodingKey {
    case id, url, currency
    case expiresAt = "expires_at"
    case amountTotal = "amount_total"
    case isLive = "livemode"
  }
}
