package import Contract
import Cryptography
package import Fetch
import FoundationEssentials
package import Jobs
package import Postgres

/// Tells the operator's own endpoints what happened, signed by Standard Webhooks.
///
/// A message becomes a delivery for each endpoint that is configured when the worker takes it; from then on each
/// endpoint has its own
/// attempts, and one that is slow or gone keeps nothing from the others.
package struct Notifier: Sendable {
  /// The kinds of job that it does.
  package static let kinds = [Outbox.kind, deliveryKind]
  static let deliveryKind = "webhook_delivery"

  let database: Database
  let fetcher: Fetcher
  let endpoints: [Endpoint]
  let secret: Secret

  /// - Throws: `unavailable`, naming the setting, where `NOTIFICATION_URL` cannot be read or has no secret to sign
  ///   with.
  package init(_ environment: Environment, _ database: Database, _ fetcher: Fetcher) throws(Failure) {
    self.database = database
    self.fetcher = fetcher
    endpoints = try Endpoint.all(in: environment)
    let secret = environment["NOTIFICATION_SECRET"] ?? ""
    if !endpoints.isEmpty, (try? StandardWebhook.sign([], id: "x", timestamp: 0, secret: secret)) == nil {
      throw Failure(
        .unavailable, "NOTIFICATION_SECRET must be whsec_ and base64, for NOTIFICATION_URL is set",
        details: ["setting": "NOTIFICATION_SECRET"])
    }
    self.secret = Secret(secret)
  }

  /// What one endpoint is to be told.
  struct Delivery: Codable {
    let endpoint: String
    /// The same for every endpoint and on every attempt.
    let messageID: String
    /// JSON.
    let body: String
  }

  /// Does one job. Without an endpoint messages end here.
  ///
  /// - Returns: what became of it, for the log.
  package func perform(_ lease: Lease, by deadline: ContinuousClock.Instant) async throws -> String {
    if lease.kind == Self.deliveryKind { return try await deliver(lease, by: deadline) }
    return try fanOut(lease, by: deadline)
  }

  /// Makes of a message a delivery for each endpoint, all of them or none.
  private func fanOut(_ lease: Lease, by deadline: ContinuousClock.Instant) throws -> String {
    let told = try endpoints.filter { try !isDisabled($0, by: deadline) }
    try database.transaction(by: deadline) { transaction in
      for endpoint in told {
        let delivery = Delivery(
          endpoint: endpoint.digest, messageID: "msg_\(lease.jobID.uuidString.lowercased())", body: lease.payload)
        let payload = String(decoding: try JSON.encode(delivery), as: UTF8.self)
        Jobs.enqueue(Job(Self.deliveryKind, payload: payload, maxAttempts: Outbox.retries.count + 1), in: &transaction)
      }
      try Jobs.complete(lease, in: &transaction)
    }
    return told.isEmpty ? "nobody to tell" : "for \(told.map(\.host).joined(separator: ", "))"
  }

  func isDisabled(_ endpoint: Endpoint, by deadline: ContinuousClock.Instant) throws -> Bool {
    try !database.rows(
      "SELECT endpoint FROM notification_endpoints WHERE endpoint = \(endpoint.digest)", as: String.self, by: deadline
    ).isEmpty
  }
}
