import Accounts
import Contract
import FoundationEssentials
import Postgres
import Support
import Testing

/// Plans that the operator grants, and API keys.
@Suite struct GrantsTests {
  private let database: Database
  private let accounts: Accounts
  private let soon = ContinuousClock.now.advanced(by: .seconds(60))
  private let ada = Email("ada@example.com")!

  init() throws {
    database = Database(url: try TestDatabase.make(Accounts.migrations))
    accounts = Accounts(database)
  }

  /// The account of an API key; nil if the key is unauthorized.
  private func account(_ key: APIKey) throws -> Account? {
    do {
      return try accounts.account(key: key.text, by: soon)
    } catch let failure as Failure where failure.code == .unauthorized {
      return nil
    }
  }

  private func audit() throws -> [String] {
    try database.rows("SELECT action || ': ' || details FROM audit_log ORDER BY created_at", as: String.self, by: soon)
  }

  @Test func keyLeadsToTheAccountOfItsGrant() throws {
    let granted = try accounts.grant(.growth, to: ada, by: soon)
    let key = try accounts.makeKey(for: ada, by: soon)
    #expect(key.text.hasPrefix("llmtxt_") && key.text.count == 7 + 64)
    let account = try account(key)
    #expect(account?.id == granted.id && account?.plan == .growth)
    #expect(try accounts.makeKey(for: ada, by: soon).text != key.text, "an account can have several keys")
  }

  @Test func freeAccountOfAnEmailDoesNotHaveItsGrant() throws {
    let granted = try accounts.grant(.scale, to: ada, by: soon)
    let free = try accounts.freeAccount(email: ada, network: "192.0.2.1", by: soon)
    #expect(free.id != granted.id && free.plan == .free)
    #expect(try accounts.account(free.id, by: soon).plan == .free)
  }

  @Test func concurrentGrantsToOneEmailOpenOneAccount() async throws {
    let accounts = accounts
    let ada = ada
    let soon = soon
    let ids = try await withThrowingTaskGroup(of: UUID.self) { group in
      for plan in [Plan.coffee, .growth, .scale, .free, .coffee, .growth] {
        group.addTask { try accounts.grant(plan, to: ada, by: soon).id }
      }
      return try await group.reduce(into: Set<UUID>()) { $0.insert($1) }
    }
    #expect(ids.count == 1)
    #expect(try database.rows("SELECT count(*) FROM accounts", as: Int.self, by: soon) == [1])
    #expect(try audit().count { $0.hasPrefix("plan_granted") } == 6)
  }

  @Test func revokedKeyIsUnauthorized() throws {
    _ = try accounts.grant(.coffee, to: ada, by: soon)
    let first = try accounts.makeKey(for: ada, by: soon)
    let second = try accounts.makeKey(for: ada, by: soon)
    #expect(try accounts.revokeKeys(of: .grants(ada), beginning: String(first.text.prefix(15)), by: soon) == 1)
    #expect(try account(first) == nil)
    #expect(try account(second) != nil)
    #expect(
      try accounts.revokeKeys(of: .grants(ada), beginning: String(first.text.prefix(15)), by: soon) == 0,
      "a key is revoked once")
    #expect(
      try accounts.keys(of: .grants(ada), by: soon).map { $0.revokedAt != nil }.sorted { !$0 && $1 } == [false, true])
  }

  @Test func keysOfAnotherOwnerAreNotRevoked() throws {
    _ = try accounts.grant(.coffee, to: ada, by: soon)
    let grace = Email("grace@example.com")!
    _ = try accounts.grant(.coffee, to: grace, by: soon)
    let key = try accounts.makeKey(for: grace, by: soon)
    #expect(try accounts.revokeKeys(of: .grants(ada), beginning: String(key.text.prefix(15)), by: soon) == 0)
    #expect(try accounts.revokeKeys(of: .grants(ada), beginning: "", by: soon) == 0)
    #expect(try account(key) != nil)
  }

  @Test func emailWithoutAGrantHasNoKeys() throws {
    #expect { try accounts.makeKey(for: ada, by: soon) } throws: { ($0 as? Failure)?.code == .notFound }
    #expect { try accounts.keys(of: .grants(ada), by: soon) } throws: { ($0 as? Failure)?.code == .notFound }
  }

  @Test func keysOfACustomerAccountAreMadeListedAndRevokedById() throws {
    let id = UUID()
    let free = UUID()
    try database.execute(
      "INSERT INTO accounts (account_id, kind) VALUES (\(id), 'customer'), (\(free), 'free')", by: soon)
    let key = try accounts.makeKey(for: .account(id), by: soon)
    #expect(try account(key)?.id == id)
    let listed = try accounts.keys(of: .account(id), by: soon)
    #expect(listed.map(\.beginning) == [String(key.text.prefix(15))] && listed[0].expiresAt == nil)
    #expect(try accounts.revokeKeys(of: .account(id), beginning: listed[0].beginning, by: soon) == 1)
    #expect(try account(key) == nil)
    for other in [free, UUID()] {
      #expect { try accounts.makeKey(for: .account(other), by: soon) } throws: { ($0 as? Failure)?.code == .notFound }
    }
  }

  @Test func keyWithADurationExpires() throws {
    _ = try accounts.grant(.coffee, to: ada, by: soon)
    let key = try accounts.makeKey(for: .grants(ada), days: 30, by: soon)
    let end = try #require(try accounts.keys(of: .grants(ada), by: soon)[0].expiresAt)
    #expect(abs(end.timeIntervalSinceNow - 30 * 86_400) < 60)
    #expect(try account(key) != nil)
    try database.execute("UPDATE credentials SET expires_at = now()", by: soon)
    #expect(try account(key) == nil)
    #expect(try audit().contains { $0.hasSuffix(", for 30 days") })
  }

  @Test func replacingAKeyRevokesAndAuditsTheOldOne() throws {
    let account = try accounts.grant(.coffee, to: ada, by: soon)
    let first = try database.transaction(by: soon) {
      try Accounts.replaceKey(nil, of: account.id, by: "claim", in: &$0)
    }
    let second = try database.transaction(by: soon) {
      try Accounts.replaceKey(first.id, of: account.id, by: "claim", in: &$0)
    }
    let beginnings = [first, second].map { String($0.key.text.prefix(15)) }
    #expect(
      try audit().sorted()
        == [
          "key_made: \(beginnings[0])", "key_made: \(beginnings[1])", "key_revoked: \(beginnings[0])",
          "plan_granted: free to coffee",
        ].sorted())
  }

  @Test func keyIsNotStoredOrAudited() throws {
    _ = try accounts.grant(.growth, to: ada, by: soon)
    let key = try accounts.makeKey(for: ada, by: soon)
    let rest = String(key.text.dropFirst(15))
    let rows = try database.rows(
      "SELECT row_to_json(c)::text FROM credentials c UNION ALL SELECT row_to_json(a)::text FROM audit_log a",
      as: String.self, by: soon)
    #expect(rows.count == 3)
    #expect(!rows.contains { $0.contains(rest) })
  }
}
