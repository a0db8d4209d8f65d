import Accounts
import Contract
import FoundationEssentials
import Limits
import Metering
import Postgres
import Support
import Testing

/// What is made once for each key, and whose a key is.
@Suite struct IdempotencyKeysTests {
  private static let key = TokenKey("one")
  private let database: Database
  private let accounts: Accounts
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))
  /// 2026-03-01, a minute before midnight UTC.
  private let late = Date(timeIntervalSince1970: 1_772_409_540)

  init() throws {
    database = Database(url: try TestDatabase.make(Accounts.migrations + Limits.migrations + Metering.migrations))
    let url = "https://issuer.example/jwks.json"
    accounts = Accounts(
      database,
      tokens: try TokenSettings(
        Environment(["JWT_JWKS_URL": url, "JWT_ISSUER": "https://issuer.example", "JWT_AUDIENCE": "here"])))
    try database.execute(
      "INSERT INTO token_key_sets VALUES (\(url), \(String(decoding: TokenKey.set(Self.key), as: UTF8.self)), now(), now())",
      by: soon)
  }

  private func key(_ email: String = "ada@example.com") throws -> String {
    _ = try accounts.grant(.growth, to: Email(email)!, by: soon)
    return try accounts.makeKey(for: Email(email)!, by: soon).text
  }

  private static func token(seconds: Int) -> String {
    let end = Int(Date.now.timeIntervalSince1970) + seconds
    return key.token(#"{"iss":"https://issuer.example","aud":"here","sub":"ada","exp":\#(end)}"#)
  }

  private struct Failed: Error {}

  /// Makes a thing, whose name is new each time.
  private func make(
    _ name: String? = "k", body: String = "{}", credential: String? = nil, address: String = "192.0.2.1",
    at now: Date? = nil,
    isAdmitted: Bool = true, fails: Bool = false, seconds: Int = 50
  ) async -> (status: Int, made: String) {
    let keys = IdempotencyKeys(database, at: now)
    let database = database
    let operation = Operation("POST", "/things") { request in
      let (made, _) = try await keys.once(request, made: { $0 }) { ticket in
        if fails { throw Failed() }
        let made = UUID().uuidString
        if let ticket {
          try database.transaction(by: request.deadline.instant) {
            try IdempotencyKeys.finish(ticket, resource: made, in: &$0)
          }
        }
        return (made, nil)
      }
      return Response.text(made, mediaType: "text/plain")
    }
    var headers: [String: String] = [:]
    headers["idempotency-key"] = name
    headers["authorization"] = credential.map { "Bearer \($0)" }
    let event = Event(method: "POST", rawPath: "/things", headers: headers, body: Array(body.utf8), sourceIP: address)
    let router = Router(
      [isAdmitted ? Admission(database, accounts).admit(.generate, operation) : operation],
      log: Log(threshold: .error) { _ in })
    let response = await router.respond(to: event, by: Deadline(after: .seconds(seconds)))
    return (response.status, String(decoding: response.body, as: UTF8.self))
  }

  @Test func theSameKeyAndBodyGiveWhatWasMade() async {
    let first = await make()
    #expect(first.status == 200)
    #expect(await make() == first)
    #expect(await make("other").made != first.made)
    #expect(await make(nil).made != first.made)
    #expect(await make(body: "[]").status == 409)
    for name in ["", String(repeating: "x", count: 256), "a b"] { #expect(await make(name).status == 400) }
  }

  @Test func whatFailedIsNotKept() async {
    #expect(await make(fails: true).status == 500)
    #expect(await make().status == 200)
  }

  // MARK: Whose a key is

  @Test func anothersKeyIsAnotherKey() async throws {
    let ada = try key()
    let grace = try key("grace@example.com")
    let made = [
      await make(credential: ada), await make(credential: grace), await make(), await make(address: "198.51.100.1"),
    ]
    #expect(made.allSatisfy { $0.status == 200 } && Set(made.map(\.made)).count == 4)
  }

  @Test func allKeysOfAnAccountHaveOneNamespaceFromWhereverTheyCome() async throws {
    let first = await make(credential: try key())
    #expect(first.status == 200)
    #expect(await make(credential: try key(), address: "198.51.100.1") == first)
  }

  @Test func aRetryWithANewTokenMakesNothingTwice() async {
    let first = await make(credential: Self.token(seconds: 60))
    #expect(first.status == 200)
    #expect(await make(credential: Self.token(seconds: 600)) == first)
  }

  @Test func aRevokedOrExpiredKeyIsToldNothing() async throws {
    let key = try key()
    let first = await make(credential: key)
    for column in ["revoked_at", "expires_at"] {
      try database.execute("UPDATE credentials SET revoked_at = NULL, expires_at = NULL", by: soon)
      #expect(await make(credential: key) == first)
      try database.execute("UPDATE credentials SET \(unsafeSQL: column) = now()", by: soon)
      let answer = await make(credential: key)
      #expect(answer.status == 401 && !answer.made.contains(first.made))
    }
  }

  @Test func withoutAVerifiedCredentialNothingIsLookedUp() async throws {
    #expect(await make(credential: try key(), isAdmitted: false).status == 401)
    #expect(try database.rows("SELECT count(*) FROM idempotency_keys", as: Int.self, by: soon) == [0])
  }

  // MARK: Time

  @Test(arguments: [(120.0, true), (86_399, true), (86_401, false), (-3_600, true)])
  func aKeyIsKeptForADayOverMidnightAndWhateverTheClockSays(seconds: Double, isKept: Bool) async {
    let first = await make(at: late)
    #expect((await make(at: late.addingTimeInterval(seconds)) == first) == isKept)
  }

  /// It was to end within fifty seconds, and ten more are given.
  @Test(arguments: [(0.0, 409), (59, 409), (61, 200), (-300, 409)])
  func aKeyWhoseHolderDiedIsFreedByItsDeadline(seconds: Double, status: Int) async throws {
    _ = await make(at: late)
    try database.execute(
      "UPDATE idempotency_keys SET resource = NULL, expires_at = \(late) + interval '60 seconds'", by: soon)
    #expect(await make(at: late.addingTimeInterval(seconds)).status == status)
  }

  @Test func ofManyAtOnceOneMakesIt() async {
    let answers = await withTaskGroup(of: (Int, String).self) { group in
      for _ in 0..<16 { group.addTask { await make() } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(answers.filter { $0.0 == 200 }.map(\.1)).count == 1)
    #expect(answers.allSatisfy { $0.0 == 200 || $0.0 == 409 })
  }
}
