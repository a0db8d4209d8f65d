import Accounts
import FoundationEssentials
import Metering
import Notifications
import Postgres
import Stripe

/// One event of Stripe's, or an object as Stripe just told it, on its way into the tables.
///
/// Events come in any order, so nothing here asks which came first where that matters: what was paid stays paid, what
/// was cancelled stays
/// cancelled, lines of invoices only grow, and what was given back is a sum over what gave it back. What remains in
/// doubt, two different
/// events of one second, is decided the same way in any order, and Stripe is asked.
struct EventApplication {
  let event: StripeEvent
  let settings: BillingSettings
  /// Whether Stripe was asked.
  let isFetched: Bool

  init(_ event: StripeEvent, _ settings: BillingSettings, isFetched: Bool = false) {
    self.event = event
    self.settings = settings
    self.isFetched = isFetched
  }

  /// What the event is about, by Stripe's ids; nothing where nothing here comes of it but a question.
  var subjects: [String] {
    let names: [String?] =
      switch event.payload {
      case .checkoutSession(let session): [session.id, session.subscription, session.paymentIntent]
      case .subscription(let subscription): [subscription.id]
      case .invoice(let invoice): [invoice.id, invoice.subscription] + invoice.paymentIntents
      case .invoicePayment(let payment): [payment.invoice, payment.paymentIntent]
      case .charge(let charge): [charge.paymentIntent ?? charge.id, charge.invoice]
      case .refund(let refund): [refund.paymentIntent ?? refund.charge]
      case .dispute(let dispute): [dispute.paymentIntent ?? dispute.charge]
      case .thin, .other: []
      }
    return Set(names.compactMap { $0 }).sorted()
  }

  /// Locks what the event is about until the transaction ends, always in one order.
  func lock(in transaction: inout Transaction) {
    let subjects = subjects
    for subject in subjects { transaction.send("SELECT pg_advisory_xact_lock(hashtextextended(\(subject), 0))") }
    if subjects.isEmpty { return }
    let keys = subjects.joined(separator: "\n")
    switch event.payload {
    case .checkoutSession, .subscription, .thin, .other: break
    case .invoice, .invoicePayment, .charge, .refund, .dispute:
      // An invoice and what was given back of its payment need not name the same thing: they meet in the row that ties
      // the two. Where that is
      // not there yet, its own event, which takes both locks, sees what both left.
      transaction.send(
        """
        SELECT 1 FROM invoice_payments WHERE invoice_id = ANY (string_to_array(\(keys), chr(10))) OR payment_intent = ANY (string_to_array(\(keys), chr(10)))
        ORDER BY invoice_id, payment_intent FOR UPDATE
        """)
    }
  }

  func apply(in transaction: inout Transaction) throws -> EventOutcome {
    switch event.payload {
    case .checkoutSession(let session): try apply(session, in: &transaction)
    case .subscription(let subscription):
      try SubscriptionState(settings).apply(subscription, asOf: event.created, isFetched: isFetched, in: &transaction)
    case .invoice(let invoice): try apply(invoice, in: &transaction)
    case .invoicePayment(let payment): try apply(payment, in: &transaction)
    case .charge(let charge):
      try apply(
        Reversal(
          of: charge.paymentIntent ?? charge.id, id: charge.id, kind: "charge", amount: charge.amountRefunded,
          rank: charge.amountRefunded, counts: true),
        invoice: charge.invoice, in: &transaction)
    case .refund(let refund):
      try refund.paymentIntent ?? refund.charge == nil
        ? .ignored : apply(Reversal(refund, hasFailed: event.type == "refund.failed"), invoice: nil, in: &transaction)
    case .dispute(let dispute):
      try dispute.paymentIntent ?? dispute.charge == nil
        ? .ignored : apply(Reversal(dispute), invoice: nil, in: &transaction)
    case .thin(let object):
      object.flatMap(StripeObject.init)?.ask(because: event.id, in: &transaction) == true ? .queued : .ignored
    case .other: .ignored
    }
  }

  // MARK: - Sessions

  private func apply(_ session: StripeCheckoutSession, in transaction: inout Transaction) throws -> EventOutcome {
    guard let entitlement = try Entitlement(lockingAccountOf: session.id, in: &transaction) else { return .unknown }
    let account = entitlement.account
    let stored = try transaction.rows(
      """
      SELECT product, amount, currency, mode, customer_id, credits, state FROM checkouts
      WHERE account_id = \(account) AND session_id = \(session.id) FOR UPDATE
      """, as: String.self, Int.self, String.self, String.self, String?.self, Int.self, String.self)
    guard let (product, amount, currency, mode, customer, credits, state) = stored.first else { return .unknown }
    switch event.type {
    case "checkout.session.expired", "checkout.session.async_payment_failed":
      guard ["open", "pending"].contains(state) else { return .duplicate }
      let ended = event.type.hasSuffix("expired") ? "expired" : "failed"
      transaction.send(
        "UPDATE checkouts SET state = \(ended) WHERE account_id = \(account) AND session_id = \(session.id)")
      return .applied
    default: break
    }
    guard session.paymentStatus == "paid" || session.paymentStatus == "no_payment_required" else {
      guard state == "open" else { return .duplicate }
      transaction.send(
        "UPDATE checkouts SET state = 'pending' WHERE account_id = \(account) AND session_id = \(session.id)")
      return .applied
    }
    // Where the page was opened without a customer, Stripe made one for it.
    guard session.amountTotal == amount, session.currency == currency, session.mode == mode,
      customer == nil || session.customer == customer
    else { return .mismatch }

    if state == "paid" { return .duplicate }
    transaction.send(
      """
      UPDATE checkouts SET state = 'paid', paid_at = now(), payment_intent = \(session.paymentIntent), customer_id = \(session.customer)
      WHERE account_id = \(account) AND session_id = \(session.id)
      """)
    for reference in [session.paymentIntent, session.subscription].compactMap({ $0 }) {
      Self.remember(reference, of: account, session: session.id, in: &transaction)
    }
    if customer == nil, let made = session.customer { Self.remember(made, of: account, session: nil, in: &transaction) }
    if entitlement.isErased {
      Accounts.record(
        "payment_after_erasure", "\(product), \(amount) \(currency)", of: account, by: "stripe", in: &transaction)
      if let subscription = session.subscription { SubscriptionState.cancelAtStripe(subscription, in: &transaction) }
      return .erased
    }
    if let subscription = session.subscription {
      try SubscriptionState(settings).link(
        subscription, of: account, to: session.id, product: product, at: event.created, in: &transaction)
    }
    Accounts.record(
      "payment_received", "\(product), \(amount) \(currency)", of: account, by: "stripe", in: &transaction)
    if credits > 0 {
      try Credits(of: account).add(credits, .purchase, key: "checkout \(session.id)", in: &transaction)
      Accounts.record("credits_bought", "\(credits), \(session.id)", of: account, by: "stripe", in: &transaction)
    }
    try Outbox.add(
      .paymentReceived(account: account, product: product, amount: amount, currency: currency), in: &transaction)
    try entitlement.update(mode == "payment" ? .bought : .subscribed, in: &transaction)
    return .applied
  }

  static func remember(_ reference: String, of account: UUID, session: String?, in transaction: inout Transaction) {
    transaction.send(
      """
      INSERT INTO stripe_references AS known (reference, account_id, session_id) VALUES (\(reference), \(account), \(session))
      ON CONFLICT (reference) DO UPDATE SET session_id = excluded.session_id
        WHERE known.session_id IS NULL AND known.account_id = excluded.account_id
      """)
  }
}
