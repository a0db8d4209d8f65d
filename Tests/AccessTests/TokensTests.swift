import Access
import Accounts
import Contract
import FoundationEssentials
import Limits
import Postgres
import Support
import Testing

/// JSON Web Tokens as credentials.
@Suite struct TokensTests {
  private static let key = TokenKey("one"), other = TokenKey("two")
  private static let url = "https://issuer.example/.well-known/jwks.json"
  private let databaseURL: String
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  init() throws {
    databaseURL = try TestDatabase.make(Accounts.migrations + Limits.migrations)
    database = Database(url: databaseURL)
    try store(TokenKey.set(Self.key))
  }

  private func store(_ set: [UInt8]) throws {
    let text = String(decoding: set, as: UTF8.self)
    try database.execute(
      """
      INSERT INTO token_key_sets (url, jwks, fetched_at, asked_at) VALUES (\(Self.url), \(text), now(), now())
      ON CONFLICT (url) DO UPDATE SET jwks = excluded.jwks
      """, by: soon)
  }

  private static func settings(issuer: String = "https://issuer.example") throws -> TokenSettings {
    try #require(try TokenSettings(Environment(["JWT_JWKS_URL": url, "JWT_ISSUER": issuer, "JWT_AUDIENCE": "here"])))
  }

  private struct Answer: Codable, Equatable {
    let id: UUID
    let kind: String
    let plan: String
  }

  /// The status of a request with a credential, the account that the handler saw, and the body.
  private static func send(
    _ credential: String, _ access: Access, email: String? = nil, address: String = "192.0.2.1",
    isOperator: Bool = false
  ) async -> (status: Int, answer: Answer?, text: String) {
    let named = email.flatMap(Email.init)
    let emailOf = { @Sendable (_: Request) in named }
    let operation = access.get("/", .read, email: emailOf) { call in
      let account = call.account
      return Response.json(Answer(id: account.id, kind: account.kind.rawValue, plan: account.plan.rawValue))
    }
    let event = Event(
      method: "GET", rawPath: "/", headers: ["authorization": "Bearer \(credential)"], sourceIP: address,
      isOperator: isOperator)
    let response = await Router([operation], log: Log(threshold: .error) { _ in })
      .respond(to: event, by: Deadline(after: .seconds(120)))
    return (
      response.status, try? JSON.decode(Answer.self, from: response.bytes),
      String(decoding: response.bytes, as: UTF8.self)
    )
  }

  private func send(
    _ credential: String, email: String? = nil, address: String = "192.0.2.1",
    issuer: String = "https://issuer.example"
  ) async throws -> (status: Int, answer: Answer?, text: String) {
    let access = Access(database, tokens: try Self.settings(issuer: issuer))
    return await Self.send(credential, access, email: email, address: address)
  }

  private static func claims(
    _ sub: String = "user_1", _ more: String = "", issuer: String = "https://issuer.example", seconds: Int = 100
  ) -> String {
    let exp = Int(Date.now.timeIntervalSince1970) + seconds
    return #"{"iss":"\#(issuer)","aud":"here","sub":"\#(sub)","exp":\#(exp)\#(more)}"#
  }

  private func countOfAccounts() throws -> Int {
    try database.rows("SELECT count(*) FROM accounts", as: Int.self, by: soon)[0]
  }

  // MARK: Accounts of tokens

  @Test func eachSubjectHasOneCustomerAccount() async throws {
    let first = try await send(Self.key.token(Self.claims()))
    let again = try await send(Self.key.token(Self.claims(seconds: 200)))
    #expect(first.status == 200 && first.answer?.kind == "customer" && first.answer?.plan == "free")
    #expect(again.answer == first.answer)
    #expect(try await send(Self.key.token(Self.claims("user_2"))).answer?.id != first.answer?.id)
    #expect(try countOfAccounts() == 2)
  }

  @Test func accountOfATokenHasItsPlan() async throws {
    let id = try #require(try await send(Self.key.token(Self.claims())).answer?.id)
    try database.execute("UPDATE accounts SET plan = 'growth' WHERE account_id = \(id)", by: soon)
    #expect(try await send(Self.key.token(Self.claims())).answer == Answer(id: id, kind: "customer", plan: "growth"))
  }

  @Test func sameSubjectOfTwoIssuersHasTwoAccounts() async throws {
    let one = try await send(Self.key.token(Self.claims()))
    let two = try await send(
      Self.key.token(Self.claims(issuer: "https://second.example")), issuer: "https://second.example")
    #expect(one.status == 200 && two.status == 200)
    #expect(one.answer?.id != two.answer?.id)
  }

  @Test func membersOfAnOrganisationShareItsAccount() async throws {
    let person = try await send(Self.key.token(Self.claims())).answer
    let first = try await send(Self.key.token(Self.claims("user_1", #","org_id":"org_1""#))).answer
    let second = try await send(
      Self.key.token(Self.claims("user_2", #","v":2,"o":{"id":"org_1","rol":"admin","slg":"ours"}"#))
    ).answer
    #expect(first != nil && first == second && first != person)
    let named = try await send(Self.key.token(Self.claims("org_1"))).answer
    #expect(named != nil && named != first, "a user with the organisation's id is not the organisation")
  }

  @Test(arguments: [#","org_id":7"#, #","org_id":"""#, #","o":{}"#, #","o":"org_1""#, #","org_id":"a\u0000b""#])
  func tokenWithAMalformedOrganisationIsUnauthorized(more: String) async throws {
    #expect(try await send(Self.key.token(Self.claims("user_1", more))).status == 401)
    #expect(try countOfAccounts() == 0)
  }

  @Test(arguments: [(255, 200), (256, 401)])
  func subjectIsLimitedTo255Bytes(count: Int, status: Int) async throws {
    #expect(try await send(Self.key.token(Self.claims(String(repeating: "x", count: count)))).status == status)
  }

  @Test(arguments: [#"a\u0000b"#, #"a\nb"#, #"a\u007fb"#])
  func subjectWithControlCharactersIsUnauthorized(sub: String) async throws {
    #expect(try await send(Self.key.token(Self.claims(sub))).status == 401)
  }

  @Test func emailInATokenDoesNotLeadToAnotherAccount() async throws {
    let accounts = Accounts(database)
    let ada = try #require(Email("ada@example.com"))
    let granted = try accounts.grant(.scale, to: ada, by: soon)
    let more = #","email":"ada@example.com","email_verified":true"#
    let answer = try #require(
      try await send(Self.key.token(Self.claims("user_1", more)), email: "ada@example.com").answer)
    #expect(answer.id != granted.id && answer.plan == "free" && answer.kind == "customer")
    #expect(
      try database.rows("SELECT count(*) FROM accounts WHERE email IS NOT NULL", as: Int.self, by: soon) == [1],
      "the email of the token is not stored")
    #expect(try await send(Self.key.token(Self.claims("ada@example.com"))).answer?.id != granted.id)
  }

  // MARK: Invalid tokens

  @Test func invalidTokenIsUnauthorizedAndOpensNoAccount() async throws {
    let stranger = TokenKey("one")
    let good = Self.key.token(Self.claims())
    let unsigned = TokenKey.unsigned(Self.claims(), header: #"{"alg":"none"}"#)
    let wrong: [String: String] = [
      "another key with the same id": stranger.token(Self.claims()), "unknown key": Self.other.token(Self.claims()),
      "expired": Self.key.token(Self.claims(seconds: -120)),
      "issuer": Self.key.token(Self.claims(issuer: "https://issuer.example.org")),
      "not yet": Self.key.token(Self.claims("user_1", ",\"nbf\":\(Int(Date.now.timeIntervalSince1970) + 120)")),
      "none": unsigned + ".",
      "critical": Self.key.token(Self.claims(), header: #"{"alg":"RS256","kid":"one","crit":["x"]}"#),
      "shortened": String(good.dropLast(4)), "padded": good + "==",
      "huge": Self.key.token(Self.claims(String(repeating: "x", count: 10_000))),
      "full stops only": "..", "not a token": "a.b.c",
    ]
    for (number, (name, token)) in wrong.enumerated() {
      // After ten wrong credentials an address is rate-limited.
      let (status, _, text) = try await send(token, email: "ada@example.com", address: "192.0.2.\(number)")
      #expect(status == 401, "\(name)")
      #expect(text.contains("token"), "\(name): \(text)")
      #expect(!text.contains(token.suffix(40)) || token.count < 40, "the message for \(name) repeats the token")
    }
    #expect(try countOfAccounts() == 0)
    let isOperator = await Self.send("a.b.c", Access(database, tokens: try Self.settings()), isOperator: true)
    #expect(isOperator.status == 401, "an invalid token is not treated as a missing credential")
  }

  @Test func tokenIsUnauthorizedIfNoIssuerIsConfigured() async throws {
    let (status, _, text) = await Self.send(Self.key.token(Self.claims()), Access(database))
    #expect(status == 401 && text.contains("not configured"))
  }

  @Test func tokenIsUnavailableIfNoKeySetIsStored() async throws {
    try database.execute("UPDATE token_key_sets SET jwks = NULL, fetched_at = NULL", by: soon)
    #expect(try await send(Self.key.token(Self.claims())).text.contains("could not be fetched"))
    try database.execute("DELETE FROM token_key_sets", by: soon)
    #expect(try await send(Self.key.token(Self.claims())).status == 503, "the token may be valid, so this is not 401")
    #expect(try countOfAccounts() == 0)
  }

  @Test(arguments: [(86_390, 200), (86_410, 503)])
  func keySetOlderThanADayIsNotUsed(age: Int, status: Int) async throws {
    try database.execute("UPDATE token_key_sets SET fetched_at = now() - \(age) * interval '1 second'", by: soon)
    #expect(try await send(Self.key.token(Self.claims())).status == status)
  }

  @Test func accountOpenedByATokenIsAuditedWithoutItsSubject() async throws {
    for _ in 0..<2 { _ = try await send(Self.key.token(Self.claims("ada"))) }
    let entries = try database.rows(
      "SELECT actor || ' ' || action || ' ' || details FROM audit_log", as: String.self, by: soon)
    #expect(entries == ["token account_opened by the first token of its subject"])
  }

  @Test func tokenOfAWithdrawnKeyIsUnauthorized() async throws {
    try store(TokenKey.set(Self.key, Self.other))
    let old = Self.key.token(Self.claims())
    let new = Self.other.token(Self.claims())
    let account = try await send(old).answer
    #expect(try await send(new).answer == account)
    try store(TokenKey.set(Self.other))
    #expect(try await send(old).status == 401)
    #expect(try await send(new).answer == account)
  }

  @Test func apiKeyWithFullStopsIsNotAToken() async throws {
    #expect(try await send("llmtxt_a.b.c").text.contains("unknown, revoked or expired"))
  }

  // MARK: Concurrency

  @Test func concurrentFirstRequestsOpenOneAccount() async throws {
    let url = databaseURL
    let settings = try Self.settings()
    let token = Self.key.token(Self.claims())
    let ids = await withTaskGroup(of: UUID?.self) { group in
      for _ in 0..<32 {
        group.addTask { await Self.send(token, Access(Database(url: url), tokens: settings)).answer?.id }
      }
      return await group.reduce(into: Set<UUID?>()) { $0.insert($1) }
    }
    #expect(ids.count == 1 && !ids.contains(nil))
    #expect(try countOfAccounts() == 1)
  }

  // MARK: Settings

  @Test func settingsAreNilWithoutJWKSURL() throws {
    #expect(try TokenSettings(Environment(["JWT_ISSUER": "https://issuer.example", "JWT_AUDIENCE": "here"])) == nil)
  }

  @Test(
    arguments: [
      (url, "", "here", "JWT_ISSUER"), (url, "https://a b", "here", "JWT_ISSUER"),
      (url, "https://issuer.example", "", "JWT_AUDIENCE"),
      ("http://issuer.example/", "i", "here", "JWT_JWKS_URL"), ("file:///etc/passwd", "i", "here", "JWT_JWKS_URL"),
      ("nonsense", "i", "here", "JWT_JWKS_URL"),
      ("http://127.0.0.1:9/jwks", "i", "here", nil), ("http://[::1]:9/jwks", "i", "here", nil),
      (url, "accounts.example", "here", nil),
    ] as [(String, String, String, String?)])
  func malformedSettingIsNamed(url: String, issuer: String, audience: String, refused: String?) {
    let environment = Environment(["JWT_JWKS_URL": url, "JWT_ISSUER": issuer, "JWT_AUDIENCE": audience])
    do throws(Failure) {
      _ = try TokenSettings(environment)
      #expect(refused == nil)
    } catch {
      #expect(error.code == .unavailable && error.details["setting"] == refused)
    }
  }
}
