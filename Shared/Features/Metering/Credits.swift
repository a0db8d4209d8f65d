import Contract
package import FoundationEssentials
package import Postgres

/// Credits of an account: an append-only ledger, whose entries sum to the balance.
///
/// Every call locks the account's one row first, gives back holds that expired, and takes what is due from lots that
/// expired or were paid
/// back; so what it then sees is what there is. Credits that are held are never taken from under their holder.
package struct Credits: Sendable {
  package enum Source: String, Sendable {
    case purchase, grant
  }

  package struct Balance: Sendable, Equatable {
    /// Held credits included.
    package var balance: Int
    package var held: Int
    package var available: Int { balance - held }

    package init(balance: Int, held: Int) {
      self.balance = balance
      self.held = held
    }
  }

  package struct Hold: Sendable, Hashable {
    let id: UUID
    let accountID: UUID
    package let amount: Int
  }

  private let accountID: UUID
  private let now: Date?

  /// - Parameter now: nil for the database's clock, which all processes share.
  package init(of accountID: UUID, at now: Date? = nil) {
    self.accountID = accountID
    self.now = now
  }

  /// Adds credits, once for each key.
  ///
  /// - Returns: false where that was done before.
  @discardableResult
  package func add(
    _ amount: Int, _ source: Source, key: String, expiresAt: Date? = nil, in transaction: inout Transaction
  ) throws -> Bool {
    var account = try settleAccount(in: &transaction)
    let lot = UUID()
    let isFirst = try transaction.execute(
      """
      INSERT INTO credit_lots (account_id, lot_id, key, amount, remaining, expires_at)
      VALUES (\(accountID), \(lot), \(key), \(amount), \(amount), \(expiresAt)) ON CONFLICT (account_id, key) DO NOTHING
      """)
    guard isFirst == 1 else { return false }
    write(source.rawValue, amount, lot: lot, key: key, in: &transaction)
    account.balance += amount
    store(account, in: &transaction)
    return true
  }

  /// Sets aside credits for an operation under way.
  ///
  /// - Throws: `payment_required` where there are not as many.
  package func hold(_ amount: Int, for duration: Duration, in transaction: inout Transaction) throws -> Hold {
    precondition(amount > 0, "nothing to hold")
    var account = try settleAccount(in: &transaction)
    guard account.available >= amount else {
      throw Failure(
        .paymentRequired,
        "this costs up to \(amount) credits, and \(account.available) are left; POST /checkout sells more",
        details: ["needed": String(amount), "available": String(account.available)])
    }
    let hold = Hold(id: UUID(), accountID: accountID, amount: amount)
    transaction.send(
      """
      INSERT INTO credit_holds (account_id, hold_id, amount, expires_at)
      VALUES (\(accountID), \(hold.id), \(amount), coalesce(\(now), statement_timestamp()) + make_interval(secs => \(duration / .seconds(1))))
      """)
    account.held += amount
    store(account, in: &transaction)
    return hold
  }

  /// Spends what was used of a hold, and gives the rest back. The credits that expire first go first.
  ///
  /// - Parameter amount: 0 to what was held.
  /// - Throws: ``HoldLost``, which rolls back the transaction that it leaves.
  package func settle(_ hold: Hold, spending amount: Int, key: String, in transaction: inout Transaction) throws {
    precondition((0...hold.amount).contains(amount), "more than was held")
    var account = try settleAccount(in: &transaction)
    try end(hold, as: "settled", in: &transaction)
    var left = amount
    let lots = try transaction.rows(
      """
      SELECT lot_id, remaining FROM credit_lots WHERE account_id = \(accountID) AND remaining > 0
      ORDER BY expires_at NULLS LAST, created_at, lot_id
      """, as: UUID.self, Int.self)
    for (lot, remaining) in lots where left > 0 {
      let part = min(left, remaining)
      transaction.send(
        "UPDATE credit_lots SET remaining = remaining - \(part) WHERE account_id = \(accountID) AND lot_id = \(lot)")
      write("usage", -part, lot: lot, key: key, in: &transaction)
      left -= part
    }
    guard left == 0 else { throw DatabaseError(.decoding, "lots hold fewer credits than the balance says") }
    account.balance -= amount
    account.held -= hold.amount
    store(account, in: &transaction)
    // What was kept back for the holder may be due now.
    _ = try settleAccount(in: &transaction)
  }

  /// Gives all of a hold back.
  ///
  /// - Throws: ``HoldLost``.
  package func release(_ hold: Hold, in transaction: inout Transaction) throws {
    var account = try settleAccount(in: &transaction)
    try end(hold, as: "released", in: &transaction)
    account.held -= hold.amount
    store(account, in: &transaction)
    _ = try settleAccount(in: &transaction)
  }

  /// Says how many of a key's credits were paid back in all until now; fewer than before gives back what was taken.
  ///
  /// No more are taken than are left of them, and those that are held only once they are given back.
  package func reverse(_ amount: Int, key: String, in transaction: inout Transaction) throws {
    _ = try settleAccount(in: &transaction)
    transaction.send(
      "UPDATE credit_lots SET reversed = least(\(max(0, amount)), amount) WHERE account_id = \(accountID) AND key = \(key)"
    )
    _ = try settleAccount(in: &transaction)
  }

  package func balance(in transaction: inout Transaction) throws -> Balance {
    try settleAccount(isMade: false, in: &transaction)
  }

  /// Locks the account's row and takes what is due.
  ///
  /// - Parameter isMade: whether there is to be a row afterwards: whoever never had credits gets none for asking.
  private func settleAccount(isMade: Bool = true, in transaction: inout Transaction) throws -> Balance {
    var rows = try transaction.rows(
      "SELECT balance, held FROM credit_accounts WHERE account_id = \(accountID) FOR UPDATE", as: Int.self, Int.self)
    if rows.isEmpty {
      guard isMade else { return Balance(balance: 0, held: 0) }
      // Somebody else may make it at the same time, or purge it.
      rows = try transaction.rows(
        """
        INSERT INTO credit_accounts AS known (account_id) VALUES (\(accountID))
        ON CONFLICT (account_id) DO UPDATE SET balance = known.balance RETURNING balance, held
        """, as: Int.self, Int.self)
    }
    let before = Balance(balance: rows[0].0, held: rows[0].1)
    var account = before
    let expired = try transaction.rows(
      """
      UPDATE credit_holds SET state = 'expired', ended_at = now()
      WHERE account_id = \(accountID) AND state = 'held' AND expires_at <= coalesce(\(now), statement_timestamp()) RETURNING amount
      """, as: Int.self)
    account.held -= expired.reduce(0) { $0 + $1 }
    let due = try transaction.rows(
      """
      SELECT lot_id, remaining, reversed, taken_back, coalesce(expires_at <= coalesce(\(now), statement_timestamp()), false)
      FROM credit_lots WHERE account_id = \(accountID) AND (taken_back > reversed
        OR remaining > 0 AND (taken_back < reversed OR expires_at <= coalesce(\(now), statement_timestamp())))
      ORDER BY expires_at NULLS LAST, created_at, lot_id FOR UPDATE
      """, as: UUID.self, Int.self, Int.self, Int.self, Bool.self)
    for (lot, remaining, reversed, takenBack, isExpired) in due {
      // Positive for what is taken back, negative for what comes again.
      let back = min(reversed - takenBack, remaining, account.available)
      let gone = isExpired ? min(remaining - back, account.available - back) : 0
      guard back != 0 || gone > 0 else { continue }
      transaction.send(
        """
        UPDATE credit_lots SET remaining = remaining - \(back + gone), taken_back = taken_back + \(back)
        WHERE account_id = \(accountID) AND lot_id = \(lot)
        """)
      if back != 0 { write("refund", -back, lot: lot, key: "reversal", in: &transaction) }
      if gone > 0 { write("expiry", -gone, lot: lot, key: "expiry", in: &transaction) }
      account.balance -= back + gone
    }
    if account != before { store(account, in: &transaction) }
    return account
  }

  private func end(_ hold: Hold, as state: String, in transaction: inout Transaction) throws {
    let count = try transaction.execute(
      """
      UPDATE credit_holds SET state = \(state), ended_at = now()
      WHERE account_id = \(accountID) AND hold_id = \(hold.id) AND state = 'held'
      """)
    guard count == 1 else { throw HoldLost() }
  }

  private func write(_ kind: String, _ amount: Int, lot: UUID, key: String, in transaction: inout Transaction) {
    transaction.send(
      "INSERT INTO credit_entries (account_id, lot_id, kind, amount, key) VALUES (\(accountID), \(lot), \(kind), \(amount), \(key))"
    )
  }

  private func store(_ account: Balance, in transaction: inout Transaction) {
    transaction.send(
      "UPDATE credit_accounts SET balance = \(account.balance), held = \(account.held) WHERE account_id = \(accountID)")
  }
}
