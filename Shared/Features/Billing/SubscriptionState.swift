import Accounts
import FoundationEssentials
import Postgres
import Stripe

/// Stores the state of subscriptions, from events in any order and from fetched objects.
struct SubscriptionState {
  private let settings: BillingSettings

  init(_ settings: BillingSettings) { self.settings = settings }

  /// Applies a reported state of a subscription.
  ///
  /// - Parameters:
  ///   - time: when the event was created or the state was fetched, in seconds since 1970 by Stripe's clock.
  ///   - isFetched: whether the state was fetched from Stripe.
  /// - Throws: ``FetchedTooEarly`` if the state was fetched, and a different state of the same second or later is
  ///   stored.
  func apply(
    _ subscription: StripeSubscription, asOf time: Int, isFetched: Bool, in transaction: inout Transaction
  ) throws -> EventOutcome {
    guard let owner = try owner(of: subscription, in: &transaction) else { return .unknown }
    if let customer = owner.customerID, customer != subscription.customer { return .mismatch }
    guard let entitlement = try Entitlement(locking: owner.accountID, in: &transaction) else { return .unknown }
    if entitlement.isErased, !SubscriptionSnapshot.isFinal(subscription.status) {
      StripeCancellation.enqueue(subscription.id, in: &transaction)
    }
    guard let plan = plan(of: subscription, owner) else { return .mismatch }
    let reported = SubscriptionSnapshot(
      plan: plan, status: subscription.status, isPaused: subscription.pause != nil, asOf: time, isFetched: isFetched)
    addReferences(of: subscription, owner, in: &transaction)
    let outcome = try store(reported, of: subscription.id, owner, in: &transaction)
    try entitlement.update(.subscribed, in: &transaction)
    return entitlement.isErased ? .erased : outcome
  }

  /// The account that a subscription belongs to, and the checkout that it came from if that is known.
  private struct Owner: Decodable {
    let accountID: UUID
    let sessionID: String?
    let customerID: String?
    let priceID: String?
    let product: String?
  }

  private func owner(of subscription: StripeSubscription, in transaction: inout Transaction) throws -> Owner? {
    try transaction.rows(
      """
      SELECT stripe_references.account_id, stripe_references.session_id, customer_id, price_id, product
      FROM stripe_references
        LEFT JOIN checkouts ON checkouts.account_id = stripe_references.account_id
          AND checkouts.session_id = stripe_references.session_id
      WHERE reference IN (\(subscription.id), \(subscription.metadata["checkout"]), \(subscription.customer))
      ORDER BY checkouts.session_id IS NULL LIMIT 1
      """, as: Owner.self
    ).first
  }

  /// The greatest plan among the subscription's prices.
  ///
  /// The price of the checkout counts even if the price setting has changed since.
  private func plan(of subscription: StripeSubscription, _ owner: Owner) -> Plan? {
    subscription.prices.compactMap { price -> Plan? in
      let product =
        settings.product(at: price) ?? (price == owner.priceID ? owner.product.flatMap(Product.named) : nil)
      return product?.subscribedPlan
    }.max { $0.rank < $1.rank }
  }

  private func addReferences(of subscription: StripeSubscription, _ owner: Owner, in transaction: inout Transaction) {
    guard let session = owner.sessionID else { return }
    EventApplication.addReference(subscription.id, of: owner.accountID, session: session, in: &transaction)
    // Stripe created the customer, because the checkout was opened without one. Other events may name only the
    // customer.
    if owner.customerID == nil {
      EventApplication.addReference(subscription.customer, of: owner.accountID, session: nil, in: &transaction)
    }
  }

  /// A row of `subscriptions`.
  private struct StoredState: Decodable {
    let plan: Plan
    let status: String
    let isPaused: Bool
    let asOf: Int
    let isFetched: Bool
    let coveredUntil: Int

    var snapshot: SubscriptionSnapshot {
      SubscriptionSnapshot(plan: plan, status: status, isPaused: isPaused, asOf: asOf, isFetched: isFetched)
    }
  }

  private func store(
    _ reported: SubscriptionSnapshot, of subscription: String, _ owner: Owner, in transaction: inout Transaction
  ) throws -> EventOutcome {
    // An active subscription is not paid yet: Stripe starts a new period an hour before it finalises the invoice.
    let isActive = !reported.isPaused && ["active", "trialing"].contains(reported.status)
    let coveredUntil = isActive ? reported.asOf + PaidPeriods.provisionalPeriod : 0
    let stored = try transaction.rows(
      """
      SELECT plan, status, is_paused, as_of, is_fetched, covered_until FROM subscriptions
      WHERE account_id = \(owner.accountID) AND subscription_id = \(subscription)
      """, as: StoredState.self
    ).first
    guard let stored else {
      transaction.send(
        """
        INSERT INTO subscriptions (account_id, subscription_id, session_id, plan, status, is_paused, as_of, is_fetched,
          covered_until)
        VALUES (\(owner.accountID), \(subscription), \(owner.sessionID), \(reported.plan.rawValue), \(reported.status),
          \(reported.isPaused), \(reported.asOf), \(reported.isFetched), \(coveredUntil))
        """)
      return .applied
    }
    let decision = SubscriptionSnapshot.decide(stored: stored.snapshot, reported: reported)
    let replaces: Bool
    switch decision {
    case .fetchAgain: throw FetchedTooEarly()
    case .replace: replaces = true
    case .keep: replaces = false
    case .ambiguous(let isReported): replaces = isReported
    }
    let state = replaces ? reported : stored.snapshot
    transaction.send(
      """
      UPDATE subscriptions SET plan = \(state.plan.rawValue), status = \(state.status), is_paused = \(state.isPaused),
        as_of = greatest(as_of, \(reported.asOf)),
        is_fetched = CASE WHEN \(reported.asOf) > as_of OR \(reported.isFetched) THEN \(reported.isFetched)
          ELSE is_fetched END,
        covered_until = \(max(coveredUntil, stored.coveredUntil)), session_id = coalesce(session_id, \(owner.sessionID))
      WHERE account_id = \(owner.accountID) AND subscription_id = \(subscription)
      """)
    if case .ambiguous = decision {
      StripeObject.subscription(subscription).enqueueRefresh(in: &transaction)
      return .queued
    }
    return replaces || coveredUntil > stored.coveredUntil ? .applied : .duplicate
  }

  /// Links a subscription to its paid checkout.
  ///
  /// A subscription without any event yet counts as active for ``PaidPeriods/provisionalPeriod``, and its state is
  /// fetched from Stripe.
  func link(
    _ subscription: String, of account: UUID, to session: String, product: String, at time: Int,
    in transaction: inout Transaction
  ) throws {
    guard let plan = Product.named(product)?.subscribedPlan else { return }
    let inserted = try transaction.execute(
      """
      INSERT INTO subscriptions (account_id, subscription_id, session_id, plan, status, as_of, covered_until)
      VALUES (\(account), \(subscription), \(session), \(plan.rawValue), 'active', 0,
        \(time + PaidPeriods.provisionalPeriod))
      ON CONFLICT (account_id, subscription_id) DO NOTHING
      """)
    if inserted == 1 {
      StripeObject.subscription(subscription).enqueueRefresh(in: &transaction)
    } else {
      transaction.send(
        """
        UPDATE subscriptions SET session_id = \(session)
        WHERE account_id = \(account) AND subscription_id = \(subscription) AND session_id IS NULL
        """)
    }
  }
}
