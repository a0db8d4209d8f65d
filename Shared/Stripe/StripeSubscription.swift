/// A subscription: a recurring payment of a customer (docs.stripe.com/api/subscriptions/object).
package struct StripeSubscription: Sendable, Equatable {
  package let id: String
  package let customer: String
  /// `incomplete`, `incomplete_expired`, `trialing`, `active`, `past_due`, `canceled`, `unpaid` or `paused`.
  package let status: String
  package let cancelsAtPeriodEnd: Bool
  /// The time at which the subscription is scheduled to end, in seconds since 1970. With flexible billing it may be set
  /// although `cancelsAtPeriodEnd` is false.
  package let cancelAt: Int?
  /// The end of the current billing period, in seconds since 1970. Since API version 2025-03-31 each item has its own
  /// period, and this is the latest end.
  package let currentPeriodEnd: Int?
  /// The price ids of the items.
  package let prices: [String]
  package let metadata: [String: String]
  /// The invoice of the latest period or change.
  package let latestInvoice: String?
  /// Set while collection is paused. The status does not change during a pause
  /// (docs.stripe.com/billing/subscriptions/pause-payment).
  package let pause: Pause?

  package struct Pause: Decodable, Sendable, Equatable {
    /// `keep_as_draft`, `mark_uncollectible` or `void`.
    package let behavior: String
    /// In seconds since 1970; nil if the pause has no scheduled end.
    package let resumesAt: Int?

    private enum CodingKeys: String, CodingKey {
      case behavior
      case resumesAt = "resumes_at"
    }
  }
}

extension StripeSubscription: Decodable {
  private enum Keys: String, CodingKey {
    case id, customer, status, items, metadata
    case cancelAtPeriodEnd = "cancel_at_period_end"
    case cancelAt = "cancel_at"
    case currentPeriodEnd = "current_period_end"
    case pauseCollection = "pause_collection"
    case latestInvoice = "latest_invoice"
  }

  private struct Item: Decodable {
    let price: String?
    let currentPeriodEnd: Int?

    private enum Keys: String, CodingKey {
      case price
      case currentPeriodEnd = "current_period_end"
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Keys.self)
      price = try container.decodeReference(forKey: .price)
      currentPeriodEnd = try container.decodeIfPresent(Int.self, forKey: .currentPeriodEnd)
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    id = try container.decode(String.self, forKey: .id)
    guard let customer = try container.decodeReference(forKey: .customer) else {
      throw DecodingError.dataCorruptedError(
        forKey: .customer, in: container, debugDescription: "a subscription must have a customer")
    }
    self.customer = customer
    status = try container.decode(String.self, forKey: .status)
    cancelsAtPeriodEnd = try container.decode(Bool.self, forKey: .cancelAtPeriodEnd)
    cancelAt = try container.decodeIfPresent(Int.self, forKey: .cancelAt)
    let items = try container.decode(StripeList<Item>.self, forKey: .items).data
    currentPeriodEnd =
      try container.decodeIfPresent(Int.self, forKey: .currentPeriodEnd) ?? items.compactMap(\.currentPeriodEnd).max()
    prices = items.compactMap(\.price)
    metadata = try container.decodeIfPresent([String: String].self, forKey: .metadata) ?? [:]
    latestInvoice = try container.decodeReference(forKey: .latestInvoice)
    pause = try container.decodeIfPresent(Pause.self, forKey: .pauseCollection)
  }
}
