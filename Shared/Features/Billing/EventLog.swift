import Contract
import Postgres

/// The log of applied webhook events of one sender, which makes each event apply only once.
///
/// An event's row is inserted in the transaction that applies the event.
enum EventLog: String {
  case stripe, clerk

  /// Runs `body` in a transaction.
  ///
  /// - Throws: `unavailable` if the transaction did not commit in time, so that the sender delivers the event again.
  func commit(
    _ database: Database, by deadline: ContinuousClock.Instant, _ body: (inout Transaction) throws -> EventOutcome
  ) throws -> EventOutcome {
    do {
      return try database.transaction(by: deadline, body)
    } catch let error as DatabaseError where error.code == .timedOut {
      throw Failure(.unavailable, "the event could not be committed in time", details: ["database": "slow"])
    }
  }

  /// Runs `body` and stores the outcome, unless the event was applied before.
  ///
  /// - Returns: `duplicate` if the event was applied before.
  func applyOnce(
    _ id: String, type: String, in transaction: inout Transaction, _ body: (inout Transaction) throws -> EventOutcome
  ) throws -> EventOutcome {
    let inserted = try transaction.execute(
      """
      INSERT INTO webhook_events (source, event_id, type, outcome)
      VALUES (\(rawValue), \(id), \(type), \(EventOutcome.applied.rawValue)) ON CONFLICT DO NOTHING
      """)
    guard inserted == 1 else { return .duplicate }
    let outcome = try body(&transaction)
    // Most events are applied, so the row already has the right outcome.
    if outcome != .applied {
      transaction.send(
        "UPDATE webhook_events SET outcome = \(outcome.rawValue) WHERE source = \(rawValue) AND event_id = \(id)")
    }
    return outcome
  }
}
