package import FoundationEssentials

/// The account in whose name the operator manages API keys.
package enum KeyOwner: Sendable, Hashable {
  /// The account that was granted a plan under this email. Purchases with the same email have accounts of their own.
  case grants(Email)
  case account(UUID)
}
