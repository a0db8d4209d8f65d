import Accounts
import Contract
import FoundationEssentials
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
    databaseURL = try TestDatabase.make(Accounts.migrations)
    database = Database(url: databaseURL)
    try store(TokenKey.set(Self.key))
  }

  private func store(_ set: [UInt8]) throws {
    try database.execute(
      """
      INSERT INTO token_key_sets (url, jwks, fetched_at, asked_at) VALUES (\(Self.url), \(String(decoding: set, as: UTF8.self)), now(), now())
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

  /// The status that a request with this credential gets, whom it is taken for, and what it is told.
  private static func whoIs(
    _ credential: String, _ accounts: Accounts, email: String? = nil, isOperator: Bool = false
  ) async -> (status: Int, answer: Answer?, text: String) {
    let address = email.flatMap(Email.init)
    let router = Router(
      [
        Operation("GET", "/") { request in
          let account = try accounts.account(for: request, email: address)
          return Response.json(Answer(id: account.id, kind: account.kind.rawValue, plan: account.plan.rawValue))
        }
      ], log: Log(threshold: .error) { _ in })
    let event = Event(
      method: "GET", rawPath: "/", headers: ["authorization": "Bearer \(credential)"], sourceIP: "192.0.2.1",
      isOperator: isOperator)
    let response = await router.respond(to: event, by: Deadline(after: .seconds(120)))
    return (
      response.status, try? JSON.decode(Answer.self, from: response.body),
      String(decoding: response.body, as: UTF8.self)
    )
  }

  private func whoIs(_ credential: String, email: String? = nil, issuer: String = "https://issuer.example") async throws
    -> (
      status: Int, answer: Answer?, text: String
    )
  {
    await Self.whoIs(credential, Accounts(database, tokens: try Self.settings(issuer: issuer)), email: email)
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

  // MARK: Whose a token is

  @Test func aSubjectIsOneCustomer() async throws {
    let first = try await whoIs(Self.key.token(Self.claims()))
    let again = try await whoIs(Self.key.token(Self.claims(seconds: 200)))
    #expect(first.status == 200 && first.answer?.kind == "customer" && first.answer?.plan == "free")
    #expect(again.answer == first.answer)
    #expect(try await whoIs(Self.key.token(Self.claims("user_2"))).answer?.id != first.answer?.id)
    #expect(try countOfAccounts() == 2)
  }

  @Test func aTokensAccountHasItsPlan() async throws {
    let id = try #require(try await whoIs(Self.key.token(Self.claims())).answer?.id)
    try database.execute("UPDATE accounts SET plan = 'growth' WHERE account_id = \(id)", by: soon)
    #expect(try await whoIs(Self.key.token(Self.claims())).answer == Answer(id: id, kind: "customer", plan: "growth"))
  }

  @Test func theSameSubjectOfTwoIssuersIsTwoAccounts() async throws {
    let one = try await whoIs(Self.key.token(Self.claims()))
    let two = try await whoIs(
      Self.key.token(Self.claims(issuer: "https://second.example")), issuer: "https://second.example")
    #expect(one.status == 200 && two.status == 200)
    #expect(one.answer?.id != two.answer?.id)
  }

  @Test func anOrganisationIsOneAccountWhoeverSpeaksForIt() async throws {
    let person = try await whoIs(Self.key.token(Self.claims())).answer
    let first = try await whoIs(Self.key.token(Self.claims("user_1", #","org_id":"org_1""#))).answer
    let second = try await whoIs(
      Self.key.token(Self.claims("user_2", #","v":2,"o":{"id":"org_1","rol":"admin","slg":"ours"}"#))
    ).answer
    #expect(first != nil && first == second && first != person)
    let named = try await whoIs(Self.key.token(Self.claims("org_1"))).answer
    #expect(named != nil && named != first, "a person of that name is not the organisation")
  }

  @Test(arguments: [#","org_id":7"#, #","org_id":"""#, #","o":{}"#, #","o":"org_1""#, #","org_id":"a\u0000b""#])
  func anOrganisationThatCannotBeReadIsNotItsMember(more: String) async throws {
    #expect(try await whoIs(Self.key.token(Self.claims("user_1", more))).status == 401)
    #expect(try countOfAccounts() == 0)
  }

  @Test(arguments: [(255, 200), (256, 401)])
  func aSubjectHas255BytesAtMost(count: Int, status: Int) async throws {
    #expect(try await whoIs(Self.key.token(Self.claims(String(repeating: "x", count: count)))).status == status)
  }

  @Test(arguments: [#"a\u0000b"#, #"a\nb"#, #"a\u007fb"#])
  func aSubjectHasNoControlCharacters(sub: String) async throws {
    #expect(try await whoIs(Self.key.token(Self.claims(sub))).status == 401)
  }

  @Test func anEmailLinksNothing() async throws {
    let accounts = Accounts(database, tokens: try Self.settings())
    let ada = try #require(Email("ada@example.com"))
    let granted = try accounts.grant(.scale, to: ada, by: soon)
    let more = #","email":"ada@example.com","email_verified":true"#
    let answer = try #require(
      try await whoIs(Self.key.token(Self.claims("user_1", more)), email: "ada@example.com").answer)
    #expect(answer.id != granted.id && answer.plan == "free" && answer.kind == "customer")
    #expect(
      try database.rows("SELECT count(*) FROM accounts WHERE email IS NOT NULL", as: Int.self, by: soon) == [1],
      "it is not kept")
    #expect(try await whoIs(Self.key.token(Self.claims("ada@example.com"))).answer?.id != granted.id)
  }

  // MARK: Refusals

  @Test func whatIsNotToBeBelievedIsUnauthorizedAndMakesNothing() async throws {
    let stranger = TokenKey("one")
    let good = Self.key.token(Self.claims())
    let unsigned = TokenKey.unsigned(Self.claims(), header: #"{"alg":"none"}"#)
    let wrong: [String: String] = [
      "another key of the name": stranger.token(Self.claims()), "unknown key": Self.other.token(Self.claims()),
      "expired": Self.key.token(Self.claims(seconds: -120)),
      "issuer": Self.key.token(Self.claims(issuer: "https://issuer.example.org")),
      "not yet": Self.key.token(Self.claims("user_1", ",\"nbf\":\(Int(Date.now.timeIntervalSince1970) + 120)")),
      "none": unsigned + ".",
      "critical": Self.key.token(Self.claims(), header: #"{"alg":"RS256","kid":"one","crit":["x"]}"#),
      "shortened": String(good.dropLast(4)), "padded": good + "==",
      "huge": Self.key.token(Self.claims(String(repeating: "x", count: 10_000))),
      "stops alone": "..", "no token": "a.b.c",
    ]
    for (name, token) in wrong {
      let (status, _, text) = try await whoIs(token, email: "ada@example.com")
      #expect(status == 401, "\(name)")
      #expect(text.contains("token"), "\(name): \(text)")
      #expect(!text.contains(token.suffix(40)) || token.count < 40, "\(name) is told again")
    }
    #expect(try countOfAccounts() == 0)
    let isOperator = await Self.whoIs("a.b.c", Accounts(database, tokens: try Self.settings()), isOperator: true)
    #expect(isOperator.status == 401, "never taken for no credential")
  }

  @Test func whereTokensAreNotConfiguredTheyAreRefused() async throws {
    let (status, _, text) = await Self.whoIs(Self.key.token(Self.claims()), Accounts(database))
    #expect(status == 401 && text.contains("not configured"))
  }

  @Test func beforeTheKeysWereFetchedTokensAreRefused() async throws {
    try database.execute("UPDATE token_key_sets SET jwks = NULL, fetched_at = NULL", by: soon)
    #expect(try await whoIs(Self.key.token(Self.claims())).text.contains("could not be fetched"))
    try database.execute("DELETE FROM token_key_sets", by: soon)
    #expect(try await whoIs(Self.key.token(Self.claims())).status == 503, "which is not the token's fault")
    #expect(try countOfAccounts() == 0)
  }

  @Test(arguments: [(86_390, 200), (86_410, 503)])
  func keysThatCouldNotBeFetchedForADayAreNotBelieved(age: Int, status: Int) async throws {
    try database.execute("UPDATE token_key_sets SET fetched_at = now() - \(age) * interval '1 second'", by: soon)
    #expect(try await whoIs(Self.key.token(Self.claims())).status == status)
  }

  @Test func anAccountThatATokenOpensIsAuditedWithoutItsName() async throws {
    for _ in 0..<2 { _ = try await whoIs(Self.key.token(Self.claims("ada"))) }
    let entries = try database.rows(
      "SELECT actor || ' ' || action || ' ' || details FROM audit_log", as: String.self, by: soon)
    #expect(entries == ["token account_opened by the first token of its subject"])
  }

  @Test func aKeyThatWasTakenOutSignsNothingMore() async throws {
    try store(TokenKey.set(Self.key, Self.other))
    let old = Self.key.token(Self.claims())
    let new = Self.other.token(Self.claims())
    let account = try await whoIs(old).answer
    #expect(try await whoIs(new).answer == account)
    try store(TokenKey.set(Self.other))
    #expect(try await whoIs(old).status == 401)
    #expect(try await whoIs(new).answer == account)
  }

  @Test func aKeyWithFullStopsIsAKey() async throws {
    #expect(try await whoIs("llmtxt_a.b.c").text.contains("unknown, revoked or expired"))
  }

  // MARK: At once

  @Test func firstRequestsAtOnceMakeOneAccount() async throws {
    let url = databaseURL
    let settings = try Self.settings()
    let token = Self.key.token(Self.claims())
    let ids = await withTaskGroup(of: UUID?.self) { group in
      for _ in 0..<32 {
        group.addTask { await Self.whoIs(token, Accounts(Database(url: url), tokens: settings)).answer?.id }
      }
      return await group.reduce(into: Set<UUID?>()) { $0.insert($1) }
    }
    #expect(ids.count == 1 && !ids.contains(nil))
    #expect(try countOfAccounts() == 1)
  }

  // MARK: Settings

  @Test func withoutAURLThereAreNoTokens() throws {
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
  func settings(url: String, issuer: String, audience: String, refused: String?) {
    let environment = Environment(["JWT_JWKS_URL": url, "JWT_ISSUER": issuer, "JWT_AUDIENCE": audience])
    do throws(Failure) {
      _ = try TokenSettings(environment)
      #expect(refused == nil)
    } catch {
      #expect(error.code == .unavailable && error.details["setting"] == refused)
    }
  }
}
