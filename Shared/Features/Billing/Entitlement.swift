import Accounts
import FoundationEssentials
import Notifications
import Postgres

/// Computes the plans and credits that an account's payments give, from all stored payments.
///
/// It is computed again after every change of a payment, so the order of events does not matter.
struct Entitlement {
  /// The kind of payment that an event may have changed; only its plans are computed again.
  enum Part {
    /// Single payments.
    case bought
    /// Monthly payments.
    case subscribed
    case both
  }

  private let plans: AccountPlans

  var account: UUID { plans.account }
  var isErased: Bool { plans.isErased }

  /// Locks the account's row.
  ///
  /// Every event does this before it reads other rows of the account and before it locks its credits, so that events
  /// about one account are applied one after the other.
  ///
  /// - Returns: nil if there is no such account.
  init?(locking account: UUID, in transaction: inout Transaction) throws {
    guard let plans = try AccountPlans.lock(account, in: &transaction) else { return nil }
    self.plans = plans
  }

  /// Locks the row of the account that a Stripe id belongs to.
  ///
  /// - Returns: nil if the id is unknown.
  init?(lockingAccountOf reference: String, in transaction: inout Transaction) throws {
    let owners = try transaction.rows(
      "SELECT account_id FROM stripe_references WHERE reference = \(reference)", as: UUID.self)
    guard let account = owners.first else { return nil }
    try self.init(locking: account, in: &transaction)
  }

  /// Computes the account's plans and credits, stores them and sends `plan.changed` if another plan is in effect.
  func update(_ part: Part, in transaction: inout Transaction) throws {
    let before = plans.paid
    var after = before
    if part != .subscribed { after.bought = try boughtPlan(in: &transaction) }
    // Refunds still take back an erased account's credits, but it gets no plan.
    if isErased { return }
    if part != .bought {
      let periods = try subscribedPlans(in: &transaction)
      let best = periods.first
      let next = periods.dropFirst().first
      (after.subscribed, after.subscribedUntil) = (best?.plan ?? .free, best?.end)
      (after.next, after.nextUntil) = (next?.plan ?? .free, next?.end)
    }
    let effective = plans.effective(with: after)
    guard after != before || effective != plans.notified else { return }
    plans.store(after, notified: effective, in: &transaction)
    if (before.bought, before.subscribed) != (after.bought, after.subscribed) {
      Accounts.record(
        "plan_changed",
        "bought \(before.bought.rawValue) to \(after.bought.rawValue), "
          + "subscribed \(before.subscribed.rawValue) to \(after.subscribed.rawValue)",
        of: account, by: "stripe",
        in: &transaction)
    }
    // Notify only if the effective plan changed.
    if effective != plans.notified {
      try Outbox.add(.planChanged(account: account, plan: effective), in: &transaction)
    }
    for end in after.periodEnds.subtracting(before.periodEnds) where end > plans.now {
      PlanExpiry.schedule(for: account, at: end, in: &transaction)
    }
  }

  /// Sends `plan.changed` if the paid period of the last notified plan has ended.
  func notifyOfExpiry(in transaction: inout Transaction) throws {
    let effective = plans.effective(with: plans.paid)
    guard !isErased, effective != plans.notified else { return }
    plans.store(notified: effective, in: &transaction)
    Accounts.record(
      "plan_ended", "\(plans.notified.rawValue) to \(effective.rawValue)", of: account, by: "time", in: &transaction)
    try Outbox.add(.planChanged(account: account, plan: effective), in: &transaction)
  }
}
