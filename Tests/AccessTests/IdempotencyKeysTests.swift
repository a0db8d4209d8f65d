import Accounts
import Contract
import FoundationEssentials
import Limits
import Metering
import Postgres
import Support
import Testing

@testable import Access

/// Requests with an `Idempotency-Key`.
@Suite struct IdempotencyKeysTests {
  private static let key = TokenKey("one")
  private let database: Database
  private let access: Access
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))
  /// 2026-03-01, a minute before midnight UTC.
  private let late = Date(timeIntervalSince1970: 1_772_409_540)

  init() throws {
    // A migration of Metering creates the table of idempotency keys.
    database = Database(url: try TestDatabase.make(Accounts.migrations + Limits.migrations + Metering.migrations))
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

  private static func token(seconds: Int) -> String {
    let end = Int(Date.now.timeIntervalSince1970) + seconds
    return key.token(#"{"iss":"https://issuer.example","aud":"here","sub":"ada","exp":\#(end)}"#)
  }

  private struct Failed: Error {}

  /// A body of any JSON value.
  private struct AnyBody: CallerInput {
    init(from decoder: any Decoder) {}
  }

  /// The end of the handler of a test's request.
  private enum Ending {
    case finished
    /// It throws.
    case failed
    /// It succeeds and stores nothing.
    case unfinished
  }

  /// Sends a request that creates a resource with a new name.
  ///
  /// - Parameters:
  ///   - key: the `Idempotency-Key`.
  ///   - now: the time by which keys expire; nil for the database's clock.
  private func create(
    _ key: String? = "k", body: String = "{}", credential: String? = nil, address: String = "192.0.2.1",
    at now: Date? = nil, ending: Ending = .finished, seconds: Int = 50
  ) async -> (status: Int, resource: String) {
    let (database, access) = (database, access)
    let operation = access.post("/things", AnyBody.self, .generate) { _, call in
      let make = { (ticket: IdempotencyKeys.Ticket?) throws -> String in
        if ending == .failed { throw Failed() }
        let resource = UUID().uuidString
        if let ticket, ending == .finished {
          try database.transaction(by: call.deadline.instant) {
            try IdempotencyKeys.finish(ticket, resource: resource, in: &$0)
          }
        }
        return resource
      }
      let resource: String
      if let now {
        resource = try await IdempotencyKeys(database, at: now).once(
          call.request, of: call.caller.source, repeated: { $0 }, make: make)
      } else {
        resource = try await access.once(call, repeated: { $0 }) { try make($0.ticket) }
      }
      return Response.text(resource, mediaType: "text/plain")
    }
    var headers: [String: String] = [:]
    headers["idempotency-key"] = key
    headers["authorization"] = credential.map { "Bearer \($0)" }
    let event = Event(method: "POST", rawPath: "/things", headers: headers, body: Array(body.utf8), sourceIP: address)
    let response = await Router([operation], log: Log(threshold: .error) { _ in })
      .respond(to: event, by: Deadline(after: .seconds(seconds)))
    return (response.status, String(decoding: response.bytes, as: UTF8.self))
  }

  private func countOfKeys() throws -> Int {
    try database.rows("SELECT count(*) FROM idempotency_keys", as: Int.self, by: soon)[0]
  }

  @Test func sameKeyAndBodyReturnTheFirstResource() async {
    let first = await create()
    #expect(first.status == 200)
    #expect(await create() == first)
    #expect(await create("other").resource != first.resource)
    #expect(await create(nil).resource != first.resource)
    #expect(await create(body: "[]").status == 409)
    for key in ["", String(repeating: "x", count: 256), "a b"] { #expect(await create(key).status == 400) }
  }

  // MARK: Requests that store nothing

  @Test func keyOfAFailedRequestIsReleased() async throws {
    #expect(await create(ending: .failed).status == 500)
    #expect(try countOfKeys() == 0)
    #expect(await create().status == 200)
  }

  @Test func keyOfARequestThatStoresNothingIsReleased() async throws {
    let first = await create(ending: .unfinished)
    #expect(first.status == 200)
    #expect(try countOfKeys() == 0)
    let second = await create(ending: .unfinished)
    #expect(second.status == 200 && second.resource != first.resource)
  }

  @Test func finishedKeyCannotBeReleased() async throws {
    let first = await create()
    let request = Request(
      event: Event(
        method: "POST", rawPath: "/things", headers: ["idempotency-key": "other"], body: Array("{}".utf8)),
      deadline: Deadline(after: .seconds(50)), log: Log(threshold: .error) { _ in })
    guard case .begun(let ticket) = try access.keys.begin(request, of: .operator) else {
      Issue.record("the key was not new")
      return
    }
    try access.keys.finish(ticket, resource: "x", by: soon)
    access.keys.release(ticket, by: soon)
    #expect(try countOfKeys() == 2)
    #expect(await create() == first)
  }

  // MARK: Owners of keys

  @Test func sameKeyOfAnotherSourceIsAnotherKey() async throws {
    let ada = try key()
    let grace = try key("grace@example.com")
    let created = [
      await create(credential: ada), await create(credential: grace), await create(),
      await create(address: "198.51.100.1"),
    ]
    #expect(created.allSatisfy { $0.status == 200 } && Set(created.map(\.resource)).count == 4)
  }

  @Test func credentialsOfAnAccountShareItsKeysFromAnyAddress() async throws {
    let first = await create(credential: try key())
    #expect(first.status == 200)
    #expect(await create(credential: try key(), address: "198.51.100.1") == first)
  }

  @Test func retryWithANewTokenReturnsTheFirstResource() async {
    let first = await create(credential: Self.token(seconds: 60))
    #expect(first.status == 200)
    #expect(await create(credential: Self.token(seconds: 600)) == first)
  }

  @Test func revokedOrExpiredCredentialDoesNotGetTheResource() async throws {
    let key = try key()
    let first = await create(credential: key)
    for column in ["revoked_at", "expires_at"] {
      try database.execute("UPDATE credentials SET revoked_at = NULL, expires_at = NULL", by: soon)
      #expect(await create(credential: key) == first)
      try database.execute("UPDATE credentials SET \(unsafeSQL: column) = now()", by: soon)
      let answer = await create(credential: key)
      #expect(answer.status == 401 && !answer.resource.contains(first.resource))
    }
  }

  @Test func unverifiedCredentialReadsAndWritesNoKeys() async throws {
    #expect(await create(credential: "llmtxt_unknown").status == 401)
    #expect(try countOfKeys() == 0)
  }

  // MARK: Time

  @Test(arguments: [(120.0, true), (86_399, true), (86_401, false), (-3_600, true)])
  func keyIsStoredFor24HoursAcrossMidnightAndWhenTheClockIsSetBack(seconds: Double, isStored: Bool) async {
    let first = await create(at: late)
    #expect((await create(at: late.addingTimeInterval(seconds)) == first) == isStored)
  }

  /// The first request had 50 seconds, and its key expires 10 seconds later.
  @Test(arguments: [(0.0, 409), (59, 409), (61, 200), (-300, 409)])
  func keyOfAProcessThatDiedExpiresAfterItsDeadline(seconds: Double, status: Int) async throws {
    _ = await create(at: late)
    try database.execute(
      "UPDATE idempotency_keys SET resource = NULL, expires_at = \(late) + interval '60 seconds'", by: soon)
    #expect(await create(at: late.addingTimeInterval(seconds)).status == status)
  }

  @Test func purgeDeletesExpiredKeys() throws {
    let noon = Date(timeIntervalSince1970: 1_772_366_400)
    try database.execute(
      """
      INSERT INTO idempotency_keys
      VALUES ('a', '1', '1', 'x', \(noon)), ('a', '2', '2', NULL, \(noon) + interval '2 days')
      """, by: soon)
    try IdempotencyKeys(database, at: noon.addingTimeInterval(86_400)).purge(by: soon)
    #expect(
      try database.rows("SELECT encode(key_digest, 'escape') FROM idempotency_keys", as: String.self, by: soon) == ["2"]
    )
  }

  @Test func concurrentRequestsWithOneKeyCreateOneResource() async {
    let answers = await withTaskGroup(of: (Int, String).self) { group in
      for _ in 0..<16 { group.addTask { await create() } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(answers.filter { $0.0 == 200 }.map(\.1)).count == 1)
    #expect(answers.allSatisfy { $0.0 == 200 || $0.0 == 409 })
  }
}
