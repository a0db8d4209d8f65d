/// What a visit to the page where something is paid is to be made of (docs.stripe.com/api/checkout/sessions/create).
package struct StripeCheckoutSessionRequest: Sendable, Equatable {
  package enum Mode: String, Sendable {
    /// Once.
    case payment
    /// Again and again.
    case subscription
  }

  package var mode: Mode
  /// Nil lets Stripe make one when it is paid, of ``customerEmail``.
  package var customer: String?
  package var customerEmail: String?
  package var price: String
  package var quantity: Int
  /// Where the payer is sent then; Stripe replaces `{CHECKOUT_SESSION_ID}` in it.
  package var successURL: String
  package var cancelURL: String
  /// At most 200 characters.
  package var clientReferenceID: String
  /// Set on the session, and on the subscription or payment that it makes. At most 50 keys of 40 characters, values of
  /// 500.
  package var metadata: [String: String]
  /// In seconds since 1970, from 30 minutes to 24 hours from now; nil for 24 hours.
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
