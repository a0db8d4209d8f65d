package import FoundationEssentials

/// Whether something could be taken, and what is left.
package struct RateDecision: Sendable, Equatable {
  package let isAllowed: Bool
  package let limit: Int
  package let remaining: Int
  /// When all of the limit is there again: a window's end, or when the bucket is full.
  package let resetsAt: Date
  /// How long until as many could be taken, if nobody else takes any; nil where they were, or are more than the limit.
  package let retryAfter: Duration?
}
