import Contract
package import FoundationEssentials
package import Postgres

/// What makes an account nobody's.
extension Accounts {
  /// Erases what is kept of a person, and leaves the account as a stone in the books that can never be used again.
  ///
  /// Erasing again does again what each table needs, and audits nothing: so what one program could not reach another
  /// can finish.
  /// - Parameters:
  ///   - data: what the features above keep; this one's own is always erased, at last.
  ///   - actor: who did it.
  /// - Returns: false where it was erased before.
  /// - Throws: `not_found`; `forbidden` for the operator's own account.
  @discardableResult
  package static func erase(
    _ account: UUID, and data: [AccountData], by actor: String, in transaction: inout Transaction
  ) throws -> Bool {
    // Until this ends nobody adds anything to the account, and afterwards everybody sees that it is gone.
    let found = try transaction.rows(
      "SELECT kind, erased_at IS NOT NULL FROM accounts WHERE account_id = \(account) FOR UPDATE", as: String.self,
      Bool.self)
    guard let (kind, wasErased) = found.first else { throw Failure(.notFound, "there is no account \(account)") }
    guard kind != Account.Kind.operator.rawValue else {
      throw Failure(.forbidden, "the operator's own account is not erased")
    }
    for table in data + accountData { try table.erase?(account, &transaction) }
    if !wasErased { record("account_erased", "", of: account, by: actor, in: &transaction) }
    return !wasErased
  }

  /// Whether an account was erased; it stays as it is until the transaction ends.
  package static func isErased(_ account: UUID, in transaction: inout Transaction) throws -> Bool {
    // The lock that a row which refers to the account takes too.
    try transaction.rows(
      "SELECT erased_at IS NOT NULL FROM accounts WHERE account_id = \(account) FOR KEY SHARE", as: Bool.self) == [true]
  }

  /// To be asked in each transaction that adds something of a person's: the account may have been erased since the
  /// request was let in.
  ///
  /// - Throws: `unauthorized`.
  package static func confirm(_ account: UUID, in transaction: inout Transaction) throws {
    if try isErased(account, in: &transaction) { throw Failure(.unauthorized, "the account was erased") }
  }
}
