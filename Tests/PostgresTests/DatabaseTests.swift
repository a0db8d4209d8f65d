import FoundationEssentials
import Postgres
import Support
import Testing

struct DatabaseTests {
  private let database: Database
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  init() throws {
    url = try TestDatabase.make()
    database = Database(url: url)
    try database.execute("CREATE TABLE things (id bigint PRIMARY KEY, name text)", by: soon)
  }

  // MARK: Values

  @Test func valuesOfEveryTypeRoundTrip() throws {
    let id = UUID()
    let date = Date(timeIntervalSince1970: 1_700_000_000.123456)
    struct Row: Decodable {
      let text: String
      let bool: Bool
      let int: Int
      let double: Double
      let bytes: [UInt8]
      let id: UUID
      let date: Date
      let empty: String
    }
    let rows = try database.rows(
      """
      SELECT \("ä'; DROP TABLE things; --") AS text, \(true) AS bool, \(-42) AS int, \(0.1) AS double,
        \([0x00, 0xff] as [UInt8]) AS bytes, \(id) AS id, \(date) AS date, \("") AS empty
      """, as: Row.self, by: soon)
    let row = try #require(rows.first)
    #expect(row.text == "ä'; DROP TABLE things; --" && row.empty == "")
    #expect(row.bool && row.int == -42 && row.double == 0.1 && row.bytes == [0x00, 0xff] && row.id == id)
    #expect(abs(row.date.timeIntervalSince(date)) < 0.000_002)
  }

  @Test(arguments: [
    (Duration.zero, 0.0), (.microseconds(1), 0.000_001), (.seconds(90_061), 90_061), (.milliseconds(-1500), -1.5),
  ])
  func durationIsSentAsAnInterval(duration: Duration, seconds: Double) throws {
    #expect(
      try database.rows("SELECT extract(epoch FROM \(duration))::float8", as: Double.self, by: soon) == [seconds])
    let sums = try database.rows(
      "SELECT timestamptz '2026-03-01 00:00:00Z' + \(duration)", as: Date.self, by: soon)
    #expect(abs(sums[0].timeIntervalSince1970 - 1_772_323_200 - seconds) < 0.000_002)
  }

  @Test func nullIsNilForAnOptionalAndAnErrorOtherwise() throws {
    #expect(try database.rows("SELECT \(nil as String?)", as: String?.self, by: soon) == [nil])
    #expect(try database.rows("SELECT \(Optional(1))", as: Int?.self, by: soon) == [1])
    #expect(throws: DatabaseError.self) { try database.rows("SELECT NULL::text", as: String.self, by: soon) }
  }

  @Test func columnOfAnotherTypeIsADecodingError() {
    let error = #expect(throws: DatabaseError.self) {
      try database.rows("SELECT 'x'::text AS name", as: Int.self, by: soon)
    }
    #expect(error?.code == .decoding)
    #expect(error?.message.contains("name") == true)
  }

  @Test func nulByteInATextIsAnError() {
    #expect(throws: DatabaseError.self) { try database.rows("SELECT \("a\u{0}b")", as: String.self, by: soon) }
  }

  // MARK: Errors

  @Test func statementErrorNamesTheConstraintAndNotTheValues() throws {
    try database.execute("INSERT INTO things VALUES (\(1), \("secret"))", by: soon)
    let error = #expect(throws: DatabaseError.self) {
      try database.execute("INSERT INTO things VALUES (\(1), \("secret"))", by: soon)
    }
    #expect(error?.code == .statement(sqlState: "23505"))
    #expect(error?.constraint == "things_pkey")
    #expect(error.map { !"\($0)".contains("secret") } == true)
    #expect(
      try database.rows("SELECT name FROM things", as: String.self, by: soon) == ["secret"],
      "the connection must remain usable")
  }

  @Test func statementPastItsDeadlineIsCancelledOnTheServer() throws {
    let error = #expect(throws: DatabaseError.self) {
      try database.execute("SELECT pg_sleep(30)", by: .now.advanced(by: .milliseconds(100)))
    }
    #expect(error?.code == .timedOut)
    let running = try database.rows(
      """
      SELECT count(*) FROM pg_stat_activity
      WHERE state = 'active' AND query LIKE \("%pg_sleep(30)%") AND pid <> pg_backend_pid()
      """, as: Int.self, by: soon)
    #expect(running == [0])
  }

  /// Connects without a pooler, which would hide the broken connection.
  @Test func brokenConnectionIsReplaced() throws {
    let url = try TestDatabase.make(isDirect: true)
    let database = Database(url: url)
    let other = Database(url: url)
    let pid = try database.rows("SELECT pg_backend_pid()", as: Int.self, by: soon)[0]
    _ = try other.rows("SELECT pg_terminate_backend(\(pid)::int)", as: Bool.self, by: soon)
    let error = #expect(throws: DatabaseError.self) { try database.rows("SELECT 1::bigint", as: Int.self, by: soon) }
    #expect(error?.code == .connection)
    #expect(try database.rows("SELECT 1::bigint", as: Int.self, by: soon) == [1])
  }

  @Test func missingURLFailsAtFirstUse() {
    let error = #expect(throws: DatabaseError.self) { try Database(url: nil).execute("SELECT 1", by: soon) }
    #expect(error?.code == .configuration)
  }

  @Test func unreachableServerIsAConnectionError() {
    let error = #expect(throws: DatabaseError.self) {
      try Database(url: "postgresql://nobody@/nothing?host=/nonexistent").execute("SELECT 1", by: soon)
    }
    #expect(error?.code == .connection)
  }

  // MARK: Transactions

  @Test func thrownErrorRollsTheTransactionBack() throws {
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try database.transaction(by: soon) { transaction in
        try transaction.execute("INSERT INTO things VALUES (\(1), \("x"))")
        throw Stop()
      }
    }
    #expect(try database.rows("SELECT count(*) FROM things", as: Int.self, by: soon) == [0])
  }

  @Test func commitAfterAnIgnoredErrorFails() throws {
    let error = #expect(throws: DatabaseError.self) {
      try database.transaction(by: soon) { transaction in
        try transaction.execute("INSERT INTO things VALUES (\(1), \("x"))")
        _ = try? transaction.execute("SELECT no_such_function()")
      }
    }
    #expect(error?.code == .statement(sqlState: "25P02"))
    #expect(try database.rows("SELECT count(*) FROM things", as: Int.self, by: soon) == [0])
  }

  /// Negative control: without the retry, one of two transactions that read before they write fails.
  @Test func serializationFailureRetriesTheTransaction() throws {
    try database.execute("INSERT INTO things VALUES (1, '0')", by: soon)
    let other = Database(url: url)
    var attempts = 0
    try database.transaction(by: soon) { transaction in
      attempts += 1
      try transaction.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
      _ = try transaction.rows("SELECT name FROM things", as: String.self)
      if attempts == 1 { try other.execute("UPDATE things SET name = 'other' WHERE id = 1", by: soon) }
      try transaction.execute("UPDATE things SET name = 'own' WHERE id = 1")
    }
    #expect(attempts == 2)
    #expect(try database.rows("SELECT name FROM things", as: String.self, by: soon) == ["own"])
  }

  @Test func otherErrorIsNotRetried() throws {
    var attempts = 0
    #expect(throws: DatabaseError.self) {
      try database.transaction(by: soon) { transaction in
        attempts += 1
        try transaction.execute("SELECT 1/0")
      }
    }
    #expect(attempts == 1)
  }

  @Test func transactionSetsItsDeadlineAsStatementTimeout() throws {
    let timeout = try database.transaction(by: .now.advanced(by: .seconds(20))) { transaction in
      try transaction.rows("SELECT current_setting('statement_timeout')", as: String.self)[0]
    }
    #expect(timeout.hasSuffix("s") && timeout != "0")
    #expect(
      try database.rows("SELECT current_setting('statement_timeout')", as: String.self, by: soon) == ["0"],
      "the setting must not outlive the transaction")
  }
}
