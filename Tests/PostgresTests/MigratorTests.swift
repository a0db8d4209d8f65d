import Postgres
import Support
import Testing

struct MigratorTests {
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))
  private let first = Migration(1, "first", sql: Array("CREATE TABLE a (x int); CREATE TABLE b (y int);".utf8))
  private let second = Migration(2, "second", sql: Array("ALTER TABLE a ADD z int".utf8))

  init() throws { url = try TestDatabase.make() }

  @Test func missingMigrationsAreAppliedOnce() throws {
    let database = Database(url: url)
    #expect(try Migrator([first], database).migrate(by: soon).map(\.number) == [1])
    #expect(try Migrator([first, second], database).migrate(by: soon).map(\.number) == [2])
    #expect(try Migrator([first, second], database).migrate(by: soon).isEmpty)
    #expect(try Migrator([first, second], database).status(by: soon).allSatisfy(\.isApplied))
  }

  @Test func statusOfAnEmptyDatabaseIsNotApplied() throws {
    #expect(try Migrator([first], Database(url: url)).status(by: soon).map(\.isApplied) == [false])
  }

  @Test func changedStatementOfAnAppliedMigrationIsRejected() throws {
    let database = Database(url: url)
    _ = try Migrator([first], database).migrate(by: soon)
    let changed = Migration(1, "first", sql: Array("CREATE TABLE a (x bigint)".utf8))
    let error = #expect(throws: DatabaseError.self) { try Migrator([changed], database).migrate(by: soon) }
    #expect(error?.code == .migration)
  }

  @Test func changedCommentOfAnAppliedMigrationIsAccepted() throws {
    let database = Database(url: url)
    _ = try Migrator([first], database).migrate(by: soon)
    let sql = "-- A comment.\n\n\(first.sql)\n  -- Another comment.\n"
    #expect(try Migrator([Migration(1, "first", sql: Array(sql.utf8))], database).migrate(by: soon).isEmpty)
  }

  @Test func checksumOfAnOlderProgramIsReplaced() throws {
    let database = Database(url: url)
    _ = try Migrator([first], database).migrate(by: soon)
    func checksums() throws -> [String] {
      try database.rows("SELECT checksum FROM schema_migrations", as: String.self, by: soon)
    }
    let expected = try checksums()
    try database.execute("UPDATE schema_migrations SET checksum = repeat('0', 64)", by: soon)
    #expect(try Migrator([first], database).migrate(by: soon).isEmpty)
    #expect(try checksums() == expected)
  }

  @Test func databaseOfANewerProgramIsRejected() throws {
    let database = Database(url: url)
    _ = try Migrator([first, second], database).migrate(by: soon)
    #expect(throws: DatabaseError.self) { try Migrator([first], database).migrate(by: soon) }
  }

  @Test func failingMigrationRollsAllBack() throws {
    let database = Database(url: url)
    let broken = Migration(2, "broken", sql: Array("CREATE TABLE c (x int); SELECT 1/0".utf8))
    #expect(throws: DatabaseError.self) { try Migrator([first, broken], database).migrate(by: soon) }
    #expect(try Migrator([first, broken], database).status(by: soon).map(\.isApplied) == [false, false])
    #expect(
      try database.rows("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", as: Int.self, by: soon) == [0])
  }

  /// Without the lock, several migrators would create the same tables, and all except one would fail.
  @Test func eightConcurrentMigratorsApplyEachMigrationOnce() async throws {
    let (url, soon, migrations) = (url, soon, [first, second])
    let applied = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 { group.addTask { try Migrator(migrations, Database(url: url)).migrate(by: soon).count } }
      return try await group.reduce(0, +)
    }
    #expect(applied == 2)
  }
}
