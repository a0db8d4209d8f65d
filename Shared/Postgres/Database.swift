import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The database of a process: a connection begun when this is made, and finished when it is first needed.
///
/// A process serves one request at a time, so one connection is kept. A caller that meets it lent out gets another,
/// which is closed again when it comes back to a taken place.
package final class Database: Sendable {
  private let url: Swift.Result<DatabaseURL, DatabaseError>
  private let spare: Mutex<Spare>

  private enum Spare: ~Copyable, Sendable {
    case none
    case connecting(Connection)
    case ready(Connection)
  }

  /// Begins to connect to `url`, the text of `DATABASE_URL`.
  ///
  /// Whatever is wrong with it is told by the first call that needs the database, for some operations need none.
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

  /// The rows of one statement, which is a transaction of its own; each column is read as its type.
  package func rows<each Column: ColumnDecodable>(
    _ query: Query, as types: repeat (each Column).Type, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> [(repeat each Column)] {
    try lend(by: deadline) { (connection) throws(DatabaseError) in
      try connection.run(query, by: deadline).rows(repeat each types)
    }
  }

  /// Runs one statement as a transaction of its own, and says how many rows it touched.
  @discardableResult
  package func execute(_ query: Query, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Int {
    try lend(by: deadline) { (connection) throws(DatabaseError) in
      try connection.run(query, by: deadline).affectedRows
    }
  }

  private func lend<R>(
    by deadline: ContinuousClock.Instant, _ body: (inout Connection) throws(DatabaseError) -> R
  ) throws(DatabaseError) -> R {
    var connection = try take(by: deadline)
    do throws(DatabaseError) {
      let result = try body(&connection)
      giveBack(connection)
      return result
    } catch {
      giveBack(connection)
      throw error
    }
  }

  /// Runs `body` in a transaction, again from its start after a serialization failure or a deadlock, five times at
  /// most.
  ///
  /// Whatever `body` throws rolls it back. A connection lost during COMMIT leaves it unknown whether it counts: only an
  /// idempotency key can tell, so nothing is tried again here.
  package func transaction<R>(
    by deadline: ContinuousClock.Instant, _ body: (inout Transaction) throws -> R
  ) throws -> R {
    var attempt = 0
    while true {
      var transaction = Transaction(try take(by: deadline), by: deadline)
      do {
        transaction.begin()
        let result = try body(&transaction)
        try transaction.commit()
        giveBack(transaction.finish())
        return result
      } catch {
        transaction.rollBack()
        giveBack(transaction.finish())
        guard let error = error as? DatabaseError, error.isWorthRetrying, attempt < 4 else { throw error }
        attempt += 1
        usleep(UInt32.random(in: 500...(2_500 << UInt32(attempt))))
      }
    }
  }

  private func take(by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Connection {
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

  /// Finishes to connect, again for up to ten seconds where the server has no connection left: others are about to end.
  private func finish(
    _ connection: consuming Connection, _ url: DatabaseURL, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Connection {
    let patience = min(deadline, ContinuousClock.now.advanced(by: .seconds(10)))
    var connection = connection
    var pause = 10_000
    while true {
      do throws(DatabaseError) {
        try connection.finishConnecting(by: deadline)
        return connection
      } catch {
        guard error.isServerFull, ContinuousClock.now.advanced(by: .microseconds(pause)) < patience else { throw error }
        usleep(UInt32.random(in: UInt32(pause / 2)...UInt32(pause)))
        pause = min(pause * 2, 500_000)
        connection = try Connection.start(url)
      }
    }
  }

  private func giveBack(_ connection: consuming Connection) {
    guard connection.isUsable else { return }
    var place = Spare.ready(connection)
    spare.withLock { swap(&$0, &place) }
  }
}
