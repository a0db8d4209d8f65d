package import Postgres

/// What telling the operator's endpoints needs as a whole.
package enum Notifications {
  package static let migrations = [
    Migration(14, "notifications", sql: PackageResources.m0014_notifications_sql),
    Migration(17, "endpoints", sql: PackageResources.m0017_endpoints_sql),
  ]
}
