import Accounts
import Billing
import Documents
import FoundationEssentials
import Jobs
import Limits
import Metering
import Postgres
import SiteAnalysis

/// The database that the runner's commands use: `DATABASE_URL`, else the embedded one, started and migrated.
enum RunnerDatabase {
  /// Every migration of the product, in order.
  static let migrations =
    Accounts.migrations + Metering.migrations + Billing.migrations + SiteAnalysis.migrations + Documents.migrations + Limits.migrations + Jobs.migrations

  /// The URL for the functions' environment.
  ///
  /// An operator's own database is migrated only on demand; the embedded one always.
  static func prepare(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws -> String {
    if let url = environment["DATABASE_URL"], !url.isEmpty { return url }
    let embedded = try EmbeddedDatabase(environment: environment)
    _ = try embedded.ensureRunning()
    let database = Database(url: embedded.url)
    let deadline = ContinuousClock.now.advanced(by: .seconds(30))
    let migrator = Migrator(migrations, database)
    if try migrator.status(by: deadline).contains(where: { !$0.isApplied }) { _ = try migrator.migrate(by: deadline) }
    return embedded.url
  }
}
