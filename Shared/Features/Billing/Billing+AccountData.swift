package import Accounts
import FoundationEssentials
import Metering
import Postgres

extension Billing {
  /// What is kept of an account's purchases. It stays, for the books, but for what only its buyer needs; subscriptions
  /// are ended at Stripe.
  package static let accountData = [
    AccountData("checkouts", as: "checkouts") {
      """
      SELECT json_build_object('session', session_id, 'product', product, 'price', price_id, 'amount', amount, 'currency', currency,
        'mode', mode, 'customer', customer_id, 'credits', credits, 'state', state, 'payment', payment_intent,
        'createdAt', \(unsafeSQL: AccountData.time("created_at")), 'paidAt', \(unsafeSQL: AccountData.time("paid_at")))::text
      FROM checkouts WHERE account_id = \($0) ORDER BY created_at, session_id
      """
    } erase: { account, transaction in
      // A digest of nothing is no token's.
      let sessions = try transaction.rows(
        "UPDATE checkouts SET url = '', claim_digest = '', key_id = NULL WHERE account_id = \(account) RETURNING session_id",
        as: String.self)
      IdempotencyKeys.forget(sessions, in: &transaction)
    },
    AccountData("subscriptions", as: "subscriptions") {
      """
      SELECT json_build_object('subscription', subscription_id, 'session', session_id, 'plan', plan, 'status', status, 'isPaused', is_paused,
        'coveredUntil', \(unsafeSQL: AccountData.time("to_timestamp(nullif(covered_until, 0))")))::text
      FROM subscriptions WHERE account_id = \($0) ORDER BY subscription_id
      """
    } erase: { account, transaction in
      let running = try transaction.rows(
        """
        SELECT subscription_id FROM subscriptions WHERE account_id = \(account) AND status NOT IN ('canceled', 'incomplete_expired')
        ORDER BY subscription_id
        """, as: String.self)
      for subscription in running { SubscriptionState.cancelAtStripe(subscription, in: &transaction) }
    },
    AccountData("subscription_invoices", as: "invoices") {
      """
      SELECT json_build_object('invoice', invoice_id, 'subscription', subscription_id, 'amount', amount)::text
      FROM subscription_invoices WHERE account_id = \($0) ORDER BY invoice_id
      """
    },
    AccountData("invoice_lines", as: "invoiceLines") {
      """
      SELECT json_build_object('invoice', invoice_id, 'line', line, 'plan', plan, 'amount', amount,
        'periodStart', \(unsafeSQL: AccountData.time("to_timestamp(period_start)")), 'periodEnd', \(unsafeSQL: AccountData.time("to_timestamp(period_end)")))::text
      FROM invoice_lines WHERE account_id = \($0) ORDER BY invoice_id, line
      """
    },
    AccountData("payment_reversals", as: "refunds") {
      """
      SELECT json_build_object('payment', payment_intent, 'reversal', reversal_id, 'kind', kind, 'amount', amount, 'counts', counts)::text
      FROM payment_reversals WHERE payment_intent IN (
        SELECT reference FROM stripe_references WHERE account_id = \($0)
        UNION SELECT payment_intent FROM invoice_payments JOIN stripe_references ON reference = invoice_id WHERE account_id = \($0))
      ORDER BY payment_intent, reversal_id
      """
    },
    AccountData("stripe_references", as: "stripeReferences") {
      "SELECT json_build_object('reference', reference, 'session', session_id)::text FROM stripe_references WHERE account_id = \($0) ORDER BY reference"
    },
  ]
}
