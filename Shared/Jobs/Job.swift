package import FoundationEssentials

/// The name of a kind of background job. It selects the handler.
package struct JobKind: RawRepresentable, Sendable, Hashable, Decodable, ExpressibleByStringLiteral {
  /// One line.
  package let rawValue: String

  package init(rawValue: String) {
    precondition(!rawValue.isEmpty && !rawValue.contains("\n"), "the name of a job kind is one line")
    self.rawValue = rawValue
  }

  package init(stringLiteral value: String) { self.init(rawValue: value) }
}

/// A background job. Workers can lease it after the transaction that enqueues it has committed.
package struct Job: Sendable {
  package let kind: JobKind
  /// JSON.
  package let payload: String
  /// Jobs with a higher priority run first.
  package let priority: Int
  /// The earliest start; nil for at once.
  package let runAt: Date?
  /// If an unfinished job of the same kind and key exists, a new one is not enqueued. nil for a job that is always
  /// added.
  package let key: String?
  /// The number of attempts before the job is marked as dead.
  package let maxAttempts: Int

  package init(
    _ kind: JobKind, payload: String, priority: Int = 0, runAt: Date? = nil, key: String? = nil, maxAttempts: Int = 5
  ) {
    precondition(maxAttempts > 0, "a job needs at least one attempt")
    self.kind = kind
    self.payload = payload
    self.priority = priority
    self.runAt = runAt
    self.key = key
    self.maxAttempts = maxAttempts
  }
}
