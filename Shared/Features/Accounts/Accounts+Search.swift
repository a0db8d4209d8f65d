import Contract
package import FoundationEssentials
package import Postgres

/// The operator's search for accounts, before an export or an erasure.
extension Accounts {
  /// An account that matches a search.
  package struct Match: Sendable, Equatable, Decodable {
    package enum Reason: String, Sendable, Decodable {
      /// A Free account of the email.
      case free = "email"
      /// The account that was granted a plan under the email.
      case grant
      /// An account with the email as its contact address, which is not verified.
      case contact
      /// The operator named the account's id.
      case account
      /// The account of a user or an organisation of the token issuer.
      case subject
      /// The Free account of a network.
      case address
    }

    package let id: UUID
    package let kind: String
    package let reason: Reason
  }

  /// The accounts that match an email, each once with its strongest reason; contacts come last.
  package func find(_ email: Email, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> [Match] {
    let rows = try database.rows(
      """
      SELECT account_id AS id, kind, reason FROM (
        SELECT account_id, accounts.kind, identity.kind AS reason
          FROM account_identities AS identity JOIN accounts USING (account_id)
          WHERE identity.kind IN ('email', 'grant') AND split_part(subject, ' ', 1) = \(email.address)
        UNION ALL SELECT account_id, kind, 'contact' FROM accounts WHERE email = \(email.address)) AS found
      ORDER BY reason = 'contact', reason, account_id
      """, as: Match.self, by: deadline)
    var seen: Set<UUID> = []
    return rows.filter { seen.insert($0.id).inserted }
  }

  /// The accounts with an id, with a token subject's name, or of an IP address.
  ///
  /// - Parameters:
  ///   - reason: `account`, `subject` or `address`; any other reason finds nothing.
  ///   - name: the id, the name of the user or organisation, or the IP address.
  package func find(
    _ reason: Match.Reason, _ name: String, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> [Match] {
    let query: Query
    switch reason {
    case .account:
      query =
        "SELECT account_id AS id, kind, 'account' AS reason FROM accounts WHERE account_id = \(UUID(uuidString: name))"
    case .subject:
      // The stored subject is `sub ISSUER NAME` or `org ISSUER NAME`; an issuer contains no space.
      query = """
        SELECT account_id AS id, accounts.kind, 'subject' AS reason
        FROM account_identities AS identity JOIN accounts USING (account_id)
        WHERE identity.kind = 'token' AND regexp_replace(subject, '^(sub|org) [^ ]+ ', '') = \(name) ORDER BY account_id
        """
    case .address:
      let network = Self.network(of: name)
      // All requests with a malformed address share the network `unknown`.
      if network == "unknown" { return [] }
      query = """
        SELECT account_id AS id, accounts.kind, 'address' AS reason
        FROM account_identities AS identity JOIN accounts USING (account_id)
        WHERE identity.kind = 'address' AND subject = \(network)
        """
    case .free, .grant, .contact: return []
    }
    return try database.rows(query, as: Match.self, by: deadline)
  }

  static func noMatch(_ email: Email) -> Failure {
    Failure(.notFound, "no account matches \(email.address)")
  }
}
