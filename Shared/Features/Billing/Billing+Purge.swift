import Contract
package import FoundationEssentials
package import Postgres

extension Billing {
  /// Forgets what is older than 30 days and came to nothing: deliveries, for Stripe repeats one for three days;
  /// checkouts that nobody paid;
  /// what was paid and given back of payments that are not ours.
  ///
  /// - Parameter now: nil for the database's clock.
  /// - Returns: how many rows went.
  @discardableResult
  package static func purge(_ database: Database, at now: Date? = nil, by deadline: ContinuousClock.Instant) throws
    -> Int
  {
    try database.transaction(by: deadline) { transaction in
      var count = try transaction.execute(
        "DELETE FROM webhook_events WHERE received_at < coalesce(\(now), statement_timestamp()) - interval '30 days'")
      // One whose money may still come is not among them: that is `pending`.
      let unpaid = try transaction.rows(
        """
        DELETE FROM checkouts WHERE state IN ('open', 'expired', 'failed')
          AND greatest(created_at, expires_at) < coalesce(\(now), statement_timestamp()) - interval '30 days'
          AND NOT EXISTS (SELECT FROM subscriptions s WHERE s.account_id = checkouts.account_id AND s.session_id = checkouts.session_id)
        RETURNING session_id
        """, as: String.self)
      count += unpaid.count
      let sessions = unpaid.joined(separator: " ")
      count += try transaction.execute(
        "DELETE FROM stripe_references WHERE session_id = ANY (string_to_array(\(sessions), ' '))")
      // The customers of accounts that bought nothing.
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
        DELETE FROM payment_reversals AS it WHERE noted_at < coalesce(\(now), statement_timestamp()) - interval '30 days'
          AND NOT EXISTS (SELECT FROM stripe_references WHERE reference = it.payment_intent)
          AND NOT EXISTS (SELECT FROM invoice_payments WHERE invoice_payments.payment_intent = it.payment_intent)
        """)
      return count
    }
  }

  /// The account that a checkout was paid for.
  ///
  /// - Throws: `not_found` where no checkout of that id was paid.
  package static func account(ofPaid session: String, _ database: Database, by deadline: ContinuousClock.Instant) throws
    -> UUID
  {
    let found = try database.rows(
      "SELECT account_id FROM checkouts WHERE session_id = \(session) AND state = 'paid'", as: UUID.self, by: deadline)
    guard let id = found.first else {
      throw Failure(.notFound, "no checkout \(session) was paid; Stripe's payments name their sessions, cs_…")
    }
    return id
  }
}
