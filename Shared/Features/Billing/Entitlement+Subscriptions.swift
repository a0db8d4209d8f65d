import Accounts
import FoundationEssentials
import Postgres

/// Monthly payments.
extension Entitlement {
  /// A plan that is paid by the month, and the end of its last paid period with the grace period.
  struct SubscribedPlan {
    let plan: Plan
    let end: Date
  }

  /// Returns the paid plans of all subscriptions, the greatest first; a lesser plan only if it ends later than all
  /// greater ones.
  func subscribedPlans(in transaction: inout Transaction) throws -> [SubscribedPlan] {
    let rows = try transaction.rows(
      """
      SELECT s.subscription_id, s.plan, s.status <> 'past_due' AS is_active, s.is_paused, s.covered_until,
        i.invoice_id, i.amount AS invoice_amount, l.plan AS line_plan, l.amount AS line_amount, l.period_start,
        l.period_end
      FROM subscriptions s
        LEFT JOIN subscription_invoices i USING (account_id, subscription_id)
        LEFT JOIN invoice_lines l USING (account_id, invoice_id)
      WHERE account_id = \(account) AND session_id IS NOT NULL AND status IN ('active', 'trialing', 'past_due')
      """, as: SubscriptionRow.self)
    let reversed = try reversedAmounts(in: &transaction)
    var subscriptions: [String: PaidPeriods] = [:]
    for row in rows {
      var periods = subscriptions[row.subscriptionID] ?? PaidPeriods(isPaused: row.isPaused)
      if let invoice = row.invoiceID, let invoiceAmount = row.invoiceAmount {
        if let amount = row.lineAmount, let start = row.periodStart, let end = row.periodEnd {
          let isRefunded = reversed[invoice, default: 0] >= max(invoiceAmount, 1)
          periods.lines.append(
            .init(plan: row.linePlan ?? row.plan, amount: amount, start: start, end: end, isRefunded: isRefunded))
        }
      } else if row.isActive, !row.isPaused {
        // The event about its first invoice has not arrived yet.
        periods.provisional = .init(plan: row.plan, until: row.coveredUntil)
      }
      subscriptions[row.subscriptionID] = periods
    }
    var ends: [Plan: Int] = [:]
    for periods in subscriptions.values { ends.merge(periods.planEnds) { max($0, $1) } }
    var last = 0
    return ends.sorted { $0.key.rank > $1.key.rank }.compactMap { plan, end in
      guard end > last else { return nil }
      last = end
      return SubscribedPlan(plan: plan, end: Date(timeIntervalSince1970: Double(end)))
    }
  }

  /// One subscription with one line of one of its paid invoices, or without any.
  private struct SubscriptionRow: Decodable {
    let subscriptionID: String
    let plan: Plan
    let isActive: Bool
    let isPaused: Bool
    let coveredUntil: Int
    let invoiceID: String?
    let invoiceAmount: Int?
    let linePlan: Plan?
    let lineAmount: Int?
    let periodStart: Int?
    let periodEnd: Int?
  }

  /// Returns the refunded and disputed amount of each invoice that has any, in the currency's smallest unit.
  private func reversedAmounts(in transaction: inout Transaction) throws -> [String: Int] {
    let rows = try transaction.rows(
      """
      SELECT invoice_id, payment_intent, kind, r.amount, counts
      FROM subscription_invoices JOIN invoice_payments USING (invoice_id)
        JOIN payment_reversals r USING (payment_intent)
      WHERE account_id = \(account)
      """, as: ReversalRow.self)
    var sums: [String: [String: Reversal.Sum]] = [:]
    for row in rows {
      sums[row.invoiceID, default: [:]][row.paymentIntent, default: .init()].add(row.kind, row.amount, row.counts)
    }
    return sums.mapValues { $0.values.reduce(0) { $0 + $1.amount } }
  }

  /// A reversal of a payment of an invoice.
  private struct ReversalRow: Decodable {
    let invoiceID: String
    let paymentIntent: String
    let kind: Reversal.Kind
    let amount: Int
    let counts: Bool
  }
}
