import Cryptography
package import FoundationEssentials

/// A key that was made: shown to whom it was made for, and nowhere kept but as a digest.
package struct APIKey: Sendable {
  /// `llmtxt_` and 32 bytes in hex, random ones or such as nobody can tell from them.
  package let text: String

  static let prefix = "llmtxt_"

  init() {
    text = Self.prefix + Hex.encode(RandomBytes.make(32))
  }

  /// The key that follows from a secret which only its caller has: the same one for the same words.
  ///
  /// - Parameter secret: as hard to guess as a key is.
  package init(of words: String, secret: String) {
    text = Self.prefix + Hex.encode(Digest.hmacSHA256(Array(words.utf8), key: Array(secret.utf8)))
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
