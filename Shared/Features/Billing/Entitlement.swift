import Accounts
import FoundationEssentials
import Metering
import Notifications
import Postgres

/// What an account's payments give it: computed afresh from what is known, after every change of that.
enum Entitlement {
  /// Brings the account in line; its row is locked already, before anything of it was read.
  static func update(_ account: UUID, in transaction: inout Transaction) throws {
    let before = try transaction.rows(
      "SELECT bought_plan, subscribed_plan, subscribed_until, next_plan, next_until, \(unsafeSQL: Accounts.planColumns), erased_at IS NOT NULL FROM accounts WHERE account_id = \(account)",
      as: String.self, String.self, Date?.self, String.self, Date?.self, String.self, String.self, String.self, Bool.self)[0]
    let bought = try boughtPlan(of: account, in: &transaction)
    // What was paid back still leaves the books; nothing comes to an account that was erased.
    if before.8 { return }
    let subscribed = try subscribedPlans(of: account, in: &transaction)
    let best = subscribed.first, next = subscribed.dropFirst().first
    let plan = best?.plan ?? .free, nextPlan = next?.plan ?? .free
    guard
      before.0 != bought.rawValue || before.1 != plan.rawValue || before.2 != best?.date || before.3 != nextPlan.rawValue || before.4 != next?.date
    else { return }
    let after = try transaction.rows(
      """
      UPDATE accounts SET bought_plan = \(bought.rawValue), subscribed_plan = \(plan.rawValue), subscribed_until = \(best?.date),
        next_plan = \(nextPlan.rawValue), next_until = \(next?.date)
      WHERE account_id = \(account) RETURNING \(unsafeSQL: Accounts.planColumns)
      """, as: String.self, String.self, String.self)[0]
    if before.0 != bought.rawValue || before.1 != plan.rawValue {
      try Accounts.record(
        "plan_changed", "bought \(before.0) to \(bought.rawValue), subscribed \(before.1) to \(plan.rawValue)", of: account, by: "stripe",
        in: &transaction)
    }
    // What holds, with what was granted: nobody is told of a change that none sees.
    let held = Plan.greatest(of: [before.5, before.6, before.7]), holds = Plan.greatest(of: [after.0, after.1, after.2])
    if held != holds { try Outbox.add(.planChanged(account: account, plan: holds), in: &transaction) }
  }

  /// The best plan that was bought once and not paid back whole; takes back the credits of what was paid back, in proportion.
  private static func boughtPlan(of account: UUID, in transaction: inout Transaction) throws -> Plan {
    let paid = try transaction.rows(
      """
      SELECT session_id, product, amount, credits, credits_reversed, coalesce(\(unsafeSQL: Reversal.sum(of: "checkouts.payment_intent")), 0)
      FROM checkouts WHERE account_id = \(account) AND state = 'paid' AND mode = 'payment' ORDER BY session_id
      """, as: String.self, String.self, Int.self, Int.self, Int.self, Int.self)
    var best = Plan.free
    for (session, product, amount, credits, taken, reversed) in paid {
      if credits > 0 {
        let due = credits * min(max(0, reversed), amount) / amount
        guard due != taken else { continue }
        try Credits(of: account).reverse(due, key: "checkout \(session)", in: &transaction)
        try transaction.execute(
          "UPDATE checkouts SET credits_reversed = \(due) WHERE account_id = \(account) AND session_id = \(session)")
        try Accounts.record("credits_reversed", "\(due) of \(credits), \(session)", of: account, by: "stripe", in: &transaction)
      } else if reversed < amount, case .plan(let plan)? = Product.named(product)?.gives, plan.rank > best.rank {
        best = plan
      }
    }
    return best
  }

  /// The plans that are paid by the month, the best first, each with its end; of the lesser ones those that last longer.
  private static func subscribedPlans(of account: UUID, in transaction: inout Transaction) throws -> [(plan: Plan, date: Date)] {
    let rows = try transaction.rows(
      """
      SELECT s.subscription_id, s.plan, s.status <> 'past_due', s.is_paused, s.covered_until, i.invoice_id IS NOT NULL,
        l.plan, l.amount, l.period_start, l.period_end, \(unsafeSQL: givenBack) >= greatest(i.amount, 1)
      FROM subscriptions s LEFT JOIN subscription_invoices i USING (account_id, subscription_id) LEFT JOIN invoice_lines l USING (account_id, invoice_id)
      WHERE account_id = \(account) AND session_id IS NOT NULL AND status IN ('active', 'trialing', 'past_due')
      """,
      as: String.self, String.self, Bool.self, Bool.self, Int.self, Bool.self, String?.self, Int?.self, Int?.self, Int?.self, Bool.self)
    var subscriptions: [String: PaidTime] = [:]
    for (id, ownPlan, isActive, isPaused, covered, hasInvoice, plan, amount, start, end, isGone) in rows {
      var time = subscriptions[id] ?? PaidTime(isPaused: isPaused)
      if !hasInvoice {
        // Its first invoice is on its way.
        if isActive, !isPaused, let plan = Plan(rawValue: ownPlan) { time.believed = (plan, covered) }
      } else if let amount, let start, let end, let plan = Plan(rawValue: plan ?? ownPlan) {
        time.lines.append(.init(plan: plan, amount: amount, start: start, end: end, isGivenBack: isGone))
      }
      subscriptions[id] = time
    }
    var ends: [Plan: Int] = [:]
    for time in subscriptions.values { ends.merge(time.ends) { max($0, $1) } }
    var last = 0
    return ends.sorted { $0.key.rank > $1.key.rank }.compactMap { plan, end in
      guard end > last else { return nil }
      last = end
      return (plan, Date(timeIntervalSince1970: Double(end)))
    }
  }

  /// SQL for what was given back of an invoice's payments.
  private static let givenBack = """
    coalesce((SELECT sum(\(Reversal.sum(of: "p.payment_intent"))) FROM invoice_payments p WHERE p.invoice_id = i.invoice_id), 0)
    """
}
