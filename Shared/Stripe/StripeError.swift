package import Fetch

/// Why Stripe did not do what was asked.
///
/// None holds a key, nor Stripe's own message, which may quote what was sent.
package enum StripeError: Error, Sendable, Equatable {
  /// There was no connection, or it broke. What was asked may have been done: the same idempotency key finds out.
  case unreachable(FetchError.Code)
  /// The deadline passed first. What was asked may have been done, as above.
  case timedOut
  /// Stripe answered with an error (docs.stripe.com/api/errors): its `type`, `code` and `param`, nil where it sent
  /// none.
  case refused(status: Int, type: String?, code: String?, param: String?)
  /// An answer that is not as Stripe documents it, or a question that could not be asked; names fields, never what they
  /// hold.
  case malformed(String)
  /// It failed so often that it is not asked for now.
  case breakerOpen(retryAfter: Duration)

  /// Whether that speaks against Stripe rather than against what was asked of it.
  package var isOutage: Bool {
    switch self {
    case .unreachable(let code): code != .cancelled
    case .timedOut: true
    case .refused(let status, _, _, _): status >= 500
    // One object that cannot be read must not keep all others from being asked for.
    case .malformed, .breakerOpen: false
    }
  }
}

extension StripeError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreachable(let code): return "Stripe is not reached: \(code.rawValue)"
    case .timedOut: return "Stripe did not answer in time"
    case .refused(let status, let type, let code, let param):
      let details = [type.map { "type \($0)" }, code.map { "code \($0)" }, param.map { "parameter \($0)" }].compactMap {
        $0
      }
      return "Stripe answered \(status)" + (details.isEmpty ? "" : ": " + details.joined(separator: ", "))
    case .malformed(let reason): return "Stripe's answer cannot be read: \(reason)"
    case .breakerOpen: return "Stripe failed several times in a row, and is not asked for now"
    }
  }
}
