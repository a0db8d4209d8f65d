import Accounts
import Cryptography
import FoundationEssentials
import Postgres
import Stripe

@testable import Billing

/// A checkout of an existing account that is stored without a request to Stripe.
struct StoredCheckout {
  let session: String
  let product: Product
  /// Nil for `price_` and the product's id.
  var price: String?
  /// Nil for the product's price.
  var amount: Int?
  var currency = "usd"
  /// Nil for a checkout that was opened without a customer.
  var customer: String?
  /// Our own id of the checkout, which Stripe returns in metadata.
  var checkout: String?
  var claimToken = ""
  var state = CheckoutState.open
  var paymentIntent: String?
  var expiresAt: Date?

  /// Inserts the checkout and its references.
  func insert(for account: UUID, in transaction: inout Transaction) {
    transaction.send(
      """
      INSERT INTO checkouts (account_id, session_id, product, price_id, amount, currency, mode, customer_id, credits,
        claim_digest, url, expires_at, state, payment_intent)
      VALUES (\(account), \(session), \(product.id), \(price ?? "price_" + product.id), \(amount ?? product.amount),
        \(currency), \(product.mode.rawValue), \(customer), \(product.credits),
        \(Digest.sha256(Array(claimToken.utf8))), 'https://pay.example/', \(expiresAt), \(state.rawValue),
        \(paymentIntent))
      """)
    for reference in [session, checkout, paymentIntent].compactMap({ $0 }) {
      EventApplication.addReference(reference, of: account, session: session, in: &transaction)
    }
    if let customer { EventApplication.addReference(customer, of: account, session: nil, in: &transaction) }
  }
}
