package import FoundationEssentials

/// The result of a request to a ``RateLimit``: whether it was allowed, and the remaining quota.
package struct RateDecision: Sendable, Equatable {
  package let isAllowed: Bool
  package let limit: Int
  package let remaining: Int
  /// When the whole quota is available again: the end of the window, or when the bucket is full.
  package let resetsAt: Date
  /// The time until the same request would be allowed, if others take nothing. nil if this one was allowed, or asked
  /// for more than the limit.
  package let retryAfter: Duration?
}
