import Accounts
import Contract
import Cryptography
import FoundationEssentials
import Postgres
import Support
import Testing

struct AccountsTests {
  private let database: Database
  private let accounts: Accounts
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  init() throws {
    database = Database(url: try TestDatabase.make(Accounts.migrations))
    accounts = Accounts(database)
  }

  private struct Answer: Codable, Equatable {
    let id: UUID
    let kind: String
  }

  /// Whom a request is taken for, seen from an operation, as every feature sees it.
  private func whoIs(
    address: String? = "192.0.2.1", authorization: String? = nil, email: String? = nil, isOperator: Bool = false
  ) async throws -> (status: Int, Answer?) {
    let accounts = accounts
    let address2 = email.flatMap(Email.init)
    let router = Router(
      [
        Operation("GET", "/") { request in
          let account = try accounts.account(for: request, email: address2)
          return Response.json(Answer(id: account.id, kind: account.kind.rawValue))
        }
      ], log: Log(threshold: .error) { _ in })
    let event = Event(
      method: "GET", rawPath: "/", headers: authorization.map { ["authorization": $0] } ?? [:], sourceIP: address,
      isOperator: isOperator)
    let response = await router.respond(to: event, by: Deadline(after: .seconds(120)))
    return (response.status, try? JSON.decode(Answer.self, from: response.body))
  }

  @Test func oneAddressIsOneFreeAccount() async throws {
    let first = try await whoIs().1
    let second = try await whoIs().1
    #expect(first == second)
    #expect(first?.kind == "free")
    #expect(try await whoIs(address: "192.0.2.2").1 != first)
  }

  @Test func anIPv6NetworkOf64BitsIsOneAccount() async throws {
    let one = try await whoIs(address: "2001:db8:1:2::1").1
    #expect(try await whoIs(address: "2001:db8:1:2:ffff::9").1 == one)
    #expect(try await whoIs(address: "2001:db8:1:3::1").1 != one)
  }

  @Test func anIPv4AddressInsideOfIPv6IsItself() async throws {
    #expect(try await whoIs(address: "::ffff:192.0.2.1").1 == whoIs(address: "192.0.2.1").1)
    #expect(try await whoIs(address: "::ffff:192.0.2.2").1 != whoIs(address: "192.0.2.1").1)
  }

  @Test func whatIsNoAddressIsOneStranger() async throws {
    #expect(try await whoIs(address: "nonsense\u{0}").1 == whoIs(address: nil).1)
  }

  @Test func anEmailInAnySpellingFindsOneAccountOfItsNetwork() async throws {
    let one = try await whoIs(email: "Ann@Example.com").1
    #expect(one?.kind == "free")
    #expect(try await whoIs(email: "ann@example.COM").1 == one)
    #expect(try await whoIs(email: "bob@example.com").1 != one)
    #expect(try await whoIs().1 != one)
    let six = try await whoIs(address: "2001:db8:1:2::1", email: "ann@example.com").1
    #expect(try await whoIs(address: "2001:db8:1:2:ffff::9", email: "ann@example.com").1 == six)
  }

  /// So what is done there is never hers: nobody's day is used up, and no report given away, by naming them.
  @Test func aStrangerWhoNamesAnEmailFindsAnotherAccount() async throws {
    let victim = try await whoIs(email: "ann@example.com").1
    #expect(try await whoIs(address: "203.0.113.5", email: "ann@example.com").1 != victim)
    #expect(try await whoIs(address: nil, email: "ann@example.com").1 != victim)
  }

  @Test func whatAnEmailAloneFoundIsFoundNoMore() throws {
    let database = Database(url: try TestDatabase.make(Accounts.migrations.filter { $0.number < 22 }))
    try database.execute(
      "INSERT INTO accounts (account_id, kind) VALUES ('00000000-0000-0000-0000-000000000001', 'free')", by: soon)
    try database.execute(
      "INSERT INTO account_identities SELECT it, it || '@example.com', account_id FROM accounts, unnest(ARRAY['email', 'grant']) AS it",
      by: soon)
    _ = try Migrator(Accounts.migrations, database).migrate(by: soon)
    #expect(try database.rows("SELECT kind FROM account_identities", as: String.self, by: soon) == ["grant"])
  }

  @Test func theOperatorIsOneAccountWhateverElseIsSaid() async throws {
    let one = try await whoIs(isOperator: true).1
    #expect(one?.kind == "operator")
    #expect(try await whoIs(address: "198.51.100.9", email: "a@b.example", isOperator: true).1 == one)
  }

  @Test(arguments: ["Bearer llmtxt_0000", "Bearer", "Basic abc", "", "Bearer a b"])
  func aCredentialThatIsNotKnownIsNeverTakenForNone(header: String) async throws {
    #expect(try await whoIs(authorization: header).status == 401)
    #expect(try await whoIs(authorization: header, isOperator: true).status == 401)
  }

  @Test func aCredentialFindsItsAccountUntilItIsRevoked() async throws {
    let owner = try #require(try await whoIs(email: "owner@example.com").1)
    let digest = Digest.sha256(Array("llmtxt_test".utf8))
    try database.execute("INSERT INTO credentials (digest, account_id) VALUES (\(digest), \(owner.id))", by: soon)
    #expect(try await whoIs(authorization: "Bearer llmtxt_test").1 == owner)
    try database.execute("UPDATE credentials SET revoked_at = now()", by: soon)
    #expect(try await whoIs(authorization: "Bearer llmtxt_test").status == 401)
  }

  @Test func manyFirstRequestsAtOnceMakeOneAccount() async throws {
    let url = try TestDatabase.make(Accounts.migrations)
    let ids = try await withThrowingTaskGroup(of: UUID?.self) { group in
      for _ in 0..<32 {
        group.addTask {
          let accounts = Accounts(Database(url: url))
          let router = Router(
            [Operation("GET", "/") { Response.json(["id": try accounts.account(for: $0).id]) }],
            log: Log(threshold: .error) { _ in })
          let response = await router.respond(
            to: Event(method: "GET", rawPath: "/", sourceIP: "192.0.2.7"), by: Deadline(after: .seconds(120)))
          return try JSON.decode([String: UUID].self, from: response.body)["id"]
        }
      }
      return try await group.reduce(into: Set<UUID?>()) { $0.insert($1) }
    }
    #expect(ids.count == 1)
    #expect(try Database(url: url).rows("SELECT count(*) FROM accounts", as: Int.self, by: soon) == [1])
  }

  @Test func aDatabaseThatIsNotMigratedNamesTheCommand() async throws {
    let accounts = Accounts(Database(url: try TestDatabase.make()))
    let router = Router(
      [Operation("GET", "/") { Response.json(["id": try accounts.account(for: $0).id]) }],
      log: Log(threshold: .error) { _ in })
    let response = await router.respond(
      to: Event(method: "GET", rawPath: "/", sourceIP: "192.0.2.7"), by: Deadline(after: .seconds(120)))
    #expect(response.status == 503)
    #expect(String(decoding: response.body, as: UTF8.self).contains("local-runner database migrate"))
  }

  @Test(arguments: ["a@b.example", "A.b+c@d-e.example", "ü@bücher.example"])
  func isAnEmail(text: String) { #expect(Email(text)?.address == text.lowercased()) }

  @Test(arguments: [
    "", "a", "a@", "@b.example", "a@b", "a@b@c.example", "a b@c.example", "a@b..example", "a@b.example\n",
    "a\u{0}@b.example",
  ])
  func isNoEmail(text: String) { #expect(Email(text) == nil) }
}
