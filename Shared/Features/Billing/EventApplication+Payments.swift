import Accounts
import FoundationEssentials
import Notifications
import Postgres
import Stripe

/// Invoices, their payments, and reversals of payments.
extension EventApplication {
  func apply(_ invoice: StripeInvoice, in transaction: inout Transaction) throws -> EventOutcome {
    guard let subscription = invoice.subscription else { return .ignored }
    let owners = try transaction.rows(
      """
      SELECT account_id FROM stripe_references
      WHERE reference IN (\(subscription), \(invoice.metadata["checkout"]), \(invoice.customer))
      ORDER BY reference = \(subscription) DESC LIMIT 1
      """, as: UUID.self)
    guard let account = owners.first, let entitlement = try Entitlement(locking: account, in: &transaction) else {
      return .unknown
    }
    guard event.type == "invoice.paid" else {
      // A failed payment needs no action: the grace period starts at the end of the last paid period anyway.
      Accounts.record(event.type.replacing(".", with: "_"), invoice.id, of: account, by: "stripe", in: &transaction)
      return .applied
    }
    let inserted = try transaction.execute(
      """
      INSERT INTO subscription_invoices (account_id, invoice_id, subscription_id, amount)
      VALUES (\(account), \(invoice.id), \(subscription), \(invoice.amountPaid)) ON CONFLICT DO NOTHING
      """)
    if inserted == 1 { try store(invoice, of: subscription, entitlement, in: &transaction) }
    Self.addReference(invoice.id, of: account, session: nil, in: &transaction)
    for payment in invoice.paymentIntents { Self.linkPayment(payment, to: invoice.id, in: &transaction) }
    try entitlement.update(.subscribed, in: &transaction)
    return inserted == 1 ? .applied : .duplicate
  }

  /// Stores the lines of a paid invoice, and schedules checks for its renewal.
  private func store(
    _ invoice: StripeInvoice, of subscription: String, _ entitlement: Entitlement, in transaction: inout Transaction
  ) throws {
    let account = entitlement.account
    var planLines: [StripeInvoice.Line] = []
    for (number, line) in invoice.lines.enumerated()
    where try store(line, number, of: invoice.id, account, in: &transaction) { planLines.append(line) }
    // The event about the renewal may be lost, so fetch the subscription during the grace period.
    if let end = planLines.filter({ $0.amount >= 0 }).map(\.periodEnd).max() {
      for delay in PaidPeriods.renewalCheckDelays {
        StripeObject.subscription(subscription).enqueueRefresh(at: end + delay, in: &transaction)
      }
    }
    Accounts.record(
      "invoice_paid", "\(invoice.id), \(invoice.amountPaid) \(invoice.currency)", of: account, by: "stripe",
      in: &transaction)
    // The event of the checkout session notifies about the first payment of a subscription.
    if invoice.amountPaid > 0, invoice.billingReason != "subscription_create", !entitlement.isErased {
      try notifyPayment(of: invoice, subscription, account, in: &transaction)
    }
  }

  /// Sends `payment.received` with the plan of the invoice's greatest line.
  private func notifyPayment(
    of invoice: StripeInvoice, _ subscription: String, _ account: UUID, in transaction: inout Transaction
  ) throws {
    let products = try transaction.rows(
      """
      SELECT coalesce(l.plan, s.plan)
      FROM invoice_lines l
        LEFT JOIN subscriptions s ON s.account_id = l.account_id AND subscription_id = \(subscription)
      WHERE l.account_id = \(account) AND invoice_id = \(invoice.id) ORDER BY l.amount DESC LIMIT 1
      """, as: String?.self)
    guard let product = products.first ?? nil else { return }
    try Outbox.add(
      .paymentReceived(account: account, product: product, amount: invoice.amountPaid, currency: invoice.currency),
      in: &transaction)
  }

  /// Stores an invoice line if it pays for a plan; other lines are skipped.
  ///
  /// - Returns: whether the line was stored.
  private func store(
    _ line: StripeInvoice.Line, _ number: Int, of invoice: String, _ account: UUID, in transaction: inout Transaction
  ) throws -> Bool {
    var plan: Plan?
    if let price = line.price {
      plan = settings.product(at: price)?.subscribedPlan
      // The price setting may have changed since the purchase.
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
      VALUES (\(account), \(invoice), \(number), \(plan?.rawValue), \(line.amount), \(line.periodStart),
        \(line.periodEnd))
      """)
    return true
  }

  func apply(_ payment: StripeInvoicePayment, in transaction: inout Transaction) throws -> EventOutcome {
    guard payment.status == "paid", let intent = payment.paymentIntent else { return .ignored }
    Self.linkPayment(intent, to: payment.invoice, in: &transaction)
    guard let entitlement = try Entitlement(lockingAccountOf: payment.invoice, in: &transaction) else { return .noted }
    try entitlement.update(.subscribed, in: &transaction)
    return .applied
  }

  /// Stores that a payment paid an invoice.
  private static func linkPayment(_ payment: String, to invoice: String, in transaction: inout Transaction) {
    transaction.send(
      "INSERT INTO invoice_payments (invoice_id, payment_intent) VALUES (\(invoice), \(payment)) ON CONFLICT DO NOTHING"
    )
  }

  func apply(_ reversal: Reversal, invoice: String?, in transaction: inout Transaction) throws -> EventOutcome {
    if let invoice { Self.linkPayment(reversal.payment, to: invoice, in: &transaction) }
    let isNew = try reversal.store(in: &transaction)
    let owners = try transaction.rows(
      """
      SELECT account_id FROM stripe_references
      WHERE reference = \(reversal.payment)
        OR reference IN (SELECT invoice_id FROM invoice_payments WHERE payment_intent = \(reversal.payment))
      LIMIT 1
      """, as: UUID.self)
    // The event about the payment may arrive later, or the payment may be for something that was not sold here.
    guard let account = owners.first, let entitlement = try Entitlement(locking: account, in: &transaction) else {
      return .noted
    }
    if isNew {
      Accounts.record(reversal.kind.rawValue, reversal.description, of: account, by: "stripe", in: &transaction)
    }
    try entitlement.update(.both, in: &transaction)
    return isNew ? .applied : .duplicate
  }
}
