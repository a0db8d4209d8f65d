import Contract
package import FoundationEssentials
package import Postgres

/// What an operator does by hand: plans that are granted, and the keys of the accounts that they were granted to.
extension Accounts {
  /// Gives the account of this email's grants a plan; the account is made where there is none.
  ///
  /// Only grants find it: a request that names the address gets that address' Free account, as ever.
  /// - Parameter also: what else is to be done where another plan holds from now on, whatever was bought beside it.
  package func grant(
    _ plan: Plan, to email: Email, by deadline: ContinuousClock.Instant,
    also: (_ account: UUID, _ holds: Plan, _ transaction: inout Transaction) throws -> Void = { _, _, _ in }
  ) throws -> Account {
    try database.transaction(by: deadline) { transaction in
      let known = try transaction.rows(
        "SELECT account_id FROM account_identities WHERE kind = 'grant' AND subject = \(email.address)", as: UUID.self
      ).first
      let id = if let known { known } else { try Self.openAccount(for: email, in: &transaction) }
      let (before, bought, subscribed, told) = try transaction.rows(
        "SELECT \(unsafeSQL: Self.planColumns), told_plan FROM accounts WHERE account_id = \(id) FOR UPDATE",
        as: String.self, String.self, String.self, String.self)[0]
      try Self.confirm(id, in: &transaction)
      let holds = Plan.greatest(of: [plan.rawValue, bought, subscribed])
      transaction.send(
        "UPDATE accounts SET plan = \(plan.rawValue), told_plan = \(holds.rawValue) WHERE account_id = \(id)")
      if told != holds.rawValue { try also(id, holds, &transaction) }
      Self.record("plan_granted", "\(before) to \(plan.rawValue)", of: id, by: "operator", in: &transaction)
      return Account(id: id, kind: .customer, plan: plan)
    }
  }

  private static func openAccount(for email: Email, in transaction: inout Transaction) throws -> UUID {
    let id = UUID()
    transaction.send("INSERT INTO accounts (account_id, kind, email) VALUES (\(id), 'customer', \(email.address))")
    let isFirst = try transaction.execute(
      "INSERT INTO account_identities (kind, subject, account_id) VALUES ('grant', \(email.address), \(id)) ON CONFLICT DO NOTHING"
    )
    if isFirst == 1 { return id }
    // Somebody else's grant to the same address came first.
    transaction.send("DELETE FROM accounts WHERE account_id = \(id)")
    return try transaction.rows(
      "SELECT account_id FROM account_identities WHERE kind = 'grant' AND subject = \(email.address)", as: UUID.self)[0]
  }

  /// Makes a key for an account, in place of one that was never used; one that was stays, and an account that was
  /// erased gets none.
  ///
  /// - Parameter make: the key of an id; nil for a random one.
  package static func replaceKey(
    _ old: UUID?, of account: UUID, by actor: String, as make: ((UUID) -> APIKey)? = nil,
    in transaction: inout Transaction
  ) throws -> (key: APIKey, id: UUID) {
    let id = UUID()
    let key = make?(id) ?? APIKey()
    try confirm(account, in: &transaction)
    if let old {
      let unused = try transaction.rows(
        """
        UPDATE credentials SET revoked_at = now()
        WHERE account_id = \(account) AND key_id = \(old) AND first_used_at IS NULL AND revoked_at IS NULL RETURNING beginning
        """, as: String.self)
      guard let beginning = unused.first else {
        throw Failure(.conflict, "the key was claimed and used; keep it, for it is shown only once")
      }
      record("key_revoked", beginning, of: account, by: actor, in: &transaction)
    }
    transaction.send(
      "INSERT INTO credentials (digest, account_id, key_id, beginning) VALUES (\(key.digest), \(account), \(id), \(key.beginning))"
    )
    record("key_made", key.beginning, of: account, by: actor, in: &transaction)
    return (key, id)
  }

  /// Whether a key still is the one of its id.
  package static func isValid(_ key: APIKey, id: UUID, in transaction: inout Transaction) throws -> Bool {
    try transaction.rows(
      "SELECT 1 FROM credentials WHERE digest = \(key.digest) AND key_id = \(id) AND revoked_at IS NULL", as: Int.self
    ).first != nil
  }

  /// Adds to the audit log.
  ///
  /// - Parameters:
  ///   - details: never a key, a digest or a secret.
  ///   - actor: who did it.
  package static func record(
    _ action: String, _ details: String, of account: UUID, by actor: String, in transaction: inout Transaction
  ) {
    transaction.send(
      "INSERT INTO audit_log (account_id, actor, action, details) VALUES (\(account), \(actor), \(action), \(details))")
  }
}
