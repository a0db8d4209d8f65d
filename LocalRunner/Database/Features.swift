import Access
package import Accounts
import Billing
import Documents
import Jobs
import Limits
import Metering
import Notifications
package import Postgres
import SiteAnalysis

extension Feature {
  /// The features of the product, each after the features that it uses.
  ///
  /// Migrations, export and erasure of personal data, the purge and the worker's job kinds all follow from this list. A
  /// feature without tables, jobs and meters needs no entry.
  package static let all = [
    Feature(
      "limits", migrations: Limits.migrations, purge: { database, deadline in try Limits.purge(database, by: deadline) }
    ),
    Feature(
      "jobs", migrations: Jobs.migrations, purge: { database, deadline in try Jobs(database).purge(by: deadline) }),
    Accounts.feature, Access.feature, Metering.feature, Notifications.feature, SiteAnalysis.feature, Documents.feature,
    Billing.feature,
  ]
}

extension [Feature] {
  package var migrations: [Migration] { flatMap(\.migrations) }
  package var jobs: [JobHandler] { flatMap(\.jobs) }

  /// The personal data of the features above Accounts, which exports and erases its own.
  package var personalData: [PersonalData] { filter { $0.name != Accounts.feature.name }.flatMap(\.personalData) }

  /// Deletes rows that are no longer needed, in the reverse order: an account is kept while other rows refer to it.
  package func purge(_ database: Database, by deadline: ContinuousClock.Instant) throws {
    for feature in reversed() { try feature.purge?(database, deadline) }
  }
}
