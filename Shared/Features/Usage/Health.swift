import Accounts
package import Contract
package import Postgres

/// The routes that report whether a function works.
package struct Health: Sendable {
  private let database: Database

  package init(_ database: Database) { self.database = database }

  /// `GET /live`: the process runs. The database is not queried, so that an unavailable database does not cause a
  /// restart.
  package var live: Operation {
    Operation("GET", "/live") { _ in Response.json(Live(status: "ok")) }
  }

  /// `GET /health`: 200 if the database is reachable and migrated, else `unavailable` with the state of the database in
  /// `details.database`.
  package var health: Operation {
    Operation("GET", "/health") { request in
      let start = ContinuousClock.now
      let deadline = request.deadline.capped(at: .seconds(2)).instant
      guard let newest = try Migrator.newestMigration(of: database, by: deadline) else {
        throw Failure(
          .unavailable, "the database is not migrated; run: local-runner database migrate",
          details: ["database": "not_migrated"])
      }
      let milliseconds = start.duration(to: .now) / .milliseconds(1)
      return Response.json(
        Report(
          status: "ok",
          database: .init(state: "ready", migration: newest, milliseconds: (milliseconds * 100).rounded() / 100)))
    }
  }

  private struct Live: Encodable {
    let status: String
  }

  private struct Report: Encodable {
    struct State: Encodable {
      let state: String
      /// The newest migration that was applied.
      let migration: Int
      /// The duration of the connection and the query.
      let milliseconds: Double
    }
    let status: String
    let database: State
  }
}
