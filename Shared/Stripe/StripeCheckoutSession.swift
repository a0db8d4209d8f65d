/// A checkout session: one visit to Stripe's payment page (docs.stripe.com/api/checkout/sessions/object).
package struct StripeCheckoutSession: Sendable, Equatable {
  package let id: String
  /// `open`, `complete` or `expired`.
  package let status: String?
  /// `paid`, `unpaid` or `no_payment_required`; a completed session may still be unpaid
  /// (docs.stripe.com/checkout/fulfillment).
  package let paymentStatus: String
  /// `payment`, `setup` or `subscription`.
  package let mode: String
  /// In the currency's smallest unit, after discounts and taxes.
  package let amountTotal: Int?
  /// Three letters of ISO 4217, lower case.
  package let currency: String?
  package let customer: String?
  package let subscription: String?
  package let paymentIntent: String?
  /// The reference that was passed when the session was created, to find our own record of it.
  package let clientReferenceID: String?
  package let metadata: [String: String]
}

extension StripeCheckoutSession: Decodable {
  private enum Keys: String, CodingKey {
    case id, status, mode, currency, customer, subscription, metadata
    case paymentStatus = "payment_status"
    case amountTotal = "amount_total"
    case paymentIntent = "payment_intent"
    case clientReferenceID = "client_reference_id"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    id = try container.decode(String.self, forKey: .id)
    status = try container.decodeIfPresent(String.self, forKey: .status)
    paymentStatus = try container.decode(String.self, forKey: .paymentStatus)
    mode = try container.decode(String.self, forKey: .mode)
    amountTotal = try container.decodeIfPresent(Int.self, forKey: .amountTotal)
    currency = try container.decodeIfPresent(String.self, forKey: .currency)
    customer = try container.decodeReference(forKey: .customer)
    subscription = try container.decodeReference(forKey: .subscription)
    paymentIntent = try container.decodeReference(forKey: .paymentIntent)
    clientReferenceID = try container.decodeIfPresent(String.self, forKey: .clientReferenceID)
    metadata = try container.decodeIfPresent([String: String].self, forKey: .metadata) ?? [:]
  }
}

/// A newly created checkout session, with the URL of its payment page.
package struct StripeCreatedCheckoutSession: Decodable, Sendable, Equatable {
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
