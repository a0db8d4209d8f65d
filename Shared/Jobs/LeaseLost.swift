package import FoundationEssentials

/// The error for a lease that is no longer valid: it expired and another worker took the job, or the job is finished.
/// The work done under it must be rolled back.
package struct LeaseLost: Error, Sendable, Equatable {
  package let jobID: UUID
}
