import Accounts
import Contract
import FoundationEssentials
import Invoking
import Jobs
import Postgres
import RunnerDatabase
import Support
import Testing
import Worker

/// A feature needs one entry in the runner's list for its tables, personal data, purge and jobs.
@Suite struct ToyFeatureTests {
  private static let features = Feature.all + [.toy]

  private let url: String
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  init() throws {
    url = try TestDatabase.make(Self.features.migrations)
    database = Database(url: url)
  }

  private func names() throws -> [String] {
    try database.rows("SELECT name FROM toys ORDER BY name", as: String.self, by: soon)
  }

  private func add(_ name: String, year: Int = 2020, of address: String = "192.0.2.1") throws -> Account {
    let account = try Accounts(database).networkAccount(address, by: soon)
    try database.execute("INSERT INTO toys VALUES (\(account.id), \(name), \(year))", by: soon)
    return account
  }

  @Test func migrationIsApplied() throws {
    let query: Query = "SELECT to_regclass('toys') IS NOT NULL"
    #expect(try database.rows(query, as: Bool.self, by: soon) == [true])
    let other = Database(url: try TestDatabase.make(Feature.all.migrations))
    #expect(try other.rows(query, as: Bool.self, by: soon) == [false])
  }

  @Test func personalDataIsExportedAndErased() throws {
    let owner = try add("bear").id
    _ = try add("ball", of: "198.51.100.7")
    func export(_ features: [Feature]) throws -> String {
      try database.transaction(by: soon) { try Accounts.export(owner, including: features.personalData, in: &$0) }
    }
    #expect(try export(Self.features).contains("bear"))
    #expect(try !export(Feature.all).contains("bear"))
    try Accounts(database).erase(owner, including: Feature.all.personalData, by: soon)
    #expect(try names() == ["ball", "bear"], "without the entry nothing is erased")
    try Accounts(database).erase(owner, including: Self.features.personalData, by: soon)
    #expect(try names() == ["ball"])
  }

  @Test func purgeDeletesOldRows() throws {
    _ = try add("old", year: 1999)
    _ = try add("new")
    try Feature.all.purge(database, by: soon)
    #expect(try names() == ["new", "old"], "without the entry nothing is deleted")
    try Self.features.purge(database, by: soon)
    #expect(try names() == ["new"])
  }

  private struct NoInvoker: Invoker {
    func invoke(
      _ function: Function, input: [UInt8], onLogLine: (@Sendable (String) -> Void)?
    ) async throws(InvocationError) -> InvocationOutput { throw InvocationError(function, .noResponse) }
  }

  private func work(_ features: [Feature]) async throws -> [String] {
    let environment = Environment(["DATABASE_URL": url])
    let workers = try Workers(NoInvoker(), environment, features: features, isDraining: true) { _ in }
    try await workers.run()
    return workers.kinds
  }

  @Test func workerPerformsTheJob() async throws {
    _ = try add("bear")
    try database.transaction(by: soon) { Jobs.enqueue(Job(.playWithToy, payload: "{}"), in: &$0) }
    #expect(try await !work(Feature.all).contains("play_with_toy"))
    #expect(try names() == ["bear"], "without the entry the job stays in the queue")
    #expect(try await work(Self.features).contains("play_with_toy"))
    #expect(try names() == ["bear, played with"])
    #expect(try database.rows("SELECT state FROM jobs", as: String.self, by: soon) == ["done"])
  }
}
