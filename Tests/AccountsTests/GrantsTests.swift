import Accounts
import Contract
import FoundationEssentials
import Postgres
import Support
import Testing

/// What an operator grants by hand, and the keys that show whose a request is.
@Suite struct GrantsTests {
  private let database: Database
  private let accounts: Accounts
  private let soon = ContinuousClock.now.advanced(by: .seconds(60))
  private let ada = Email("ada@example.com")!

  init() throws {
    database = Database(url: try TestDatabase.make(Accounts.migrations))
    accounts = Accounts(database)
  }

  /// The status that a request with this credential gets, and the account that it is taken for.
  private func whoIs(_ key: String?, email: Email? = nil) async throws -> (status: Int, id: UUID?, plan: String?) {
    struct Answer: Codable { let id: UUID, plan: String }
    let accounts = accounts
    let router = Router(
      [
        Operation("GET", "/") { request in
          let account = try accounts.account(for: request, email: email)
          return Response.json(Answer(id: account.id, plan: account.plan.rawValue))
        }
      ], log: Log(threshold: .error) { _ in })
    let event = Event(
      method: "GET", rawPath: "/", headers: key.map { ["authorization": "Bearer \($0)"] } ?? [:], sourceIP: "192.0.2.1")
    let response = await router.respond(to: event, by: Deadline(after: .seconds(120)))
    let answer = try? JSON.decode(Answer.self, from: response.body)
    return (response.status, answer?.id, answer?.plan)
  }

  private func audit() throws -> [String] {
    try database.rows("SELECT action || ': ' || details FROM audit_log ORDER BY created_at", as: String.self, by: soon)
  }

  @Test func aKeyIsTheAccountOfItsGrant() async throws {
    let granted = try accounts.grant(.growth, to: ada, by: soon)
    let key = try accounts.makeKey(for: ada, by: soon)
    #expect(key.text.hasPrefix("llmtxt_") && key.text.count == 7 + 64)
    let seen = try await whoIs(key.text)
    #expect(seen.id == granted.id && seen.plan == "growth")
    #expect(try accounts.makeKey(for: ada, by: soon).text != key.text, "an account has several")
  }

  @Test func namingTheAddressGainsNothing() async throws {
    let granted = try accounts.grant(.scale, to: ada, by: soon)
    let named = try await whoIs(nil, email: ada)
    #expect(named.id != granted.id && named.plan == "free")
  }

  @Test func aGrantIsOneAccountHoweverOftenAndAtOnce() async throws {
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

  @Test func aRevokedKeyIsRefusedAndNeverTakenForNone() async throws {
    _ = try accounts.grant(.coffee, to: ada, by: soon)
    let first = try accounts.makeKey(for: ada, by: soon)
    let second = try accounts.makeKey(for: ada, by: soon)
    #expect(try accounts.revokeKeys(of: .grants(ada), beginning: String(first.text.prefix(15)), by: soon) == 1)
    #expect(try await whoIs(first.text).status == 401)
    #expect(try await whoIs(second.text).status == 200)
    #expect(
      try accounts.revokeKeys(of: .grants(ada), beginning: String(first.text.prefix(15)), by: soon) == 0,
      "once and for good")
    #expect(
      try accounts.keys(of: .grants(ada), by: soon).map { $0.revokedAt != nil }.sorted { !$0 && $1 } == [false, true])
  }

  @Test func onlyTheOwnersKeysAreRevoked() async throws {
    _ = try accounts.grant(.coffee, to: ada, by: soon)
    let grace = Email("grace@example.com")!
    _ = try accounts.grant(.coffee, to: grace, by: soon)
    let key = try accounts.makeKey(for: grace, by: soon)
    #expect(try accounts.revokeKeys(of: .grants(ada), beginning: String(key.text.prefix(15)), by: soon) == 0)
    #expect(try accounts.revokeKeys(of: .grants(ada), beginning: "", by: soon) == 0)
    #expect(try await whoIs(key.text).status == 200)
  }

  @Test func withoutAGrantThereAreNoKeys() throws {
    #expect { try accounts.makeKey(for: ada, by: soon) } throws: { ($0 as? Failure)?.code == .notFound }
    #expect { try accounts.keys(of: .grants(ada), by: soon) } throws: { ($0 as? Failure)?.code == .notFound }
  }

  @Test func theKeysOfAnyCustomersAccountAreMadeListedAndRevoked() async throws {
    let id = UUID()
    let free = UUID()
    try database.execute(
      "INSERT INTO accounts (account_id, kind) VALUES (\(id), 'customer'), (\(free), 'free')", by: soon)
    let key = try accounts.makeKey(for: .account(id), by: soon)
    #expect(try await whoIs(key.text).id == id)
    let listed = try accounts.keys(of: .account(id), by: soon)
    #expect(listed.map(\.beginning) == [String(key.text.prefix(15))] && listed[0].expiresAt == nil)
    #expect(try accounts.revokeKeys(of: .account(id), beginning: listed[0].beginning, by: soon) == 1)
    #expect(try await whoIs(key.text).status == 401)
    for nobody in [free, UUID()] {
      #expect { try accounts.makeKey(for: .account(nobody), by: soon) } throws: { ($0 as? Failure)?.code == .notFound }
    }
  }

  @Test func aKeyEndsWhereItWasMadeForDays() async throws {
    _ = try accounts.grant(.coffee, to: ada, by: soon)
    let key = try accounts.makeKey(for: .grants(ada), days: 30, by: soon)
    let end = try #require(try accounts.keys(of: .grants(ada), by: soon)[0].expiresAt)
    #expect(abs(end.timeIntervalSinceNow - 30 * 86_400) < 60)
    #expect(try await whoIs(key.text).status == 200)
    try database.execute("UPDATE credentials SET expires_at = now()", by: soon)
    #expect(try await whoIs(key.text).status == 401)
    #expect(try audit().contains { $0.hasSuffix(", for 30 days") })
  }

  @Test func whatTakesAKeysPlaceRevokesItAndSaysSo() throws {
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

  @Test func noKeyIsKeptOrAudited() throws {
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
