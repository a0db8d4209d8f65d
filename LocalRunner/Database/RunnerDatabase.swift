import Accounts
import Billing
import Documents
import FoundationEssentials
import Jobs
import Limits
import Metering
import Notifications
import Postgres
import SiteAnalysis

/// The database that the runner's commands use: `DATABASE_URL`, else the embedded one, started and migrated.
enum RunnerDatabase {
  /// Every migration of the product, in order.
  static let migrations =
    Accounts.migrations + Metering.migrations + Billing.migrations + Notifications.migrations + SiteAnalysis.migrations
    + Documents.migrations
    + Limits.migrations + Jobs.migrations

  /// What every feature keeps of accounts.
  static let accountData = Metering.accountData + Billing.accountData + SiteAnalysis.accountData + Documents.accountData

  /// A database for one command, gone after it.
  struct Scratch {
    let url: String
    let drop: @Sendable () -> Void
  }

  /// An empty database beside the embedded one, migrated; where `DATABASE_URL` is set, that one.
  static func prepareScratch(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Scratch {
    if let url = environment["DATABASE_URL"], !url.isEmpty { return Scratch(url: url) {} }
    let embedded = try EmbeddedDatabase(environment: environment)
    _ = try embedded.ensureRunning()
    let name = "scratch_" + UUID().uuidString.lowercased().replacing("-", with: "")
    let server = embedded.url
    let soon = ContinuousClock.now.advanced(by: .seconds(30))
    _ = try Database(url: server).execute("CREATE DATABASE \(unsafeSQL: name)", by: soon)
    let url = server.replacing("/postgres?", with: "/\(name)?")
    _ = try Migrator(migrations, Database(url: url)).migrate(by: soon)
    return Scratch(url: url) {
      let soon = ContinuousClock.now.advanced(by: .seconds(10))
      // One that cannot be dropped is empty enough to be left.
      _ = try? Database(url: server).execute("DROP DATABASE \(unsafeSQL: name) WITH (FORCE)", by: soon)
    }
  }

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
