/// The parameters of a new checkout session (docs.stripe.com/api/checkout/sessions/create).
package struct StripeCheckoutSessionRequest: Sendable, Equatable {
  package enum Mode: String, Sendable {
    /// A single payment.
    case payment
    /// A recurring payment.
    case subscription
  }

  package var mode: Mode
  /// Nil to let Stripe create a customer with ``customerEmail`` when the session is paid.
  package var customer: String?
  package var customerEmail: String?
  package var price: String
  package var quantity: Int
  /// The URL that the payer is redirected to after paying. Stripe replaces `{CHECKOUT_SESSION_ID}` in it.
  package var successURL: String
  package var cancelURL: String
  /// At most 200 characters.
  package var clientReferenceID: String
  /// Set on the session, and on the subscription or payment that it creates. At most 50 keys of at most 40 characters,
  /// with values of at most 500.
  package var metadata: [String: String]
  /// The expiry in seconds since 1970, from 30 minutes to 24 hours from now; nil for 24 hours.
  package var expiresAt: Int?

  package init(
    mode: Mode, customer: String?, customerEmail: String? = nil, price: String, quantity: Int = 1, successURL: String,
    cancelURL: String, clientReferenceID: String,
    metadata: [String: String] = [:], expiresAt: Int? = nil
  ) {
    self.mode = mode
    self.customer = customer
    self.customerEmail = customerEmail
    self.price = price
    self.quantity = quantity
    self.successURL = successURL
    self.cancelURL = cancelURL
    self.clientReferenceID = clientReferenceID
    self.metadata = metadata
    self.expiresAt = expiresAt
  }
}
