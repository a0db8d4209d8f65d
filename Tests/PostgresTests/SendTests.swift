import Postgres
import Support
import Testing

/// Statements that are sent without waiting for their results.
struct SendTests {
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  init() throws {
    database = Database(url: try TestDatabase.make())
    try database.execute("CREATE TABLE things (id bigint PRIMARY KEY, name text)", by: soon)
  }

  private func things() throws -> [Int] {
    try database.rows("SELECT id FROM things ORDER BY id", as: Int.self, by: soon)
  }

  @Test func sentStatementsRunInOrderAndAreCommitted() throws {
    try database.transaction(by: soon) { transaction in
      transaction.send("INSERT INTO things VALUES (1, 'a'), (2, 'b')")
      transaction.send("DELETE FROM things WHERE id = \(1)")
      let names = try transaction.rows("SELECT name FROM things", as: String.self)
      let count = try transaction.execute("UPDATE things SET name = 'c'")
      #expect(names == ["b"] && count == 1)
      transaction.send("INSERT INTO things VALUES (3, NULL)")
    }
    #expect(try things() == [2, 3])
  }

  @Test func errorOfASentStatementIsThrownByTheNext() throws {
    let error = #expect(throws: DatabaseError.self) {
      try database.transaction(by: soon) { transaction in
        try transaction.execute("INSERT INTO things VALUES (1, 'a')")
        transaction.send("INSERT INTO things VALUES (1, 'again')")
        transaction.send("INSERT INTO things VALUES (2, 'b')")
        _ = try transaction.rows("SELECT id FROM things", as: Int.self)
        Issue.record("the error of a sent statement was not thrown")
      }
    }
    #expect(error?.constraint == "things_pkey")
    #expect(try things() == [])
  }

  @Test func errorOfTheLastSentStatementIsThrownByTheCommit() throws {
    let error = #expect(throws: DatabaseError.self) {
      try database.transaction(by: soon) { $0.send("INSERT INTO nothing VALUES (1)") }
    }
    #expect(error?.code == .statement(sqlState: "42P01"))
    #expect(try database.rows("SELECT 1", as: Int.self, by: soon) == [1])
  }

  @Test func thrownErrorRollsSentStatementsBackAndKeepsTheConnection() throws {
    struct Stop: Error {}
    let pid = try database.rows("SELECT pg_backend_pid()", as: Int.self, by: soon)
    #expect(throws: Stop.self) {
      try database.transaction(by: soon) { transaction in
        transaction.send("INSERT INTO things VALUES (1, 'a')")
        throw Stop()
      }
    }
    #expect(try things() == [])
    #expect(try database.rows("SELECT pg_backend_pid()", as: Int.self, by: soon) == pid)
  }

  /// More bytes go each way than the socket buffers hold, so a side that only wrote would block the other.
  @Test func manyLargeSentStatementsDoNotBlock() throws {
    let text = String(repeating: "x", count: 100_000)
    try database.transaction(by: soon) { transaction in
      for id in 0..<200 {
        transaction.send("INSERT INTO things VALUES (\(id), \(text)) RETURNING name")
      }
      let sum = try transaction.rows("SELECT sum(length(name)) FROM things", as: Int.self)
      #expect(sum == [20_000_000])
    }
  }

  @Test func sentStatementPastTheDeadlineEndsTheTransaction() throws {
    let begin = ContinuousClock.now
    let error = #expect(throws: DatabaseError.self) {
      try database.transaction(by: .now.advanced(by: .milliseconds(300))) { transaction in
        transaction.send("INSERT INTO things VALUES (1, 'a')")
        transaction.send("SELECT pg_sleep(60)")
        try transaction.execute("INSERT INTO things VALUES (2, 'b')")
      }
    }
    #expect(error?.code == .timedOut)
    #expect(begin.duration(to: .now) < .seconds(20))
    #expect(try things() == [])
  }

  @Test func deadlockRetriesTheTransaction() async throws {
    try database.execute("INSERT INTO things VALUES (1, ''), (2, '')", by: soon)
    let (database, soon) = (database, soon)
    let done = await Threads.run(2) { number -> Int in
      var done = 0
      for _ in 0..<20 {
        do {
          try database.transaction(by: soon) { transaction in
            transaction.send("UPDATE things SET name = name || 'x' WHERE id = \(1 + number)")
            transaction.send("UPDATE things SET name = name || 'x' WHERE id = \(2 - number)")
          }
          done += 1
        } catch {}
      }
      return done
    }
    let lengths = try database.rows("SELECT length(name) FROM things", as: Int.self, by: soon)
    #expect(Set(lengths).count == 1 && lengths[0] == done.reduce(0, +))
  }
}
