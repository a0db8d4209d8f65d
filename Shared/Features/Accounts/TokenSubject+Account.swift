import Contract
import FoundationEssentials
import Postgres

/// The accounts of users and organisations that authenticate with JSON Web Tokens.
extension Accounts {
  /// The account of a token's subject; a new one the first time the subject is seen.
  ///
  /// - Throws: `unauthorized` if the account was erased.
  package func account(
    tokenSubject subject: TokenSubject, by deadline: ContinuousClock.Instant
  ) throws -> Account {
    let lookup: Query = """
      SELECT account_id, accounts.kind, \(unsafeSQL: Self.planColumns), erased_at IS NOT NULL AS is_erased,
        NULL::uuid AS key_id, false AS is_first_use
      FROM account_identities AS identity JOIN accounts USING (account_id)
      WHERE identity.kind = 'token' AND subject IN (\(subject.text), \(subject.erasedText))
      """
    if let row = try database.rows(lookup, as: AccountRow.self, by: deadline).first { return try Self.account(row) }
    return try database.transaction(by: deadline) { transaction in
      // Another request with the same subject, or the event that deletes it, may come first.
      subject.lock(in: &transaction)
      if let row = try transaction.rows(lookup, as: AccountRow.self).first { return try Self.account(row) }
      let id = Self.open(subject, in: &transaction)
      Self.record("account_opened", "by the first token of its subject", of: id, by: "token", in: &transaction)
      return Account(id: id, kind: .customer)
    }
  }

  private static func account(_ row: AccountRow) throws(Failure) -> Account {
    if row.isErased { throw Failure(.unauthorized, "the account of this token's subject was erased") }
    return row.account
  }
}
