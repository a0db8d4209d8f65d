import Accounts
import FoundationEssentials
import Metering
import Notifications
import Postgres

/// What an account's payments give it: computed afresh from what is known, after every change of that.
struct Entitlement {
  /// What an event may have changed, which is all that is computed.
  enum Part {
    /// What was bought once.
    case bought
    /// What is paid by the month.
    case subscribed
    case both
  }

  let account: UUID
  let isErased: Bool
  private let granted: String
  /// Of what the operator's endpoints were told last.
  private let told: String
  private let before: Plans
  /// The database's clock.
  private let now: Date

  private struct Plans: Equatable {
    var bought: String
    var subscribed: String
    var until: Date?
    var next: String
    var nextUntil: Date?

    /// The best of what holds.
    func best(with granted: String, at now: Date) -> Plan {
      let current =
        until.map { $0 > now } == true ? subscribed : nextUntil.map { $0 > now } == true ? next : Plan.free.rawValue
      return Plan.greatest(of: [granted, bought, current])
    }
  }

  /// Locks the account's row: before anything of the account is read, and before its credits, in every event, so that
  /// whoever has it works on
  /// the account alone. Rows that refer to the account may be written meanwhile.
  ///
  /// - Returns: nil where there is no such account.
  init?(locking account: UUID, in transaction: inout Transaction) throws {
    let found = try Self.rows(
      "\(unsafeSQL: Self.columns) WHERE account_id = \(account) FOR NO KEY UPDATE", in: &transaction)
    guard let row = found.first else { return nil }
    self.init(row)
  }

  /// As ``init(locking:in:)``, of the account that one of Stripe's ids stands for; nil where none is known.
  init?(lockingAccountOf reference: String, in transaction: inout Transaction) throws {
    let found = try Self.rows(
      """
      \(unsafeSQL: Self.columns) WHERE account_id = (SELECT account_id FROM stripe_references WHERE reference = \(reference)) FOR NO KEY UPDATE
      """, in: &transaction)
    guard let row = found.first else { return nil }
    self.init(row)
  }

  private typealias Row = (UUID, String, String, String, Date?, String, Date?, Bool, Date, String)

  private static let columns = """
    SELECT account_id, plan, bought_plan, subscribed_plan, subscribed_until, next_plan, next_until, erased_at IS NOT NULL, now(), told_plan
    FROM accounts
    """

  private static func rows(_ query: Query, in transaction: inout Transaction) throws -> [Row] {
    try transaction.rows(
      query, as: UUID.self, String.self, String.self, String.self, Date?.self, String.self, Date?.self, Bool.self,
      Date.self,
      String.self)
  }

  private init(_ row: Row) {
    account = row.0
    granted = row.1
    before = Plans(bought: row.2, subscribed: row.3, until: row.4, next: row.5, nextUntil: row.6)
    isErased = row.7
    now = row.8
    told = row.9
  }

  /// Brings the account in line with what its payments are by now.
  func update(_ part: Part, in transaction: inout Transaction) throws {
    var after = before
    if part != .subscribed { after.bought = try boughtPlan(in: &transaction).rawValue }
    // What was paid back still leaves the books; nothing comes to an account that was erased.
    if isErased { return }
    if part != .bought {
      let plans = try subscribedPlans(in: &transaction)
      let best = plans.first
      let next = plans.dropFirst().first
      (after.subscribed, after.until) = ((best?.plan ?? .free).rawValue, best?.date)
      (after.next, after.nextUntil) = ((next?.plan ?? .free).rawValue, next?.date)
    }
    let holds = after.best(with: granted, at: now)
    guard after != before || holds.rawValue != told else { return }
    transaction.send(
      """
      UPDATE accounts SET bought_plan = \(after.bought), subscribed_plan = \(after.subscribed), subscribed_until = \(after.until),
        next_plan = \(after.next), next_until = \(after.nextUntil), told_plan = \(holds.rawValue)
      WHERE account_id = \(account)
      """)
    if (before.bought, before.subscribed) != (after.bought, after.subscribed) {
      Accounts.record(
        "plan_changed",
        "bought \(before.bought) to \(after.bought), subscribed \(before.subscribed) to \(after.subscribed)",
        of: account, by: "stripe",
        in: &transaction)
    }
    // Nobody is told of a change that none sees.
    if holds.rawValue != told { try Outbox.add(.planChanged(account: account, plan: holds), in: &transaction) }
    for end in Set([after.until, after.nextUntil].compactMap { $0 }).subtracting(
      [before.until, before.nextUntil].compactMap { $0 }) where end > now
    {
      PlanEnd.plan(account, at: end, in: &transaction)
    }
  }

  /// Tells of a plan that holds no more because its time is over, unless that was told.
  func tellOfEnd(in transaction: inout Transaction) throws {
    let holds = before.best(with: granted, at: now)
    guard !isErased, holds.rawValue != told else { return }
    transaction.send("UPDATE accounts SET told_plan = \(holds.rawValue) WHERE account_id = \(account)")
    Accounts.record("plan_ended", "\(told) to \(holds.rawValue)", of: account, by: "time", in: &transaction)
    try Outbox.add(.planChanged(account: account, plan: holds), in: &transaction)
  }

  /// The best plan that was bought once and not paid back whole; takes back the credits of what was paid back, in
  /// proportion.
  private func boughtPlan(in transaction: inout Transaction) throws -> Plan {
    let rows = try transaction.rows(
      """
      SELECT session_id, product, c.amount, credits, credits_reversed, payment_intent, kind, r.amount, counts
      FROM checkouts c LEFT JOIN payment_reversals r USING (payment_intent)
      WHERE account_id = \(account) AND state = 'paid' AND mode = 'payment' ORDER BY session_id
      """,
      as: String.self, String.self, Int.self, Int.self, Int.self, String?.self, String?.self, Int?.self, Bool?.self)
    var reversals: [String: Reversal.Sum] = [:]
    for row in rows {
      if let payment = row.5, let kind = row.6, let amount = row.7, let counts = row.8 {
        reversals[payment, default: .init()].add(kind, amount, counts)
      }
    }
    var best = Plan.free
    var last: String?
    for (session, product, amount, credits, taken, payment, _, _, _) in rows where session != last {
      last = session
      let reversed = payment.flatMap { reversals[$0] }?.amount ?? 0
      if credits > 0 {
        let due = credits * min(max(0, reversed), amount) / amount
        guard due != taken else { continue }
        try Credits(of: account).reverse(due, key: "checkout \(session)", in: &transaction)
        transaction.send(
          "UPDATE checkouts SET credits_reversed = \(due) WHERE account_id = \(account) AND session_id = \(session)")
        Accounts.record(
          "credits_reversed", "\(due) of \(credits), \(session)", of: account, by: "stripe", in: &transaction)
      } else if reversed < amount, case .plan(let plan)? = Product.named(product)?.gives, plan.rank > best.rank {
        best = plan
      }
    }
    return best
  }

  /// The plans that are paid by the month, the best first, each with its end; of the lesser ones those that last
  /// longer.
  private func subscribedPlans(in transaction: inout Transaction) throws -> [(plan: Plan, date: Date)] {
    let rows = try transaction.rows(
      """
      SELECT s.subscription_id, s.plan, s.status <> 'past_due', s.is_paused, s.covered_until, i.invoice_id, i.amount,
        l.plan, l.amount, l.period_start, l.period_end
      FROM subscriptions s LEFT JOIN subscription_invoices i USING (account_id, subscription_id) LEFT JOIN invoice_lines l USING (account_id, invoice_id)
      WHERE account_id = \(account) AND session_id IS NOT NULL AND status IN ('active', 'trialing', 'past_due')
      """,
      as: String.self, String.self, Bool.self, Bool.self, Int.self, String?.self, Int?.self, String?.self, Int?.self,
      Int?.self, Int?.self)
    let givenBack = try reversalsOfInvoices(in: &transaction)
    var subscriptions: [String: PaidTime] = [:]
    for (id, ownPlan, isActive, isPaused, covered, invoice, total, plan, amount, start, end) in rows {
      var time = subscriptions[id] ?? PaidTime(isPaused: isPaused)
      if let invoice, let total {
        if let amount, let start, let end, let plan = Plan(rawValue: plan ?? ownPlan) {
          let isGivenBack = givenBack[invoice, default: 0] >= max(total, 1)
          time.lines.append(.init(plan: plan, amount: amount, start: start, end: end, isGivenBack: isGivenBack))
        }
      } else if isActive, !isPaused, let plan = Plan(rawValue: ownPlan) {
        // Its first invoice is on its way.
        time.believed = (plan, covered)
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

  /// What was given back of the payments of each invoice of which something was, in the currency's smallest unit.
  private func reversalsOfInvoices(in transaction: inout Transaction) throws -> [String: Int] {
    let rows = try transaction.rows(
      """
      SELECT invoice_id, payment_intent, kind, r.amount, counts
      FROM subscription_invoices JOIN invoice_payments USING (invoice_id) JOIN payment_reversals r USING (payment_intent)
      WHERE account_id = \(account)
      """, as: String.self, String.self, String.self, Int.self, Bool.self)
    var sums: [String: [String: Reversal.Sum]] = [:]
    for (invoice, payment, kind, amount, counts) in rows {
      sums[invoice, default: [:]][payment, default: .init()].add(kind, amount, counts)
    }
    return sums.mapValues { $0.values.reduce(0) { $0 + $1.amount } }
  }
}
