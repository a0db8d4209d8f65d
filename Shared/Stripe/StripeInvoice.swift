/// What is owed at one time (docs.stripe.com/api/invoices/object).
package struct StripeInvoice: Sendable, Equatable {
  package let id: String
  package let customer: String?
  /// What it renews; `subscription`, and since API version 2025-03-31 `parent.subscription_details.subscription`.
  package let subscription: String?
  /// Such as `subscription_create`, `subscription_cycle`, `subscription_update` or `manual`.
  package let billingReason: String?
  /// In the currency's smallest unit.
  package let amountPaid: Int
  /// Three letters of ISO 4217, lower case.
  package let currency: String
  /// The end of the time in which its items were added, in seconds since 1970; what its lines pay for ends with theirs.
  package let periodEnd: Int
  /// What paid it; nil since API version 2025-03-31, which tells it in `invoice_payment.paid`.
  package let paymentIntent: String?
  package let lines: [Line]
  /// Whether there are lines that did not fit into the event and must be fetched.
  package let hasMoreLines: Bool

  package struct Line: Sendable, Equatable {
    /// `price`, and since API version 2025-03-31 `pricing.price_details.price`.
    package let price: String?
    /// In the currency's smallest unit; negative for what is given back.
    package let amount: Int
    /// The end of what it pays for, in seconds since 1970.
    package let periodEnd: Int
  }
}

extension StripeInvoice: Decodable {
  private enum Keys: String, CodingKey {
    case id, customer, subscription, parent, currency, lines
    case subscriptionDetails = "subscription_details"
    case billingReason = "billing_reason"
    case amountPaid = "amount_paid"
    case periodEnd = "period_end"
    case paymentIntent = "payment_intent"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    id = try container.decode(String.self, forKey: .id)
    customer = try container.decodeReference(forKey: .customer)
    let details = try container.nestedIfPresent(keyedBy: Keys.self, forKey: .parent)?
      .nestedIfPresent(keyedBy: Keys.self, forKey: .subscriptionDetails)
    subscription = try container.decodeReference(forKey: .subscription) ?? details?.decodeReference(forKey: .subscription)
    billingReason = try container.decodeIfPresent(String.self, forKey: .billingReason)
    amountPaid = try container.decode(Int.self, forKey: .amountPaid)
    currency = try container.decode(String.self, forKey: .currency)
    periodEnd = try container.decode(Int.self, forKey: .periodEnd)
    paymentIntent = try container.decodeReference(forKey: .paymentIntent)
    let list = try container.decode(StripeList<Line>.self, forKey: .lines)
    lines = list.data
    hasMoreLines = list.hasMore
  }
}

extension StripeInvoice.Line: Decodable {
  private enum Keys: String, CodingKey {
    case price, pricing, amount, period, end
    case priceDetails = "price_details"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    let details = try container.nestedIfPresent(keyedBy: Keys.self, forKey: .pricing)?
      .nestedIfPresent(keyedBy: Keys.self, forKey: .priceDetails)
    price = try container.decodeReference(forKey: .price) ?? details?.decodeReference(forKey: .price)
    amount = try container.decode(Int.self, forKey: .amount)
    periodEnd = try container.nestedContainer(keyedBy: Keys.self, forKey: .period).decode(Int.self, forKey: .end)
  }
}
