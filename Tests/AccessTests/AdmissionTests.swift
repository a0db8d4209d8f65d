import Access
import Accounts
import Contract
import FoundationEssentials
import Limits
import Postgres
import Support
import Testing

/// Rate limits per endpoint, and the limit on wrong credentials.
@Suite struct AdmissionTests {
  private static let key = TokenKey("one")
  private let database: Database
  private let access: Access
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))

  init() throws {
    database = Database(url: try TestDatabase.make(Accounts.migrations + Limits.migrations))
    let url = "https://issuer.example/jwks.json"
    access = Access(
      database,
      tokens: try TokenSettings(
        Environment(["JWT_JWKS_URL": url, "JWT_ISSUER": "https://issuer.example", "JWT_AUDIENCE": "here"])))
    let keySet = String(decoding: TokenKey.set(Self.key), as: UTF8.self)
    try database.execute("INSERT INTO token_key_sets VALUES (\(url), \(keySet), now(), now())", by: soon)
  }

  private func key(_ email: String = "ada@example.com") throws -> String {
    _ = try access.accounts.grant(.growth, to: Email(email)!, by: soon)
    return try access.accounts.makeKey(for: Email(email)!, by: soon).text
  }

  private static func token(_ subject: String, seconds: Int) -> String {
    let end = Int(Date.now.timeIntervalSince1970) + seconds
    return key.token(#"{"iss":"https://issuer.example","aud":"here","sub":"\#(subject)","exp":\#(end)}"#)
  }

  private func send(
    _ endpoint: Endpoint = .checkout, _ credential: String? = nil, email: String? = nil,
    address: String = "192.0.2.1", isOperator: Bool = false
  ) async -> Response {
    let named = email.flatMap(Email.init)
    let emailOf = { @Sendable (_: Request) in named }
    let operation = access.get("/", endpoint, email: emailOf) { Response.json(["id": $0.account.id]) }
    let event = Event(
      method: "GET", rawPath: "/", headers: credential.map { ["authorization": "Bearer \($0)"] } ?? [:],
      sourceIP: address, isOperator: isOperator)
    return await Router([operation], log: Log(threshold: .error) { _ in }).respond(
      to: event, by: Deadline(after: .seconds(120)))
  }

  // MARK: Wrong credentials

  @Test(arguments: Endpoint.allCases)
  func wrongCredentialsAreRateLimitedAfterTen(endpoint: Endpoint) async throws {
    var statuses: [Int] = []
    for number in 0..<25 { statuses.append(await send(endpoint, "llmtxt_\(number)").status) }
    #expect(statuses == Array(repeating: 401, count: 10) + Array(repeating: 429, count: 15))
  }

  /// The tables of limits name the address and never a credential.
  @Test func wrongCredentialsAreCountedForTheNetworkOnly() async throws {
    for number in 0..<30 { _ = await send(.checkout, "made-up-\(number)") }
    #expect(try database.rows("SELECT subject FROM rate_buckets", as: String.self, by: soon) == ["address 192.0.2.1"])
    #expect(try database.rows("SELECT source FROM failure_brakes", as: String.self, by: soon) == ["192.0.2.1"])
  }

  @Test func validCredentialIsServedFromANetworkThatSentWrongOnes() async throws {
    let key = try key()
    for number in 0..<12 { _ = await send(.usage, "llmtxt_\(number)") }
    #expect(await send(.usage, key).status == 200)
    #expect(await send(.usage, Self.token("ada", seconds: 60)).status == 200)
    #expect(await send(.usage).status == 200, "a request without a credential is not a guess")
    #expect(await send(.usage, "llmtxt_x", address: "198.51.100.7").status == 401)
  }

  /// Otherwise the response would show whether a key existed once.
  @Test func rateLimitedWrongCredentialsGetTheSameResponse() async throws {
    let revoked = try key("a@example.com")
    let expired = try key("b@example.com")
    try database.execute(
      "UPDATE credentials SET revoked_at = now() WHERE beginning = \(String(revoked.prefix(15)))", by: soon)
    try database.execute(
      "UPDATE credentials SET expires_at = now() WHERE beginning = \(String(expired.prefix(15)))", by: soon)
    for number in 0..<10 { _ = await send(.usage, "llmtxt_\(number)") }
    var answers: Set<String> = []
    for credential in [revoked, expired, "llmtxt_never", Self.token("ada", seconds: -100)] {
      let response = await send(.usage, credential)
      #expect(response.status == 429 && response.headers["retry-after"].flatMap(Int.init) ?? 0 > 0)
      answers.insert(
        String(decoding: response.bytes, as: UTF8.self).replacing(response.headers["x-request-id"] ?? "", with: ""))
    }
    #expect(answers.count == 1)
  }

  // MARK: Rate limits

  /// Empties the buckets for an hour, so that no test depends on its own speed.
  private func drain(_ subjects: String) throws {
    #expect(
      try database.execute(
        "UPDATE rate_buckets SET full_at = now() + interval '1 hour' WHERE subject LIKE \(subjects)", by: soon) > 0)
  }

  @Test func eachEndpointHasItsOwnBurst() async {
    for _ in 0..<20 { #expect(await send(.claim).status == 200) }
    #expect(await send(.claim).status == 429)
    #expect(await send(.checkout).status == 200, "another endpoint has its own bucket")
  }

  @Test func keysAndAddressesOfOneAccountShareItsBucket() async throws {
    let keys = [try key(), try key()]
    #expect(await send(.checkout, keys[0]).status == 200)
    try drain("account %")
    for (key, address) in [(keys[0], "192.0.2.1"), (keys[0], "198.51.100.1"), (keys[1], "203.0.113.1")] {
      #expect(await send(.checkout, key, address: address).status == 429)
    }
    #expect(await send(.usage, keys[0]).status == 200, "another endpoint has its own bucket")
    #expect(await send(.checkout, try key("grace@example.com")).status == 200)
  }

  @Test func newTokenOfTheSameSubjectSharesTheBucket() async throws {
    #expect(await send(.checkout, Self.token("ada", seconds: 60)).status == 200)
    try drain("account %")
    #expect(await send(.checkout, Self.token("ada", seconds: 600)).status == 429)
    #expect(await send(.checkout, Self.token("grace", seconds: 600)).status == 200)
  }

  @Test func anotherEmailOnTheSameNetworkSharesTheBucket() async throws {
    #expect(await send(.checkout, email: "a@example.com").status == 200)
    try drain("address %")
    #expect(await send(.checkout, email: "b@example.com").status == 429)
    #expect(await send(.checkout, email: "b@example.com", address: "198.51.100.1").status == 200)
  }

  /// The limit also applies to valid keys of different accounts, because it is checked before a key is looked up.
  @Test func credentialsOfOneNetworkAreRateLimitedTogether() async throws {
    #expect(await send(.read, try key()).status == 200)
    try drain("address %")
    #expect(await send(.read, try key("grace@example.com")).status == 429)
    #expect(await send(.read, "llmtxt_wrong").status == 429)
    #expect(await send(.read, try key("grace@example.com"), address: "198.51.100.1").status == 200)
    #expect(await send(.read).status == 200, "requests without a credential have another bucket")
  }

  @Test func operatorHasNoRateLimitButItsWrongCredentialsAreUnauthorized() async throws {
    for _ in 0..<40 { #expect(await send(.checkout, isOperator: true).status == 200) }
    for _ in 0..<12 { #expect(await send(.checkout, "llmtxt_x", isOperator: true).status == 401) }
  }
}
