package import FoundationEssentials

/// Whose a thing is.
package struct Account: Sendable, Hashable {
  package enum Kind: String, Sendable {
    /// Whoever may start the process; without daily limits.
    case `operator`
    /// Somebody without a credential; never holds credits, payments or paid documents.
    case free
  }

  package let id: UUID
  package let kind: Kind
}
