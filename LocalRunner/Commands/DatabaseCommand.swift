import ArgumentParser
import Contract
import Postgres

struct DatabaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "database",
    abstract: "The embedded PostgreSQL, and the schema of any.",
    discussion:
      "Where DATABASE_URL is set, `migrate`, `status` and `url` are about that database; the embedded one is left alone.",
    subcommands: [Start.self, Stop.self, Address.self, Migrate.self, Status.self])

  private static var configuredURL: String? { Environment.ofProcess()["DATABASE_URL"] }

  private static var deadline: ContinuousClock.Instant { .now.advanced(by: .seconds(60)) }

  struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Start the embedded database, made first where there is none.")

    func run() throws {
      let embedded = try EmbeddedDatabase()
      let isNew = try embedded.ensureRunning()
      _ = try Migrator(RunnerDatabase.migrations, Database(url: embedded.url)).migrate(by: deadline)
      say(isNew ? "started, in \(embedded.folder)" : "it was running already, in \(embedded.folder)")
      print(embedded.url)
    }
  }

  struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop the embedded database; what it holds stays.")

    func run() throws {
      say(try EmbeddedDatabase().stop() ? "stopped" : "it was not running")
    }
  }

  struct Address: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "url", abstract: "Print what DATABASE_URL should be; the embedded database is started.")

    func run() throws { print(try RunnerDatabase.prepare()) }
  }

  struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Bring the schema up to date.")

    func run() throws {
      let url =
        try configuredURL
        ?? {
          let embedded = try EmbeddedDatabase()
          _ = try embedded.ensureRunning()
          return embedded.url
        }()
      let applied = try Migrator(RunnerDatabase.migrations, Database(url: url)).migrate(by: deadline)
      for migration in applied { say("applied \(migration.number) \(migration.name)") }
      if applied.isEmpty { say("nothing to apply: the schema is up to date") }
    }
  }

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the migrations, and which are applied.")

    func run() throws {
      let url: String
      if let configuredURL {
        url = configuredURL
      } else {
        let embedded = try EmbeddedDatabase()
        print("embedded database: \(embedded.isRunning ? "running" : "stopped"), in \(embedded.folder)")
        guard embedded.isRunning else { return }
        url = embedded.url
      }
      for status in try Migrator(RunnerDatabase.migrations, Database(url: url)).status(by: deadline) {
        print("\(status.isApplied ? "applied" : "missing") \(status.number) \(status.name)")
      }
    }
  }
}
