import Accounts
import FoundationEssentials
import Metering
import Notifications
import Postgres

/// What an account's payments give it: computed afresh from what is known, after every change of that.
enum Entitlement {
  /// How long a plan outlasts what was paid for: while a renewal is tried again, or the news of it is late.
  private static let grace = 7 * 86_400

  static func update(_ account: UUID, in transaction: inout Transaction) throws {
    // One at a time. Rows that refer to the account may be written meanwhile.
    let before = try transaction.rows(
      """
      SELECT bought_plan, subscribed_plan, subscribed_until, erased_at IS NOT NULL FROM accounts WHERE account_id = \(account)
      FOR NO KEY UPDATE
      """, as: String.self, String.self, Date?.self, Bool.self)[0]
    let bought = try boughtPlan(of: account, in: &transaction)
    // What was paid back still leaves the books; nothing comes to an account that was erased.
    if before.3 { return }
    let (plan, until) = try subscription(of: account, in: &transaction)
    let end = until.map { Date(timeIntervalSince1970: Double($0)) }
    guard before.0 != bought.rawValue || before.1 != plan.rawValue || before.2 != end else { return }
    try transaction.execute(
      """
      UPDATE accounts SET bought_plan = \(bought.rawValue), subscribed_plan = \(plan.rawValue), subscribed_until = \(end)
      WHERE account_id = \(account)
      """)
    guard before.0 != bought.rawValue || before.1 != plan.rawValue else { return }
    try Accounts.record(
      "plan_changed", "bought \(before.0) to \(bought.rawValue), subscribed \(before.1) to \(plan.rawValue)", of: account, by: "stripe",
      in: &transaction)
    try Outbox.add(.planChanged(account: account, plan: Plan.greatest(of: [bought.rawValue, plan.rawValue])), in: &transaction)
  }

  /// The best plan that was bought once and not paid back whole; takes back the credits of what was paid back, in proportion.
  private static func boughtPlan(of account: UUID, in transaction: inout Transaction) throws -> Plan {
    let paid = try transaction.rows(
      """
      SELECT session_id, product, amount, credits, coalesce(\(unsafeSQL: Reversal.sum(of: "checkouts.payment_intent")), 0) FROM checkouts
      WHERE account_id = \(account) AND state = 'paid' AND mode = 'payment' ORDER BY session_id
      """, as: String.self, String.self, Int.self, Int.self, Int.self)
    var best = Plan.free
    for (session, product, amount, credits, reversed) in paid {
      if credits > 0 {
        try Credits(of: account).reverse(credits * min(reversed, amount) / amount, key: "checkout \(session)", in: &transaction)
      } else if reversed < amount, case .plan(let plan)? = Product.named(product)?.gives, plan.rank > best.rank {
        best = plan
      }
    }
    return best
  }

  /// The best plan subscribed to, and until when, in seconds since 1970.
  private static func subscription(of account: UUID, in transaction: inout Transaction) throws -> (Plan, Int?) {
    let subscriptions = try transaction.rows(
      """
      SELECT plan, covered_until,
        (SELECT max(period_end) FROM subscription_invoices i WHERE i.account_id = s.account_id AND i.subscription_id = s.subscription_id
          AND \(unsafeSQL: givenBack) < greatest(amount, 1)),
        (SELECT max(period_end) FROM subscription_invoices i WHERE i.account_id = s.account_id AND i.subscription_id = s.subscription_id
          AND \(unsafeSQL: givenBack) >= greatest(amount, 1))
      FROM subscriptions s WHERE account_id = \(account) AND session_id IS NOT NULL AND status IN ('active', 'trialing', 'past_due')
      """, as: String.self, Int.self, Int?.self, Int?.self)
    var best = (plan: Plan.free, until: Int?.none)
    for (name, covered, paid, paidBack) in subscriptions {
      guard let plan = Plan(rawValue: name) else { continue }
      // What Stripe calls active is not, where the money for it went back.
      let told = covered > (paidBack ?? 0) ? covered : 0
      let end = max(told, paid ?? 0)
      guard end > 0 else { continue }
      let until = end + (paidBack ?? 0 > end ? 0 : grace)
      if plan.rank > best.plan.rank || plan == best.plan && until > best.until ?? 0 { best = (plan, until) }
    }
    return best
  }

  /// SQL for what was given back of an invoice's payments.
  private static let givenBack = """
    coalesce((SELECT sum(\(Reversal.sum(of: "p.payment_intent"))) FROM invoice_payments p WHERE p.invoice_id = i.invoice_id), 0)
    """
}
