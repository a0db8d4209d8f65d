package import Postgres

/// What the sale's tables need as a whole.
package enum Billing {
  package static let migrations = [
    Migration(11, "billing", sql: PackageResources.m0011_billing_sql),
    Migration(14, "notifications", sql: PackageResources.m0014_notifications_sql),
    Migration(23, "strangers", sql: PackageResources.m0023_strangers_sql),
  ]
}
