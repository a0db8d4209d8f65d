/// Why Stripe did not do what it was asked. Its own messages are not passed on: they may quote what was sent.
package enum StripeError: Error, Sendable, Equatable, CustomStringConvertible {
  /// No connection, or none that lasted.
  case unreachable
  case timedOut
  /// Refused, with Stripe's own names for it (docs.stripe.com/api/errors).
  case refused(status: Int, type: String?, code: String?, parameter: String?)
  /// An answer that cannot be read.
  case malformed
  /// Not asked, because it failed again and again.
  case suspended(retryAfter: Int)

  package var description: String {
    switch self {
    case .unreachable: "Stripe cannot be reached"
    case .timedOut: "Stripe did not answer in time"
    case .refused(let status, let type, let code, let parameter):
      "Stripe refused with status \(status)" + [type, code, parameter].compactMap { $0 }.map { ", \($0)" }.joined()
    case .malformed: "Stripe's answer cannot be read"
    case .suspended(let seconds): "Stripe failed again and again, and is not asked for \(seconds) seconds"
    }
  }
}
