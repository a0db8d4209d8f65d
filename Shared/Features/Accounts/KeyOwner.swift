package import FoundationEssentials

/// Whose keys an operator means.
package enum KeyOwner: Sendable, Hashable {
  /// The account that an email's grants made; what was bought under the address stands in accounts of its own.
  case grants(Email)
  case account(UUID)
}
