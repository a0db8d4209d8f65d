import Accounts
import Postgres
import RunnerDatabase
import Support
import Testing

/// A feature owns its tables: no other code reads or writes them.
struct TableOwnerTests {
  /// A table that a file names in SQL; `?` if the code inserts the name into the SQL text.
  private struct Use: Hashable {
    let path: String
    let line: Int
    let table: String
  }

  @Test("SQL names only tables of its own target")
  func sqlNamesOwnTables() throws {
    let package = try PackageDescription.current.get()
    let violations = try Self.violations(Self.uses(), package)
    #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
  }

  @Test func everyExceptionIsNeeded() throws {
    let uses = try Self.uses()
    for path in TableOwners.filesWithInsertedNames {
      #expect(uses.contains { $0.path == path && $0.table == "?" }, "\(path) inserts no names of tables")
    }
    for (path, tables) in TableOwners.exceptions {
      for table in tables {
        #expect(uses.contains { $0.path == path && $0.table == table }, "\(path) does not name \(table)")
      }
    }
  }

  @Test func sqlWithATableOfAnotherFeatureIsReported() throws {
    let package = try PackageDescription.current.get()
    let source = SwiftSource(
      "Shared/Features/Documents/Planted.swift",
      #"""
      let query: Query = """
        WITH mine AS (SELECT 1) SELECT * FROM mine, documents JOIN credit_accounts USING (account_id)
        """
      let other = "UPDATE accounts SET email = \(email)"
      let unknown = "DELETE FROM nowhere"
      let dynamic = "DELETE FROM \(unsafeSQL: table)"
      """#)
    #expect(
      Self.violations(Self.uses([source]), package) == [
        "Shared/Features/Documents/Planted.swift:1: credit_accounts belongs to Metering, not to Documents",
        "Shared/Features/Documents/Planted.swift:4: accounts belongs to Accounts, not to Documents",
        "Shared/Features/Documents/Planted.swift:5: nowhere is not in TableOwners",
        "Shared/Features/Documents/Planted.swift:6: the name of a table is inserted into SQL",
      ])
    let inserted = SwiftSource("Shared/Limits/Limits.swift", #"for table in ["rate_windows", "jobs"] {}"#)
    #expect(
      Self.violations(Self.uses([inserted]), package) == [
        "Shared/Limits/Limits.swift:1: jobs belongs to Jobs, not to Limits"
      ])
    let migration = Use(
      path: "Shared/Features/Billing/Migrations/m0011_billing.sql", line: 1, table: "meter_days")
    #expect(Self.violations([migration], package).count == 1)
  }

  @Test("Every table of a migrated database has an owner")
  func everyTableHasAnOwner() throws {
    let database = Database(url: try TestDatabase.make(Feature.all.migrations))
    let names = try database.rows(
      "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'", as: String.self,
      by: .now.advanced(by: .seconds(60)))
    #expect(names.sorted() == TableOwners.table.values.flatMap { $0 }.sorted())
  }

  // MARK: SQL

  @Test(arguments: [
    (
      "SELECT a FROM one, two AS t (x, y), LATERAL unnest(t.x) AS u JOIN ONLY three USING (a)", ["one", "two", "three"]
    ),
    ("WITH RECURSIVE a AS (SELECT 1), b (x) AS MATERIALIZED (DELETE FROM c RETURNING x) SELECT * FROM a, b", ["c"]),
    ("INSERT INTO one (a) SELECT extract(epoch FROM until) FROM (SELECT * FROM two) AS t", ["one", "two"]),
    ("UPDATE one SET a = 1 FROM two WHERE b IS DISTINCT FROM c", ["one", "two"]),
    ("SELECT 1 FROM one FOR UPDATE OF one SKIP LOCKED", ["one"]),
    ("INSERT INTO one VALUES ('FROM two') ON CONFLICT (a) DO UPDATE SET b = excluded.b -- FROM three", ["one"]),
    ("DELETE FROM one USING two WHERE EXISTS (SELECT 1 FROM three)", ["one", "two", "three"]),
    ("CREATE TABLE IF NOT EXISTS one (a uuid REFERENCES accounts, b uuid REFERENCES two)", ["one", "two"]),
    ("CREATE UNIQUE INDEX i ON one (a); ALTER TABLE two DROP COLUMN a; TRUNCATE three", ["one", "two", "three"]),
    ("DELETE FROM ? WHERE extract(epoch FROM ?) > 0 AND a IS DISTINCT FROM ?", ["?"]),
    ("Reads the answer from one and updates two.", []),
  ])
  func tablesOfSQL(text: String, tables: [String]) { #expect(SQLText(text).tables == tables) }

  private static func uses() throws -> [Use] {
    var uses = try self.uses(["Shared", "LocalRunner", "Functions"].flatMap(SwiftSource.all))
    for path in try Products.files(below: "Shared", extension: ".sql") {
      uses += SQLText(try Products.text(of: path)).tables.map { Use(path: path, line: 1, table: $0) }
    }
    return uses
  }

  private static func uses(_ sources: [SwiftSource]) -> [Use] {
    sources.flatMap { source in
      source.literals.flatMap { literal in
        // In a file that inserts names of tables, a literal can be such a name.
        let isName =
          TableOwners.filesWithInsertedNames.contains(source.path) && TableOwners.owner(of: literal.text) != nil
        let tables = isName ? [literal.text] : SQLText(literal.text).tables
        return tables.map { Use(path: source.path, line: literal.line, table: $0) }
      }
    }
  }

  private static func violations(_ uses: [Use], _ package: PackageDescription) -> [String] {
    uses.compactMap { use in
      if use.table == "?" {
        return TableOwners.filesWithInsertedNames.contains(use.path)
          ? nil : "\(use.path):\(use.line): the name of a table is inserted into SQL"
      }
      let target = package.targets.first { use.path.hasPrefix($0.path + "/") }?.name ?? "no target"
      // PostgreSQL's own tables have a qualified name or this prefix.
      guard !use.table.contains("."), !use.table.hasPrefix("pg_") else { return nil }
      guard let owner = TableOwners.owner(of: use.table) else {
        return "\(use.path):\(use.line): \(use.table) is not in TableOwners"
      }
      guard owner != target, TableOwners.exceptions[use.path]?.contains(use.table) != true else { return nil }
      return "\(use.path):\(use.line): \(use.table) belongs to \(owner), not to \(target)"
    }
  }
}
