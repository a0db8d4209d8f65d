import Accounts

/// What was paid of one subscription, and how long it gives which plan.
struct PaidTime {
  /// How long a plan outlasts what was paid for: while a renewal is tried again, or the news of it is late.
  static let grace = 7 * 86_400
  /// How long after the end of what was paid for Stripe is asked of the renewal, in case that the news of it was lost.
  static let waitsForNews = [4 * 86_400, 6 * 86_400]
  /// How long a subscription that Stripe calls active is believed before an invoice of it is known.
  static let trust = 3 * 86_400

  /// A line of an invoice that was paid.
  struct Line {
    let plan: Plan
    /// In the currency's smallest unit; below 0 it credits the rest of a time that was paid: a change in its middle.
    let amount: Int
    /// In seconds since 1970.
    let start: Int
    let end: Int
    /// Whether its invoice was paid back whole.
    let isGivenBack: Bool
  }

  /// Whether nothing is collected: then there is no renewal to wait for.
  let isPaused: Bool
  var lines: [Line] = []
  /// What holds while no invoice is known, in seconds since 1970.
  var believed: (plan: Plan, until: Int)?

  init(isPaused: Bool) { self.isPaused = isPaused }

  /// Until when each plan is held, in seconds since 1970.
  ///
  /// The price that the subscription has by now gives nothing: a dearer one counts once it is paid, a cheaper one when
  /// what was paid ends.
  var ends: [Plan: Int] {
    if let believed, lines.isEmpty { return [believed.plan: believed.until] }
    let paid = lines.filter { $0.amount >= 0 }
    // After this there is grace; before it something else was paid for, or was given back.
    guard let last = paid.map(\.end).max() else { return [:] }
    var ends: [Plan: Int] = [:]
    for line in paid where !line.isGivenBack {
      let credits = lines.filter {
        $0.amount < 0 && !$0.isGivenBack && $0.plan == line.plan && $0.end == line.end && $0.start > line.start
      }
      let end = credits.map(\.start).min() ?? line.end
      ends[line.plan] = max(ends[line.plan] ?? 0, end)
    }
    return ends.mapValues { $0 >= last && !isPaused ? $0 + Self.grace : $0 }
  }
}
