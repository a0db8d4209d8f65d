package import Accounts
import Contract
package import FoundationEssentials

/// The state of an account's meter today.
package struct Quota: Sendable, Equatable {
  package let meter: Meter
  package let limit: Int
  /// Settled and held uses; more than the limit if the account changed to a smaller plan.
  package let used: Int
  /// Midnight UTC.
  package let resetsAt: Date
  /// The seconds until ``resetsAt``, rounded up.
  package let secondsToReset: Int

  package var remaining: Int { max(0, limit - used) }

  /// `RateLimit-Limit`, `-Remaining` and `-Reset` (draft-ietf-httpapi-ratelimit-headers-07, section 3, in their
  /// separate form).
  package var headers: [String: String] {
    [
      "ratelimit-limit": String(limit), "ratelimit-remaining": String(remaining),
      "ratelimit-reset": String(secondsToReset),
    ]
  }

  /// The failure of a request that would exceed the limit.
  var failure: Failure {
    var failure = Failure(
      .quotaExceeded,
      """
      \(meter.exhausted(limit)); wait until \(resetsAt.ISO8601Format()) or choose a larger plan with GET /checkout
      """,
      details: ["meter": meter.name, "limit": String(limit)], retryAfter: secondsToReset)
    failure.headers = headers
    return failure
  }
}
