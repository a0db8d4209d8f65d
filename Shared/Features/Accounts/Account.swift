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
  /// The key that was shown for it; nil where it was found otherwise.
  package let keyID: UUID?

  package init(id: UUID, kind: Kind, plan: Plan = .free, keyID: UUID? = nil) {
    self.id = id
    self.kind = kind
    self.plan = plan
    self.keyID = keyID
  }

  /// Who acts for it, as the audit log says it.
  package var actor: String {
    switch kind {
    case .operator: "operator"
    case .free: "nobody"
    case .customer: keyID?.uuidString.lowercased() ?? "token"
    }
  }

  /// Which account's queued work goes first: the greater.
  package var queuePriority: Int { kind == .operator ? Plan.scale.queuePriority : plan.queuePriority }
}
