package import Accounts
import Jobs
package import Postgres

/// The feature that sends signed webhooks to the operator's own endpoints.
package enum Notifications {
  package static let migrations = [
    Migration(14, "notifications", sql: PackageResources.m0014_notifications_sql),
    Migration(17, "endpoints", sql: PackageResources.m0017_endpoints_sql),
  ]

  package static let feature = Feature(
    "notifications", migrations: migrations,
    jobs: Notifier.kinds.map { kind in
      JobHandler(kind) { context in
        let notifier = try Notifier(context.environment, context.database, context.fetcher)
        return { lease, deadline in try await notifier.perform(lease, by: deadline) }
      }
    })
}
