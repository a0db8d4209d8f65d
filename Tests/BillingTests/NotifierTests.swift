import Accounts
@testable import Billing
import Contract
import Fetch
import FoundationEssentials
import Jobs
import Limits
import Metering
import Postgres
import Stripe
import Support
import Synchronization
import Testing

/// What the operator's endpoint is told, and when.
@Suite struct NotifierTests {
  private final class Requests: Sendable {
    let all = Mutex<[FetchRequest]>([])
  }

  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(60))
  private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private let environment = Environment(["NOTIFICATION_URL": "https://hooks.example/in", "NOTIFICATION_SECRET": secret])

  init() throws {
    database = Database(url: try TestDatabase.make(Accounts.migrations + Limits.migrations + Metering.migrations + Jobs.migrations + Billing.migrations))
    try database.transaction(by: soon) { try Outbox.add(.planChanged(account: UUID(), plan: .growth), in: &$0) }
  }

  private func deliver(_ requests: Requests, status: Int, headers: [String: String] = [:]) async throws -> String {
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      requests.all.withLock { $0.append(request) }
      return FetchResponse(status: status, headers: headers)
    }
    let lease = try #require(try Jobs(database).lease([Notifier.kind], for: .seconds(60), by: soon).first)
    return try await Notifier(environment, database, fetcher).perform(lease, by: soon)
  }

  private func wait() throws -> Double? {
    try database.rows(
      "SELECT extract(epoch FROM due_at - now())::float8 FROM jobs WHERE state = 'open'", as: Double.self, by: soon
    ).first
  }

  @Test func aMessageIsSignedAndGuardedAndSentOnce() async throws {
    let requests = Requests()
    #expect(try await deliver(requests, status: 204) == "delivered")
    let request = try #require(requests.all.withLock { $0.first })
    #expect(request.kind == .crawl, "an address that may be crawled, and no other")
    #expect(throws: Never.self) {
      try StandardWebhook.verify(headers: request.headers, body: request.body, secrets: [Self.secret], at: Date())
    }
    #expect(String(decoding: request.body, as: UTF8.self).contains(#""type":"plan.changed""#))
    #expect(try Jobs(database).lease([Notifier.kind], for: .seconds(60), by: soon).isEmpty)
  }

  @Test func aFailureIsTriedAgainAfterTheDocumentedTime() async throws {
    let requests = Requests()
    #expect(try await deliver(requests, status: 500).hasPrefix("status 500, again"))
    #expect((3.5...6.5).contains(try #require(try wait())))
    try database.execute("UPDATE jobs SET due_at = now()", by: soon)
    _ = try await deliver(requests, status: 503)
    #expect((235...365).contains(try #require(try wait())))
    let ids = requests.all.withLock { $0.map { $0.headers["webhook-id"] } }
    #expect(ids[0] == ids[1], "the same message")
  }

  @Test func retryAfterIsHonoured() async throws {
    _ = try await deliver(Requests(), status: 429, headers: ["retry-after": "120"])
    #expect((118...121).contains(try #require(try wait())))
  }

  @Test func whoIsGoneIsNotToldAgain() async throws {
    let requests = Requests()
    #expect(try await deliver(requests, status: 410).hasPrefix("gone"))
    try database.transaction(by: soon) { try Outbox.add(.planChanged(account: UUID(), plan: .free), in: &$0) }
    #expect(try await deliver(requests, status: 200) == "nobody to tell")
    #expect(requests.all.withLock { $0.count } == 1)
  }

  @Test func withoutASecretNothingIsSent() {
    #expect(throws: Failure.self) {
      try Notifier(Environment(["NOTIFICATION_URL": "https://hooks.example/"]), database, Fetcher { _ in FetchResponse(status: 200) })
    }
  }
}
