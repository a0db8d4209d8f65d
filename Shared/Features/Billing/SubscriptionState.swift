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
    "incomplete": 0, "trialing": 1, "active": 2, "past_due": 3, "unpaid": 4, "paused": 5, "incomplete_expired": 8, "canceled": 9,
  ]

  /// - Parameters:
  ///   - time: in seconds since 1970, when the event was made, or Stripe was asked.
  ///   - isFetched: whether Stripe was asked.
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
    let isErased = try Accounts.isErased(account, in: &transaction)
    if isErased, (Self.ranks[subscription.status] ?? 0) < 8 { try Self.cancelAtStripe(subscription.id, in: &transaction) }
    let plans = subscription.prices.compactMap { id -> Plan? in
      (settings.product(at: id) ?? (id == price ? product.flatMap(Product.named) : nil))?.subscribedPlan
    }
    guard let plan = plans.max(by: { $0.rank < $1.rank }) else { return .mismatch }
    if session != nil { try EventApplication.remember(subscription.id, of: account, session: session, in: &transaction) }
    let isCovered = subscription.status == "active" || subscription.status == "trialing"
    let covered = isCovered ? subscription.currentPeriodEnd ?? time : 0

    let known = try transaction.rows(
      """
      SELECT plan, status, as_of, is_fetched, covered_until FROM subscriptions
      WHERE account_id = \(account) AND subscription_id = \(subscription.id) FOR UPDATE
      """, as: String.self, String.self, Int.self, Bool.self, Int.self
    ).first
    guard let (oldPlan, oldStatus, asOf, wasFetched, coveredUntil) = known else {
      try transaction.execute(
        """
        INSERT INTO subscriptions (account_id, subscription_id, session_id, plan, status, as_of, is_fetched, covered_until)
        VALUES (\(account), \(subscription.id), \(session), \(plan.rawValue), \(subscription.status), \(time), \(isFetched), \(covered))
        """)
      try Entitlement.update(account, in: &transaction)
      return isErased ? .erased : .applied
    }
    let isSame = oldPlan == plan.rawValue && oldStatus == subscription.status
    let oldRank = Self.ranks[oldStatus] ?? 0, rank = Self.ranks[subscription.status] ?? 0
    var isNews = !isSame && oldRank < 8 && (rank >= 8 || time > asOf || isFetched && time == asOf)
    var isInDoubt = false
    if !isSame, !isNews, oldRank < 8, time == asOf {
      isInDoubt = true
      isNews = !wasFetched && (rank, plan.rank) > (oldRank, Plan(rawValue: oldPlan)?.rank ?? 0)
    }
    try transaction.execute(
      """
      UPDATE subscriptions SET plan = \(isNews ? plan.rawValue : oldPlan), status = \(isNews ? subscription.status : oldStatus),
        as_of = greatest(as_of, \(time)), is_fetched = CASE WHEN \(time) > as_of OR \(isFetched) THEN \(isFetched) ELSE is_fetched END,
        covered_until = \(max(covered, coveredUntil)), session_id = coalesce(session_id, \(session))
      WHERE account_id = \(account) AND subscription_id = \(subscription.id)
      """)
    if isInDoubt { try Self.askStripe(about: subscription.id, in: &transaction) }
    try Entitlement.update(account, in: &transaction)
    if isErased { return .erased }
    return isInDoubt ? .queued : isNews || covered > coveredUntil ? .applied : .duplicate
  }

  /// Makes a subscription that of a checkout that was paid. One of which nothing else is known yet counts as active for three days; by then
  /// its own events, or Stripe's answer, will have come.
  func link(
    _ subscription: String, of account: UUID, to session: String, product: String, at time: Int, in transaction: inout Transaction
  ) throws {
    guard let plan = Product.named(product)?.subscribedPlan else { return }
    let isNew = try transaction.execute(
      """
      INSERT INTO subscriptions (account_id, subscription_id, session_id, plan, status, as_of, covered_until)
      VALUES (\(account), \(subscription), \(session), \(plan.rawValue), 'active', 0, \(time + 3 * 86_400))
      ON CONFLICT (account_id, subscription_id) DO NOTHING
      """)
    if isNew == 1 {
      try Self.askStripe(about: subscription, in: &transaction)
    } else {
      try transaction.execute(
        """
        UPDATE subscriptions SET session_id = \(session)
        WHERE account_id = \(account) AND subscription_id = \(subscription) AND session_id IS NULL
        """)
    }
  }

  /// The kind of job that fetches a subscription.
  static let refreshKind = "stripe_subscription"

  static func askStripe(about subscription: String, in transaction: inout Transaction) throws {
    guard isID(subscription) else { return }
    try Jobs.enqueue(Job(refreshKind, payload: "{\"id\":\"\(subscription)\"}", priority: 10, key: subscription, maxAttempts: 12), in: &transaction)
  }

  /// The kind of job that ends a subscription.
  static let cancellationKind = "stripe_cancellation"

  /// Ends a subscription whose account was erased: nobody may pay for what they cannot use.
  static func cancelAtStripe(_ subscription: String, in transaction: inout Transaction) throws {
    guard isID(subscription) else { return }
    // Tried for three days and longer.
    try Jobs.enqueue(
      Job(cancellationKind, payload: "{\"id\":\"\(subscription)\"}", priority: 20, key: subscription, maxAttempts: 100), in: &transaction)
  }

  /// Ids are letters, digits and underscores; anything else is not asked about.
  private static func isID(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 == 0x5f || (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) }
  }
}

extension Plan {
  /// The greater gives more.
  var rank: Int { Plan.allCases.firstIndex(of: self) ?? 0 }
}
