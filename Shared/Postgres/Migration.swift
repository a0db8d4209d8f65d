/// A numbered change of the schema, in SQL that a feature owns.
package struct Migration: Sendable {
  package let number: Int
  package let name: String
  package let sql: String

  /// - Parameter sql: the text of `m0001_accounts.sql` and its like, embedded in the program.
  package init(_ number: Int, _ name: String, sql: [UInt8]) {
    self.number = number
    self.name = name
    self.sql = String(decoding: sql, as: UTF8.self)
  }
}

/// Brings a database to the newest of a list of migrations.
package struct Migrator {
  /// One migration as the database knows it.
  package struct Status: Sendable, Equatable {
    package let number: Int
    package let name: String
    package let isApplied: Bool
  }

  private let migrations: [Migration]
  private let database: Database

  /// - Parameter migrations: of any features, whose numbers are one row; they are applied by number.
  package init(_ migrations: [Migration], _ database: Database) {
    precondition(Set(migrations.map(\.number)).count == migrations.count, "every migration has a number of its own")
    self.migrations = migrations.sorted { $0.number < $1.number }
    self.database = database
  }

  /// Applies what is missing, all of it or nothing, while an advisory lock keeps every other migrator waiting.
  ///
  /// - Returns: what was applied.
  /// - Throws: ``DatabaseError/Code/migration`` where a migration that was applied has another text today, or the
  ///   database knows migrations that this program does not.
  package func migrate(by deadline: ContinuousClock.Instant) throws -> [Migration] {
    try database.transaction(by: deadline) { transaction in
      // The number is arbitrary, and this project's: "llmtxt" in ASCII.
      try transaction.execute("SELECT pg_advisory_xact_lock(119203681564788)")
      try transaction.execute(
        """
        CREATE TABLE IF NOT EXISTS schema_migrations (
          number bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
          applied_at timestamptz NOT NULL DEFAULT now())
        """)
      let applied = try transaction.rows(
        "SELECT number, name, checksum FROM schema_migrations ORDER BY number", as: Int.self, String.self, String.self)
      var missing: [Migration] = []
      for (number, name, _) in applied where !migrations.contains(where: { $0.number == number }) {
        throw DatabaseError(
          .migration, "the database has migration \(number) (\(name)) of a newer program; update this one")
      }
      for migration in migrations {
        let checksum = try transaction.rows(
          "SELECT encode(sha256(convert_to(\(migration.sql), 'UTF8')), 'hex')", as: String.self)[0]
        if let known = applied.first(where: { $0.0 == migration.number }) {
          guard known.2 == checksum else {
            throw DatabaseError(
              .migration,
              "migration \(migration.number) (\(migration.name)) was changed after it was applied; restore its text")
          }
          continue
        }
        try transaction.script(migration.sql)
        try transaction.execute(
          """
          INSERT INTO schema_migrations (number, name, checksum)
          VALUES (\(migration.number), \(migration.name), \(checksum))
          """)
        missing.append(migration)
      }
      return missing
    }
  }

  /// Every migration of this program, and whether the database has it.
  package func status(by deadline: ContinuousClock.Instant) throws(DatabaseError) -> [Status] {
    var applied: Set<Int> = []
    do throws(DatabaseError) {
      applied = Set(try database.rows("SELECT number FROM schema_migrations", as: Int.self, by: deadline).map { $0 })
    } catch {
      guard error.isNotMigrated else { throw error }
    }
    return migrations.map { Status(number: $0.number, name: $0.name, isApplied: applied.contains($0.number)) }
  }
}
