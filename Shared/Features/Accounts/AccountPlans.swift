package import FoundationEssentials
package import Postgres

/// The plans of one account, from all sources, as they were when its row was locked.
///
/// The plan in effect is the greatest of the granted plan, the bought plan and the current subscribed plan.
package struct AccountPlans: Sendable, Equatable {
  /// The plans that the account's own payments give.
  package struct Paid: Sendable, Equatable {
    /// The greatest plan that was bought with a single payment.
    package var bought: Plan
    /// The greatest plan that is paid by the month; it applies until `subscribedUntil`.
    package var subscribed: Plan
    package var subscribedUntil: Date?
    /// A lesser plan that is paid for longer; it applies from `subscribedUntil` until `nextUntil`.
    package var next: Plan
    package var nextUntil: Date?

    /// The end of each paid period.
    package var periodEnds: Set<Date> { Set([subscribedUntil, nextUntil].compactMap { $0 }) }
  }

  package let account: UUID
  package let isErased: Bool
  /// The plan that an operator granted.
  package let granted: Plan
  package let paid: Paid
  /// The plan in the last `plan.changed` notification.
  package let notified: Plan
  /// The start of the transaction, by the database's clock.
  package let now: Date

  /// Locks the account's row until the transaction ends, and returns its plans.
  ///
  /// The lock excludes other callers of this function, and an erasure. Other transactions can still insert rows that
  /// refer to the account.
  ///
  /// - Returns: nil if the account does not exist.
  package static func lock(_ account: UUID, in transaction: inout Transaction) throws(DatabaseError) -> AccountPlans? {
    try transaction.rows(
      """
      SELECT account_id, plan, bought_plan, subscribed_plan, subscribed_until, next_plan, next_until, told_plan,
        erased_at IS NOT NULL AS is_erased, now() AS now
      FROM accounts WHERE account_id = \(account) FOR NO KEY UPDATE
      """, as: Row.self
    ).first.map(AccountPlans.init)
  }

  /// Returns the plan in effect with these paid plans.
  package func effective(with paid: Paid) -> Plan {
    let current =
      paid.subscribedUntil.map { $0 > now } == true
      ? paid.subscribed : paid.nextUntil.map { $0 > now } == true ? paid.next : .free
    return max(granted, paid.bought, current)
  }

  /// Stores the paid plans, and the plan that the caller sends a notification about in the same transaction.
  package func store(_ paid: Paid, notified: Plan, in transaction: inout Transaction) {
    transaction.send(
      """
      UPDATE accounts SET bought_plan = \(paid.bought.rawValue), subscribed_plan = \(paid.subscribed.rawValue),
        subscribed_until = \(paid.subscribedUntil), next_plan = \(paid.next.rawValue), next_until = \(paid.nextUntil),
        told_plan = \(notified.rawValue)
      WHERE account_id = \(account)
      """)
  }

  /// Stores only the plan that the caller sends a notification about in the same transaction.
  package func store(notified: Plan, in transaction: inout Transaction) {
    transaction.send("UPDATE accounts SET told_plan = \(notified.rawValue) WHERE account_id = \(account)")
  }

  private struct Row: Decodable {
    let accountID: UUID
    let plan: Plan
    let boughtPlan: Plan
    let subscribedPlan: Plan
    let subscribedUntil: Date?
    let nextPlan: Plan
    let nextUntil: Date?
    let toldPlan: Plan
    let isErased: Bool
    let now: Date
  }

  private init(_ row: Row) {
    account = row.accountID
    isErased = row.isErased
    granted = row.plan
    paid = Paid(
      bought: row.boughtPlan, subscribed: row.subscribedPlan, subscribedUntil: row.subscribedUntil, next: row.nextPlan,
      nextUntil: row.nextUntil)
    notified = row.toldPlan
    now = row.now
  }
}
