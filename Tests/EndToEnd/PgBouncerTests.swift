import Accounts
import FoundationEssentials
import Postgres
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Database access through pgbouncer in transaction mode, with a single connection to the server.
struct PgBouncerTests {
  private static let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(.enabled(if: program != nil, "needs Debian's package pgbouncer"))
  func migrationsTransactionsAndQueriesWorkThroughPgBouncer() async throws {
    let server = try TestDatabase.make(isDirect: true)
    let name = try #require(server.split(separator: "?").first?.split(separator: "/").last)
    let host = try #require(server.split(separator: "?").last?.dropFirst("host=".count))
    let folder = "/tmp/llmtxt-bouncer-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    unsafe chmod(folder, 0o777)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(
      """
      [databases]
      \(name) = host=\(host) dbname=\(name) user=llmtxt
      [pgbouncer]
      listen_addr =
      listen_port = 6432
      unix_socket_dir = \(folder)
      auth_type = any
      pool_mode = transaction
      default_pool_size = 1
      """.utf8
    ).write(to: URL(filePath: folder + "/ini"))
    // pgbouncer refuses to run as root; the user postgres may use the server's socket.
    let arguments = geteuid() == 0 ? ["-u", "postgres", folder + "/ini"] : [folder + "/ini"]
    let bouncer = try Command(Self.program!, arguments).start()
    defer { bouncer.end() }
    for _ in 0..<100 where !FileManager.default.fileExists(atPath: folder + "/.s.PGSQL.6432") {
      try await Task.sleep(for: .milliseconds(50))
    }

    let url = "postgresql://llmtxt@/\(name)?host=\(folder)&port=6432"
    let soon = ContinuousClock.now.advanced(by: .seconds(120))
    let database = Database(url: url)
    let other = Database(url: url)
    let applied = try Migrator(Accounts.migrations, database).migrate(by: soon)
    #expect(applied.count == Accounts.migrations.count)
    #expect(try Migrator(Accounts.migrations, other).migrate(by: soon).isEmpty)
    // Two clients share the one connection; the settings of one must not affect the other.
    for round in 0..<20 {
      let database = round.isMultiple(of: 2) ? database : other
      let timeout = try database.transaction(by: soon) { transaction in
        try transaction.rows("SELECT current_setting('statement_timeout') || ' ' || \(round)::text", as: String.self)[0]
      }
      #expect(!timeout.hasPrefix("0 ") && timeout.hasSuffix(" \(round)"))
      #expect(try database.rows("SELECT current_setting('statement_timeout')", as: String.self, by: soon) == ["0"])
    }
    let health = try await Command(Products.path(of: "usage"), environment: ["DATABASE_URL": url])
      .run(input: Array(#"{"version":"2.0","rawPath":"/health","requestContext":{"http":{"method":"GET"}}}"#.utf8))
    #expect(health.output.contains(#""statusCode":200"#))
  }
}
