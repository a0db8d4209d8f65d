package import Contract
import Cryptography
package import Fetch
import FoundationEssentials
package import Jobs
package import Postgres

/// Delivers messages to the operator's webhook endpoints, signed according to Standard Webhooks.
///
/// When the worker takes a message, it creates one delivery job for each configured endpoint. Each delivery has its own
/// retries, so a slow or failing endpoint does not delay the others.
package struct Notifier: Sendable {
  /// The job kinds that ``perform(_:by:)`` accepts.
  package static let kinds = [Outbox.kind, deliveryKind]
  static let deliveryKind: JobKind = "webhook_delivery"

  let database: Database
  let fetcher: Fetcher
  let endpoints: [Endpoint]
  let secret: Secret

  /// - Throws: `unavailable` with the name of the setting, if `NOTIFICATION_URL` is invalid, or if it is set without a
  ///   valid `NOTIFICATION_SECRET`.
  package init(_ environment: Environment, _ database: Database, _ fetcher: Fetcher) throws(Failure) {
    self.database = database
    self.fetcher = fetcher
    endpoints = try Endpoint.all(in: environment)
    let secret = environment["NOTIFICATION_SECRET"] ?? ""
    if !endpoints.isEmpty, (try? StandardWebhook.sign([], id: "x", timestamp: 0, secret: secret)) == nil {
      throw Failure(
        .unavailable, "NOTIFICATION_URL needs a NOTIFICATION_SECRET in the form whsec_ followed by base64",
        details: ["setting": "NOTIFICATION_SECRET"])
    }
    self.secret = Secret(secret)
  }

  /// The payload of a delivery job: one message for one endpoint.
  struct Delivery: Codable {
    /// The digest of the endpoint's URL.
    let endpoint: String
    /// The same for every endpoint and every attempt.
    let messageID: String
    /// JSON.
    let body: String
  }

  /// Performs one job. A message without a configured endpoint is discarded.
  ///
  /// - Returns: the outcome, for the log.
  package func perform(_ lease: Lease, by deadline: ContinuousClock.Instant) async throws -> String {
    if lease.kind == Self.deliveryKind { return try await deliver(lease, by: deadline) }
    return try enqueueDeliveries(lease, by: deadline)
  }

  /// Creates a delivery job for each endpoint, all in one transaction.
  private func enqueueDeliveries(_ lease: Lease, by deadline: ContinuousClock.Instant) throws -> String {
    let recipients = try endpoints.filter { try !isDisabled($0, by: deadline) }
    try database.transaction(by: deadline) { transaction in
      for endpoint in recipients {
        let delivery = Delivery(
          endpoint: endpoint.digest, messageID: "msg_\(lease.jobID.text)", body: lease.payload)
        let payload = String(decoding: try JSON.encode(delivery), as: UTF8.self)
        Jobs.enqueue(
          Job(Self.deliveryKind, payload: payload, maxAttempts: Outbox.retryDelays.count + 1), in: &transaction)
      }
      try Jobs.complete(lease, in: &transaction)
    }
    return recipients.isEmpty ? "no endpoint" : "queued for \(recipients.map(\.host).joined(separator: ", "))"
  }

  /// Whether the endpoint answered 410 Gone.
  func isDisabled(_ endpoint: Endpoint, by deadline: ContinuousClock.Instant) throws -> Bool {
    try !database.rows(
      "SELECT endpoint FROM notification_endpoints WHERE endpoint = \(endpoint.digest)", as: String.self, by: deadline
    ).isEmpty
  }
}
