import Contract
import Cryptography
import Fetch
import FoundationEssentials
import Jobs
import Postgres

extension Notifier {
  /// Delivers one message to one endpoint, or schedules the next attempt. An endpoint that is no longer configured, or
  /// that answered 410 Gone, gets nothing.
  func deliver(_ lease: Lease, by deadline: ContinuousClock.Instant) async throws -> String {
    let delivery = try JSON.decode(Delivery.self, from: lease.payload)
    guard let endpoint = endpoints.first(where: { $0.digest == delivery.endpoint }),
      try !isDisabled(endpoint, by: deadline)
    else {
      try finish(lease, by: deadline)
      return "no endpoint"
    }
    let outcome: String
    var retryAfter = 0.0
    do {
      let response = try await fetcher.fetch(try request(delivery, to: endpoint))
      switch response.status {
      case 200...299:
        try finish(lease, by: deadline)
        return "delivered to \(endpoint.host)"
      case 410:
        try database.execute(
          """
          INSERT INTO notification_endpoints (endpoint, host) VALUES (\(endpoint.digest), \(endpoint.host))
          ON CONFLICT DO NOTHING
          """, by: deadline)
        try finish(lease, by: deadline)
        return "disabled \(endpoint.host): it answered 410 Gone"
      default:
        outcome = "status \(response.status)"
        retryAfter = response.headers["retry-after"].flatMap(Self.seconds) ?? 0
      }
    } catch let error as FetchError {
      outcome = error.code.rawValue
    }
    let delay = Outbox.retryDelays[min(lease.attempt, Outbox.retryDelays.count) - 1]
    // A jitter of 20 %, so that deliveries that failed together are not retried together.
    let pause = max(Double(delay) * Double.random(in: 0.8...1.2), min(retryAfter, 86_400))
    let willRetry = try Jobs(database).fail(
      lease, error: outcome, retryAt: Date().addingTimeInterval(pause), by: deadline)
    return "\(endpoint.host): \(outcome), " + (willRetry ? "retry in \(Int(pause)) s" : "no more retries")
  }

  private func request(_ delivery: Delivery, to endpoint: Endpoint) throws -> FetchRequest {
    let body = Array(delivery.body.utf8)
    var headers = try StandardWebhook.sign(
      body, id: delivery.messageID, timestamp: Int(Date().timeIntervalSince1970), secret: secret.reveal())
    headers["content-type"] = "application/json"
    return FetchRequest(
      endpoint.url.reveal(), kind: .crawl, method: "POST", headers: headers, body: body,
      limits: FetchLimits(bytes: 64 << 10, duration: .seconds(15)))
  }

  private func finish(_ lease: Lease, by deadline: ContinuousClock.Instant) throws {
    try database.transaction(by: deadline) { try Jobs.complete(lease, in: &$0) }
  }

  /// Parses `Retry-After` (RFC 9110, section 10.2.3), a number of seconds or a date, as seconds from now.
  private static func seconds(_ text: String) -> Double? {
    if let seconds = Int(text) { return Double(seconds) }
    return HTTPDate.parse(text)?.timeIntervalSinceNow
  }
}
