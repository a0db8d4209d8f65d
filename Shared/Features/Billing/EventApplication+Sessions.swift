import Access
import Accounts
import FoundationEssentials
import Metering
import Notifications
import Postgres
import Stripe

/// Checkout sessions.
extension EventApplication {
  /// A stored checkout, with the terms that were offered to the buyer.
  private struct StoredCheckout: Decodable {
    let product: String
    let amount: Int
    let currency: String
    let mode: String
    let customerID: String?
    let credits: Int
    let state: CheckoutState
  }

  func apply(_ session: StripeCheckoutSession, in transaction: inout Transaction) throws -> EventOutcome {
    guard let entitlement = try Entitlement(lockingAccountOf: session.id, in: &transaction) else { return .unknown }
    let account = entitlement.account
    let stored = try transaction.rows(
      """
      SELECT product, amount, currency, mode, customer_id, credits, state FROM checkouts
      WHERE account_id = \(account) AND session_id = \(session.id) FOR UPDATE
      """, as: StoredCheckout.self)
    guard let checkout = stored.first else { return .unknown }
    switch event.type {
    case "checkout.session.expired", "checkout.session.async_payment_failed":
      guard [.open, .pending].contains(checkout.state) else { return .duplicate }
      setState(event.type.hasSuffix("expired") ? .expired : .failed, of: session, account, in: &transaction)
      return .applied
    default: break
    }
    guard session.paymentStatus == "paid" || session.paymentStatus == "no_payment_required" else {
      guard checkout.state == .open else { return .duplicate }
      setState(.pending, of: session, account, in: &transaction)
      return .applied
    }
    // A checkout that was opened without a customer gets one from Stripe.
    guard session.amountTotal == checkout.amount, session.currency == checkout.currency, session.mode == checkout.mode,
      checkout.customerID == nil || session.customer == checkout.customerID
    else { return .mismatch }
    if checkout.state == .paid { return .duplicate }

    storePayment(of: session, account, hadCustomer: checkout.customerID != nil, in: &transaction)
    return try grant(checkout, paidBy: session, to: entitlement, in: &transaction)
  }

  private func setState(
    _ state: CheckoutState, of session: StripeCheckoutSession, _ account: UUID, in transaction: inout Transaction
  ) {
    transaction.send(
      "UPDATE checkouts SET state = \(state.rawValue) WHERE account_id = \(account) AND session_id = \(session.id)")
  }

  private func storePayment(
    of session: StripeCheckoutSession, _ account: UUID, hadCustomer: Bool, in transaction: inout Transaction
  ) {
    transaction.send(
      """
      UPDATE checkouts SET state = 'paid', paid_at = now(), payment_intent = \(session.paymentIntent),
        customer_id = \(session.customer)
      WHERE account_id = \(account) AND session_id = \(session.id)
      """)
    for reference in [session.paymentIntent, session.subscription].compactMap({ $0 }) {
      Self.addReference(reference, of: account, session: session.id, in: &transaction)
    }
    if !hadCustomer, let customer = session.customer {
      Self.addReference(customer, of: account, session: nil, in: &transaction)
    }
  }

  /// Adds the paid product to the account. An erased account gets nothing, and its new subscription is cancelled.
  private func grant(
    _ checkout: StoredCheckout, paidBy session: StripeCheckoutSession, to entitlement: Entitlement,
    in transaction: inout Transaction
  ) throws -> EventOutcome {
    let account = entitlement.account
    let details = "\(checkout.product), \(checkout.amount) \(checkout.currency)"
    if entitlement.isErased {
      Accounts.record("payment_after_erasure", details, of: account, by: "stripe", in: &transaction)
      if let subscription = session.subscription {
        StripeCancellation.enqueue(subscription, in: &transaction)
      }
      return .erased
    }
    if let subscription = session.subscription {
      try SubscriptionState(settings).link(
        subscription, of: account, to: session.id, product: checkout.product, at: event.created, in: &transaction)
    }
    Accounts.record("payment_received", details, of: account, by: "stripe", in: &transaction)
    if checkout.credits > 0 {
      try Credits(of: account).add(checkout.credits, .purchase, key: "checkout \(session.id)", in: &transaction)
      Accounts.record(
        "credits_bought", "\(checkout.credits), \(session.id)", of: account, by: "stripe", in: &transaction)
    }
    try Outbox.add(
      .paymentReceived(
        account: account, product: checkout.product, amount: checkout.amount, currency: checkout.currency),
      in: &transaction)
    try entitlement.update(checkout.mode == "payment" ? .bought : .subscribed, in: &transaction)
    return .applied
  }
}
