package import FoundationEssentials
package import Postgres

/// Changes of users and organisations that a token issuer reports, in any order.
extension Accounts {
  /// The result of a change that a token issuer reported.
  package enum IssuerChange: Sendable {
    case applied
    /// The account already has this state or a newer one.
    case unchanged
    /// The account was erased and stays erased.
    case erased
  }

  /// Stores the contact address that an issuer reports for a subject, unless a newer report is stored. Opens an account
  /// for a new subject.
  ///
  /// - Parameters:
  ///   - email: the contact address; requests that name it do not get this account.
  ///   - time: the issuer's time of the change, in milliseconds since 1970.
  ///   - actor: the issuer's name in the audit log.
  package static func update(
    _ subject: TokenSubject, email: Email?, asOf time: Int, by actor: String, in transaction: inout Transaction
  ) throws -> IssuerChange {
    subject.lock(in: &transaction)
    guard let existing = try account(of: subject, in: &transaction) else {
      let account = open(subject, email: email, asOf: time, in: &transaction)
      record(
        "account_created", subject.kind == .user ? "user" : "organization", of: account, by: actor, in: &transaction)
      return .applied
    }
    if existing.isErased { return .erased }
    let account = existing.accountID
    // Of two changes in one millisecond the greater address wins, so that their order does not matter.
    let count = try transaction.execute(
      """
      UPDATE accounts SET email = \(email?.address), issuer_updated_at = \(time) WHERE account_id = \(account)
        AND (coalesce(issuer_updated_at, -1), coalesce(email, '') COLLATE "C")
          < (\(time), coalesce(\(email?.address), '') COLLATE "C")
        AND erased_at IS NULL
      """)
    return count == 1 ? .applied : .unchanged
  }

  /// Erases the account of a subject. If there is none, opens an erased one, so that no later request can open it.
  ///
  /// - Parameter also: runs in the same transaction if the account was not erased before.
  package static func erase(
    _ subject: TokenSubject, including data: [PersonalData], by actor: String, in transaction: inout Transaction,
    also: (UUID, inout Transaction) throws -> Void = { _, _ in }
  ) throws -> IssuerChange {
    subject.lock(in: &transaction)
    let existing = try account(of: subject, in: &transaction)
    if existing?.isErased == true { return .unchanged }
    let account = if let existing { existing.accountID } else { open(subject, in: &transaction) }
    guard try erase(account, including: data, by: actor, in: &transaction) else { return .unchanged }
    try also(account, &transaction)
    return .applied
  }

  /// The account of a subject, even if it was erased. Only a transaction with the subject's lock may open a new one.
  static func account(of subject: TokenSubject, in transaction: inout Transaction) throws -> SubjectAccount? {
    try transaction.rows(
      """
      SELECT account_id, erased_at IS NOT NULL AS is_erased
      FROM account_identities AS identity JOIN accounts USING (account_id)
      WHERE identity.kind = 'token' AND subject IN (\(subject.text), \(subject.erasedText))
      """, as: SubjectAccount.self
    ).first
  }

  struct SubjectAccount: Decodable {
    let accountID: UUID
    let isErased: Bool
  }

  /// Opens a customer account for a subject. The transaction must have the subject's lock.
  static func open(
    _ subject: TokenSubject, email: Email? = nil, asOf time: Int? = nil, in transaction: inout Transaction
  ) -> UUID {
    let id = UUID()
    transaction.send(
      """
      INSERT INTO accounts (account_id, kind, email, issuer_updated_at)
      VALUES (\(id), 'customer', \(email?.address), \(time))
      """)
    transaction.send(
      "INSERT INTO account_identities (kind, subject, account_id) VALUES ('token', \(subject.text), \(id))")
    return id
  }
}
