import Contract
package import FoundationEssentials

/// The owner of a request and of everything it creates.
package struct Account: Sendable, Hashable {
  package enum Kind: String, Sendable, Decodable {
    /// The account of the operator, who starts the process; it has no daily limits.
    case `operator`
    /// An account without a credential; it never holds credits, payments or paid documents.
    case free
    /// An account that is reached with an API key or a token, because it paid or was granted a plan.
    case customer
  }

  package let id: UUID
  package let kind: Kind
  package var plan = Plan.free
  /// The API key that authenticated the request; nil if something else did.
  package let keyID: UUID?

  package init(id: UUID, kind: Kind, plan: Plan = .free, keyID: UUID? = nil) {
    self.id = id
    self.kind = kind
    self.plan = plan
    self.keyID = keyID
  }

  /// The name under which the audit log records what a request of this account did.
  package var actor: String {
    switch kind {
    case .operator: "operator"
    case .free: "nobody"
    case .customer: keyID?.text ?? "token"
    }
  }

  /// The priority of the account's queued jobs; a higher number is served first.
  package var queuePriority: Int { kind == .operator ? Plan.scale.queuePriority : plan.queuePriority }
}
