import Accounts

/// The state of a subscription at one moment, as Stripe reported it.
struct SubscriptionSnapshot: Sendable, Equatable {
  let plan: Plan
  /// Stripe's status of the subscription.
  let status: String
  /// Whether Stripe collects no payments at present. The status does not change then.
  let isPaused: Bool
  /// When the event was created or the state was fetched, in seconds since 1970 by Stripe's clock.
  let asOf: Int
  /// Whether the state was fetched from Stripe, rather than delivered in an event.
  let isFetched: Bool

  /// What to do with a reported state of a subscription that is stored already.
  enum Decision: Equatable {
    /// The reported state is newer or final: store it.
    case replace
    /// The reported state is the same or older, or the stored one is final: keep the stored one.
    case keep
    /// Two events of one second differ: store the reported state if `replaces` is true, and fetch the state from
    /// Stripe.
    case ambiguous(replaces: Bool)
    /// The state was fetched too early to be newer than the stored one: fetch it again.
    case fetchAgain
  }

  /// Decides between a stored and a reported state of one subscription.
  ///
  /// The events of a subscription end with the same stored state, in any order.
  static func decide(stored: SubscriptionSnapshot, reported: SubscriptionSnapshot) -> Decision {
    if stored.hasSameState(as: reported) || stored.isFinal { return .keep }
    if reported.isFinal || reported.asOf > stored.asOf { return .replace }
    if reported.isFetched { return .fetchAgain }
    if reported.asOf < stored.asOf { return .keep }
    return .ambiguous(replaces: !stored.isFetched && reported.precedence > stored.precedence)
  }

  private func hasSameState(as other: SubscriptionSnapshot) -> Bool {
    plan == other.plan && status == other.status && isPaused == other.isPaused
  }

  private var isFinal: Bool { Self.isFinal(status) }

  /// Whether a subscription with this status has ended and never becomes active again.
  static func isFinal(_ status: String) -> Bool { rank(of: status) >= 8 }

  /// Decides between two events of one second.
  private var precedence: (Int, Int, Int) { (Self.rank(of: status), plan.rank, isPaused ? 1 : 0) }

  private static func rank(of status: String) -> Int { ranks[status] ?? 0 }

  /// The order of statuses in a subscription's life, if two events of one second differ
  /// (docs.stripe.com/billing/subscriptions/overview, "Subscription statuses").
  private static let ranks = [
    "incomplete": 0, "trialing": 1, "active": 2, "past_due": 3, "unpaid": 4, "paused": 5, "incomplete_expired": 8,
    "canceled": 9,
  ]
}

extension Plan {
  /// The position among all plans: a greater plan has a greater rank.
  var rank: Int { Plan.allCases.firstIndex(of: self) ?? 0 }
}
