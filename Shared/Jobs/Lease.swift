package import FoundationEssentials

/// A worker's temporary claim on a job.
///
/// An expired lease stays valid until another worker takes the job.
package struct Lease: Sendable, Hashable, Decodable {
  package let jobID: UUID
  package let kind: JobKind
  /// The JSON that was enqueued, unchanged.
  package let payload: String
  package let priority: Int
  /// The number of this attempt, from 1.
  package let attempt: Int
  package let maxAttempts: Int
  let token: UUID
}
