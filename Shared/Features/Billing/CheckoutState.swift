/// The state of a checkout, as the column `checkouts.state` stores it.
enum CheckoutState: String, Sendable, Decodable {
  case open
  /// Completed with a payment method that confirms the payment later.
  case pending
  case failed, expired, paid
}
