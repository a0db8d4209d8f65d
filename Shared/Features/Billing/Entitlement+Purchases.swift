import Access
import Accounts
import Metering
import Postgres

/// Single payments: plans without an end, and credits.
extension Entitlement {
  /// Returns the greatest plan that was bought with a single payment and not refunded completely.
  ///
  /// Takes back the credits of refunded payments, in proportion to the refunded amount.
  func boughtPlan(in transaction: inout Transaction) throws -> Plan {
    let rows = try transaction.rows(
      """
      SELECT session_id, product, c.amount, credits, credits_reversed, payment_intent,
        kind AS reversal_kind, r.amount AS reversal_amount, counts AS reversal_counts
      FROM checkouts c LEFT JOIN payment_reversals r USING (payment_intent)
      WHERE account_id = \(account) AND state = 'paid' AND mode = 'payment' ORDER BY session_id
      """, as: PaymentRow.self)
    var reversals: [String: Reversal.Sum] = [:]
    for row in rows {
      if let payment = row.paymentIntent, let kind = row.reversalKind, let amount = row.reversalAmount,
        let counts = row.reversalCounts
      {
        reversals[payment, default: .init()].add(kind, amount, counts)
      }
    }
    var best = Plan.free
    var lastSession: String?
    for row in rows where row.sessionID != lastSession {
      lastSession = row.sessionID
      let reversed = row.paymentIntent.flatMap { reversals[$0] }?.amount ?? 0
      if row.credits > 0 {
        try reverseCredits(of: row, forReversed: reversed, in: &transaction)
      } else if reversed < row.amount, case .plan(let plan)? = Product.named(row.product)?.gives,
        plan.rank > best.rank
      {
        best = plan
      }
    }
    return best
  }

  /// One paid checkout with one reversal of its payment, or without any. A checkout has one row for each reversal.
  private struct PaymentRow: Decodable {
    let sessionID: String
    let product: String
    let amount: Int
    let credits: Int
    let creditsReversed: Int
    let paymentIntent: String?
    let reversalKind: Reversal.Kind?
    let reversalAmount: Int?
    let reversalCounts: Bool?
  }

  private func reverseCredits(of row: PaymentRow, forReversed amount: Int, in transaction: inout Transaction) throws {
    let due = row.credits * min(max(0, amount), row.amount) / row.amount
    guard due != row.creditsReversed else { return }
    try Credits(of: account).reverse(due, key: "checkout \(row.sessionID)", in: &transaction)
    transaction.send(
      """
      UPDATE checkouts SET credits_reversed = \(due)
      WHERE account_id = \(account) AND session_id = \(row.sessionID)
      """)
    Accounts.record(
      "credits_reversed", "\(due) of \(row.credits), \(row.sessionID)", of: account, by: "stripe", in: &transaction)
  }
}
