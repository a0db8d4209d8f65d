import Accounts
import FoundationEssentials
import Invoking
import Postgres

/// The database of the runner's commands: the one in `DATABASE_URL`, or else the embedded database.
package enum RunnerDatabase {
  /// A database for one command, which is dropped afterwards.
  package struct Scratch {
    package let url: String
    package let drop: @Sendable () -> Void
  }

  /// Creates an empty, migrated database in the embedded server. If `DATABASE_URL` is set, that database is used.
  package static func prepareScratch(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws
    -> Scratch
  {
    if let url = environment["DATABASE_URL"], !url.isEmpty { return Scratch(url: url) {} }
    let embedded = try EmbeddedDatabase(environment: environment)
    _ = try embedded.ensureRunning()
    let name = "scratch_" + UUID().uuidString.lowercased().replacing("-", with: "")
    let server = embedded.url
    let soon = ContinuousClock.now.advanced(by: .seconds(30))
    _ = try Database(url: server).execute("CREATE DATABASE \(unsafeSQL: name)", by: soon)
    let url = server.replacing("/postgres?", with: "/\(name)?")
    _ = try Migrator(Feature.all.migrations, Database(url: url)).migrate(by: soon)
    return Scratch(url: url) {
      let soon = ContinuousClock.now.advanced(by: .seconds(10))
      // A database that cannot be dropped does no harm.
      _ = try? Database(url: server).execute("DROP DATABASE \(unsafeSQL: name) WITH (FORCE)", by: soon)
    }
  }

  /// The value of `DATABASE_URL` for the functions; starts the embedded database if it is needed.
  ///
  /// The embedded database is migrated. A database in `DATABASE_URL` is not, because its operator decides when.
  package static func prepare(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws -> String {
    if let url = environment["DATABASE_URL"], !url.isEmpty { return url }
    let embedded = try EmbeddedDatabase(environment: environment)
    _ = try embedded.ensureRunning()
    let database = Database(url: embedded.url)
    let deadline = ContinuousClock.now.advanced(by: .seconds(30))
    let migrator = Migrator(Feature.all.migrations, database)
    if try migrator.status(by: deadline).contains(where: { !$0.isApplied }) { _ = try migrator.migrate(by: deadline) }
    return embedded.url
  }
}
