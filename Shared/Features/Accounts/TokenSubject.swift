package import Contract
import Cryptography
import FoundationEssentials
import Postgres

/// A user or an organisation of a token issuer; it identifies an account.
package struct TokenSubject: Sendable, Hashable {
  package enum Kind: String, Sendable {
    case user = "sub"
    case organization = "org"
  }

  package let kind: Kind
  /// The subject as `account_identities` stores it: kind, issuer and name, separated by spaces.
  let text: String

  /// - Throws: `invalid_request` for a name that is empty, over 255 bytes, or has control characters.
  package init(_ kind: Kind, issuer: String, name: String) throws(Failure) {
    // OpenID Connect Core, section 2: a `sub` has 255 characters at most. PostgreSQL does not store NUL.
    guard 1...255 ~= name.utf8.count, name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
      throw Failure(
        .invalidRequest, "the name of a subject or organisation is empty, over 255 bytes, or has control characters")
    }
    self.kind = kind
    text = "\(kind.rawValue) \(issuer) \(name)"
  }

  /// The digest that replaces the text after an erasure. It identifies the account without the name.
  var erasedText: String { Self.erasedText(text) }

  private static let erasedPrefix = "erased "

  private static func erasedText(_ text: String) -> String {
    erasedPrefix + Hex.encode(Digest.sha256(Array(text.utf8)))
  }

  /// Keeps other transactions from opening or erasing the account of this subject until the transaction ends.
  func lock(in transaction: inout Transaction) {
    transaction.send("SELECT pg_advisory_xact_lock(hashtextextended('token ' || \(text), 0))")
  }

  /// Replaces an account's subjects by their digests.
  static func anonymize(_ account: UUID, in transaction: inout Transaction) throws {
    let subjects = try transaction.rows(
      "SELECT subject FROM account_identities WHERE account_id = \(account) AND kind = 'token'", as: String.self)
    for subject in subjects where !subject.hasPrefix(erasedPrefix) {
      transaction.send(
        """
        UPDATE account_identities SET subject = \(erasedText(subject))
        WHERE kind = 'token' AND subject = \(subject) AND account_id = \(account)
        """)
    }
  }
}
