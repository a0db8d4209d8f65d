import Cryptography
package import FoundationEssentials

/// A key that was made: shown once, and nowhere kept but as a digest.
package struct APIKey: Sendable {
  /// `llmtxt_` and 32 random bytes in hex.
  package let text: String

  static let prefix = "llmtxt_"

  init() {
    text = Self.prefix + Hex.encode(RandomBytes.make(32))
  }

  var digest: [UInt8] { Digest.sha256(Array(text.utf8)) }

  /// Enough to tell an account's keys apart: 32 of its 256 bits.
  var beginning: String { String(text.prefix(Self.prefix.count + 8)) }
}

/// A key as it is listed.
package struct ListedKey: Sendable, Equatable {
  package let id: UUID
  /// Its first characters.
  package let beginning: String
  package let createdAt: Date
  /// Nil for never.
  package let expiresAt: Date?
  package let revokedAt: Date?
}
