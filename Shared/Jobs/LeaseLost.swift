package import FoundationEssentials

/// Somebody else took the job after the lease had expired, or it is finished: what was done under the lease must not
/// count.
package struct LeaseLost: Error, Sendable, Equatable {
  package let jobID: UUID
}
