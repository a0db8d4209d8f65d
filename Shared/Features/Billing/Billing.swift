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
      JobHandler(StripeRefresh.kind) { context in
        guard let client = try StripeClient(context.environment, context.fetcher, context.database) else { return nil }
        let settings = BillingSettings(context.environment)
        let refresh = StripeRefresh(database: context.database, settings: settings, client: client)
        return { lease, deadline in
          try await refresh.perform(lease, by: deadline)
          return "fetched"
        }
      },
      JobHandler(StripeCancellation.kind) { context in
        guard let client = try StripeClient(context.environment, context.fetcher, context.database) else { return nil }
        let settings = BillingSettings(context.environment)
        let cancellation = StripeCancellation(database: context.database, settings: settings, client: client)
        return { lease, deadline in
          try await cancellation.perform(lease, by: deadline)
          return "cancelled"
        }
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
}
