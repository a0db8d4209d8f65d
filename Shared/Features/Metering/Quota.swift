import Contract
package import FoundationEssentials

/// How much of a meter is left today.
package struct Quota: Sendable, Equatable {
  package let meter: Meter
  package let limit: Int
  /// Held uses included; more than the limit after a plan became smaller.
  package let used: Int
  /// Midnight UTC.
  package let resetsAt: Date
  /// Until then, rounded up.
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

  var refusal: Failure {
    let what =
      switch meter {
      case .analyses: "the plan's \(limit) analyses a day are used up"
      case .freeAnalysesOfAddress: "this address has used up its \(limit) free analyses a day"
      case .modelMicrodollars: "what the plan lets language models cost a day is spent"
      }
    var failure = Failure(
      .quotaExceeded, "\(what); more from \(resetsAt.ISO8601Format()) on, or at once with a larger plan: GET /checkout",
      details: ["meter": meter.rawValue, "limit": String(limit)], retryAfter: secondsToReset)
    failure.headers = headers
    return failure
  }
}
