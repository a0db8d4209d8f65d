package import Contract
package import FoundationEssentials
package import Jobs
package import Postgres
package import Stripe

/// Asks Stripe for the present state of a subscription where events left a doubt, and takes it.
package struct StripeRefresh: Sendable {
  /// The kind of job that it does.
  package static let kind = SubscriptionState.refreshKind

  private let database: Database
  private let settings: BillingSettings
  private let client: StripeClient

  package init(database: Database, settings: BillingSettings, client: StripeClient) {
    self.database = database
    self.settings = settings
    self.client = client
  }

  /// Does one job; what it learned and its end commit together.
  ///
  /// - Throws: ``StripeError`` where Stripe did not say; the job is to be tried again.
  package func perform(_ lease: Lease, by deadline: ContinuousClock.Instant) async throws {
    let id = try JSON.decode(Payload.self, from: Array(lease.payload.utf8)).id
    // Before it is asked: what changes meanwhile has an event of its own, no earlier than this.
    let asked = Int(Date().timeIntervalSince1970)
    let subscription: StripeSubscription?
    do {
      subscription = try await client.subscription(id, by: deadline)
    } catch StripeError.refused(404, _, _, _) {
      subscription = nil
    }
    try database.transaction(by: deadline) { transaction in
      if let subscription {
        _ = try transaction.execute("SELECT pg_advisory_xact_lock(hashtextextended(\(id), 0))")
        _ = try SubscriptionState(settings).apply(subscription, asOf: asked, isFetched: true, in: &transaction)
      }
      try Jobs.complete(lease, in: &transaction)
    }
  }

  private struct Payload: Decodable { let id: String }
}
