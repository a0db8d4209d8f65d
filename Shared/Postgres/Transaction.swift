/// Statements that count together or not at all; it lives only inside ``Database/transaction(by:_:)``.
package struct Transaction: ~Copyable {
  private var connection: Connection
  private let deadline: ContinuousClock.Instant

  init(_ connection: consuming Connection, by deadline: ContinuousClock.Instant) {
    self.connection = connection
    self.deadline = deadline
  }

  /// The rows that a statement gives, each column read as its type.
  package mutating func rows<each Column: ColumnDecodable>(
    _ query: Query, as types: repeat (each Column).Type
  ) throws(DatabaseError) -> [(repeat each Column)] {
    try connection.run(query, by: deadline).rows(repeat each types)
  }

  /// Runs a statement whose rows do not matter.
  ///
  /// - Returns: how many rows it touched.
  @discardableResult
  package mutating func execute(_ query: Query) throws(DatabaseError) -> Int {
    try connection.run(query, by: deadline).affectedRows
  }

  /// Has a statement run of which nothing is to be learned: nobody waits for it, and an error of it is that of the next
  /// statement that
  /// is waited for, or of the commit.
  package mutating func send(_ query: Query) { connection.send(query) }

  /// Runs the text of a migration: several statements, no parameters.
  mutating func script(_ text: String) throws(DatabaseError) {
    _ = try connection.runScript(text, by: deadline)
  }

  mutating func begin() {
    let timeout = max(.milliseconds(1), ContinuousClock.now.duration(to: deadline)).milliseconds
    send("BEGIN")
    // Both only for this transaction: behind pgbouncer a session's setting would leak to the next client.
    send("SET LOCAL statement_timeout = \(unsafeSQL: String(timeout))")
    send("SET LOCAL idle_in_transaction_session_timeout = \(unsafeSQL: String(timeout))")
  }

  mutating func commit() throws(DatabaseError) {
    // PostgreSQL answers ROLLBACK, and no error, to the COMMIT of a transaction in which a statement failed.
    guard try connection.run("COMMIT", by: deadline).commandTag == "COMMIT" else {
      throw DatabaseError(.statement(sqlState: "25P02"), "COMMIT of a transaction in which a statement had failed")
    }
  }

  mutating func rollBack() {
    // If this fails the connection is not idle, and is not used again.
    let soon = max(deadline, .now.advanced(by: .seconds(1)))
    _ = try? connection.finishSent(by: soon)
    if !connection.isUsable { _ = try? connection.runScript("ROLLBACK", by: soon) }
  }

  consuming func finish() -> Connection { connection }
}
