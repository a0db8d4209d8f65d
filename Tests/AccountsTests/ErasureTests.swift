import Contract
import FoundationEssentials
import Postgres
import Support
import Testing

@testable import Accounts

/// Finding, exporting and erasing accounts.
@Suite struct ErasureTests {
  private let database: Database
  private let accounts: Accounts
  private let soon = ContinuousClock.now.advanced(by: .seconds(60))
  private let ada = Email("ada@example.com")!, grace = Email("grace@example.com")!

  init() throws {
    database = Database(url: try TestDatabase.make(Accounts.migrations))
    accounts = Accounts(database)
  }

  private func freeAccount(_ email: Email) throws -> UUID {
    try accounts.freeAccount(email: email, network: "192.0.2.1", by: soon).id
  }

  /// Opens a customer account that has the email as a contact address.
  private func contact(_ email: Email) throws -> UUID {
    let id = UUID()
    try database.execute(
      "INSERT INTO accounts (account_id, kind, email) VALUES (\(id), 'customer', \(email.address))", by: soon)
    return id
  }

  @Test func emailMatchesItsOwnAccountsAndThoseWithItAsContact() throws {
    let free = try freeAccount(ada)
    let granted = try accounts.grant(.growth, to: ada, by: soon).id
    let other = try contact(ada)
    _ = try accounts.grant(.growth, to: grace, by: soon)
    _ = try contact(grace)
    let found = try accounts.find(ada, by: soon)
    #expect(
      found == [
        .init(id: free, kind: "free", reason: .free), .init(id: granted, kind: "customer", reason: .grant),
        .init(id: other, kind: "customer", reason: .contact),
      ])
    #expect(try accounts.erasureSelection(ada, contacts: [], by: soon).map(\.isSelected) == [true, true, false])
    #expect(try accounts.erasureSelection(ada, contacts: [other], by: soon).map(\.isSelected) == [true, true, true])
    let others = try accounts.find(grace, by: soon)
    #expect { try accounts.erasureSelection(ada, contacts: [others[0].id], by: soon) } throws: {
      ($0 as? Failure)?.code == .notFound
    }
    #expect { try accounts.erasureSelection(Email("nobody@example.com")!, contacts: [], by: soon) } throws: {
      ($0 as? Failure)?.code == .notFound
    }
  }

  @Test func erasedAccountIsNotUsedAgain() throws {
    let free = try freeAccount(ada)
    let granted = try accounts.grant(.scale, to: ada, by: soon).id
    let key = try accounts.makeKey(for: ada, by: soon).text
    for id in [free, granted] { try accounts.erase(id, including: [], by: soon) }
    #expect { try accounts.account(key: key, by: soon) } throws: { ($0 as? Failure)?.code == .unauthorized }
    #expect(try accounts.find(ada, by: soon) == [])
    #expect(try database.rows("SELECT count(*) FROM credentials", as: Int.self, by: soon) == [0])
    #expect(try freeAccount(ada) != free)
    #expect { try accounts.makeKey(for: ada, by: soon) } throws: { ($0 as? Failure)?.code == .notFound }
    #expect(try accounts.grant(.coffee, to: ada, by: soon).id != granted)
    #expect {
      try database.transaction(by: soon) { _ = try Accounts.replaceKey(nil, of: granted, by: "claim", in: &$0) }
    } throws: {
      ($0 as? Failure)?.code == .unauthorized
    }
  }

  /// A constraint of the table rejects changes that do not check whether the account was erased.
  @Test(arguments: [
    "plan = 'coffee'", "bought_plan = 'coffee'", "subscribed_plan = 'growth'", "email = 'ada@example.com'",
    "subscribed_until = now()",
  ])
  func erasedAccountCannotBeChanged(change: String) throws {
    let id = try contact(ada)
    try database.execute("UPDATE accounts SET \(unsafeSQL: change)", by: soon)
    try accounts.erase(id, including: [], by: soon)
    #expect { try database.execute("UPDATE accounts SET \(unsafeSQL: change)", by: soon) } throws: {
      ($0 as? DatabaseError)?.code == .statement(sqlState: "23514")
    }
  }

  @Test func secondErasureIsNotAudited() throws {
    let id = try contact(ada)
    for _ in 0..<2 { try accounts.erase(id, including: [], by: soon) }
    #expect(
      try database.rows("SELECT actor || ' ' || action FROM audit_log", as: String.self, by: soon) == [
        "operator account_erased"
      ])
    let erasedAt = try database.rows("SELECT erased_at < now() FROM accounts", as: Bool.self, by: soon)
    #expect(erasedAt == [true])
  }

  @Test func operatorAccountAndUnknownAccountAreNotErased() throws {
    let id = UUID()
    try database.execute("INSERT INTO accounts (account_id, kind) VALUES (\(id), 'operator')", by: soon)
    #expect { try accounts.erase(id, including: [], by: soon) } throws: { ($0 as? Failure)?.code == .forbidden }
    #expect { try accounts.erase(UUID(), including: [], by: soon) } throws: { ($0 as? Failure)?.code == .notFound }
  }

  @Test func failedErasureIsRolledBack() throws {
    let id = try contact(ada)
    let broken = PersonalData("x", as: "x") { _ in
      "SELECT 1"
    } erase: { _, _ in
      throw Failure(.internal, "broken")
    }
    #expect(throws: Failure.self) { try accounts.erase(id, including: [broken], by: soon) }
    #expect(
      try database.rows("SELECT coalesce(email, 'none') FROM accounts", as: String.self, by: soon) == [
        "ada@example.com"
      ])
  }

  @Test func exportContainsTheAccountAndIsAudited() throws {
    let id = try accounts.grant(.growth, to: ada, by: soon).id
    let key = try accounts.makeKey(for: ada, by: soon).text
    struct Export: Decodable {
      struct Entry: Decodable {
        struct Data: Decodable {
          struct Row: Decodable { let id: UUID, email: String?, grantedPlan: String, createdAt: Date? }
          struct Identity: Decodable { let kind: String, subject: String }
          struct Key: Decodable { let beginning: String }
          struct Action: Decodable { let action: String }
          let account: Row, identities: [Identity], keys: [Key], audit: [Action]
        }
        let foundBy: String
        let data: Data
      }
      let accounts: [Entry]
    }
    let text = try accounts.export(ada, including: [], by: soon)
    #expect(!text.contains(key) && !text.contains("digest"))
    let plain = text.replacing(#/\.\d{6}Z/#, with: "Z")
    let export = try JSON.decode(Export.self, from: Array(plain.utf8))
    let data = try #require(export.accounts.first).data
    #expect(
      export.accounts.map(\.foundBy) == ["grant"] && data.account.id == id && data.account.grantedPlan == "growth")
    #expect(
      data.identities.map(\.subject) == ["ada@example.com"] && data.keys.map(\.beginning) == [String(key.prefix(15))])
    #expect(data.audit.map(\.action) == ["plan_granted", "key_made"])
    #expect(
      try accounts.export(ada, including: [], by: soon).contains("account_exported"),
      "the second export contains the entry of the first")
    #expect { try accounts.export(grace, including: [], by: soon) } throws: { ($0 as? Failure)?.code == .notFound }
  }

  @Test func exportIsTheSameInEveryTimeZone() throws {
    let id = try accounts.grant(.growth, to: ada, by: soon).id
    for _ in 0..<5 { _ = try accounts.makeKey(for: ada, by: soon) }
    let texts = try ["UTC", "Asia/Tokyo"].map { zone in
      try database.transaction(by: soon) { transaction in
        try transaction.execute("SET LOCAL TIME ZONE '\(unsafeSQL: zone)'")
        return try Accounts.export(id, including: [], in: &transaction)
      }
    }
    #expect(texts[0] == texts[1])
  }
}
