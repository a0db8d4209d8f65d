package import Accounts
import Contract
import Jobs
package import Postgres
import Stripe

/// The feature that sells plans and credits through Stripe, and applies the webhook events of Stripe and Clerk.
package enum Billing {
  package static let migrations = [
    Migration(11, "billing", sql: PackageResources.m0011_billing_sql),
    Migration(20, "paid_lines", sql: PackageResources.m0020_paid_lines_sql),
    Migration(21, "delivery_audit", sql: PackageResources.m0021_delivery_audit_sql),
    Migration(23, "strangers", sql: PackageResources.m0023_strangers_sql),
    Migration(33, "plan_ends", sql: PackageResources.m0033_plan_ends_sql),
  ]

  package static let feature = Feature(
    "billing", migrations: migrations, personalData: personalData,
    purge: { database, deadline in try purge(database, by: deadline) },
    jobs: [
      stripeJob(StripeRefresh.kind, result: "fetched") { database, settings, client in
        StripeRefresh(database: database, settings: settings, client: client).perform
      },
      stripeJob(StripeCancellation.kind, result: "cancelled") { database, settings, client in
        StripeCancellation(database: database, settings: settings, client: client).perform
      },
      JobHandler(AccountErasure.kind) { context in
        let erasure = AccountErasure(context.database, of: context.personalData)
        return { lease, deadline in
          try erasure.perform(lease, by: deadline)
          return "done"
        }
      },
      JobHandler(PlanExpiry.kind) { context in
        let expiry = PlanExpiry(context.database)
        return { lease, deadline in
          try expiry.perform(lease, by: deadline)
          return "done"
        }
      },
    ])

  /// A handler of jobs that send requests to Stripe; such jobs are left out if no secret key is set.
  ///
  /// - Parameter result: the text for the log.
  private static func stripeJob(
    _ kind: JobKind, result: String,
    _ make:
      @escaping @Sendable (Database, BillingSettings, StripeClient) ->
      @Sendable (Lease, ContinuousClock.Instant)
      async throws -> Void
  ) -> JobHandler {
    JobHandler(kind) { context in
      guard let client = try StripeClient(context.environment, context.fetcher, context.database) else { return nil }
      let perform = make(context.database, BillingSettings(context.environment), client)
      return { lease, deadline in
        try await perform(lease, deadline)
        return result
      }
    }
  }
}
