package import FoundationEssentials

/// Work to be done once its transaction counts.
package struct Job: Sendable {
  package let kind: String
  /// JSON.
  package let payload: String
  /// The greater first.
  package let priority: Int
  /// Not before then; nil for at once.
  package let runAt: Date?
  /// Of several unfinished jobs of one kind and key only the first is kept; nil for one that stands for itself.
  package let key: String?
  /// How often it may be begun before it is given up.
  package let maxAttempts: Int

  /// - Parameter kind: which worker does it; of one line.
  package init(
    _ kind: String, payload: String, priority: Int = 0, runAt: Date? = nil, key: String? = nil, maxAttempts: Int = 5
  ) {
    precondition(!kind.isEmpty && !kind.contains("\n") && maxAttempts > 0, "a job that nobody could lease")
    self.kind = kind
    self.payload = payload
    self.priority = priority
    self.runAt = runAt
    self.key = key
    self.maxAttempts = maxAttempts
  }
}
