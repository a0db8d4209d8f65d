import Contract
import FoundationEssentials
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
    let subscription = try await present(id, by: deadline)
    try database.transaction(by: deadline) { transaction in
      if let subscription {
        _ = try transaction.execute("SELECT pg_advisory_xact_lock(hashtextextended(\(id), 0))")
        _ = try SubscriptionState(settings).apply(subscription, asOf: asked, isFetched: true, in: &transaction)
      }
      try Jobs.complete(lease, in: &transaction)
    }
  }

  /// A subscription as it is; nil where there is none.
  private func present(_ id: String, by deadline: ContinuousClock.Instant) async throws -> StripeSubscription? {
    do {
      return try await client.subscription(id, by: deadline)
    } catch {
      if case .refused(404, _, _, _) = error { return nil }
      throw error
    }
  }

  private struct Payload: Decodable { let id: String }
}
