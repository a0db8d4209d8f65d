import Contract
package import FoundationEssentials
package import Postgres

/// API keys: the operator makes, lists and revokes them; a claimed purchase replaces them.
extension Accounts {
  /// Makes an API key for the account of this email's grants.
  package func makeKey(for email: Email, by deadline: ContinuousClock.Instant) throws -> APIKey {
    try makeKey(for: .grants(email), by: deadline)
  }

  /// Makes an additional API key for a customer's account.
  ///
  /// - Parameter days: the days until the key expires; nil for never.
  /// - Throws: `not_found` if the owner has no customer account.
  package func makeKey(for owner: KeyOwner, days: Int? = nil, by deadline: ContinuousClock.Instant) throws -> APIKey {
    let key = APIKey()
    try database.transaction(by: deadline) { transaction in
      let id = try Self.account(of: owner, in: &transaction)
      try Self.requireNotErased(id, in: &transaction)
      transaction.send(
        """
        INSERT INTO credentials (digest, account_id, beginning, expires_at)
        VALUES (\(key.digest), \(id), \(key.beginning), now() + \(days) * interval '1 day')
        """)
      let end = days.map { ", for \($0) days" } ?? ""
      Self.record("key_made", key.beginning + end, of: id, by: "operator", in: &transaction)
    }
    return key
  }

  /// The keys of an account, the newest first.
  package func keys(of owner: KeyOwner, by deadline: ContinuousClock.Instant) throws -> [ListedKey] {
    try database.transaction(by: deadline) { transaction in
      let id = try Self.account(of: owner, in: &transaction)
      return try transaction.rows(
        """
        SELECT key_id AS id, beginning, created_at, expires_at, revoked_at FROM credentials WHERE account_id = \(id)
        ORDER BY created_at DESC, key_id
        """, as: ListedKey.self)
    }
  }

  /// Revokes the account's keys with this beginning, permanently.
  ///
  /// - Returns: the number of keys revoked by this call.
  package func revokeKeys(of owner: KeyOwner, beginning: String, by deadline: ContinuousClock.Instant) throws -> Int {
    try database.transaction(by: deadline) { transaction in
      let id = try Self.account(of: owner, in: &transaction)
      let revoked = try transaction.rows(
        """
        UPDATE credentials SET revoked_at = now()
        WHERE account_id = \(id) AND revoked_at IS NULL AND beginning = \(beginning) AND beginning <> ''
        RETURNING beginning
        """, as: String.self)
      for key in revoked { Self.record("key_revoked", key, of: id, by: "operator", in: &transaction) }
      return revoked.count
    }
  }

  /// Makes an API key for an account, in place of an old one that was never used.
  ///
  /// - Parameter make: makes the key for an id; nil for a random key.
  /// - Throws: `conflict` if the old key was used; `unauthorized` if the account was erased.
  package static func replaceKey(
    _ old: UUID?, of account: UUID, by actor: String, as make: ((UUID) -> APIKey)? = nil,
    in transaction: inout Transaction
  ) throws -> (key: APIKey, id: UUID) {
    let id = UUID()
    let key = make?(id) ?? APIKey()
    try requireNotErased(account, in: &transaction)
    if let old {
      let unused = try transaction.rows(
        """
        UPDATE credentials SET revoked_at = now()
        WHERE account_id = \(account) AND key_id = \(old) AND first_used_at IS NULL AND revoked_at IS NULL
        RETURNING beginning
        """, as: String.self)
      guard let beginning = unused.first else {
        throw Failure(.conflict, "the key was claimed and used before; a used key is not shown again")
      }
      record("key_revoked", beginning, of: account, by: actor, in: &transaction)
    }
    transaction.send(
      """
      INSERT INTO credentials (digest, account_id, key_id, beginning)
      VALUES (\(key.digest), \(account), \(id), \(key.beginning))
      """)
    record("key_made", key.beginning, of: account, by: actor, in: &transaction)
    return (key, id)
  }

  /// True if the key with this id is unchanged and not revoked.
  package static func isValid(_ key: APIKey, id: UUID, in transaction: inout Transaction) throws -> Bool {
    try transaction.rows(
      "SELECT 1 FROM credentials WHERE digest = \(key.digest) AND key_id = \(id) AND revoked_at IS NULL", as: Int.self
    ).first != nil
  }

  private static func account(of owner: KeyOwner, in transaction: inout Transaction) throws -> UUID {
    switch owner {
    case .grants(let email):
      let found = try transaction.rows(
        "SELECT account_id FROM account_identities WHERE kind = 'grant' AND subject = \(email.address)", as: UUID.self)
      guard let id = found.first else {
        throw Failure(
          .notFound,
          """
          no plan was granted to \(email.address); grant one with local-runner accounts grant \(email.address) PLAN, \
          or name the account of a purchase with --session
          """
        )
      }
      return id
    case .account(let id):
      // Anyone on its network uses a Free account, and a key to the operator's account would have no limits.
      guard try transaction.rows("SELECT kind FROM accounts WHERE account_id = \(id)", as: String.self) == ["customer"]
      else {
        throw Failure(.notFound, "the customer account \(id.text) does not exist")
      }
      return id
    }
  }
}
