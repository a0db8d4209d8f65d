/// An open transaction. It exists only inside the closure of ``Database/transaction(by:_:)``.
package struct Transaction: ~Copyable {
  private var connection: Connection
  private let deadline: ContinuousClock.Instant

  init(_ connection: consuming Connection, by deadline: ContinuousClock.Instant) {
    self.connection = connection
    self.deadline = deadline
  }

  /// Runs a statement, and decodes each row by column name.
  ///
  /// The property `accountID` is decoded from the column `account_id`. The order of the columns does not matter.
  package mutating func rows<Row: Decodable>(_ query: Query, as type: Row.Type) throws(DatabaseError) -> [Row] {
    try connection.run(query, by: deadline).rows(type)
  }

  /// Runs a statement, and decodes the first column of each row.
  package mutating func rows<Column: ColumnDecodable>(
    _ query: Query, as type: Column.Type
  ) throws(DatabaseError) -> [Column] {
    try connection.run(query, by: deadline).rows(type)
  }

  /// Runs a statement and returns the number of affected rows.
  @discardableResult
  package mutating func execute(_ query: Query) throws(DatabaseError) -> Int {
    try connection.run(query, by: deadline).affectedRows
  }

  /// Sends a statement without waiting for its result. If it fails, the next awaited statement, or the commit, throws
  /// its error.
  package mutating func send(_ query: Query) { connection.send(query) }

  /// Runs a text of several statements without parameters, such as a migration.
  mutating func script(_ text: String) throws(DatabaseError) {
    _ = try connection.runScript(text, by: deadline)
  }

  mutating func begin() {
    let timeout = max(.milliseconds(1), ContinuousClock.now.duration(to: deadline)).timeoutMilliseconds
    send("BEGIN")
    // Both settings are local to this transaction: behind pgbouncer a session setting would leak to the next client.
    send("SET LOCAL statement_timeout = \(unsafeSQL: String(timeout))")
    send("SET LOCAL idle_in_transaction_session_timeout = \(unsafeSQL: String(timeout))")
  }

  mutating func commit() throws(DatabaseError) {
    // If a statement of the transaction failed, PostgreSQL answers COMMIT with ROLLBACK and no error.
    guard try connection.run("COMMIT", by: deadline).commandTag == "COMMIT" else {
      throw DatabaseError(.statement(sqlState: "25P02"), "COMMIT of a transaction in which a statement had failed")
    }
  }

  mutating func rollBack() {
    // If this fails, the connection is not idle and is not reused.
    let soon = max(deadline, .now.advanced(by: .seconds(1)))
    _ = try? connection.finishPending(by: soon)
    if !connection.isUsable { _ = try? connection.runScript("ROLLBACK", by: soon) }
  }

  consuming func finish() -> Connection { connection }
}
