import Contract
import FoundationEssentials
package import Jobs
package import Postgres
package import Stripe

/// A background job that cancels the Stripe subscription of an erased account, because its plan can no longer be used.
package struct StripeCancellation: Sendable {
  /// The job's kind.
  package static let kind: JobKind = "stripe_cancellation"

  private let sync: StripeSync

  package init(database: Database, settings: BillingSettings, client: StripeClient) {
    sync = StripeSync(database: database, settings: settings, client: client)
  }

  /// Enqueues the job. It is retried for more than three days.
  static func enqueue(_ subscription: String, in transaction: inout Transaction) {
    guard StripeObject.isID(subscription) else { return }
    Jobs.enqueue(
      Job(kind, payload: IDPayload.text(subscription), priority: 20, key: subscription, maxAttempts: 100),
      in: &transaction)
  }

  /// Performs one job. The state that Stripe returns is stored in the transaction that completes the job.
  ///
  /// - Throws: ``StripeError`` if the request to Stripe failed; the job should be retried.
  package func perform(_ lease: Lease, by deadline: ContinuousClock.Instant) async throws {
    let id = try JSON.decode(IDPayload<String>.self, from: lease.payload).id
    let reading = try await cancel(id, by: deadline)
    try sync.database.transaction(by: deadline) { transaction in
      if let reading {
        try sync.apply(
          sync.event("customer.subscription.deleted", id, reading, StripeEvent.Payload.subscription), in: &transaction)
      }
      try Jobs.complete(lease, in: &transaction)
    }
  }

  /// Cancels a subscription.
  ///
  /// - Returns: nil if it was cancelled before, or does not exist.
  private func cancel(_ id: String, by deadline: ContinuousClock.Instant) async throws -> StripeSnapshot<
    StripeSubscription
  >? {
    do {
      return try await sync.client.snapshot(.cancelSubscription(id), as: StripeSubscription.self, by: deadline)
    } catch {
      if case .refused(404, _, _, _) = error { return nil }
      throw error
    }
  }
}
