import Contract
import FoundationEssentials
package import Jobs
package import Postgres
package import Stripe

/// Ends a subscription at Stripe whose account was erased.
package struct StripeCancellation: Sendable {
  /// The kind of job that it does.
  package static let kind = SubscriptionState.cancellationKind

  private let database: Database
  private let settings: BillingSettings
  private let client: StripeClient

  package init(database: Database, settings: BillingSettings, client: StripeClient) {
    self.database = database
    self.settings = settings
    self.client = client
  }

  /// Does one job; what Stripe then says of the subscription, and the job's end, commit together.
  ///
  /// - Throws: ``StripeError`` where Stripe did not say; the job is to be tried again.
  package func perform(_ lease: Lease, by deadline: ContinuousClock.Instant) async throws {
    let id = try JSON.decode(Payload.self, from: Array(lease.payload.utf8)).id
    let reading = try await cancelled(id, by: deadline)
    try database.transaction(by: deadline) { transaction in
      if let reading {
        let event = StripeEvent(
          id: id, type: "customer.subscription.deleted", created: reading.askedAt, isLive: client.isLive,
          payload: .subscription(reading.object))
        let application = EventApplication(event, settings, isFetched: true)
        application.lock(in: &transaction)
        _ = try application.apply(in: &transaction)
      }
      try Jobs.complete(lease, in: &transaction)
    }
  }

  /// A subscription that was just ended; nil where it had ended already, or there is none.
  private func cancelled(_ id: String, by deadline: ContinuousClock.Instant) async throws -> StripeReading<
    StripeSubscription
  >? {
    do {
      return try await client.read(.cancelSubscription(id), as: StripeSubscription.self, by: deadline)
    } catch {
      if case .refused(404, _, _, _) = error { return nil }
      throw error
    }
  }

  private struct Payload: Decodable { let id: String }
}
