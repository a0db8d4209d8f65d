import Accounts
import Contract
import Cryptography
import Fetch
import FoundationEssentials
import Jobs
import Notifications
import Postgres
import Support
import Synchronization
import Testing

/// Webhooks to the operator's endpoints: recipients, signatures, retries.
struct NotifierTests {
  private final class Requests: Sendable {
    let all = Mutex<[FetchRequest]>([])
    var urls: [String] { all.withLock { $0.map(\.url) } }
    var ids: Set<String?> { all.withLock { Set($0.map { $0.headers["webhook-id"] }) } }
  }

  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(60))
  private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private static let a = "https://a.example/in?token=t0ken", b = "https://b.example/in"

  init() throws {
    database = Database(url: try TestDatabase.make(Accounts.migrations + Jobs.migrations + Notifications.migrations))
    try add(.planChanged(account: UUID(), plan: .growth))
  }

  private func add(_ message: Outbox.Message) throws {
    try database.transaction(by: soon) { try Outbox.add(message, in: &$0) }
  }

  /// Performs all due jobs and returns their outcomes.
  private func performDueJobs(
    _ requests: Requests, _ urls: String = "\(a), \(b)", headers: [String: String] = [:],
    status: @escaping @Sendable (String) -> Int
  ) async throws -> [String] {
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      requests.all.withLock { $0.append(request) }
      return FetchResponse(status: status(request.url), headers: headers)
    }
    let notifier = try Notifier(
      Environment(["NOTIFICATION_URL": urls, "NOTIFICATION_SECRET": Self.secret]), database, fetcher)
    var outcomes: [String] = []
    while let lease = try Jobs(database).lease(Notifier.kinds, for: .seconds(60), by: soon).first {
      outcomes.append(try await notifier.perform(lease, by: soon))
    }
    return outcomes
  }

  private func makeDue() throws {
    try database.execute("UPDATE jobs SET due_at = now() WHERE state = 'open'", by: soon)
  }

  private func retryDelays() throws -> [Double] {
    try database.rows(
      "SELECT extract(epoch FROM due_at - now())::float8 FROM jobs WHERE state = 'open' ORDER BY due_at",
      as: Double.self, by: soon)
  }

  @Test func messageIsSignedAndSentOnceToEachEndpoint() async throws {
    let requests = Requests()
    #expect(
      try await performDueJobs(requests) { _ in 204 } == [
        "queued for a.example, b.example", "delivered to a.example", "delivered to b.example",
      ])
    #expect(Set(requests.urls) == [Self.a, Self.b])
    for request in requests.all.withLock({ $0 }) {
      #expect(request.kind == .crawl, "only public addresses may be dialled")
      #expect(throws: Never.self) {
        try StandardWebhook.verify(headers: request.headers, body: request.body, secrets: [Self.secret], at: Date())
      }
      #expect(String(decoding: request.body, as: UTF8.self).contains(#""type":"plan.changed""#))
    }
    #expect(try retryDelays().isEmpty)
  }

  @Test func eachEndpointHasItsOwnRetries() async throws {
    let requests = Requests()
    _ = try await performDueJobs(requests) { $0 == Self.a ? 500 : 200 }
    #expect(try retryDelays().count == 1)
    #expect((3.5...6.5).contains(try retryDelays()[0]))
    try makeDue()
    _ = try await performDueJobs(requests) { _ in 503 }
    #expect((235...365).contains(try retryDelays()[0]))
    #expect(requests.urls.count { $0 == Self.a } == 2)
    #expect(requests.urls.count { $0 == Self.b } == 1)
    #expect(requests.ids.count == 1, "the message id must be the same on every attempt")
  }

  @Test func deliveriesAreEnqueuedInOneTransaction() async throws {
    let jobs = Jobs(database)
    let lease = try #require(try jobs.lease(Notifier.kinds, for: .zero, by: soon).first)
    let secondLease = try #require(try jobs.lease(Notifier.kinds, for: .seconds(60), by: soon).first)
    #expect(secondLease.jobID == lease.jobID)
    let fetcher = Fetcher { _ in FetchResponse(status: 200) }
    let notifier = try Notifier(
      Environment(["NOTIFICATION_URL": Self.a, "NOTIFICATION_SECRET": Self.secret]), database, fetcher)
    await #expect(throws: LeaseLost.self) { try await notifier.perform(lease, by: soon) }
    #expect(
      try database.rows("SELECT count(*) FROM jobs", as: Int.self, by: soon) == [1],
      "a lost lease must not enqueue deliveries")
    #expect(try await notifier.perform(secondLease, by: soon) == "queued for a.example")
    #expect(try database.rows("SELECT count(*) FROM jobs WHERE state = 'open'", as: Int.self, by: soon) == [1])
  }

  @Test(arguments: [429, 503]) func retryAfterIsHonoured(status: Int) async throws {
    _ = try await performDueJobs(Requests(), Self.a, headers: ["retry-after": "120"]) { _ in status }
    #expect((118...121).contains(try retryDelays()[0]))
  }

  @Test func retryAfterCanBeADate() async throws {
    _ = try await performDueJobs(Requests(), Self.a, headers: ["retry-after": "Sun, 06 Nov 2994 08:49:37 GMT"]) { _ in
      429
    }
    #expect((86_395...86_401).contains(try retryDelays()[0]), "the delay is at most a day")
  }

  @Test func endpointThatAnswers410GetsNoMoreMessages() async throws {
    let requests = Requests()
    #expect(
      try await performDueJobs(requests) { $0 == Self.a ? 410 : 200 }.contains(
        "disabled a.example: it answered 410 Gone"))
    try add(.planChanged(account: UUID(), plan: .free))
    #expect(try await performDueJobs(requests) { _ in 200 } == ["queued for b.example", "delivered to b.example"])
    #expect(requests.urls.count { $0 == Self.a } == 1)
    let rows = try database.rows(
      "SELECT notification_endpoints::text FROM notification_endpoints", as: String.self, by: soon)
    #expect(rows.count == 1 && !rows[0].contains("t0ken"), "the URL can contain a secret and must not be stored")
  }

  @Test func endpointsAreDeterminedWhenAMessageIsTaken() async throws {
    let requests = Requests()
    #expect(try await performDueJobs(requests, Self.b) { _ in 500 }.last?.hasPrefix("b.example: status 500") == true)
    try makeDue()
    #expect(
      try await performDueJobs(requests, Self.a) { _ in 200 } == ["no endpoint"],
      "a removed endpoint gets no retry, and a new endpoint gets no old message")
    try add(.planChanged(account: UUID(), plan: .free))
    #expect(try await performDueJobs(requests, "") { _ in 200 } == ["no endpoint"])
    #expect(requests.urls == [Self.b])
    #expect(try retryDelays().isEmpty)
  }

  @Test func documentMessageOmitsTheText() async throws {
    _ = try await performDueJobs(Requests()) { _ in 200 }
    let account = UUID()
    let document = UUID()
    let requests = Requests()
    try add(
      .documentCreated(
        account: account, document: document, kind: "llms_txt", analysis: nil, createdAt: Date(timeIntervalSince1970: 0)
      ))
    _ = try await performDueJobs(requests, Self.a) { _ in 200 }
    let body = String(decoding: try #require(requests.all.withLock { $0.first }).body, as: UTF8.self)
    let data =
      #"{"account":"\#(account.uuidString.lowercased())","createdAt":"1970-01-01T00:00:00Z","#
      + #""document":"\#(document.uuidString.lowercased())","kind":"llms_txt"}"#
    #expect(body.contains(#""data":\#(data)"#))
    #expect(body.contains(#""type":"document.created""#))
  }

  @Test(arguments: [
    (["NOTIFICATION_URL": a], "NOTIFICATION_SECRET"),
    (["NOTIFICATION_URL": "\(a),hooks.example", "NOTIFICATION_SECRET": secret], "NOTIFICATION_URL"),
    (["NOTIFICATION_URL": "https:///in", "NOTIFICATION_SECRET": secret], "NOTIFICATION_URL"),
  ]) func invalidSettingIsNamed(settings: [String: String], name: String) {
    do throws(Failure) {
      _ = try Notifier(Environment(settings), database, Fetcher { _ in FetchResponse(status: 200) })
      Issue.record("the setting was accepted")
    } catch { #expect(error.details["setting"] == name) }
  }
}
