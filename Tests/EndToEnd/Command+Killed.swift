import Postgres
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Command {
  /// Starts the command, and kills it when it waits for a lock on a table.
  ///
  /// - Parameter milliseconds: The time to wait until the command uses the table.
  func killed(
    input: [UInt8], whenWaitingFor table: String, _ database: Database, milliseconds: Int,
    by deadline: ContinuousClock.Instant
  ) throws {
    try database.transaction(by: deadline) { transaction in
      try transaction.execute("LOCK TABLE \(unsafeSQL: table) IN ACCESS EXCLUSIVE MODE")
      let started = try start(input: input)
      var isWaiting = false
      for _ in 0..<milliseconds where !isWaiting {
        usleep(1_000)
        isWaiting =
          try transaction.rows(
            """
            SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = relation
            WHERE relname = \(table) AND NOT granted
            """, as: Int.self)[0] > 0
      }
      #expect(isWaiting, "the webhook did not use \(table)")
      started.end()
    }
  }
}
