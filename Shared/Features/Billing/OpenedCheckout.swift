import FoundationEssentials

/// The response of `POST /checkout`.
struct OpenedCheckout: Encodable {
  /// The id of the Stripe checkout session.
  let id: String
  /// The page on which the buyer pays.
  let url: String
  let expiresAt: Date?
  /// Claims the API key after the payment, together with the session id.
  let claimToken: String
}
