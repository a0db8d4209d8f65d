import Contract
import Postgres

/// Which events of a sender were applied: each once, together with what it effects.
enum EventLog: String {
  case stripe, clerk

  /// Runs `body` in a transaction; one that was not committed in time is `unavailable`, for it must come again.
  func commit(
    _ database: Database, by deadline: ContinuousClock.Instant, _ body: (inout Transaction) throws -> EventOutcome
  ) throws -> EventOutcome {
    do {
      return try database.transaction(by: deadline, body)
    } catch let error as DatabaseError where error.code == .timedOut {
      // Not applied, for all that is known.
      throw Failure(.unavailable, "the event could not be committed in time", details: ["database": "slow"])
    }
  }

  /// Runs `body` unless the event was applied before, and keeps what became of it.
  func once(
    _ id: String, type: String, in transaction: inout Transaction, _ body: (inout Transaction) throws -> EventOutcome
  ) throws -> EventOutcome {
    let isFirst = try transaction.execute(
      """
      INSERT INTO webhook_events (source, event_id, type, outcome) VALUES (\(rawValue), \(id), \(type), \(EventOutcome.applied.rawValue))
      ON CONFLICT DO NOTHING
      """)
    guard isFirst == 1 else { return .duplicate }
    let outcome = try body(&transaction)
    // Most are.
    if outcome != .applied {
      transaction.send(
        "UPDATE webhook_events SET outcome = \(outcome.rawValue) WHERE source = \(rawValue) AND event_id = \(id)")
    }
    return outcome
  }
}

/// What became of an event, as `webhook_events.outcome` keeps it.
enum EventOutcome: String, Sendable {
  case applied
  /// It was applied before, or says nothing that was not known.
  case duplicate
  /// Of a type that changes nothing here.
  case ignored
  /// About money or no money, as ours is not.
  case otherLivemode = "other_livemode"
  /// About a session, subscription or customer that was not made here.
  case unknown
  /// About a session of ours, but not at its price, in its currency or by its customer.
  case mismatch
  /// Kept until what it is about is known.
  case noted
  /// Stripe is to be asked for the present state.
  case queued
  /// About an account that was erased: it is in the books, and gives nothing.
  case erased

  /// Whether it leaves no trace in the log of an account, though money may have moved.
  var isForNobody: Bool {
    switch self {
    case .unknown, .mismatch, .otherLivemode, .noted: true
    case .applied, .duplicate, .ignored, .queued, .erased: false
    }
  }
}
