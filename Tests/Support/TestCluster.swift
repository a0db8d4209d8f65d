import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A PostgreSQL server for a single test, which the test may kill and restart.
package struct TestCluster: Sendable {
  private let folder = "/tmp/llmtxt-pg-\(UUID().uuidString.prefix(8))"
  private let programs: String

  package var url: String { "postgresql://llmtxt@/postgres?host=\(folder)" }

  /// Creates and starts the server. If the tests run as root, it runs as the user postgres.
  package init() throws {
    programs = try Command("pg_config", ["--bindir"]).runBlocking().output.split(separator: "\n").joined()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    unsafe chmod(folder, 0o777)
    try run("initdb", "-D", folder + "/data", "-A", "trust", "-U", "llmtxt", "-N")
    try start()
  }

  package func start() throws {
    try run(
      "pg_ctl", "-D", folder + "/data", "-l", folder + "/log", "-w", "-o",
      "-k \(folder) -c listen_addresses='' -c max_connections=50", "start")
  }

  /// Stops the server at once without a clean shutdown, as in a power failure.
  package func kill() throws { try run("pg_ctl", "-D", folder + "/data", "-m", "immediate", "-w", "stop") }

  /// Stops the server and deletes its files.
  package func remove() {
    try? kill()
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func run(_ program: String, _ arguments: String...) throws {
    let words =
      geteuid() == 0
      ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "\(programs)/\(program)"]
      : ["\(programs)/\(program)"]
    let outcome = try Command(words[0], Array(words.dropFirst()) + arguments).runBlocking()
    guard outcome.status == 0 else { throw Command.Failed(description: "\(program): \(outcome.error)") }
  }
}
