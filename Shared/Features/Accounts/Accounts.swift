import Contract
import Cryptography
import Fetch
package import FoundationEssentials
package import Postgres

/// Finds accounts and opens new ones.
///
/// The feature Access authenticates requests. This feature stores accounts, the identities that lead to them, their API
/// keys and their plans.
package struct Accounts: Sendable {
  let database: Database

  package init(_ database: Database) { self.database = database }

  package static let migrations = [
    Migration(1, "accounts", sql: PackageResources.m0001_accounts_sql),
    Migration(8, "plans_and_keys", sql: PackageResources.m0008_plans_and_keys_sql),
    Migration(10, "paid_plans", sql: PackageResources.m0010_paid_plans_sql),
    Migration(12, "tokens", sql: PackageResources.m0012_tokens_sql),
    Migration(15, "erasure", sql: PackageResources.m0015_erasure_sql),
    Migration(19, "next_plan", sql: PackageResources.m0019_next_plan_sql),
    Migration(22, "email_networks", sql: PackageResources.m0022_email_networks_sql),
    Migration(32, "told_plan", sql: PackageResources.m0032_told_plan_sql),
  ]

  package static let feature = Feature(
    "accounts", migrations: migrations, personalData: personalData,
    purge: { database, deadline in while try purge(database, by: deadline) == 500 {} })

  /// The columns of `accounts` that together give the plan: granted, bought and subscribed. The best of them counts.
  package static let planColumns = """
    plan AS granted_plan, bought_plan,
    CASE WHEN subscribed_until > now() THEN subscribed_plan WHEN next_until > now() THEN next_plan ELSE 'free' END
      AS subscribed_plan
    """

  /// A row of `accounts` as the queries here select it.
  struct AccountRow: Decodable {
    let accountID: UUID
    let kind: Account.Kind
    let grantedPlan: Plan
    let boughtPlan: Plan
    let subscribedPlan: Plan
    let isErased: Bool
    let keyID: UUID?
    let isFirstUse: Bool

    var account: Account {
      Account(id: accountID, kind: kind, plan: max(grantedPlan, boughtPlan, subscribedPlan), keyID: keyID)
    }

    /// The columns, without those of the API key.
    static let columns = """
      account_id, accounts.kind, \(planColumns), erased_at IS NOT NULL AS is_erased, NULL::uuid AS key_id,
      false AS is_first_use
      """
  }

  /// The account with an id, with the plan that it has now.
  ///
  /// - Throws: `not_found` if there is no such account or it was erased.
  package func account(_ id: UUID, by deadline: ContinuousClock.Instant) throws -> Account {
    let found = try database.rows(
      "SELECT \(unsafeSQL: AccountRow.columns) FROM accounts WHERE account_id = \(id) AND erased_at IS NULL",
      as: AccountRow.self, by: deadline)
    guard let row = found.first else { throw Failure(.notFound, "the account does not exist") }
    return row.account
  }

  /// The account of an API key.
  ///
  /// - Throws: `unauthorized` if the key is unknown, revoked or expired.
  package func account(key: String, by deadline: ContinuousClock.Instant) throws -> Account {
    let digest = Digest.sha256(Array(key.utf8))
    let found = try database.rows(
      """
      SELECT account_id, kind, \(unsafeSQL: Self.planColumns), false AS is_erased, key_id,
        first_used_at IS NULL AS is_first_use
      FROM credentials JOIN accounts USING (account_id)
      WHERE digest = \(digest) AND revoked_at IS NULL AND erased_at IS NULL
        AND coalesce(credentials.expires_at > now(), true)
      """, as: AccountRow.self, by: deadline)
    guard let row = found.first else {
      throw Failure(.unauthorized, "the credential is unknown, revoked or expired; leave it out to use the free plan")
    }
    // A key that was used is not replaced if its purchase is claimed again.
    if row.isFirstUse {
      try database.execute("UPDATE credentials SET first_used_at = now() WHERE digest = \(digest)", by: deadline)
    }
    return row.account
  }

  /// The operator's account.
  package func operatorAccount(by deadline: ContinuousClock.Instant) throws -> Account {
    try account(.operator, identity: "operator", subject: "", by: deadline)
  }

  /// The Free account of an email address that is named on one network; the same address on another network has another
  /// account.
  package func freeAccount(email: Email, network: String, by deadline: ContinuousClock.Instant) throws -> Account {
    // Neither part contains a space.
    try account(.free, identity: "email", subject: "\(email.address) \(network)", by: deadline)
  }

  /// The Free account of a network. It also counts the use of all Free accounts of the network together.
  package func networkAccount(_ network: String, by deadline: ContinuousClock.Instant) throws -> Account {
    try account(.free, identity: "address", subject: network, by: deadline)
  }

  /// The networks that lead to this account; empty unless it is a network's Free account.
  package static func networks(of account: UUID, in transaction: inout Transaction) throws -> [String] {
    try transaction.rows(
      "SELECT subject FROM account_identities WHERE account_id = \(account) AND kind = 'address'", as: String.self)
  }

  /// True if the account is a Free one. Anyone may read its resources by their ids.
  package func isFree(_ id: UUID, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Bool {
    try database.rows("SELECT kind = 'free' FROM accounts WHERE account_id = \(id)", as: Bool.self, by: deadline)
      == [true]
  }

  /// The account's contact address; nil if it has none, as every Free account.
  package func email(of account: Account, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> String? {
    try database.rows(
      "SELECT email FROM accounts WHERE account_id = \(account.id)", as: String?.self, by: deadline
    ).first ?? nil
  }

  /// The account that an identity leads to; a new one if there is none yet.
  private func account(
    _ kind: Account.Kind, identity: String, subject: String, by deadline: ContinuousClock.Instant
  ) throws -> Account {
    let lookup: Query = "SELECT account_id FROM account_identities WHERE kind = \(identity) AND subject = \(subject)"
    if let id = try database.rows(lookup, as: UUID.self, by: deadline).first { return Account(id: id, kind: kind) }
    return try database.transaction(by: deadline) { transaction in
      let id = UUID()
      transaction.send("INSERT INTO accounts (account_id, kind) VALUES (\(id), \(kind.rawValue))")
      let isFirst = try transaction.execute(
        """
        INSERT INTO account_identities (kind, subject, account_id) VALUES (\(identity), \(subject), \(id))
        ON CONFLICT DO NOTHING
        """)
      if isFirst == 1 { return Account(id: id, kind: kind) }
      // Another request with the same subject was faster.
      transaction.send("DELETE FROM accounts WHERE account_id = \(id)")
      return Account(id: try transaction.rows(lookup, as: UUID.self)[0], kind: kind)
    }
  }

  /// The network of a client's address: an IPv4 address, or the /64 prefix of an IPv6 address, which one household or
  /// machine has. All addresses that cannot be parsed share the network `unknown`.
  package static func network(of address: String?) -> String {
    address.flatMap { IPAddress($0) }?.clientNetwork ?? "unknown"
  }
}
