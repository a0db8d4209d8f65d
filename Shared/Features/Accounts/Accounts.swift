package import Contract
import Cryptography
package import FoundationEssentials
package import Postgres

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Finds the account that a request belongs to, for reads and writes alike: there is no second way.
package struct Accounts: Sendable {
  let database: Database
  let tokens: TokenSettings?

  /// - Parameter tokens: whose JSON Web Tokens are credentials; nil for nobody's.
  package init(_ database: Database, tokens: TokenSettings? = nil) { (self.database, self.tokens) = (database, tokens) }

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

  /// Without a credential an email finds a Free account only together with the client's network: whoever names it
  /// elsewhere finds another.
  ///
  /// - Parameter email: what the body of the request names; it proves nothing.
  /// - Throws: `unauthorized` where a credential was shown that is not, or no longer, valid; it is never taken for
  ///   none.
  package func account(for request: Request, email: Email? = nil) throws -> Account {
    if let known = request.caller as? Account { return known }
    let deadline = request.deadline.instant
    if let header = request.event.headers["authorization"] {
      return try account(credential: header, by: deadline)
    }
    if request.event.isOperator { return try account(.operator, kind: "operator", subject: "", by: deadline) }
    if let email {
      // Neither has spaces.
      let subject = "\(email.address) \(Self.network(of: request.event.sourceIP))"
      return try account(.free, kind: "email", subject: subject, by: deadline)
    }
    return try addressAccount(for: request)
  }

  /// The Free account of the client's address, on which is counted what all Free accounts use from there.
  package func addressAccount(for request: Request) throws -> Account {
    try account(.free, kind: "address", subject: Self.network(of: request.event.sourceIP), by: request.deadline.instant)
  }

  /// The account of work that was accepted from it before, with the plan that it has today.
  package func account(_ id: UUID, by deadline: ContinuousClock.Instant) throws -> Account {
    let found = try database.rows(
      "SELECT kind, \(unsafeSQL: Self.planColumns) FROM accounts WHERE account_id = \(id) AND erased_at IS NULL",
      as: String.self, String.self, String.self, String.self, by: deadline)
    guard let (kind, granted, bought, subscribed) = found.first, let kind = Account.Kind(rawValue: kind) else {
      throw Failure(.notFound, "there is no such account")
    }
    return Account(id: id, kind: kind, plan: Plan.greatest(of: [granted, bought, subscribed]))
  }

  private func account(credential header: String, by deadline: ContinuousClock.Instant) throws -> Account {
    let words = header.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer" else {
      throw Failure(.unauthorized, "write the credential as Authorization: Bearer llmtxt_…")
    }
    if Self.isToken(words[1]) { return try account(token: String(words[1]), by: deadline) }
    let digest = Digest.sha256(Array(words[1].utf8))
    let found = try database.rows(
      """
      SELECT account_id, kind, \(unsafeSQL: Self.planColumns), key_id, first_used_at IS NULL FROM credentials JOIN accounts USING (account_id)
      WHERE digest = \(digest) AND revoked_at IS NULL AND erased_at IS NULL AND coalesce(credentials.expires_at > now(), true)
      """, as: UUID.self, String.self, String.self, String.self, String.self, UUID.self, Bool.self, by: deadline)
    guard let (id, kind, granted, bought, subscribed, keyID, isFirstUse) = found.first,
      let kind = Account.Kind(rawValue: kind)
    else {
      throw Failure(.unauthorized, "the credential is unknown, revoked or expired; leave it out to use the free plan")
    }
    // A key that was used is not replaced when its purchase is claimed once more.
    if isFirstUse {
      try database.execute("UPDATE credentials SET first_used_at = now() WHERE digest = \(digest)", by: deadline)
    }
    return Account(id: id, kind: kind, plan: Plan.greatest(of: [granted, bought, subscribed]), keyID: keyID)
  }

  /// Where to write to; nil where that is not known, as of every Free account.
  package func email(of account: Account, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> String? {
    try database.rows("SELECT email FROM accounts WHERE account_id = \(account.id)", as: String?.self, by: deadline)
      .first ?? nil
  }

  /// What was granted, bought and subscribed to, of which the greatest holds.
  package static let planColumns = """
    plan, bought_plan, CASE WHEN subscribed_until > now() THEN subscribed_plan WHEN next_until > now() THEN next_plan ELSE 'free' END
    """

  private func account(
    _ accountKind: Account.Kind, kind: String, subject: String, by deadline: ContinuousClock.Instant
  ) throws -> Account {
    let look: Query = "SELECT account_id FROM account_identities WHERE kind = \(kind) AND subject = \(subject)"
    if let id = try database.rows(look, as: UUID.self, by: deadline).first { return Account(id: id, kind: accountKind) }
    return try database.transaction(by: deadline) { transaction in
      let id = UUID()
      transaction.send("INSERT INTO accounts (account_id, kind) VALUES (\(id), \(accountKind.rawValue))")
      let isFirst = try transaction.execute(
        """
        INSERT INTO account_identities (kind, subject, account_id) VALUES (\(kind), \(subject), \(id))
        ON CONFLICT DO NOTHING
        """)
      if isFirst == 1 { return Account(id: id, kind: accountKind) }
      // Somebody else's request of the same subject came first.
      transaction.send("DELETE FROM accounts WHERE account_id = \(id)")
      return Account(id: try transaction.rows(look, as: UUID.self)[0], kind: accountKind)
    }
  }

  /// An IPv4 address as it is, also where IPv6 carries it; an IPv6 address as its /64: one household or machine has a
  /// whole
  /// one. Whatever is neither is one and the same stranger.
  package static func network(of address: String?) -> String {
    guard let address, address.utf8.count < Int(INET6_ADDRSTRLEN) else { return "unknown" }
    let inner = address.lowercased().hasPrefix("::ffff:") ? String(address.dropFirst(7)) : address
    var bytes4 = in_addr()
    if unsafe inet_pton(AF_INET, inner, &bytes4) == 1 { return inner }
    var bytes = in6_addr()
    guard unsafe inet_pton(AF_INET6, address, &bytes) == 1 else { return "unknown" }
    unsafe withUnsafeMutableBytes(of: &bytes) { for index in 8..<16 { unsafe $0[index] = 0 } }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard unsafe inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count)) != nil else { return address }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/64"
  }
}
