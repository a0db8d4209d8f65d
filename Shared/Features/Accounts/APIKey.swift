import Cryptography
package import FoundationEssentials

/// A key that was made: shown once, and nowhere kept but as a digest.
package struct APIKey: Sendable {
  /// `llmtxt_` and 32 random bytes in hex.
  package let text: String

  static let prefix = "llmtxt_"

  init() {
    // The system's generator is the kernel's (getrandom), which is fit for secrets.
    var generator = SystemRandomNumberGenerator()
    let digits = (0..<32).map { _ in
      let byte = UInt8.random(in: .min ... .max, using: &generator)
      return String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }
    text = Self.prefix + digits.joined()
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
  package let revokedAt: Date?
}
