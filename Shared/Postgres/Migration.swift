/// A numbered change of the database schema, as SQL that one target owns.
package struct Migration: Sendable {
  package let number: Int
  package let name: String
  package let sql: String

  /// - Parameter sql: the text of a file such as `m0001_accounts.sql`, embedded in the program.
  package init(_ number: Int, _ name: String, sql: [UInt8]) {
    self.number = number
    self.name = name
    self.sql = String(decoding: sql, as: UTF8.self)
  }

  /// The SQL without empty lines and lines that are comments, for the checksum: comments may change after a migration
  /// was applied.
  var statements: String {
    sql.split(separator: "\n").filter { line in
      let text = line.drop { $0 == " " }
      return !text.isEmpty && !text.hasPrefix("--")
    }.joined(separator: "\n")
  }
}

/// Applies migrations to a database and reports which are applied.
package struct Migrator {
  package struct Status: Sendable, Equatable {
    package let number: Int
    package let name: String
    package let isApplied: Bool
  }

  private struct AppliedMigration: Decodable {
    let number: Int
    let name: String
    let checksum: String
  }

  /// Marks checksums of ``Migration/statements``. Older programs stored the checksum of the whole text, without a
  /// prefix.
  private static let checksumPrefix = "statements:"

  private let migrations: [Migration]
  private let database: Database

  /// - Parameter migrations: the migrations of all features, each with a different number. They are applied in the
  ///   order of their numbers.
  package init(_ migrations: [Migration], _ database: Database) {
    precondition(Set(migrations.map(\.number)).count == migrations.count, "two migrations have the same number")
    self.migrations = migrations.sorted { $0.number < $1.number }
    self.database = database
  }

  /// Applies all missing migrations in one transaction. An advisory lock makes other migrators wait.
  ///
  /// - Returns: the migrations that were applied.
  /// - Throws: ``DatabaseError/Code/migration`` if the statements of an applied migration have changed since, or if the
  ///   database has a migration that this program lacks.
  package func migrate(by deadline: ContinuousClock.Instant) throws -> [Migration] {
    try database.transaction(by: deadline) { transaction in
      // An arbitrary number for this project: "llmtxt" in ASCII.
      try transaction.execute("SELECT pg_advisory_xact_lock(119203681564788)")
      try transaction.execute(
        """
        CREATE TABLE IF NOT EXISTS schema_migrations (
          number bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
          applied_at timestamptz NOT NULL DEFAULT now())
        """)
      let applied = try transaction.rows(
        "SELECT number, name, checksum FROM schema_migrations ORDER BY number", as: AppliedMigration.self)
      for migration in applied where !migrations.contains(where: { $0.number == migration.number }) {
        throw DatabaseError(
          .migration,
          "the database has migration \(migration.number) (\(migration.name)) of a newer program; update this program")
      }
      var missing: [Migration] = []
      for migration in migrations {
        let checksum = try transaction.rows(
          """
          SELECT \(Self.checksumPrefix) || encode(sha256(convert_to(\(migration.statements), 'UTF8')), 'hex')
          """, as: String.self)[0]
        if let existing = applied.first(where: { $0.number == migration.number }) {
          guard existing.checksum.hasPrefix(Self.checksumPrefix) else {
            // The old checksum covers comments, which may have changed since, so it is replaced without a comparison.
            transaction.send(
              "UPDATE schema_migrations SET checksum = \(checksum) WHERE number = \(migration.number)")
            continue
          }
          guard existing.checksum == checksum else {
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

  /// Returns the number of the newest migration that was applied; nil if none was.
  ///
  /// - Throws: an error with ``DatabaseError/isNotMigrated`` if the database was never migrated.
  package static func newestMigration(
    of database: Database, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Int? {
    try database.rows("SELECT max(number) FROM schema_migrations", as: Int?.self, by: deadline)[0]
  }

  /// Returns every migration of this program with its state in the database.
  package func status(by deadline: ContinuousClock.Instant) throws(DatabaseError) -> [Status] {
    var applied: Set<Int> = []
    do throws(DatabaseError) {
      applied = Set(try database.rows("SELECT number FROM schema_migrations", as: Int.self, by: deadline))
    } catch {
      guard error.isNotMigrated else { throw error }
    }
    return migrations.map { Status(number: $0.number, name: $0.name, isApplied: applied.contains($0.number)) }
  }
}
