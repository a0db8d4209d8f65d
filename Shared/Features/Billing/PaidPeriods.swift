import Accounts

/// The paid invoice lines of one subscription, and the end of each plan that they pay for.
struct PaidPeriods {
  /// How long a plan stays in effect after the last paid period, in seconds: Stripe retries a failed renewal, and the
  /// event about a successful one may be late.
  static let grace = 7 * 86_400
  /// How long after the end of the last paid period the subscription is fetched from Stripe, in seconds, in case the
  /// event about its renewal was lost.
  static let renewalCheckDelays = [4 * 86_400, 6 * 86_400]
  /// How long an active subscription gives its plan before a paid invoice of it is known, in seconds.
  static let provisionalPeriod = 3 * 86_400

  /// A line of a paid invoice.
  struct Line {
    let plan: Plan
    /// In the currency's smallest unit. A negative amount credits the rest of a paid period after a change of plan.
    let amount: Int
    /// In seconds since 1970.
    let start: Int
    let end: Int
    /// Whether the whole invoice was refunded.
    let isRefunded: Bool
  }

  /// A plan without an invoice.
  struct Provisional {
    let plan: Plan
    /// In seconds since 1970.
    let until: Int
  }

  /// Whether Stripe collects no payments for the subscription at present; then no renewal is expected, and there is no
  /// grace period.
  let isPaused: Bool
  var lines: [Line] = []
  /// Applies while no paid invoice is known.
  var provisional: Provisional?

  init(isPaused: Bool) { self.isPaused = isPaused }

  /// The end of each paid plan, in seconds since 1970, with the grace period.
  ///
  /// The subscription's current price does not matter: an upgrade applies once it is paid, and a downgrade applies when
  /// the period that was paid before ends.
  var planEnds: [Plan: Int] {
    if let provisional, lines.isEmpty { return [provisional.plan: provisional.until] }
    let paid = lines.filter { $0.amount >= 0 }
    // Only periods that end last get the grace period. After earlier ones another period was paid, perhaps refunded.
    guard let last = paid.map(\.end).max() else { return [:] }
    var ends: [Plan: Int] = [:]
    for line in paid where !line.isRefunded {
      let credits = lines.filter {
        $0.amount < 0 && !$0.isRefunded && $0.plan == line.plan && $0.end == line.end && $0.start > line.start
      }
      let end = credits.map(\.start).min() ?? line.end
      ends[line.plan] = max(ends[line.plan] ?? 0, end)
    }
    return ends.mapValues { $0 >= last && !isPaused ? $0 + Self.grace : $0 }
  }
}
