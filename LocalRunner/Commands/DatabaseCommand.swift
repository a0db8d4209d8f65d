import Accounts
import ArgumentParser
import Contract
import Postgres
import RunnerDatabase

struct DatabaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "database",
    abstract: "Start and stop the embedded PostgreSQL; migrate the schema of a database.",
    discussion:
      "If DATABASE_URL is set, `migrate`, `status` and `url` use that database and not the embedded one.",
    subcommands: [Start.self, Stop.self, Address.self, Migrate.self, Status.self])

  private static var configuredURL: String? { Environment.ofProcess()["DATABASE_URL"] }

  private static var deadline: ContinuousClock.Instant { .now.advanced(by: .seconds(60)) }

  struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Start the embedded database; create it first if it does not exist.")

    func run() throws {
      let embedded = try EmbeddedDatabase()
      let isNew = try embedded.ensureRunning()
      _ = try Migrator(Feature.all.migrations, Database(url: embedded.url)).migrate(by: deadline)
      printError("\(isNew ? "started" : "already running"), in \(embedded.folder)")
      try StandardOutput.printLine(embedded.url)
    }
  }

  struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop the embedded database; its data is kept.")

    func run() throws {
      printError(try EmbeddedDatabase().stop() ? "stopped" : "not running")
    }
  }

  struct Address: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "url", abstract: "Print the value for DATABASE_URL; start the embedded database if it is not set.")

    func run() throws { try StandardOutput.printLine(try RunnerDatabase.prepare()) }
  }

  struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Apply the migrations that are missing.")

    func run() throws {
      let url =
        try configuredURL
        ?? {
          let embedded = try EmbeddedDatabase()
          _ = try embedded.ensureRunning()
          return embedded.url
        }()
      let applied = try Migrator(Feature.all.migrations, Database(url: url)).migrate(by: deadline)
      for migration in applied { printError("applied \(migration.number) \(migration.name)") }
      if applied.isEmpty { printError("the schema is up to date") }
    }
  }

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the migrations and whether they are applied.")

    func run() throws {
      let url: String
      if let configuredURL {
        url = configuredURL
      } else {
        let embedded = try EmbeddedDatabase()
        try StandardOutput.printLine(
          "embedded database: \(embedded.isRunning ? "running" : "stopped"), in \(embedded.folder)")
        guard embedded.isRunning else { return }
        url = embedded.url
      }
      for status in try Migrator(Feature.all.migrations, Database(url: url)).status(by: deadline) {
        try StandardOutput.printLine("\(status.isApplied ? "applied" : "missing") \(status.number) \(status.name)")
      }
    }
  }
}
