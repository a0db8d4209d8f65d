import Accounts
import FoundationEssentials
import Notifications
import Postgres
import Stripe

/// Invoices, what pays them, and what is given back.
extension EventApplication {
  func apply(_ invoice: StripeInvoice, in transaction: inout Transaction) throws -> EventOutcome {
    guard let subscription = invoice.subscription else { return .ignored }
    let known = try transaction.rows(
      """
      SELECT account_id FROM stripe_references WHERE reference IN (\(subscription), \(invoice.metadata["checkout"]), \(invoice.customer))
      ORDER BY reference = \(subscription) DESC LIMIT 1
      """, as: UUID.self)
    guard let account = known.first, let entitlement = try Entitlement(locking: account, in: &transaction) else {
      return .unknown
    }
    guard event.type == "invoice.paid" else {
      // The time of grace runs from the end of what was paid, whether or not this came.
      Accounts.record(event.type.replacing(".", with: "_"), invoice.id, of: account, by: "stripe", in: &transaction)
      return .applied
    }
    let isFirst = try transaction.execute(
      """
      INSERT INTO subscription_invoices (account_id, invoice_id, subscription_id, amount)
      VALUES (\(account), \(invoice.id), \(subscription), \(invoice.amountPaid)) ON CONFLICT DO NOTHING
      """)
    if isFirst == 1 {
      var kept: [StripeInvoice.Line] = []
      for (number, line) in invoice.lines.enumerated()
      where try store(line, number, of: invoice.id, account, in: &transaction) { kept.append(line) }
      // The news of the next may be lost: then Stripe is asked while there is grace.
      if let end = kept.filter({ $0.amount >= 0 }).map(\.periodEnd).max() {
        for wait in PaidTime.waitsForNews {
          StripeObject.subscription(subscription).ask(at: end + wait, in: &transaction)
        }
      }
      Accounts.record(
        "invoice_paid", "\(invoice.id), \(invoice.amountPaid) \(invoice.currency)", of: account, by: "stripe",
        in: &transaction)
      // The first payment of a subscription is its session's, which tells of it.
      if invoice.amountPaid > 0, invoice.billingReason != "subscription_create", !entitlement.isErased {
        try tell(of: invoice, subscription, account, in: &transaction)
      }
    }
    Self.remember(invoice.id, of: account, session: nil, in: &transaction)
    for payment in invoice.paymentIntents { Self.connect(invoice.id, payment, in: &transaction) }
    try entitlement.update(.subscribed, in: &transaction)
    return isFirst == 1 ? .applied : .duplicate
  }

  /// Tells the operator's endpoints of a payment for what an invoice has most of.
  private func tell(
    of invoice: StripeInvoice, _ subscription: String, _ account: UUID, in transaction: inout Transaction
  ) throws {
    let products = try transaction.rows(
      """
      SELECT coalesce(l.plan, s.plan) FROM invoice_lines l LEFT JOIN subscriptions s ON s.account_id = l.account_id AND subscription_id = \(subscription)
      WHERE l.account_id = \(account) AND invoice_id = \(invoice.id) ORDER BY l.amount DESC LIMIT 1
      """, as: String?.self)
    guard let product = products.first ?? nil else { return }
    try Outbox.add(
      .paymentReceived(account: account, product: product, amount: invoice.amountPaid, currency: invoice.currency),
      in: &transaction)
  }

  /// Keeps a line of a plan of ours; what else a subscription may have gives nothing here.
  ///
  /// - Returns: whether it is one.
  private func store(
    _ line: StripeInvoice.Line, _ number: Int, of invoice: String, _ account: UUID, in transaction: inout Transaction
  ) throws -> Bool {
    var plan: Plan?
    if let price = line.price {
      plan = settings.product(at: price)?.subscribedPlan
      // Another price may be set by now than it was sold at.
      if plan == nil {
        plan = try transaction.rows(
          "SELECT product FROM checkouts WHERE account_id = \(account) AND price_id = \(price) LIMIT 1", as: String.self
        ).first.flatMap(Product.named)?.subscribedPlan
      }
      guard plan != nil else { return false }
    }
    transaction.send(
      """
      INSERT INTO invoice_lines (account_id, invoice_id, line, plan, amount, period_start, period_end)
      VALUES (\(account), \(invoice), \(number), \(plan?.rawValue), \(line.amount), \(line.periodStart), \(line.periodEnd))
      """)
    return true
  }

  func apply(_ payment: StripeInvoicePayment, in transaction: inout Transaction) throws -> EventOutcome {
    guard payment.status == "paid", let intent = payment.paymentIntent else { return .ignored }
    Self.connect(payment.invoice, intent, in: &transaction)
    guard let entitlement = try Entitlement(lockingAccountOf: payment.invoice, in: &transaction) else { return .noted }
    try entitlement.update(.subscribed, in: &transaction)
    return .applied
  }

  private static func connect(_ invoice: String, _ payment: String, in transaction: inout Transaction) {
    transaction.send(
      "INSERT INTO invoice_payments (invoice_id, payment_intent) VALUES (\(invoice), \(payment)) ON CONFLICT DO NOTHING"
    )
  }

  func apply(_ reversal: Reversal, invoice: String?, in transaction: inout Transaction) throws -> EventOutcome {
    if let invoice { Self.connect(invoice, reversal.payment, in: &transaction) }
    let isNews = try reversal.store(in: &transaction)
    let known = try transaction.rows(
      """
      SELECT account_id FROM stripe_references
      WHERE reference = \(reversal.payment) OR reference IN (SELECT invoice_id FROM invoice_payments WHERE payment_intent = \(reversal.payment))
      LIMIT 1
      """, as: UUID.self)
    // The payment that it is of may still be on its way, or be nobody's here.
    guard let account = known.first, let entitlement = try Entitlement(locking: account, in: &transaction) else {
      return .noted
    }
    if isNews { Accounts.record(reversal.kind, reversal.description, of: account, by: "stripe", in: &transaction) }
    try entitlement.update(.both, in: &transaction)
    return isNews ? .applied : .duplicate
  }
}
