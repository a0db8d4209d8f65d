package import Fetch

/// The reason why a call of Stripe's API failed.
///
/// It contains neither a key nor Stripe's error message, which may quote the request.
package enum StripeError: Error, Sendable, Equatable {
  /// The connection failed or broke. Stripe may have processed the request; retry with the same idempotency key.
  case unreachable(FetchError.Code)
  /// The deadline expired. Stripe may have processed the request; retry with the same idempotency key.
  case timedOut
  /// Stripe returned an error (docs.stripe.com/api/errors): its `type`, `code` and `param`, or nil if they are missing.
  case refused(status: Int, type: String?, code: String?, param: String?)
  /// The response does not follow Stripe's documentation, or the request is invalid. The reason contains names of
  /// fields, not their values.
  case malformed(String)
  /// Stripe failed repeatedly, and is not called for this time.
  case breakerOpen(retryAfter: Duration)

  /// True if the error is a failure of Stripe rather than of the request.
  package var isOutage: Bool {
    switch self {
    case .unreachable(let code): code != .cancelled
    case .timedOut: true
    case .refused(let status, _, _, _): status >= 500
    // One malformed object must not block the requests for all others.
    case .malformed, .breakerOpen: false
    }
  }
}

extension StripeError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreachable(let code): return "Stripe is unreachable: \(code.rawValue)"
    case .timedOut: return "Stripe did not answer in time"
    case .refused(let status, let type, let code, let param):
      let details = [type.map { "type \($0)" }, code.map { "code \($0)" }, param.map { "parameter \($0)" }].compactMap {
        $0
      }
      return "Stripe returned \(status)" + (details.isEmpty ? "" : ": " + details.joined(separator: ", "))
    case .malformed(let reason): return "Stripe's response is malformed: \(reason)"
    case .breakerOpen: return "Stripe failed repeatedly and is not called for now; retry later"
    }
  }
}
