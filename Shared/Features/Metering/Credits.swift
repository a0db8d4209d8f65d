import Contract
package import FoundationEssentials
package import Postgres

/// The credits of an account: an append-only ledger, whose entries sum to the balance.
///
/// Credits are added in lots, each from one purchase or grant. Work holds credits before it starts and settles the hold
/// when it is done. Every method first locks the account's row, releases expired holds, and removes the credits of
/// expired and refunded lots. Held credits are never removed.
package struct Credits: Sendable {
  package enum Source: String, Sendable {
    case purchase, grant
  }

  package struct Balance: Sendable, Equatable, Decodable {
    /// All credits, including held ones.
    package var balance: Int
    package var held: Int
    package var available: Int { balance - held }

    package init(balance: Int, held: Int) {
      self.balance = balance
      self.held = held
    }
  }

  /// A lot with unspent credits.
  private struct Lot: Decodable {
    let lotID: UUID
    let remaining: Int
  }

  /// A lot that expired or was refunded, so that credits may have to be removed.
  private struct DueLot: Decodable {
    let lotID: UUID
    let remaining: Int
    /// The refunded credits.
    let reversed: Int
    /// The refunded credits that were removed so far.
    let takenBack: Int
    let isExpired: Bool
  }

  private let accountID: UUID
  private let now: Date?

  /// - Parameter now: nil for the database's clock, which all processes share.
  package init(of accountID: UUID, at now: Date? = nil) {
    self.accountID = accountID
    self.now = now
  }

  /// Adds a lot of credits, once per key.
  ///
  /// - Parameter key: the id of the purchase or grant, such as a checkout session.
  /// - Returns: false if a lot with this key exists.
  @discardableResult
  package func add(
    _ amount: Int, _ source: Source, key: String, expiresAt: Date? = nil, in transaction: inout Transaction
  ) throws -> Bool {
    var account = try lockAccount(in: &transaction)
    let lot = UUID()
    let isFirst = try transaction.execute(
      """
      INSERT INTO credit_lots (account_id, lot_id, key, amount, remaining, expires_at)
      VALUES (\(accountID), \(lot), \(key), \(amount), \(amount), \(expiresAt)) ON CONFLICT (account_id, key) DO NOTHING
      """)
    guard isFirst == 1 else { return false }
    appendEntry(source.rawValue, amount, lot: lot, key: key, in: &transaction)
    account.balance += amount
    store(account, in: &transaction)
    return true
  }

  /// Holds credits for work that is about to start. The hold expires after `duration`.
  ///
  /// - Throws: `payment_required` if fewer credits are available.
  package func hold(_ amount: Int, for duration: Duration, in transaction: inout Transaction) throws -> CreditHold {
    precondition(amount > 0, "the amount must be positive")
    var account = try lockAccount(in: &transaction)
    guard account.available >= amount else {
      throw Failure(
        .paymentRequired,
        "not enough credits: up to \(amount) needed, \(account.available) left; buy more with POST /checkout",
        details: ["needed": String(amount), "available": String(account.available)])
    }
    let hold = CreditHold(id: UUID(), accountID: accountID, amount: amount)
    transaction.send(
      """
      INSERT INTO credit_holds (account_id, hold_id, amount, expires_at)
      VALUES (\(accountID), \(hold.id), \(amount),
        coalesce(\(now), statement_timestamp()) + make_interval(secs => \(duration / .seconds(1))))
      """)
    account.held += amount
    store(account, in: &transaction)
    return hold
  }

  /// Spends part or all of a hold and releases the rest. The credits that expire first are spent first.
  ///
  /// - Parameters:
  ///   - amount: from 0 to the held amount.
  ///   - key: the id of the work, for the ledger.
  /// - Throws: ``HoldLost``; the error rolls the transaction back.
  package func settle(_ hold: CreditHold, spending amount: Int, key: String, in transaction: inout Transaction) throws {
    precondition((0...hold.amount).contains(amount), "the amount must be from 0 to the held amount")
    var account = try lockAccount(in: &transaction)
    try endHold(hold, as: "settled", in: &transaction)
    var left = amount
    let lots = try transaction.rows(
      """
      SELECT lot_id, remaining FROM credit_lots WHERE account_id = \(accountID) AND remaining > 0
      ORDER BY expires_at NULLS LAST, created_at, lot_id
      """, as: Lot.self)
    for lot in lots where left > 0 {
      let part = min(left, lot.remaining)
      transaction.send(
        """
        UPDATE credit_lots SET remaining = remaining - \(part)
        WHERE account_id = \(accountID) AND lot_id = \(lot.lotID)
        """)
      appendEntry("usage", -part, lot: lot.lotID, key: key, in: &transaction)
      left -= part
    }
    guard left == 0 else { throw DatabaseError(.decoding, "the lots contain fewer credits than the balance") }
    account.balance -= amount
    account.held -= hold.amount
    store(account, in: &transaction)
    // Credits that could not be removed while they were held can be removed now.
    _ = try lockAccount(in: &transaction)
  }

  /// Releases a hold.
  ///
  /// - Throws: ``HoldLost``; the error rolls the transaction back.
  package func release(_ hold: CreditHold, in transaction: inout Transaction) throws {
    var account = try lockAccount(in: &transaction)
    try endHold(hold, as: "released", in: &transaction)
    account.held -= hold.amount
    store(account, in: &transaction)
    _ = try lockAccount(in: &transaction)
  }

  /// Sets how many credits of a lot were refunded in total, and removes them from the balance. A lower number than
  /// before returns credits.
  ///
  /// Only unspent credits are removed, and held credits only after their hold ended.
  package func reverse(_ amount: Int, key: String, in transaction: inout Transaction) throws {
    _ = try lockAccount(in: &transaction)
    transaction.send(
      """
      UPDATE credit_lots SET reversed = least(\(max(0, amount)), amount)
      WHERE account_id = \(accountID) AND key = \(key)
      """)
    _ = try lockAccount(in: &transaction)
  }

  package func balance(in transaction: inout Transaction) throws -> Balance {
    try lockAccount(createIfMissing: false, in: &transaction)
  }

  /// Locks the account's row, releases expired holds, and removes expired and refunded credits.
  ///
  /// - Parameter createIfMissing: false for reads, so that reading a balance stores nothing.
  private func lockAccount(createIfMissing: Bool = true, in transaction: inout Transaction) throws -> Balance {
    var rows = try transaction.rows(
      "SELECT balance, held FROM credit_accounts WHERE account_id = \(accountID) FOR UPDATE", as: Balance.self)
    if rows.isEmpty {
      guard createIfMissing else { return Balance(balance: 0, held: 0) }
      // Another transaction may insert or purge the row at the same time.
      rows = try transaction.rows(
        """
        INSERT INTO credit_accounts AS known (account_id) VALUES (\(accountID))
        ON CONFLICT (account_id) DO UPDATE SET balance = known.balance RETURNING balance, held
        """, as: Balance.self)
    }
    let before = rows[0]
    var account = before
    let expiredHolds = try transaction.rows(
      """
      UPDATE credit_holds SET state = 'expired', ended_at = now()
      WHERE account_id = \(accountID) AND state = 'held' AND expires_at <= coalesce(\(now), statement_timestamp())
      RETURNING amount
      """, as: Int.self)
    account.held -= expiredHolds.reduce(0) { $0 + $1 }
    let due = try transaction.rows(
      """
      SELECT lot_id, remaining, reversed, taken_back,
        coalesce(expires_at <= coalesce(\(now), statement_timestamp()), false) AS is_expired
      FROM credit_lots WHERE account_id = \(accountID) AND (taken_back > reversed
        OR remaining > 0 AND (taken_back < reversed OR expires_at <= coalesce(\(now), statement_timestamp())))
      ORDER BY expires_at NULLS LAST, created_at, lot_id FOR UPDATE
      """, as: DueLot.self)
    for lot in due {
      // Positive for credits that are removed, negative for credits that return.
      let refunded = min(lot.reversed - lot.takenBack, lot.remaining, account.available)
      let expired = lot.isExpired ? min(lot.remaining - refunded, account.available - refunded) : 0
      guard refunded != 0 || expired > 0 else { continue }
      transaction.send(
        """
        UPDATE credit_lots SET remaining = remaining - \(refunded + expired), taken_back = taken_back + \(refunded)
        WHERE account_id = \(accountID) AND lot_id = \(lot.lotID)
        """)
      if refunded != 0 { appendEntry("refund", -refunded, lot: lot.lotID, key: "reversal", in: &transaction) }
      if expired > 0 { appendEntry("expiry", -expired, lot: lot.lotID, key: "expiry", in: &transaction) }
      account.balance -= refunded + expired
    }
    if account != before { store(account, in: &transaction) }
    return account
  }

  private func endHold(_ hold: CreditHold, as state: String, in transaction: inout Transaction) throws {
    let count = try transaction.execute(
      """
      UPDATE credit_holds SET state = \(state), ended_at = now()
      WHERE account_id = \(accountID) AND hold_id = \(hold.id) AND state = 'held'
      """)
    guard count == 1 else { throw HoldLost() }
  }

  private func appendEntry(_ kind: String, _ amount: Int, lot: UUID, key: String, in transaction: inout Transaction) {
    transaction.send(
      """
      INSERT INTO credit_entries (account_id, lot_id, kind, amount, key)
      VALUES (\(accountID), \(lot), \(kind), \(amount), \(key))
      """)
  }

  private func store(_ account: Balance, in transaction: inout Transaction) {
    transaction.send(
      "UPDATE credit_accounts SET balance = \(account.balance), held = \(account.held) WHERE account_id = \(accountID)")
  }
}

/// Credits that are reserved for work that is running.
package struct CreditHold: Sendable, Hashable {
  let id: UUID
  let accountID: UUID
  package let amount: Int
}
