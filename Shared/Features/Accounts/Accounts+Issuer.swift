package import FoundationEssentials
package import Postgres

/// What an issuer of tokens tells of its users and organisations, in any order, beside the requests that show its
/// tokens.
extension Accounts {
  /// What became of it.
  package enum News: Sendable {
    case applied
    /// It is known, or older than what is.
    case known
    /// Of somebody who was erased; it stays so.
    case erased
  }

  /// Takes what an issuer says of a subject, unless it said something later before.
  ///
  /// - Parameters:
  ///   - email: where to write to; it finds nothing and proves nothing.
  ///   - time: by the issuer's clock, in milliseconds since 1970.
  ///   - actor: who says so.
  package static func learn(
    _ subject: TokenSubject, email: Email?, asOf time: Int, by actor: String, in transaction: inout Transaction
  ) throws -> News {
    subject.lock(in: &transaction)
    guard let (account, isErased) = try known(subject, in: &transaction) else {
      let account = open(subject, email: email, asOf: time, in: &transaction)
      record(
        "account_created", subject.kind == .user ? "user" : "organization", of: account, by: actor, in: &transaction)
      return .applied
    }
    if isErased { return .erased }
    // Of two things said in one millisecond the greater address stands, in whatever order they come.
    let count = try transaction.execute(
      """
      UPDATE accounts SET email = \(email?.address), issuer_updated_at = \(time) WHERE account_id = \(account)
        AND (coalesce(issuer_updated_at, -1), coalesce(email, '') COLLATE "C") < (\(time), coalesce(\(email?.address), '') COLLATE "C")
        AND erased_at IS NULL
      """)
    return count == 1 ? .applied : .known
  }

  /// Erases the account of a subject; where there is none yet, none will ever be.
  ///
  /// - Parameter also: what else is to be done where it was not erased before.
  package static func erase(
    _ subject: TokenSubject, and data: [AccountData], by actor: String, in transaction: inout Transaction,
    also: (UUID, inout Transaction) throws -> Void = { _, _ in }
  ) throws -> News {
    subject.lock(in: &transaction)
    let known = try known(subject, in: &transaction)
    if known?.isErased == true { return .known }
    let account = if let known { known.account } else { open(subject, in: &transaction) }
    guard try erase(account, and: data, by: actor, in: &transaction) else { return .known }
    try also(account, &transaction)
    return .applied
  }

  /// The account of a subject, also of one that was erased. Only who has its lock may open one where there is none.
  static func known(_ subject: TokenSubject, in transaction: inout Transaction) throws -> (
    account: UUID, isErased: Bool
  )? {
    try transaction.rows(
      """
      SELECT account_id, erased_at IS NOT NULL FROM account_identities AS identity JOIN accounts USING (account_id)
      WHERE identity.kind = 'token' AND subject IN (\(subject.text), \(subject.erased))
      """, as: UUID.self, Bool.self
    ).first.map { (account: $0.0, isErased: $0.1) }
  }

  static func open(
    _ subject: TokenSubject, email: Email? = nil, asOf time: Int? = nil, in transaction: inout Transaction
  ) -> UUID {
    let id = UUID()
    transaction.send(
      "INSERT INTO accounts (account_id, kind, email, issuer_updated_at) VALUES (\(id), 'customer', \(email?.address), \(time))"
    )
    transaction.send(
      "INSERT INTO account_identities (kind, subject, account_id) VALUES ('token', \(subject.text), \(id))")
    return id
  }
}
