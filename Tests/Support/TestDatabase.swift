import FoundationEssentials
package import Postgres

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Creates a PostgreSQL database for each test suite.
package enum TestDatabase {
  /// Creates an empty database and migrates it.
  ///
  /// - Parameter isDirect: whether to connect to the server even if `TEST_DATABASE_POOLER` is set.
  /// - Returns: the database's URL. It goes through the connection pooler if `TEST_DATABASE_POOLER` has its URL.
  package static func make(_ migrations: [Migration] = [], isDirect: Bool = false) throws -> String {
    let name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
    let deadline = ContinuousClock.now.advanced(by: .seconds(60))
    let server = try server.get()
    _ = try Database(url: server).execute("CREATE DATABASE \(unsafeSQL: name)", by: deadline)
    let pooler = ProcessInfo.processInfo.environment["TEST_DATABASE_POOLER"] ?? ""
    let url = self.url(pooler.isEmpty || isDirect ? server : pooler, database: name)
    if !migrations.isEmpty { _ = try Migrator(migrations, Database(url: url)).migrate(by: deadline) }
    return url
  }

  /// Replaces the database name in a server's URL.
  package static func url(_ server: String, database: String) -> String {
    // The runner prints postgresql://user@host/name?options.
    let halves = server.split(separator: "?", maxSplits: 1)
    let base = halves[0][...halves[0].lastIndex(of: "/")!]
    return base + database + (halves.count > 1 ? "?\(halves[1])" : "")
  }

  /// The server's URL: `TEST_DATABASE_URL` if set, otherwise an embedded database of the runner for tests only.
  package static let server: Swift.Result<String, any Error> = Swift.Result {
    let environment = ProcessInfo.processInfo.environment
    if let url = environment["TEST_DATABASE_URL"], !url.isEmpty { return url }
    let folder = environment["EMBEDDED_DATABASE_DIR"] ?? "/tmp/llmtxt-tests-\(getuid())/postgres"
    let run = try Command(
      Products.path(of: "local-runner"), ["database", "url"],
      environment: ["DATABASE_URL": "", "EMBEDDED_DATABASE_DIR": folder]
    ).runBlocking()
    guard run.status == 0 else { throw Command.Failed(description: "no PostgreSQL for the tests: \(run.error)") }
    return run.output.split(separator: "\n").joined()
  }
}
