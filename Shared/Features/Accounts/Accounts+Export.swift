import Contract
package import FoundationEssentials
package import Postgres

/// What is kept of somebody, for them to have, and what finds it.
extension Accounts {
  /// An account that an email address has to do with.
  package struct Found: Sendable, Equatable {
    package enum Reason: String, Sendable {
      /// The Free account of whoever names the address.
      case free = "email"
      /// The account that an operator granted a plan.
      case grant
      /// An account that somebody gave the address as a contact; it proves nothing.
      case contact
      /// The operator named it.
      case account
      /// Of a user or an organisation of the tokens' issuer.
      case subject
      /// The Free account of a network that named no address.
      case address
    }

    package let id: UUID
    package let kind: String
    package let reason: Reason
  }

  /// The accounts that an address finds, each once, by the strongest reason; contacts come last.
  package func find(_ email: Email, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> [Found] {
    let rows = try database.rows(
      """
      SELECT account_id, kind, reason FROM (
        SELECT account_id, accounts.kind, identity.kind AS reason FROM account_identities AS identity JOIN accounts USING (account_id)
          WHERE identity.kind IN ('email', 'grant') AND split_part(subject, ' ', 1) = \(email.address)
        UNION ALL SELECT account_id, kind, 'contact' FROM accounts WHERE email = \(email.address)) AS found
      ORDER BY reason = 'contact', reason, account_id
      """, as: UUID.self, String.self, String.self, by: deadline)
    var known: Set<UUID> = []
    return rows.compactMap { id, kind, reason in
      guard let reason = Found.Reason(rawValue: reason), known.insert(id).inserted else { return nil }
      return Found(id: id, kind: kind, reason: reason)
    }
  }

  /// The account of an id, of a user or organisation as tokens name it, or of an IP address; none where there is none.
  package func find(_ reason: Found.Reason, _ name: String, by deadline: ContinuousClock.Instant) throws(DatabaseError)
    -> [Found]
  {
    let query: Query
    switch reason {
    case .account: query = "SELECT account_id, kind FROM accounts WHERE account_id = \(UUID(uuidString: name))"
    case .subject:
      // Behind what it is and the issuer, which has no space.
      query = """
        SELECT account_id, accounts.kind FROM account_identities AS identity JOIN accounts USING (account_id)
        WHERE identity.kind = 'token' AND regexp_replace(subject, '^(sub|org) [^ ]+ ', '') = \(name) ORDER BY account_id
        """
    case .address:
      let network = Self.network(of: name)
      // Those of whom no address is known are not its.
      if network == "unknown" { return [] }
      query = """
        SELECT account_id, accounts.kind FROM account_identities AS identity JOIN accounts USING (account_id)
        WHERE identity.kind = 'address' AND subject = \(network)
        """
    case .free, .grant, .contact: return []
    }
    return try database.rows(query, as: UUID.self, String.self, by: deadline).map {
      Found(id: $0, kind: $1, reason: reason)
    }
  }

  /// All that is kept of an account, as a JSON object: the same bytes while nothing changes, no secrets, no digests.
  package static func export(_ account: UUID, and data: [AccountData], in transaction: inout Transaction) throws
    -> String
  {
    var sections: [(name: String, text: String)] = []
    for table in accountData + data {
      let rows = try transaction.rows(table.told(account), as: String.self)
      // There is one row of the account itself.
      sections.append(
        (table.section, table.table == "accounts" ? rows.first ?? "null" : "[" + rows.joined(separator: ",\n") + "]"))
    }
    return "{" + sections.map { "\"\($0.name)\":\($0.text)" }.joined(separator: ",\n") + "}"
  }

  /// Exports the accounts that an address finds, and records that.
  ///
  /// - Throws: `not_found` where it finds none.
  package func export(_ email: Email, and data: [AccountData], by deadline: ContinuousClock.Instant) throws -> String {
    let found = try find(email, by: deadline)
    if found.isEmpty { throw Self.nothing(of: email) }
    return try export(found, and: data, by: deadline)
  }

  /// Exports accounts that were found, and records that.
  package func export(_ found: [Found], and data: [AccountData], by deadline: ContinuousClock.Instant) throws -> String
  {
    var documents: [String] = []
    for account in found {
      let text = try database.transaction(by: deadline) { transaction in
        // One moment for all of it.
        transaction.send("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        let text = try Self.export(account.id, and: data, in: &transaction)
        Self.record("account_exported", "", of: account.id, by: "operator", in: &transaction)
        return text
      }
      documents.append("{\"foundBy\":\"\(account.reason.rawValue)\",\n\"data\":\(text)}")
    }
    return "{\"accounts\":[\(documents.joined(separator: ",\n"))]}"
  }

  /// How much an erasure would take of an account, by section; what would stay is left out.
  package func extent(of account: UUID, and data: [AccountData], by deadline: ContinuousClock.Instant) throws -> [(
    section: String, rows: Int
  )] {
    try database.transaction(by: deadline) { transaction in
      var extent: [(section: String, rows: Int)] = []
      for table in Self.accountData + data where table.erase != nil && table.table != "accounts" {
        let count = try transaction.rows(table.told(account), as: String.self).count
        if count > 0 { extent.append((table.section, count)) }
      }
      return extent
    }
  }

  /// What an address finds, and whether an erasure is to take it: its own accounts, and of those that have it as a
  /// contact the named.
  ///
  /// - Throws: `not_found` where it finds nothing, or not what is named.
  package func choose(
    _ email: Email, contacts named: [UUID], by deadline: ContinuousClock.Instant
  ) throws -> [(account: Found, isChosen: Bool)] {
    let found = try find(email, by: deadline)
    if found.isEmpty { throw Self.nothing(of: email) }
    for id in named where !found.contains(where: { $0.id == id }) {
      throw Failure(.notFound, "\(email.address) has nothing to do with the account \(id.uuidString.lowercased())")
    }
    return found.map { ($0, $0.reason != .contact || named.contains($0.id)) }
  }

  /// Erases an account on the operator's word.
  package func erase(_ account: UUID, and data: [AccountData], by deadline: ContinuousClock.Instant) throws {
    _ = try database.transaction(by: deadline) { try Self.erase(account, and: data, by: "operator", in: &$0) }
  }

  private static func nothing(of email: Email) -> Failure {
    Failure(.notFound, "no account has to do with \(email.address)")
  }
}
