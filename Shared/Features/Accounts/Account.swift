package import FoundationEssentials

/// Whose a thing is.
package struct Account: Sendable, Hashable {
  package enum Kind: String, Sendable {
    /// Whoever may start the process; without daily limits.
    case `operator`
    /// Somebody without a credential; never holds credits, payments or paid documents.
    case free
    /// Somebody whom a key or token proves to be who paid, or who was granted a plan.
    case customer
  }

  package let id: UUID
  package let kind: Kind
  package var plan = Plan.free

  package init(id: UUID, kind: Kind, plan: Plan = .free) {
    self.id = id
    self.kind = kind
    self.plan = plan
  }

  /// Which account's queued work goes first: the greater.
  package var queuePriority: Int { kind == .operator ? Plan.scale.queuePriority : plan.queuePriority }
}
