import Accounts
import Jobs
import Postgres
import RunnerDatabase
import Support
import Testing

/// Checks that the features declare all their personal data and background jobs.
struct FeatureTests {
  // MARK: Personal data

  @Test("Every table with a column `account_id` is exported or erased by the feature that owns it")
  func everyAccountTableIsPersonalData() throws {
    let database = Database(url: try TestDatabase.make(Feature.all.migrations))
    let tables = try Self.accountTables(of: database)
    #expect(tables.count > 10)
    #expect(Self.missingPersonalData(tables).isEmpty)
  }

  @Test func newAccountTableIsReported() throws {
    let database = Database(url: try TestDatabase.make(Feature.all.migrations))
    let deadline = ContinuousClock.now.advanced(by: .seconds(60))
    _ = try database.execute("CREATE TABLE planted (account_id uuid)", by: deadline)
    #expect(try Self.missingPersonalData(Self.accountTables(of: database)) == ["planted"])
  }

  private static func accountTables(of database: Database) throws -> [String] {
    try database.rows(
      """
      SELECT table_name::text FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
      WHERE table_schema = 'public' AND column_name = 'account_id' AND table_type = 'BASE TABLE' ORDER BY 1
      """, as: String.self, by: .now.advanced(by: .seconds(60)))
  }

  private static func missingPersonalData(_ tables: [String]) -> [String] {
    let declared = Set(Feature.all.flatMap(\.personalData).map(\.table))
    return tables.filter { !declared.contains($0) }
  }

  @Test("A feature declares personal data only of tables that it owns")
  func personalDataIsOwned() {
    for feature in Feature.all {
      for data in feature.personalData {
        // The name "site analysis" stands for the target SiteAnalysis.
        let owner = TableOwners.owner(of: data.table)?.lowercased()
        #expect(owner == feature.name.lowercased().replacing(" ", with: ""), "\(data.table)")
      }
    }
  }

  // MARK: Jobs

  @Test("Every kind of job that the sources declare has a handler, and every handler has a declared kind")
  func everyJobKindHasAHandler() throws {
    let declared = try Self.jobKinds(in: ["Shared", "LocalRunner", "Functions"].flatMap(SwiftSource.all))
    let handled = Feature.all.jobs.map(\.kind.rawValue)
    #expect(declared == Set(handled))
    #expect(Set(handled).count == handled.count, "two handlers have the same kind")
  }

  @Test func declaredJobKindsAreFound() {
    let source = SwiftSource(
      "a.swift",
      """
      static let kind: JobKind = "one"
      let kind = JobKind("two")
      let job = Job("three", payload: "{}")
      let other = JobKind(rawValue: "four")
      let name = "five"
      """)
    #expect(Self.jobKinds(in: [source]) == ["one", "two", "three", "four"])
  }

  private static func jobKinds(in sources: [SwiftSource]) -> Set<String> {
    let declarations = [
      ["JobKind", "=", "\""], ["JobKind", "(", "\""], ["JobKind", "(", "rawValue", ":", "\""], ["Job", "(", "\""],
    ]
    return Set(
      sources.flatMap { source in
        declarations.flatMap(source.lines).compactMap { line in source.literals.first { $0.line == line }?.text }
      })
  }
}
