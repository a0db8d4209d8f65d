package import Contract
package import Fetch
import FoundationEssentials
package import Jobs
package import Postgres
import Stripe

/// Tells the operator's own endpoint what happened (`plan.changed`, `payment.received`), signed by Standard Webhooks.
package struct Notifier: Sendable {
  /// The kind of job that it does.
  package static let kind = Outbox.kind

  private let database: Database
  private let fetcher: Fetcher
  private let endpoint: (url: String, secret: Secret)?

  /// - Throws: `unavailable`, naming the setting, where `NOTIFICATION_URL` has no secret to sign with.
  package init(_ environment: Environment, _ database: Database, _ fetcher: Fetcher) throws(Failure) {
    self.database = database
    self.fetcher = fetcher
    guard let url = environment["NOTIFICATION_URL"] else { endpoint = nil; return }
    guard let secret = environment["NOTIFICATION_SECRET"], (try? StandardWebhook.sign([], id: "x", timestamp: 0, secret: secret)) != nil else {
      throw Failure(
        .unavailable, "NOTIFICATION_SECRET must be whsec_ and base64, for NOTIFICATION_URL is set", details: ["setting": "NOTIFICATION_SECRET"])
    }
    endpoint = (url, Secret(secret))
  }

  /// Delivers one message, or plans the next attempt. Without an endpoint, or once it said 410 Gone, messages end here.
  ///
  /// - Returns: what became of it, for the log.
  package func perform(_ lease: Lease, by deadline: ContinuousClock.Instant) async throws -> String {
    guard let endpoint, try !isDisabled(endpoint.url, by: deadline) else {
      try finish(lease, by: deadline)
      return "nobody to tell"
    }
    let body = Array(lease.payload.utf8)
    var headers = try StandardWebhook.sign(
      body, id: "msg_\(lease.jobID.uuidString.lowercased())", timestamp: Int(Date().timeIntervalSince1970), secret: endpoint.secret.reveal())
    headers["content-type"] = "application/json"
    let request = FetchRequest(
      endpoint.url, kind: .crawl, method: "POST", headers: headers, body: body, limits: FetchLimits(bytes: 64 << 10, duration: .seconds(15)))
    var outcome: String
    var retryAfter: Int?
    do {
      let response = try await fetcher.fetch(request)
      if (200...299).contains(response.status) {
        try finish(lease, by: deadline)
        return "delivered"
      }
      if response.status == 410 {
        try database.execute("INSERT INTO notification_endpoints (url) VALUES (\(endpoint.url)) ON CONFLICT DO NOTHING", by: deadline)
        try finish(lease, by: deadline)
        return "gone: \(endpoint.url) is not told any more"
      }
      outcome = "status \(response.status)"
      retryAfter = response.headers["retry-after"].flatMap(Int.init)
    } catch let error as FetchError {
      outcome = error.code.rawValue
    }
    let planned = Outbox.retries[min(lease.attempt, Outbox.retries.count) - 1]
    // A fifth more or less, so that what failed together does not come back together.
    let pause = max(Double(planned) * Double.random(in: 0.8...1.2), Double(min(retryAfter ?? 0, 86_400)))
    let isOpen = try Jobs(database).fail(lease, error: outcome, retryAt: Date().addingTimeInterval(pause), by: deadline)
    return isOpen ? "\(outcome), again in \(Int(pause)) s" : "\(outcome), given up"
  }

  private func isDisabled(_ url: String, by deadline: ContinuousClock.Instant) throws -> Bool {
    try !database.rows("SELECT url FROM notification_endpoints WHERE url = \(url)", as: String.self, by: deadline).isEmpty
  }

  private func finish(_ lease: Lease, by deadline: ContinuousClock.Instant) throws {
    try database.transaction(by: deadline) { try Jobs.complete(lease, in: &$0) }
  }
}
