import Contract
package import FoundationEssentials
package import Postgres

extension Accounts {
  /// Deletes a person's data and leaves a tombstone, so the ledger stays valid. The account cannot be used again.
  ///
  /// A second erasure erases the given tables again and audits nothing. So one program can erase tables that another
  /// does not know.
  /// - Parameters:
  ///   - data: the tables of other features. The tables of this feature are always erased, after the others.
  ///   - actor: the name of who erased the account, for the audit log.
  /// - Returns: false if the account was erased before.
  /// - Throws: `not_found`; `forbidden` for the operator's account.
  @discardableResult
  package static func erase(
    _ account: UUID, including data: [PersonalData], by actor: String, in transaction: inout Transaction
  ) throws -> Bool {
    // The lock keeps other transactions from adding rows to the account. Afterwards they see that it is erased.
    let found = try transaction.rows(
      "SELECT kind, erased_at IS NOT NULL AS is_erased FROM accounts WHERE account_id = \(account) FOR UPDATE",
      as: ErasureState.self)
    guard let before = found.first else { throw Failure(.notFound, "the account \(account.text) does not exist") }
    guard before.kind != .operator else {
      throw Failure(.forbidden, "the operator's account cannot be erased")
    }
    for table in data + personalData { try table.erase?(account, &transaction) }
    if !before.isErased { record("account_erased", "", of: account, by: actor, in: &transaction) }
    return !before.isErased
  }

  private struct ErasureState: Decodable {
    let kind: Account.Kind
    let isErased: Bool
  }

  /// Erases an account for the operator.
  package func erase(_ account: UUID, including data: [PersonalData], by deadline: ContinuousClock.Instant) throws {
    _ = try database.transaction(by: deadline) { try Self.erase(account, including: data, by: "operator", in: &$0) }
  }

  /// True if an account was erased. The row stays locked until the transaction ends, so the result stays true or false.
  package static func isErased(_ account: UUID, in transaction: inout Transaction) throws -> Bool {
    // A row that refers to the account takes the same lock.
    try transaction.rows(
      "SELECT erased_at IS NOT NULL FROM accounts WHERE account_id = \(account) FOR KEY SHARE", as: Bool.self) == [true]
  }

  /// Checks that an account was not erased after the request was authenticated. Every transaction that stores personal
  /// data calls this.
  ///
  /// - Throws: `unauthorized`.
  package static func requireNotErased(_ account: UUID, in transaction: inout Transaction) throws {
    if try isErased(account, in: &transaction) { throw Failure(.unauthorized, "the account was erased") }
  }

  // MARK: Selecting accounts

  /// The accounts that match an email, and which of them an erasure of the email includes: all except those that have
  /// the email only as a contact address and are not in `contacts`.
  ///
  /// - Throws: `not_found` if no account matches, or one of `contacts` does not match.
  package func erasureSelection(
    _ email: Email, contacts: [UUID], by deadline: ContinuousClock.Instant
  ) throws -> [(account: Match, isSelected: Bool)] {
    let matches = try find(email, by: deadline)
    if matches.isEmpty { throw Self.noMatch(email) }
    for id in contacts where !matches.contains(where: { $0.id == id }) {
      throw Failure(.notFound, "the account \(id.text) does not match \(email.address)")
    }
    return matches.map { ($0, $0.reason != .contact || contacts.contains($0.id)) }
  }

  /// The number of rows that an erasure would delete, by section of the export; sections without rows are omitted.
  package func erasableRows(
    of account: UUID, including data: [PersonalData], by deadline: ContinuousClock.Instant
  ) throws -> [(section: String, rows: Int)] {
    try database.transaction(by: deadline) { transaction in
      var sections: [(section: String, rows: Int)] = []
      for table in Self.personalData + data where table.erase != nil && table.table != "accounts" {
        guard let query = table.export?(account) else { continue }
        let count = try transaction.rows(query, as: String.self).count
        if count > 0 { sections.append((table.section, count)) }
      }
      return sections
    }
  }
}
