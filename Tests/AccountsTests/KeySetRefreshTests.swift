import Accounts
import Contract
import FoundationEssentials
import Postgres
import Support
import Synchronization
import Testing

/// When the keys of tokens are fetched, and what is kept of it.
@Suite struct KeySetRefreshTests {
  private static let key = TokenKey("one"), other = TokenKey("two")
  private static let start = Date(timeIntervalSince1970: 1_700_000_000)
  private let databaseURL: String
  private let database: Database
  private let settings: TokenSettings
  private let issuer = Issuer()
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  /// What an issuer publishes, and how often it was asked.
  private final class Issuer: Sendable {
    struct Down: Error {}
    let state = Mutex<(published: [UInt8]?, asked: [String])>((nil, []))
    var count: Int { state.withLock { $0.asked.count } }
    func publish(_ set: [UInt8]?) { state.withLock { $0.published = set } }
    /// - Parameter duration: how long it takes to answer.
    func fetch(_ url: String, taking duration: Duration = .zero) async throws -> [UInt8] {
      if duration > .zero { try await Task.sleep(for: duration) }
      return try state.withLock {
        $0.asked.append(url)
        guard let set = $0.published else { throw Down() }
        return set
      }
    }
  }

  init() throws {
    databaseURL = try TestDatabase.make(Accounts.migrations)
    database = Database(url: databaseURL)
    settings = try #require(
      try TokenSettings(
        Environment([
          "JWT_JWKS_URL": "https://issuer.example/jwks", "JWT_ISSUER": "https://issuer.example", "JWT_AUDIENCE": "here",
        ])))
    issuer.publish(TokenKey.set(Self.key))
  }

  /// Asks with a token of this key, so many seconds after the start.
  private func refresh(_ key: TokenKey = key, after seconds: Double = 0) async throws -> KeySetRefresh.Outcome {
    try await refresh("Bearer \(key.token("{}"))", after: seconds)
  }

  private func refresh(_ header: String, after seconds: Double = 0) async throws -> KeySetRefresh.Outcome {
    let issuer = issuer
    let refresh = KeySetRefresh(database, settings) { try await issuer.fetch($0) }
    return try await refresh.refresh(authorization: header, at: Self.start.addingTimeInterval(seconds), by: soon)
  }

  private func stored() throws -> [UInt8]? {
    try database.rows("SELECT jwks FROM token_key_sets", as: String?.self, by: soon).first.flatMap { $0 }.map {
      Array($0.utf8)
    }
  }

  @Test func aSetIsFetchedOnceItIsNeededAndAgainWhenItIsOld() async throws {
    #expect(try await refresh() == .stored)
    #expect(try stored() == TokenKey.set(Self.key))
    #expect(try await refresh(after: 599) == .notDue)
    #expect(issuer.count == 1)
    #expect(try await refresh(after: 600) == .stored)
    #expect(issuer.state.withLock { $0.asked } == ["https://issuer.example/jwks", "https://issuer.example/jwks"])
  }

  @Test func anUnknownKeyIsAskedForAtOnceButOnceAMinute() async throws {
    #expect(try await refresh() == .stored)
    issuer.publish(TokenKey.set(Self.key, Self.other))
    #expect(try await refresh(Self.other, after: 59) == .notDue)
    #expect(try await refresh(Self.other, after: 60) == .stored)
    #expect(try await refresh(Self.other, after: 200) == .notDue, "it is known now")
    let stranger = TokenKey("three")
    #expect(try await refresh(stranger, after: 200) == .stored)
    for second in 201..<260 { #expect(try await refresh(stranger, after: Double(second)) == .notDue) }
    #expect(issuer.count == 3)
  }

  @Test func anIssuerThatIsDownIsAskedOnceAMinuteAndTheOldSetStays() async throws {
    #expect(try await refresh() == .stored)
    issuer.publish(nil)
    #expect(try await refresh(after: 700) == .notFetched)
    #expect(try await refresh(after: 701) == .notDue)
    #expect(try await refresh(after: 760) == .notFetched)
    #expect(try stored() == TokenKey.set(Self.key))
    issuer.publish(TokenKey.set(Self.other))
    #expect(try await refresh(after: 820) == .stored)
    #expect(try stored() == TokenKey.set(Self.other))
  }

  @Test(arguments: [
    "", "<html>", "{}", #"{"keys":[]}"#, #"{"keys":[{"kty":"EC"}]}"#,
    "{\"keys\":[\(String(repeating: " ", count: 70_000))]}",
  ])
  func whatCannotBeReadReplacesNothing(text: String) async throws {
    issuer.publish(Array(text.utf8))
    #expect(try await refresh() == .notReadable)
    #expect(try stored() == nil)
    issuer.publish(TokenKey.set(Self.key))
    #expect(try await refresh(after: 60) == .stored)
    issuer.publish(Array(text.utf8))
    #expect(try await refresh(after: 700) == .notReadable)
    #expect(try stored() == TokenKey.set(Self.key))
  }

  @Test(arguments: ["", "Bearer", "Bearer llmtxt_00", "Bearer llmtxt_a.b.c", "Bearer a.b.c", "Bearer ..", "Basic abc"])
  func onlyATokenIsAReasonToFetch(header: String) async throws {
    #expect(try await refresh(header) == .notDue)
    #expect(issuer.count == 0)
  }

  @Test func aTokenOfAnotherSchemeOrAlgorithmIsNoReasonToFetch() async throws {
    #expect(try await refresh("Basic \(Self.key.token("{}"))") == .notDue)
    #expect(try await refresh("Bearer \(Self.key.token("{}", header: #"{"alg":"HS256","kid":"new"}"#))") == .notDue)
    #expect(issuer.count == 0)
  }

  @Test(arguments: [0.0, 60, 700])
  func manyProcessesAtOnceFetchOnce(after seconds: Double) async throws {
    if seconds > 0 { #expect(try await refresh() == .stored) }
    let before = issuer.count
    let (url, settings, issuer, soon) = (databaseURL, settings, issuer, soon)
    issuer.publish(TokenKey.set(Self.key, Self.other))
    let header = "Bearer \(Self.other.token("{}"))"
    let outcomes = await withTaskGroup(of: KeySetRefresh.Outcome?.self) { group in
      for _ in 0..<12 {
        group.addTask {
          let refresh = KeySetRefresh(Database(url: url), settings) {
            try await issuer.fetch($0, taking: .milliseconds(50))
          }
          return try? await refresh.refresh(authorization: header, at: Self.start.addingTimeInterval(seconds), by: soon)
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(issuer.count == before + 1)
    #expect(outcomes.count { $0 == .stored } == 1)
    #expect(outcomes.count { $0 == .notDue } == 11)
    #expect(try stored() == TokenKey.set(Self.key, Self.other))
  }

  /// What the test above would not find, did it not compete: whoever looks first and fetches then, fetches too often.
  @Test func lookingFirstAndFetchingThenFetchesTooOften() async throws {
    let (url, issuer, soon) = (databaseURL, issuer, soon)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<12 {
        group.addTask {
          let database = Database(url: url)
          guard (try? database.rows("SELECT asked_at FROM token_key_sets", as: Date.self, by: soon).isEmpty) == true,
            (try? await issuer.fetch("", taking: .milliseconds(50))) != nil
          else { return }
          _ = try? database.execute(
            "INSERT INTO token_key_sets (url, asked_at) VALUES ('', now()) ON CONFLICT DO NOTHING", by: soon)
        }
      }
    }
    #expect(issuer.count > 1)
  }

  /// As an operation uses it: refreshed first, verified then.
  @Test func theFirstTokenEverIsTaken() async throws {
    let (database, settings, issuer) = (database, settings, issuer)
    let accounts = Accounts(database, tokens: settings)
    let refresh = KeySetRefresh(database, settings) { try await issuer.fetch($0) }
    let router = Router(
      [
        Operation("GET", "/") { request in
          try await refresh.refresh(for: request)
          return Response.json(["kind": try accounts.account(for: request).kind.rawValue])
        }
      ], log: Log(threshold: .error) { _ in })
    let claims =
      #"{"iss":"https://issuer.example","aud":["here"],"sub":"user_1","exp":\#(Int(Date.now.timeIntervalSince1970) + 100)}"#
    let event = Event(method: "GET", rawPath: "/", headers: ["authorization": "Bearer \(Self.key.token(claims))"])
    for _ in 0..<2 {
      let response = await router.respond(to: event, by: Deadline(after: .seconds(120)))
      #expect(response.status == 200)
    }
    #expect(issuer.count == 1)
  }
}
