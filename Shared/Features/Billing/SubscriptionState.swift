import Accounts
import FoundationEssentials
import Jobs
import Postgres
import Stripe

/// What is known of a subscription, from events in any order and from asking.
struct SubscriptionState {
  private let settings: BillingSettings

  init(_ settings: BillingSettings) { self.settings = settings }

  /// How far a subscription is where two events of one second disagree; from 8 on it never comes back
  /// (docs.stripe.com/billing/subscriptions/overview, "Subscription statuses").
  private static let ranks = [
    "incomplete": 0, "trialing": 1, "active": 2, "past_due": 3, "unpaid": 4, "paused": 5, "incomplete_expired": 8,
    "canceled": 9,
  ]

  /// - Parameters:
  ///   - time: in seconds since 1970, when the event was made, or Stripe was asked.
  ///   - isFetched: whether Stripe was asked.
  /// - Throws: ``AskedTooEarly``, where it was asked and something of that second, or later, is known.
  func apply(
    _ subscription: StripeSubscription, asOf time: Int, isFetched: Bool, in transaction: inout Transaction
  ) throws -> EventOutcome {
    let found = try transaction.rows(
      """
      SELECT stripe_references.account_id, stripe_references.session_id, customer_id, price_id, product FROM stripe_references
        LEFT JOIN checkouts ON checkouts.account_id = stripe_references.account_id AND checkouts.session_id = stripe_references.session_id
      WHERE reference IN (\(subscription.id), \(subscription.metadata["checkout"]), \(subscription.customer))
      ORDER BY checkouts.session_id IS NULL LIMIT 1
      """, as: UUID.self, String?.self, String?.self, String?.self, String?.self)
    guard let (account, session, customer, price, product) = found.first else { return .unknown }
    if let customer, customer != subscription.customer { return .mismatch }
    guard let entitlement = try Entitlement(locking: account, in: &transaction) else { return .unknown }
    let isErased = entitlement.isErased
    if isErased, (Self.ranks[subscription.status] ?? 0) < 8 { Self.cancelAtStripe(subscription.id, in: &transaction) }
    let plans = subscription.prices.compactMap { id -> Plan? in
      (settings.product(at: id) ?? (id == price ? product.flatMap(Product.named) : nil))?.subscribedPlan
    }
    guard let plan = plans.max(by: { $0.rank < $1.rank }) else { return .mismatch }
    if session != nil { EventApplication.remember(subscription.id, of: account, session: session, in: &transaction) }
    // Stripe made the customer, where the page was opened without: their other events name nothing else.
    if session != nil, customer == nil {
      EventApplication.remember(subscription.customer, of: account, session: nil, in: &transaction)
    }
    // What is active is not yet paid: a renewal is called so an hour before its invoice is even finalised.
    let isPaused = subscription.pause != nil
    let isActive = !isPaused && (subscription.status == "active" || subscription.status == "trialing")
    let covered = isActive ? time + PaidTime.trust : 0

    let known = try transaction.rows(
      """
      SELECT plan, status, is_paused, as_of, is_fetched, covered_until FROM subscriptions
      WHERE account_id = \(account) AND subscription_id = \(subscription.id)
      """, as: String.self, String.self, Bool.self, Int.self, Bool.self, Int.self
    ).first
    guard let (oldPlan, oldStatus, wasPaused, asOf, wasFetched, coveredUntil) = known else {
      transaction.send(
        """
        INSERT INTO subscriptions (account_id, subscription_id, session_id, plan, status, is_paused, as_of, is_fetched, covered_until)
        VALUES (\(account), \(subscription.id), \(session), \(plan.rawValue), \(subscription.status), \(isPaused), \(time), \(isFetched), \(covered))
        """)
      try entitlement.update(.subscribed, in: &transaction)
      return isErased ? .erased : .applied
    }
    let isSame = oldPlan == plan.rawValue && oldStatus == subscription.status && wasPaused == isPaused
    let oldRank = Self.ranks[oldStatus] ?? 0
    let rank = Self.ranks[subscription.status] ?? 0
    var isNews = !isSame && oldRank < 8 && (rank >= 8 || time > asOf)
    var isInDoubt = false
    if isFetched, !isSame, !isNews, oldRank < 8 { throw AskedTooEarly() }
    if !isSame, !isNews, oldRank < 8, time == asOf {
      isInDoubt = true
      isNews =
        !wasFetched
        && (rank, plan.rank, isPaused ? 1 : 0) > (oldRank, Plan(rawValue: oldPlan)?.rank ?? 0, wasPaused ? 1 : 0)
    }
    transaction.send(
      """
      UPDATE subscriptions SET plan = \(isNews ? plan.rawValue : oldPlan), status = \(isNews ? subscription.status : oldStatus),
        is_paused = \(isNews ? isPaused : wasPaused),
        as_of = greatest(as_of, \(time)), is_fetched = CASE WHEN \(time) > as_of OR \(isFetched) THEN \(isFetched) ELSE is_fetched END,
        covered_until = \(max(covered, coveredUntil)), session_id = coalesce(session_id, \(session))
      WHERE account_id = \(account) AND subscription_id = \(subscription.id)
      """)
    if isInDoubt { StripeObject.subscription(subscription.id).ask(in: &transaction) }
    try entitlement.update(.subscribed, in: &transaction)
    if isErased { return .erased }
    return isInDoubt ? .queued : isNews || covered > coveredUntil ? .applied : .duplicate
  }

  /// Makes a subscription that of a checkout that was paid. One of which nothing else is known yet counts as active for
  /// a few days; by then
  /// its own events, or Stripe's answer, will have come.
  func link(
    _ subscription: String, of account: UUID, to session: String, product: String, at time: Int,
    in transaction: inout Transaction
  ) throws {
    guard let plan = Product.named(product)?.subscribedPlan else { return }
    let isNew = try transaction.execute(
      """
      INSERT INTO subscriptions (account_id, subscription_id, session_id, plan, status, as_of, covered_until)
      VALUES (\(account), \(subscription), \(session), \(plan.rawValue), 'active', 0, \(time + PaidTime.trust))
      ON CONFLICT (account_id, subscription_id) DO NOTHING
      """)
    if isNew == 1 {
      StripeObject.subscription(subscription).ask(in: &transaction)
    } else {
      transaction.send(
        """
        UPDATE subscriptions SET session_id = \(session)
        WHERE account_id = \(account) AND subscription_id = \(subscription) AND session_id IS NULL
        """)
    }
  }

  /// The kind of job that ends a subscription.
  static let cancellationKind = "stripe_cancellation"

  /// Ends a subscription whose account was erased: nobody may pay for what they cannot use.
  static func cancelAtStripe(_ subscription: String, in transaction: inout Transaction) {
    guard StripeObject.isID(subscription) else { return }
    // Tried for three days and longer.
    Jobs.enqueue(
      Job(cancellationKind, payload: "{\"id\":\"\(subscription)\"}", priority: 20, key: subscription, maxAttempts: 100),
      in: &transaction)
  }
}

extension Plan {
  /// The greater gives more.
  var rank: Int { Plan.allCases.firstIndex(of: self) ?? 0 }
}
