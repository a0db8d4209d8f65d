import Accounts
import FoundationEssentials
import Postgres
import Stripe

/// Applies one Stripe event, or one object that was fetched from Stripe, to the database.
///
/// Events arrive in any order, so the result must not depend on it: a paid session stays paid, a cancelled subscription
/// stays cancelled, invoice lines are only added, and reversals are added up. Two different events of one second are
/// ambiguous: the same one wins in any order, and the object is fetched from Stripe.
struct EventApplication {
  let event: StripeEvent
  let settings: BillingSettings
  /// Whether the state was fetched from Stripe, rather than delivered.
  let isFetched: Bool

  init(_ event: StripeEvent, _ settings: BillingSettings, isFetched: Bool = false) {
    self.event = event
    self.settings = settings
    self.isFetched = isFetched
  }

  /// The Stripe ids that the event is about, sorted. Empty for a thin event, and for a type that changes nothing here.
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

  /// Locks the event's subjects until the transaction ends, always in the same order.
  func lock(in transaction: inout Transaction) {
    let subjects = subjects
    for subject in subjects { transaction.send("SELECT pg_advisory_xact_lock(hashtextextended(\(subject), 0))") }
    if subjects.isEmpty { return }
    let keys = subjects.joined(separator: "\n")
    switch event.payload {
    case .checkoutSession, .subscription, .thin, .other: break
    case .invoice, .invoicePayment, .charge, .refund, .dispute:
      // An invoice and a reversal of its payment may have no id in common; they share the row of `invoice_payments`
      // that links them. If that row does not exist yet, the event that inserts it takes both locks, and sees the
      // results of both.
      transaction.send(
        """
        SELECT 1 FROM invoice_payments
        WHERE invoice_id = ANY (string_to_array(\(keys), chr(10)))
          OR payment_intent = ANY (string_to_array(\(keys), chr(10)))
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
          of: charge.paymentIntent ?? charge.id, id: charge.id, kind: .charge, amount: charge.amountRefunded,
          rank: charge.amountRefunded, counts: true),
        invoice: charge.invoice, in: &transaction)
    case .refund(let refund):
      try refund.paymentIntent ?? refund.charge == nil
        ? .ignored : apply(Reversal(refund, hasFailed: event.type == "refund.failed"), invoice: nil, in: &transaction)
    case .dispute(let dispute):
      try dispute.paymentIntent ?? dispute.charge == nil
        ? .ignored : apply(Reversal(dispute), invoice: nil, in: &transaction)
    case .thin(let object):
      object.flatMap(StripeObject.init)?.enqueueRefresh(because: event.id, in: &transaction) == true
        ? .queued : .ignored
    case .other: .ignored
    }
  }

  /// Stores that a Stripe id belongs to an account, and to one of its checkouts if that is known.
  static func addReference(
    _ reference: String, of account: UUID, session: String?, in transaction: inout Transaction
  ) {
    transaction.send(
      """
      INSERT INTO stripe_references AS stored (reference, account_id, session_id)
      VALUES (\(reference), \(account), \(session))
      ON CONFLICT (reference) DO UPDATE SET session_id = excluded.session_id
        WHERE stored.session_id IS NULL AND stored.account_id = excluded.account_id
      """)
  }
}
