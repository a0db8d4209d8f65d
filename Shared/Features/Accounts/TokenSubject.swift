package import Contract
import Cryptography
import FoundationEssentials
import Postgres

/// The name under which the account of an issuer's user or organisation is found.
package struct TokenSubject: Sendable, Hashable {
  package enum Kind: String, Sendable {
    case user = "sub"
    case organization = "org"
  }

  package let kind: Kind
  let text: String

  /// - Throws: `invalid_request` for a name that is empty, over 255 bytes, or has control characters.
  package init(_ kind: Kind, issuer: String, name: String) throws(Failure) {
    // OpenID Connect Core, section 2: a `sub` has 255 characters at most. The database takes no NUL.
    guard 1...255 ~= name.utf8.count, name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
      throw Failure(
        .invalidRequest, "the name of a subject or organisation is empty, over 255 bytes, or has control characters")
    }
    self.kind = kind
    text = "\(kind.rawValue) \(issuer) \(name)"
  }

  /// What stands in its place once its account was erased: it finds the same, and names nobody.
  var erased: String { Self.erased(text) }

  private static let mark = "erased "

  private static func erased(_ text: String) -> String { mark + Hex.encode(Digest.sha256(Array(text.utf8))) }

  /// Keeps everybody else from opening or erasing the account of this subject until the transaction ends.
  func lock(in transaction: inout Transaction) {
    transaction.send("SELECT pg_advisory_xact_lock(hashtextextended('token ' || \(text), 0))")
  }

  /// Leaves of an account's subjects only what recognises them.
  static func forget(_ account: UUID, in transaction: inout Transaction) throws {
    let subjects = try transaction.rows(
      "SELECT subject FROM account_identities WHERE account_id = \(account) AND kind = 'token'", as: String.self)
    for subject in subjects where !subject.hasPrefix(mark) {
      transaction.send(
        "UPDATE account_identities SET subject = \(erased(subject)) WHERE kind = 'token' AND subject = \(subject) AND account_id = \(account)"
      )
    }
  }
}
