import Contract
package import FoundationEssentials
package import Postgres

extension Billing {
  /// Deletes rows older than 30 days that are of no further use: applied events (Stripe repeats an event for three
  /// days), unpaid checkouts, and payments and reversals of payments that were not made here.
  ///
  /// - Parameter now: nil for the database's clock.
  /// - Returns: the number of deleted rows.
  @discardableResult
  package static func purge(_ database: Database, at now: Date? = nil, by deadline: ContinuousClock.Instant) throws
    -> Int
  {
    try database.transaction(by: deadline) { transaction in
      var count = try transaction.execute(
        "DELETE FROM webhook_events WHERE received_at < coalesce(\(now), statement_timestamp()) - interval '30 days'")
      // The payment of a pending checkout may still arrive.
      let unpaid = try transaction.rows(
        """
        DELETE FROM checkouts WHERE state IN ('open', 'expired', 'failed')
          AND greatest(created_at, expires_at) < coalesce(\(now), statement_timestamp()) - interval '30 days'
          AND NOT EXISTS (
            SELECT FROM subscriptions s
            WHERE s.account_id = checkouts.account_id AND s.session_id = checkouts.session_id)
        RETURNING session_id
        """, as: String.self)
      count += unpaid.count
      let sessions = unpaid.joined(separator: " ")
      count += try transaction.execute(
        "DELETE FROM stripe_references WHERE session_id = ANY (string_to_array(\(sessions), ' '))")
      // Customers of accounts without purchases.
      count += try transaction.execute(
        """
        DELETE FROM stripe_references AS it WHERE session_id IS NULL
          AND NOT EXISTS (SELECT FROM checkouts WHERE checkouts.account_id = it.account_id)
          AND NOT EXISTS (SELECT FROM subscriptions WHERE subscriptions.account_id = it.account_id)
        """)
      count += try transaction.execute(
        """
        DELETE FROM invoice_payments WHERE noted_at < coalesce(\(now), statement_timestamp()) - interval '30 days'
          AND NOT EXISTS (SELECT FROM stripe_references WHERE reference = invoice_id)
        """)
      count += try transaction.execute(
        """
        DELETE FROM payment_reversals AS it
        WHERE noted_at < coalesce(\(now), statement_timestamp()) - interval '30 days'
          AND NOT EXISTS (SELECT FROM stripe_references WHERE reference = it.payment_intent)
          AND NOT EXISTS (SELECT FROM invoice_payments WHERE invoice_payments.payment_intent = it.payment_intent)
        """)
      return count
    }
  }

  /// Returns the account of a paid checkout session.
  ///
  /// - Throws: `not_found` if no paid checkout has this id.
  package static func account(ofPaid session: String, _ database: Database, by deadline: ContinuousClock.Instant) throws
    -> UUID
  {
    let found = try database.rows(
      "SELECT account_id FROM checkouts WHERE session_id = \(session) AND state = 'paid'", as: UUID.self, by: deadline)
    guard let id = found.first else {
      throw Failure(
        .notFound, "no paid checkout has the id \(session); use the session id (cs_…) of the payment in Stripe")
    }
    return id
  }
}
