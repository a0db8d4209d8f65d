import Accounts
import Billing
import Jobs
import Limits
import Metering
import Postgres
import Support

extension TestDatabase {
  /// The migrations of Billing and of the targets that it uses.
  static let billingMigrations =
    Accounts.migrations + Limits.migrations + Metering.migrations + Jobs.migrations + Billing.migrations

  /// Creates a database with these migrations.
  static func makeForBilling() throws -> String { try make(billingMigrations) }
}
