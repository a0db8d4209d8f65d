package import Postgres

/// What the sale's tables need as a whole.
package enum Billing {
  package static let migrations = [
    Migration(11, "billing", sql: PackageResources.m0011_billing_sql),
    Migration(20, "paid_lines", sql: PackageResources.m0020_paid_lines_sql),
    Migration(21, "delivery_audit", sql: PackageResources.m0021_delivery_audit_sql),
    Migration(23, "strangers", sql: PackageResources.m0023_strangers_sql),
    Migration(33, "plan_ends", sql: PackageResources.m0033_plan_ends_sql),
  ]
}
