/// What to ask for a checkout session (docs.stripe.com/api/checkout/sessions/create): one thing, for one customer.
package struct StripeCheckoutRequest: Sendable {
  /// `payment` or `subscription`.
  package var mode: String
  package var customer: String
  package var price: String
  package var successURL: String
  package var cancelURL: String
  package var clientReferenceID: String
  /// Set on the session, and on the payment or subscription that it makes.
  package var metadata: [String: String]

  package init(
    mode: String, customer: String, price: String, successURL: String, cancelURL: String, clientReferenceID: String,
    metadata: [String: String]
  ) {
    self.mode = mode
    self.customer = customer
    self.price = price
    self.successURL = successURL
    self.cancelURL = cancelURL
    self.clientReferenceID = clientReferenceID
    self.metadata = metadata
  }

  var fields: [(name: String, value: String)] {
    let made = mode == "subscription" ? "subscription_data" : "payment_intent_data"
    return [
      ("mode", mode), ("customer", customer), ("line_items[0][price]", price), ("line_items[0][quantity]", "1"),
      ("success_url", successURL), ("cancel_url", cancelURL), ("client_reference_id", clientReferenceID),
    ] + StripeClient.metadata(metadata, at: "metadata") + StripeClient.metadata(metadata, at: "\(made)[metadata]")
  }
}
