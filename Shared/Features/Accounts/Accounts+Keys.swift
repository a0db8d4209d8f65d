import Contract
import FoundationEssentials
import Postgres

/// The operator's hand on the keys of customers.
extension Accounts {
  /// Makes a key for the account of this email's grants.
  package func makeKey(for email: Email, by deadline: ContinuousClock.Instant) throws -> APIKey {
    try makeKey(for: .grants(email), by: deadline)
  }

  /// Makes a key for a customer's account, beside those that it has.
  ///
  /// - Parameter days: after which it is good no more; nil for never.
  /// - Throws: `not_found` where the owner has no account that keys are made for.
  package func makeKey(for owner: KeyOwner, days: Int? = nil, by deadline: ContinuousClock.Instant) throws -> APIKey {
    let key = APIKey()
    try database.transaction(by: deadline) { transaction in
      let id = try Self.account(of: owner, in: &transaction)
      try Self.confirm(id, in: &transaction)
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
        SELECT key_id, beginning, created_at, expires_at, revoked_at FROM credentials WHERE account_id = \(id)
        ORDER BY created_at DESC, key_id
        """, as: UUID.self, String.self, Date.self, Date?.self, Date?.self
      ).map { ListedKey(id: $0.0, beginning: $0.1, createdAt: $0.2, expiresAt: $0.3, revokedAt: $0.4) }
    }
  }

  /// Revokes those of the account's keys that begin like this, at once and for good.
  ///
  /// - Returns: how many were revoked; those that were before do not count.
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

  private static func account(of owner: KeyOwner, in transaction: inout Transaction) throws -> UUID {
    switch owner {
    case .grants(let email):
      let found = try transaction.rows(
        "SELECT account_id FROM account_identities WHERE kind = 'grant' AND subject = \(email.address)", as: UUID.self)
      guard let id = found.first else {
        throw Failure(
          .notFound,
          "nothing was granted to \(email.address) yet; local-runner accounts grant \(email.address) PLAN opens an account, and the account of a purchase is named by --session"
        )
      }
      return id
    case .account(let id):
      // A Free account is nobody's, and a key to the operator's would have no limits.
      guard try transaction.rows("SELECT kind FROM accounts WHERE account_id = \(id)", as: String.self) == ["customer"]
      else {
        throw Failure(.notFound, "there is no customer's account \(id.uuidString.lowercased())")
      }
      return id
    }
  }
}
