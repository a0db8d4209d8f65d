import Contract
import Cryptography
import Fetch
import FoundationEssentials
import Jobs
import Postgres

extension Notifier {
  /// Delivers one message to one endpoint, or plans the next attempt. One that is configured no longer, or said 410
  /// Gone, is told nothing.
  func deliver(_ lease: Lease, by deadline: ContinuousClock.Instant) async throws -> String {
    let delivery = try JSON.decode(Delivery.self, from: Array(lease.payload.utf8))
    guard let endpoint = endpoints.first(where: { $0.digest == delivery.endpoint }),
      try !isDisabled(endpoint, by: deadline)
    else {
      try finish(lease, by: deadline)
      return "nobody to tell"
    }
    var outcome: String
    var asked = 0.0
    do {
      let response = try await fetcher.fetch(try request(delivery, to: endpoint))
      switch response.status {
      case 200...299:
        try finish(lease, by: deadline)
        return "delivered to \(endpoint.host)"
      case 410:
        try database.execute(
          "INSERT INTO notification_endpoints (endpoint, host) VALUES (\(endpoint.digest), \(endpoint.host)) ON CONFLICT DO NOTHING",
          by: deadline)
        try finish(lease, by: deadline)
        return "gone: \(endpoint.host) is not told any more"
      default:
        outcome = "status \(response.status)"
        asked = response.headers["retry-after"].flatMap(Self.seconds) ?? 0
      }
    } catch let error as FetchError {
      outcome = error.code.rawValue
    }
    let planned = Outbox.retries[min(lease.attempt, Outbox.retries.count) - 1]
    // A fifth more or less, so that what failed together does not come back together.
    let pause = max(Double(planned) * Double.random(in: 0.8...1.2), min(asked, 86_400))
    let isOpen = try Jobs(database).fail(lease, error: outcome, retryAt: Date().addingTimeInterval(pause), by: deadline)
    return "\(endpoint.host): \(outcome), " + (isOpen ? "again in \(Int(pause)) s" : "given up")
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

  /// `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date.
  private static func seconds(_ text: String) -> Double? {
    if let seconds = Int(text) { return Double(seconds) }
    return HTTPDate.read(text)?.timeIntervalSinceNow
  }
}
