import Access
package import Accounts
import FoundationEssentials
import Metering
import Postgres

extension Billing {
  /// The tables with an account's purchases, for exports and erasures.
  ///
  /// An erasure keeps the rows for accounting. It deletes only claim tokens and the URLs of payment pages, and cancels
  /// subscriptions at Stripe.
  package static let personalData = [
    PersonalData("checkouts", as: "checkouts") {
      """
      SELECT json_build_object('session', session_id, 'product', product, 'price', price_id, 'amount', amount,
        'currency', currency, 'mode', mode, 'customer', customer_id, 'credits', credits, 'state', state,
        'payment', payment_intent, 'createdAt', \(unsafeSQL: PersonalData.time("created_at")),
        'paidAt', \(unsafeSQL: PersonalData.time("paid_at")))::text
      FROM checkouts WHERE account_id = \($0) ORDER BY created_at, session_id
      """
    } erase: { account, transaction in
      // No token has an empty digest.
      let sessions = try transaction.rows(
        """
        UPDATE checkouts SET url = '', claim_digest = '', key_id = NULL WHERE account_id = \(account)
        RETURNING session_id
        """, as: String.self)
      IdempotencyKeys.delete(resources: sessions, in: &transaction)
    },
    PersonalData("subscriptions", as: "subscriptions") {
      """
      SELECT json_build_object('subscription', subscription_id, 'session', session_id, 'plan', plan, 'status', status,
        'isPaused', is_paused,
        'coveredUntil', \(unsafeSQL: PersonalData.time("to_timestamp(nullif(covered_until, 0))")))::text
      FROM subscriptions WHERE account_id = \($0) ORDER BY subscription_id
      """
    } erase: { account, transaction in
      let running = try transaction.rows(
        """
        SELECT subscription_id FROM subscriptions
        WHERE account_id = \(account) AND status NOT IN ('canceled', 'incomplete_expired')
        ORDER BY subscription_id
        """, as: String.self)
      for subscription in running { StripeCancellation.enqueue(subscription, in: &transaction) }
    },
    PersonalData("subscription_invoices", as: "invoices") {
      """
      SELECT json_build_object('invoice', invoice_id, 'subscription', subscription_id, 'amount', amount)::text
      FROM subscription_invoices WHERE account_id = \($0) ORDER BY invoice_id
      """
    },
    PersonalData("invoice_lines", as: "invoiceLines") {
      """
      SELECT json_build_object('invoice', invoice_id, 'line', line, 'plan', plan, 'amount', amount,
        'periodStart', \(unsafeSQL: PersonalData.time("to_timestamp(period_start)")),
        'periodEnd', \(unsafeSQL: PersonalData.time("to_timestamp(period_end)")))::text
      FROM invoice_lines WHERE account_id = \($0) ORDER BY invoice_id, line
      """
    },
    PersonalData("payment_reversals", as: "refunds") {
      """
      SELECT json_build_object('payment', payment_intent, 'reversal', reversal_id, 'kind', kind, 'amount', amount,
        'counts', counts)::text
      FROM payment_reversals WHERE payment_intent IN (
        SELECT reference FROM stripe_references WHERE account_id = \($0)
        UNION SELECT payment_intent FROM invoice_payments JOIN stripe_references ON reference = invoice_id
          WHERE account_id = \($0))
      ORDER BY payment_intent, reversal_id
      """
    },
    PersonalData("stripe_references", as: "stripeReferences") {
      """
      SELECT json_build_object('reference', reference, 'session', session_id)::text FROM stripe_references
      WHERE account_id = \($0) ORDER BY reference
      """
    },
  ]
}
