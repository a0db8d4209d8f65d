import Access
import Accounts
import Contract
import Cryptography
import FoundationEssentials
import Limits
import Postgres
import Support
import Testing

/// The account that a request belongs to, by its credential, email and address.
@Suite struct CallersTests {
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  init() throws {
    database = Database(url: try TestDatabase.make(Accounts.migrations + Limits.migrations))
  }

  private struct Answer: Codable, Equatable {
    let id: UUID
    let kind: String
  }

  /// The response to a request, and the account that the handler saw.
  private static func send(
    to access: Access, address: String? = "192.0.2.1", authorization: String? = nil, email: String? = nil,
    isOperator: Bool = false
  ) async -> (response: Response, account: Answer?) {
    let named = email.flatMap(Email.init)
    let emailOf = { @Sendable (_: Request) in named }
    let operation = access.get("/", .read, email: emailOf) { call in
      Response.json(Answer(id: call.account.id, kind: call.account.kind.rawValue))
    }
    let event = Event(
      method: "GET", rawPath: "/", headers: authorization.map { ["authorization": $0] } ?? [:], sourceIP: address,
      isOperator: isOperator)
    let response = await Router([operation], log: Log(threshold: .error) { _ in })
      .respond(to: event, by: Deadline(after: .seconds(120)))
    return (response, try? JSON.decode(Answer.self, from: response.bytes))
  }

  private func account(
    address: String? = "192.0.2.1", authorization: String? = nil, email: String? = nil, isOperator: Bool = false
  ) async -> Answer? {
    await Self.send(
      to: Access(database), address: address, authorization: authorization, email: email, isOperator: isOperator
    ).account
  }

  private func status(authorization: String, isOperator: Bool = false) async -> Int {
    await Self.send(to: Access(database), authorization: authorization, isOperator: isOperator).response.status
  }

  // MARK: Addresses

  @Test func requestsFromOneAddressShareAFreeAccount() async throws {
    let first = try #require(await account())
    #expect(await account() == first)
    #expect(first.kind == "free")
    let other = try #require(await account(address: "192.0.2.2"))
    #expect(other != first)
  }

  @Test func addressesInOneIPv6NetworkOf64BitsShareAnAccount() async throws {
    let one = try #require(await account(address: "2001:db8:1:2::1"))
    #expect(await account(address: "2001:db8:1:2:ffff::9") == one)
    #expect(await account(address: "2001:db8:1:3::1") != one)
  }

  @Test func mappedIPv4AddressHasTheAccountOfTheIPv4Address() async throws {
    let one = try #require(await account(address: "192.0.2.1"))
    #expect(await account(address: "::ffff:192.0.2.1") == one)
    #expect(await account(address: "::ffff:192.0.2.2") != one)
  }

  @Test func malformedAddressesShareAnAccountWithMissingOnes() async throws {
    let one = try #require(await account(address: nil))
    #expect(await account(address: "nonsense\u{0}") == one)
  }

  // MARK: Emails

  @Test func emailInAnySpellingHasOneAccountPerNetwork() async throws {
    let one = try #require(await account(email: "Ann@Example.com"))
    #expect(one.kind == "free")
    #expect(await account(email: "ann@example.COM") == one)
    #expect(await account(email: "bob@example.com") != one)
    #expect(await account() != one)
    let six = try #require(await account(address: "2001:db8:1:2::1", email: "ann@example.com"))
    #expect(await account(address: "2001:db8:1:2:ffff::9", email: "ann@example.com") == six)
  }

  /// Otherwise a stranger who knows an email could use up the owner's quota or read the owner's reports.
  @Test func sameEmailOnAnotherNetworkHasAnotherAccount() async throws {
    let victim = try #require(await account(email: "ann@example.com"))
    #expect(await account(address: "203.0.113.5", email: "ann@example.com") != victim)
    #expect(await account(address: nil, email: "ann@example.com") != victim)
  }

  // MARK: The operator

  @Test func operatorHasOneAccountWithAnyAddressAndEmail() async throws {
    let one = try #require(await account(isOperator: true))
    #expect(one.kind == "operator")
    #expect(await account(address: "198.51.100.9", email: "a@b.example", isOperator: true) == one)
  }

  // MARK: Credentials

  @Test(arguments: ["Bearer llmtxt_0000", "Bearer", "Basic abc", "", "Bearer a b"])
  func invalidCredentialIsUnauthorizedAndNotTreatedAsMissing(header: String) async {
    #expect(await status(authorization: header) == 401)
    #expect(await status(authorization: header, isOperator: true) == 401)
  }

  @Test func apiKeyHasItsAccountUntilItIsRevoked() async throws {
    let owner = try #require(await account(email: "owner@example.com"))
    let digest = Digest.sha256(Array("llmtxt_test".utf8))
    try database.execute("INSERT INTO credentials (digest, account_id) VALUES (\(digest), \(owner.id))", by: soon)
    #expect(await account(authorization: "Bearer llmtxt_test") == owner)
    try database.execute("UPDATE credentials SET revoked_at = now()", by: soon)
    #expect(await status(authorization: "Bearer llmtxt_test") == 401)
  }

  // MARK: The database

  @Test func concurrentFirstRequestsOpenOneAccount() async throws {
    let url = try TestDatabase.make(Accounts.migrations + Limits.migrations)
    let ids = await withTaskGroup(of: UUID?.self) { group in
      for _ in 0..<32 {
        group.addTask { await Self.send(to: Access(Database(url: url)), address: "192.0.2.7").account?.id }
      }
      return await group.reduce(into: Set<UUID?>()) { $0.insert($1) }
    }
    #expect(ids.count == 1 && !ids.contains(nil))
    #expect(try Database(url: url).rows("SELECT count(*) FROM accounts", as: Int.self, by: soon) == [1])
  }

  @Test func databaseWithoutMigrationsIsUnavailableAndTheMessageNamesTheCommand() async throws {
    let access = Access(Database(url: try TestDatabase.make()))
    let response = await Self.send(to: access, address: "192.0.2.7").response
    #expect(response.status == 503)
    #expect(String(decoding: response.bytes, as: UTF8.self).contains("local-runner database migrate"))
  }
}
