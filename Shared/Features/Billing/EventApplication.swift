import Accounts
import FoundationEssentials
import Jobs
import Metering
import Notifications
import Postgres
import Stripe

/// One event of Stripe's on its way into the tables.
///
/// Events come in any order, so nothing here asks which came first where that matters: what was paid stays paid, what was cancelled stays
/// cancelled, periods only grow, and what was given back is a sum over what gave it back. What remains in doubt, two different events of one
/// second, is decided the same way in any order, and Stripe is asked.
struct EventApplication {
  let event: StripeEvent
  let settings: BillingSettings

  init(_ event: StripeEvent, _ settings: BillingSettings) {
    self.event = event
    self.settings = settings
  }

  /// Locks what the event is about until the transaction ends, always in one order.
  func lock(in transaction: inout Transaction) throws {
    let names: [String?] =
      switch event.payload {
      case .checkoutSession(let session): [session.id, session.subscription, session.paymentIntent]
      case .subscription(let subscription): [subscription.id]
      case .invoice(let invoice): [invoice.id, invoice.subscription, invoice.paymentIntent]
      case .invoicePayment(let payment): [payment.invoice, payment.paymentIntent]
      case .charge(let charge): [charge.paymentIntent ?? charge.id, charge.invoice]
      case .refund(let refund): [refund.paymentIntent ?? refund.charge]
      case .dispute(let dispute): [dispute.paymentIntent ?? dispute.charge]
      case .thin, .other: []
      }
    let keys = Set(names.compactMap { $0 }).sorted()
    if keys.isEmpty { return }
    _ = try transaction.execute(
      "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(string_to_array(\(keys.joined(separator: "\n")), chr(10))) AS key")
  }

  func apply(in transaction: inout Transaction) throws -> EventOutcome {
    switch event.payload {
    case .checkoutSession(let session): try apply(session, in: &transaction)
    case .subscription(let subscription):
      try SubscriptionState(settings).apply(subscription, asOf: event.created, isFetched: false, in: &transaction)
    case .invoice(let invoice): try apply(invoice, in: &transaction)
    case .invoicePayment(let payment): try apply(payment, in: &transaction)
    case .charge(let charge):
      try apply(
        Reversal(
          of: charge.paymentIntent ?? charge.id, id: charge.id, kind: "charge", amount: charge.amountRefunded, rank: charge.amountRefunded, counts: true),
        invoice: charge.invoice, in: &transaction)
    case .refund(let refund):
      try refund.paymentIntent ?? refund.charge == nil ? .ignored : apply(Reversal(refund), invoice: nil, in: &transaction)
    case .dispute(let dispute):
      try dispute.paymentIntent ?? dispute.charge == nil ? .ignored : apply(Reversal(dispute), invoice: nil, in: &transaction)
    case .thin(let object): try ask(for: object, in: &transaction)
    case .other: .ignored
    }
  }

  private func ask(for object: StripeRelatedObject?, in transaction: inout Transaction) throws -> EventOutcome {
    guard let object, object.type == "subscription" || object.id.hasPrefix("sub_") else { return .ignored }
    try SubscriptionState.askStripe(about: object.id, in: &transaction)
    return .queued
  }

  // MARK: - Sessions

  private func apply(_ session: StripeCheckoutSession, in transaction: inout Transaction) throws -> EventOutcome {
    let stored = try transaction.rows(
      """
      SELECT account_id, product, amount, currency, mode, customer_id, credits, erased_at IS NOT NULL
      FROM stripe_references JOIN checkouts USING (account_id, session_id) JOIN accounts USING (account_id)
      WHERE reference = \(session.id) FOR KEY SHARE OF accounts
      """, as: UUID.self, String.self, Int.self, String.self, String.self, String.self, Int.self, Bool.self)
    guard let (account, product, amount, currency, mode, customer, credits, isErased) = stored.first else { return .unknown }
    switch event.type {
    case "checkout.session.expired", "checkout.session.async_payment_failed":
      let state = event.type.hasSuffix("expired") ? "expired" : "failed"
      let count = try transaction.execute(
        """
        UPDATE checkouts SET state = \(state)
        WHERE account_id = \(account) AND session_id = \(session.id) AND state IN ('open', 'pending')
        """)
      return count == 1 ? .applied : .duplicate
    default: break
    }
    guard session.paymentStatus == "paid" || session.paymentStatus == "no_payment_required" else {
      let count = try transaction.execute(
        "UPDATE checkouts SET state = 'pending' WHERE account_id = \(account) AND session_id = \(session.id) AND state = 'open'")
      return count == 1 ? .applied : .duplicate
    }
    guard session.amountTotal == amount, session.currency == currency, session.mode == mode, session.customer == customer else { return .mismatch }

    let isFirst = try transaction.execute(
      """
      UPDATE checkouts SET state = 'paid', paid_at = now(), payment_intent = \(session.paymentIntent)
      WHERE account_id = \(account) AND session_id = \(session.id) AND state <> 'paid'
      """)
    guard isFirst == 1 else { return .duplicate }
    for reference in [session.paymentIntent, session.subscription].compactMap({ $0 }) {
      try Self.remember(reference, of: account, session: session.id, in: &transaction)
    }
    if isErased {
      try Accounts.record("payment_after_erasure", "\(product), \(amount) \(currency)", of: account, by: "stripe", in: &transaction)
      if let subscription = session.subscription { try SubscriptionState.cancelAtStripe(subscription, in: &transaction) }
      return .erased
    }
    if let subscription = session.subscription {
      try SubscriptionState(settings).link(
        subscription, of: account, to: session.id, product: product, at: event.created, in: &transaction)
    }
    if credits > 0 {
      try Credits(of: account).add(credits, .purchase, key: "checkout \(session.id)", in: &transaction)
    }
    try Accounts.record("payment_received", "\(product), \(amount) \(currency)", of: account, by: "stripe", in: &transaction)
    try Outbox.add(.paymentReceived(account: account, product: product, amount: amount, currency: currency), in: &transaction)
    try Entitlement.update(account, in: &transaction)
    return .applied
  }

  static func remember(_ reference: String, of account: UUID, session: String?, in transaction: inout Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO stripe_references AS known (reference, account_id, session_id) VALUES (\(reference), \(account), \(session))
      ON CONFLICT (reference) DO UPDATE SET session_id = excluded.session_id
        WHERE known.session_id IS NULL AND known.account_id = excluded.account_id
      """)
  }

  static func account(of reference: String, in transaction: inout Transaction) throws -> UUID? {
    try transaction.rows("SELECT account_id FROM stripe_references WHERE reference = \(reference)", as: UUID.self).first
  }

  // MARK: - Invoices

  private func apply(_ invoice: StripeInvoice, in transaction: inout Transaction) throws -> EventOutcome {
    guard let subscription = invoice.subscription, let customer = invoice.customer else { return .ignored }
    guard let account = try Self.account(of: customer, in: &transaction) else { return .unknown }
    guard event.type == "invoice.paid" else {
      // The time of grace runs from the end of what was paid, whether or not this came.
      try Accounts.record(event.type.replacing(".", with: "_"), invoice.id, of: account, by: "stripe", in: &transaction)
      return .applied
    }
    let end = invoice.lines.map(\.periodEnd).max() ?? invoice.periodEnd
    try transaction.execute(
      """
      INSERT INTO subscription_invoices (account_id, invoice_id, subscription_id, amount, period_end)
      VALUES (\(account), \(invoice.id), \(subscription), \(invoice.amountPaid), \(end)) ON CONFLICT DO NOTHING
      """)
    try Self.remember(invoice.id, of: account, session: nil, in: &transaction)
    if let payment = invoice.paymentIntent { try Self.connect(invoice.id, payment, in: &transaction) }
    try Entitlement.update(account, in: &transaction)
    return .applied
  }

  private func apply(_ payment: StripeInvoicePayment, in transaction: inout Transaction) throws -> EventOutcome {
    guard let intent = payment.paymentIntent else { return .ignored }
    try Self.connect(payment.invoice, intent, in: &transaction)
    guard let account = try Self.account(of: payment.invoice, in: &transaction) else { return .noted }
    try Entitlement.update(account, in: &transaction)
    return .applied
  }

  private static func connect(_ invoice: String, _ payment: String, in transaction: inout Transaction) throws {
    try transaction.execute(
      "INSERT INTO invoice_payments (invoice_id, payment_intent) VALUES (\(invoice), \(payment)) ON CONFLICT DO NOTHING")
  }

  // MARK: - What is given back

  private func apply(_ reversal: Reversal, invoice: String?, in transaction: inout Transaction) throws -> EventOutcome {
    if let invoice { try Self.connect(invoice, reversal.payment, in: &transaction) }
    try reversal.store(in: &transaction)
    let accounts = try transaction.rows(
      """
      SELECT account_id FROM stripe_references WHERE reference = \(reversal.payment)
      UNION SELECT account_id FROM invoice_payments JOIN stripe_references ON reference = invoice_id WHERE payment_intent = \(reversal.payment)
      """, as: UUID.self)
    // The payment that it is of may still be on its way, or be nobody's here.
    guard let account = accounts.first else { return .noted }
    try Entitlement.update(account, in: &transaction)
    return .applied
  }
}
