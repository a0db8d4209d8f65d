import Contract
import FoundationEssentials
import Stripe

extension StripeError {
  /// The response to a caller, which distinguishes temporary errors from wrong settings.
  var failure: Failure {
    switch self {
    case .breakerOpen(let wait):
      Failure(
        .unavailable, "payments are temporarily unavailable; try again later",
        retryAfter: Int((wait / .seconds(1)).rounded(.up)))
    case .refused(401, _, _, _):
      Failure(
        .unavailable, "Stripe rejected STRIPE_SECRET_KEY; set a valid key", details: ["setting": "STRIPE_SECRET_KEY"])
    case .refused(_, _, "resource_missing", let parameter?) where parameter.contains("price"):
      Failure(
        .unavailable, "the price that is set for this product does not exist at Stripe",
        details: ["parameter": parameter])
    default: Failure(.upstreamFailed, "\(self)")
    }
  }
}
