/// An invoice (docs.stripe.com/api/invoices/object).
package struct StripeInvoice: Sendable, Equatable {
  package let id: String
  package let customer: String?
  /// The id of the subscription: `subscription`, and since API version 2025-03-31 `parent.subscription_details.subscription`.
  package let subscription: String?
  /// The subscription's metadata when the invoice was created.
  package let metadata: [String: String]
  /// `draft`, `open`, `paid`, `uncollectible` or `void`.
  package let status: String?
  /// Such as `subscription_create`, `subscription_cycle`, `subscription_update` or `manual`.
  package let billingReason: String?
  /// In the currency's smallest unit.
  package let amountPaid: Int
  /// Three letters of ISO 4217, lower case.
  package let currency: String
  /// The end of the period in which items were added to the invoice, in seconds since 1970. The period that a line pays
  /// for is ``Line/periodStart`` to ``Line/periodEnd``.
  package let periodEnd: Int
  /// The payments of the invoice. Since API version 2025-03-31 the event `invoice_payment.paid` names them, and an
  /// invoice contains them only if the request expands `payments`.
  package let paymentIntents: [String]
  package let lines: [Line]
  /// True if the invoice has more lines, which must be fetched.
  package let hasMoreLines: Bool

  package struct Line: Sendable, Equatable {
    /// `price`, and since API version 2025-03-31 `pricing.price_details.price`.
    package let price: String?
    /// In the currency's smallest unit; negative for a credit.
    package let amount: Int
    /// The start of the period that the line pays for, in seconds since 1970.
    package let periodStart: Int
    /// The end of that period, in seconds since 1970.
    package let periodEnd: Int
  }
}

extension StripeInvoice: Decodable {
  private enum Keys: String, CodingKey {
    case id, customer, subscription, parent, metadata, status, currency, lines, payments
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
    subscription =
      try container.decodeReference(forKey: .subscription) ?? details?.decodeReference(forKey: .subscription)
    metadata =
      try (details ?? container.nestedIfPresent(keyedBy: Keys.self, forKey: .subscriptionDetails))?
      .decodeIfPresent([String: String].self, forKey: .metadata) ?? [:]
    status = try container.decodeIfPresent(String.self, forKey: .status)
    billingReason = try container.decodeIfPresent(String.self, forKey: .billingReason)
    amountPaid = try container.decode(Int.self, forKey: .amountPaid)
    currency = try container.decode(String.self, forKey: .currency)
    periodEnd = try container.decode(Int.self, forKey: .periodEnd)
    let payments = try container.decodeIfPresent(StripeList<StripeInvoicePayment>.self, forKey: .payments)?.data ?? []
    paymentIntents =
      try (container.decodeReference(forKey: .paymentIntent).map { [$0] } ?? [])
      + payments.filter { $0.status == "paid" }.compactMap(\.paymentIntent)
    let list = try container.decode(StripeList<Line>.self, forKey: .lines)
    lines = list.data
    hasMoreLines = list.hasMore
  }
}

extension StripeInvoice.Line: Decodable {
  private enum Keys: String, CodingKey {
    case price, pricing, amount, period, start, end
    case priceDetails = "price_details"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    let details = try container.nestedIfPresent(keyedBy: Keys.self, forKey: .pricing)?
      .nestedIfPresent(keyedBy: Keys.self, forKey: .priceDetails)
    price = try container.decodeReference(forKey: .price) ?? details?.decodeReference(forKey: .price)
    amount = try container.decode(Int.self, forKey: .amount)
    let period = try container.nestedContainer(keyedBy: Keys.self, forKey: .period)
    periodEnd = try period.decode(Int.self, forKey: .end)
    periodStart = try period.decodeIfPresent(Int.self, forKey: .start) ?? periodEnd
  }
}
