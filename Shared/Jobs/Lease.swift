package import FoundationEssentials

/// A job that is one worker's for a while.
///
/// Past its time it goes on to be good until somebody else takes the job; from then on it counts for nothing.
package struct Lease: Sendable, Hashable {
  package let jobID: UUID
  package let kind: String
  /// JSON, as it was enqueued.
  package let payload: String
  package let priority: Int
  /// Which attempt this is, from 1.
  package let attempt: Int
  package let maxAttempts: Int
  let token: UUID
}
