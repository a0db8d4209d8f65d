import Accounts
package import Contract
package import Postgres

/// Whether a function can serve.
package struct Health: Sendable {
  private let database: Database

  package init(_ database: Database) { self.database = database }

  /// `GET /live`: the process runs. It asks nobody else, so that a database in trouble does not get functions
  /// restarted.
  package var live: Operation {
    Operation("GET", "/live") { _ in Response.json(Live(status: "ok")) }
  }

  /// `GET /health`: 200 where the database answers and has been migrated, else `unavailable`, its state in
  /// `details.database`.
  package var health: Operation {
    Operation("GET", "/health") { request in
      let start = ContinuousClock.now
      let migration = try database.rows(
        "SELECT max(number) FROM schema_migrations", as: Int?.self, by: request.deadline.capped(at: .seconds(2)).instant
      )
      guard let newest = migration.first.flatMap({ $0 }) else {
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
      /// How long the database took to answer, the connection included.
      let milliseconds: Double
    }
    let status: String
    let database: State
  }
}
