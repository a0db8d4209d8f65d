import Access
import Accounts
import Contract
import FoundationEssentials
import Limits
import Postgres
import Support
import Synchronization
import Testing

/// Fetching and storing the issuer's key set.
@Suite struct KeySetRefreshTests {
  private static let key = TokenKey("one"), other = TokenKey("two")
  private static let start = Date(timeIntervalSince1970: 1_700_000_000)
  private let databaseURL: String
  private let database: Database
  private let settings: TokenSettings
  private let issuer = Issuer()
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  /// A stub of an issuer, which records the URLs that were fetched.
  private final class Issuer: Sendable {
    struct Down: Error {}
    let state = Mutex<(published: [UInt8]?, fetched: [String])>((nil, []))
    var count: Int { state.withLock { $0.fetched.count } }
    func publish(_ set: [UInt8]?) { state.withLock { $0.published = set } }
    /// - Parameter duration: the time until the response.
    func fetch(_ url: String, taking duration: Duration = .zero) async throws -> [UInt8] {
      if duration > .zero { try await Task.sleep(for: duration) }
      return try state.withLock {
        $0.fetched.append(url)
        guard let set = $0.published else { throw Down() }
        return set
      }
    }
  }

  init() throws {
    databaseURL = try TestDatabase.make(Accounts.migrations + Limits.migrations)
    database = Database(url: databaseURL)
    settings = try #require(
      try TokenSettings(
        Environment([
          "JWT_JWKS_URL": "https://issuer.example/jwks", "JWT_ISSUER": "https://issuer.example", "JWT_AUDIENCE": "here",
        ])))
    issuer.publish(TokenKey.set(Self.key))
  }

  /// Refreshes for a token signed with `key`, `seconds` after the start.
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

  @Test func missingSetIsFetchedAndAnOldOneIsFetchedAgain() async throws {
    #expect(try await refresh() == .stored)
    #expect(try stored() == TokenKey.set(Self.key))
    #expect(try await refresh(after: 599) == .notDue)
    #expect(issuer.count == 1)
    #expect(try await refresh(after: 600) == .stored)
    #expect(issuer.state.withLock { $0.fetched } == ["https://issuer.example/jwks", "https://issuer.example/jwks"])
  }

  @Test func setIsFetchedForAnUnknownKeyAtMostOnceAMinute() async throws {
    #expect(try await refresh() == .stored)
    issuer.publish(TokenKey.set(Self.key, Self.other))
    #expect(try await refresh(Self.other, after: 59) == .notDue)
    #expect(try await refresh(Self.other, after: 60) == .stored)
    #expect(try await refresh(Self.other, after: 200) == .notDue, "the key is in the stored set now")
    let unknown = TokenKey("three")
    #expect(try await refresh(unknown, after: 200) == .stored)
    for second in 201..<260 { #expect(try await refresh(unknown, after: Double(second)) == .notDue) }
    #expect(issuer.count == 3)
  }

  @Test func failedFetchIsRetriedOnceAMinuteAndTheOldSetStays() async throws {
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
  func malformedSetDoesNotReplaceTheStoredOne(text: String) async throws {
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
  func setIsNotFetchedForOtherCredentials(header: String) async throws {
    #expect(try await refresh(header) == .notDue)
    #expect(issuer.count == 0)
  }

  @Test func setIsNotFetchedForAnotherSchemeOrAlgorithm() async throws {
    #expect(try await refresh("Basic \(Self.key.token("{}"))") == .notDue)
    #expect(try await refresh("Bearer \(Self.key.token("{}", header: #"{"alg":"HS256","kid":"new"}"#))") == .notDue)
    #expect(issuer.count == 0)
  }

  @Test(arguments: [0.0, 60, 700])
  func concurrentProcessesFetchOnce(after seconds: Double) async throws {
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

  /// Negative control for the test above: if processes check first and fetch afterwards, several of them fetch.
  @Test func checkingBeforeFetchingFetchesMoreThanOnce() async throws {
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

  @Test func firstTokenIsVerifiedWithAFetchedSet() async throws {
    let issuer = issuer
    let access = Access(database, tokens: settings) { try await issuer.fetch($0) }
    let operation = access.get("/", .read) { Response.json(["kind": $0.account.kind.rawValue]) }
    let router = Router([operation], log: Log(threshold: .error) { _ in })
    let end = Int(Date.now.timeIntervalSince1970) + 100
    let claims = #"{"iss":"https://issuer.example","aud":["here"],"sub":"user_1","exp":\#(end)}"#
    let event = Event(method: "GET", rawPath: "/", headers: ["authorization": "Bearer \(Self.key.token(claims))"])
    for _ in 0..<2 {
      let response = await router.respond(to: event, by: Deadline(after: .seconds(120)))
      #expect(response.status == 200)
    }
    #expect(issuer.count == 1)
  }
}
