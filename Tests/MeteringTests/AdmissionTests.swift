import Accounts
import Contract
import FoundationEssentials
import Limits
import Metering
import Postgres
import Support
import Testing

/// Who is let in, how often, and on whose account that counts.
@Suite struct AdmissionTests {
  private static let key = TokenKey("one")
  private let database: Database
  private let accounts: Accounts
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))

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

  private static func token(_ subject: String, seconds: Int) -> String {
    let end = Int(Date.now.timeIntervalSince1970) + seconds
    return key.token(#"{"iss":"https://issuer.example","aud":"here","sub":"\#(subject)","exp":\#(end)}"#)
  }

  private func send(
    _ endpoint: Admission.Endpoint = .checkout, _ credential: String? = nil, email: String? = nil,
    address: String = "192.0.2.1",
    isOperator: Bool = false
  ) async -> Response {
    let accounts = accounts
    let named = email.flatMap(Email.init)
    let thing = Admission(database, accounts).admit(
      endpoint, Operation("GET", "/") { Response.json(["id": try accounts.account(for: $0, email: named).id]) })
    let event = Event(
      method: "GET", rawPath: "/", headers: credential.map { ["authorization": "Bearer \($0)"] } ?? [:],
      sourceIP: address, isOperator: isOperator)
    return await Router([thing], log: Log(threshold: .error) { _ in }).respond(
      to: event, by: Deadline(after: .seconds(120)))
  }

  @Test(arguments: [Admission.Endpoint.analyze, .generate, .checkout, .claim, .usage, .read])
  func wrongCredentialsAreRefusedAfterTen(endpoint: Admission.Endpoint) async throws {
    var statuses: [Int] = []
    for number in 0..<25 { statuses.append(await send(endpoint, "llmtxt_\(number)").status) }
    #expect(statuses == Array(repeating: 401, count: 10) + Array(repeating: 429, count: 15))
  }

  /// Whatever stands in the header, nothing is kept of it: rows are of the address.
  @Test func madeUpCredentialsLeaveNoRowsOfTheirOwn() async throws {
    for number in 0..<30 { _ = await send(.checkout, "made-up-\(number)") }
    #expect(try database.rows("SELECT subject FROM rate_buckets", as: String.self, by: soon) == ["address 192.0.2.1"])
    #expect(try database.rows("SELECT source FROM failure_brakes", as: String.self, by: soon) == ["192.0.2.1"])
  }

  @Test func aGoodCredentialPassesWhereAGuesserWasBraked() async throws {
    let key = try key()
    for number in 0..<12 { _ = await send(.usage, "llmtxt_\(number)") }
    #expect(await send(.usage, key).status == 200)
    #expect(await send(.usage, Self.token("ada", seconds: 60)).status == 200)
    #expect(await send(.usage).status == 200, "who shows none guesses none")
    #expect(await send(.usage, "llmtxt_x", address: "198.51.100.7").status == 401)
  }

  /// Or else the brake would tell keys that once were from those that never were.
  @Test func whileItBrakesEveryWrongCredentialLooksAlike() async throws {
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
        String(decoding: response.body, as: UTF8.self).replacing(response.headers["x-request-id"] ?? "", with: ""))
    }
    #expect(answers.count == 1)
  }

  /// Takes whatever is left of these buckets, so that no test depends on how fast it is.
  private func drain(_ subjects: String) throws {
    #expect(
      try database.execute(
        "UPDATE rate_buckets SET full_at = now() + interval '1 hour' WHERE subject LIKE \(subjects)", by: soon) > 0)
  }

  @Test func eachEndpointTakesSoManyAtOnce() async {
    for _ in 0..<20 { #expect(await send(.claim).status == 200) }
    #expect(await send(.claim).status == 429)
    #expect(await send(.checkout).status == 200, "another has its own")
  }

  @Test func allKeysAndAddressesOfAnAccountShareItsBucket() async throws {
    let keys = [try key(), try key()]
    #expect(await send(.checkout, keys[0]).status == 200)
    try drain("account %")
    for (key, address) in [(keys[0], "192.0.2.1"), (keys[0], "198.51.100.1"), (keys[1], "203.0.113.1")] {
      #expect(await send(.checkout, key, address: address).status == 429)
    }
    #expect(await send(.usage, keys[0]).status == 200, "another endpoint has its own")
    #expect(await send(.checkout, try key("grace@example.com")).status == 200)
  }

  @Test func aNewTokenIsNoNewSource() async throws {
    #expect(await send(.checkout, Self.token("ada", seconds: 60)).status == 200)
    try drain("account %")
    #expect(await send(.checkout, Self.token("ada", seconds: 600)).status == 429)
    #expect(await send(.checkout, Self.token("grace", seconds: 600)).status == 200)
  }

  @Test func anotherEmailIsNoNewSource() async throws {
    #expect(await send(.checkout, email: "a@example.com").status == 200)
    try drain("address %")
    #expect(await send(.checkout, email: "b@example.com").status == 429)
    #expect(await send(.checkout, email: "b@example.com", address: "198.51.100.1").status == 200)
  }

  /// Not even with keys of many accounts, all of them good: before any is looked up.
  @Test func aNetworkShowsSoManyCredentials() async throws {
    #expect(await send(.read, try key()).status == 200)
    try drain("address %")
    #expect(await send(.read, try key("grace@example.com")).status == 429)
    #expect(await send(.read, "llmtxt_wrong").status == 429)
    #expect(await send(.read, try key("grace@example.com"), address: "198.51.100.1").status == 200)
    #expect(await send(.read).status == 200, "whoever shows none has another bucket")
  }

  @Test func theOperatorIsNotLimitedButNeverTakenAtAWrongWord() async throws {
    for _ in 0..<40 { #expect(await send(.checkout, isOperator: true).status == 200) }
    for _ in 0..<12 { #expect(await send(.checkout, "llmtxt_x", isOperator: true).status == 401) }
  }
}
