import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The database of this process. It starts to connect when it is created, and waits for the connection at first use.
///
/// A process serves one request at a time, so this keeps one spare connection. If the connection is in use, the caller
/// gets a new one; after both were returned, only one stays open.
package final class Database: Sendable {
  private let url: Result<DatabaseURL, DatabaseError>
  private let spare: Mutex<Spare>

  private enum Spare: ~Copyable, Sendable {
    case none
    case connecting(Connection)
    case ready(Connection)
  }

  /// Starts to connect to `url`, the text of `DATABASE_URL`.
  ///
  /// An invalid URL is reported by the first call that uses the database, because some operations do not need one.
  package init(url: String?) {
    do throws(DatabaseError) {
      guard let url else { throw DatabaseError(.configuration, "DATABASE_URL is not set") }
      let parsed = try DatabaseURL(url)
      spare = Mutex(.connecting(try Connection.start(parsed)))
      self.url = .success(parsed)
    } catch {
      spare = Mutex(.none)
      self.url = .failure(error)
    }
  }

  /// Runs one statement as its own transaction, and decodes each row by column name.
  ///
  /// The property `accountID` is decoded from the column `account_id`. The order of the columns does not matter.
  package func rows<Row: Decodable>(
    _ query: Query, as type: Row.Type, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> [Row] {
    try withConnection(by: deadline) { (connection) throws(DatabaseError) in
      try connection.run(query, by: deadline).rows(type)
    }
  }

  /// Runs one statement as its own transaction, and decodes the first column of each row.
  package func rows<Column: ColumnDecodable>(
    _ query: Query, as type: Column.Type, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> [Column] {
    try withConnection(by: deadline) { (connection) throws(DatabaseError) in
      try connection.run(query, by: deadline).rows(type)
    }
  }

  /// Runs one statement as its own transaction, and returns the number of affected rows.
  @discardableResult
  package func execute(_ query: Query, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Int {
    try withConnection(by: deadline) { (connection) throws(DatabaseError) in
      try connection.run(query, by: deadline).affectedRows
    }
  }

  private func withConnection<R>(
    by deadline: ContinuousClock.Instant, _ body: (inout Connection) throws(DatabaseError) -> R
  ) throws(DatabaseError) -> R {
    var connection = try acquire(by: deadline)
    do throws(DatabaseError) {
      let result = try body(&connection)
      release(connection)
      return result
    } catch {
      release(connection)
      throw error
    }
  }

  /// Runs `body` in a transaction. After a serialization failure or a deadlock it runs again, at most five times in
  /// total.
  ///
  /// An error that `body` throws rolls the transaction back. If the connection breaks during COMMIT, the outcome is
  /// unknown and the transaction is not retried; the caller needs an idempotency key to find out.
  package func transaction<R>(
    by deadline: ContinuousClock.Instant, _ body: (inout Transaction) throws -> R
  ) throws -> R {
    var attempt = 0
    while true {
      var transaction = Transaction(try acquire(by: deadline), by: deadline)
      do {
        transaction.begin()
        let result = try body(&transaction)
        try transaction.commit()
        release(transaction.finish())
        return result
      } catch {
        transaction.rollBack()
        release(transaction.finish())
        guard let error = error as? DatabaseError, error.isRetryable, attempt < 4 else { throw error }
        attempt += 1
        usleep(UInt32.random(in: 500...(2_500 << UInt32(attempt))))
      }
    }
  }

  private func acquire(by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Connection {
    let url = try url.get()
    let spare = spare.withLock { spare in
      var taken = Spare.none
      swap(&spare, &taken)
      return taken
    }
    switch consume spare {
    case .ready(let connection) where connection.isUsable: return connection
    case .connecting(let connection): return try finish(connection, url, by: deadline)
    default: return try finish(try Connection.start(url), url, by: deadline)
    }
  }

  /// Waits until the connection is established. If the server has reached its limit of connections, it retries for up
  /// to ten seconds, because other connections are about to end.
  private func finish(
    _ connection: consuming Connection, _ url: DatabaseURL, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Connection {
    let retryDeadline = min(deadline, ContinuousClock.now.advanced(by: .seconds(10)))
    var connection = connection
    var pause = 10_000
    while true {
      do throws(DatabaseError) {
        try connection.finishConnecting(by: deadline)
        return connection
      } catch {
        guard error.isServerFull, ContinuousClock.now.advanced(by: .microseconds(pause)) < retryDeadline else {
          throw error
        }
        usleep(UInt32.random(in: UInt32(pause / 2)...UInt32(pause)))
        pause = min(pause * 2, 500_000)
        connection = try Connection.start(url)
      }
    }
  }

  private func release(_ connection: consuming Connection) {
    guard connection.isUsable else { return }
    var returned = Spare.ready(connection)
    spare.withLock { swap(&$0, &returned) }
  }
}
