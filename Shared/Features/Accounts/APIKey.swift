import Cryptography
package import FoundationEssentials

/// An API key in plain text, as it is shown once to its owner. The database stores only its digest.
package struct APIKey: Sendable {
  /// `llmtxt_` and 32 bytes in hexadecimal.
  package let text: String

  package static let prefix = "llmtxt_"

  /// Makes a random key.
  init() {
    text = Self.prefix + Hex.encode(RandomBytes.make(32))
  }

  /// Derives a key with HMAC-SHA-256; the same input always gives the same key.
  ///
  /// - Parameter secret: known only to the owner of the key, and as hard to guess as a key.
  package init(derivedFrom name: String, secret: String) {
    text = Self.prefix + Hex.encode(Digest.hmacSHA256(Array(name.utf8), key: Array(secret.utf8)))
  }

  var digest: [UInt8] { Digest.sha256(Array(text.utf8)) }

  /// The first characters, which distinguish the keys of an account; they contain 32 of the key's 256 bits.
  var beginning: String { String(text.prefix(Self.prefix.count + 8)) }
}

/// An API key in a list of an account's keys, without its text.
package struct ListedKey: Sendable, Equatable, Decodable {
  package let id: UUID
  /// The key's first characters.
  package let beginning: String
  package let createdAt: Date
  /// Nil if the key does not expire.
  package let expiresAt: Date?
  package let revokedAt: Date?
}
