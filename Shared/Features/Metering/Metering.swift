package import Accounts
import Contract
package import FoundationEssentials
package import Postgres

/// Counts what accounts use, exactly, whatever number of processes count at once.
///
/// What is used is held before the work and settled with it, in the transaction that stores what was made; work that
/// fails releases it, and that of
/// a process that died expires. Locks are taken in one order: the day's row, then its holds.
package struct Metering: Sendable {
  let database: Database
  let now: Date?

  package static let migrations = [
    Migration(9, "metering", sql: PackageResources.m0009_metering_sql),
    Migration(30, "model_calls", sql: PackageResources.m0030_model_calls_sql),
  ]

  /// - Parameter now: nil for the database's clock, which all processes share.
  package init(_ database: Database, at now: Date? = nil) {
    self.database = database
    self.now = now
  }

  /// Holds some of a meter.
  ///
  /// - Parameters:
  ///   - amount: 1 at least, in the meter's unit.
  ///   - duration: after which it is given back unless it was settled.
  /// - Returns: the hold, nil where nothing is counted, and what is left besides it.
  /// - Throws: `quota_exceeded`; a refusal writes nothing.
  package func hold(
    _ meter: Meter, amount: Int = 1, of account: Account, for duration: Duration, by deadline: ContinuousClock.Instant
  ) throws -> (hold: Hold, quota: Quota)? {
    guard let limit = meter.limit(of: account) else { return nil }
    return try hold(meter, amount: amount, of: account, limit: limit, for: duration, by: deadline)
  }

  /// As ``hold(_:amount:of:for:by:)``, under a limit that is no plan's.
  package func hold(
    _ meter: Meter, amount: Int = 1, of account: Account, limit: Int, for duration: Duration,
    by deadline: ContinuousClock.Instant
  ) throws -> (hold: Hold, quota: Quota) {
    precondition(amount > 0, "nothing to hold")
    let seconds = duration / .seconds(1)
    let id = UUID()
    // Updating first: to insert on conflict would lock and write even where it refuses. What refuses was seen before
    // the row was waited for, so it
    // is believed only where it refuses.
    let (now, today, taken, seen, hasExpired) = try database.rows(
      """
      WITH clock AS (SELECT coalesce(\(now), statement_timestamp()) AS now), taken AS (
        UPDATE meter_days SET used = used + \(amount) FROM clock
        WHERE account_id = \(account.id) AND meter = \(meter.rawValue) AND day = (now AT TIME ZONE 'UTC')::date AND used <= \(limit - amount)
        RETURNING day, used
      ), held AS (
        INSERT INTO meter_holds (account_id, hold_id, meter, day, amount, expires_at)
        SELECT \(account.id), \(id), \(meter.rawValue), day, \(amount), now + make_interval(secs => \(seconds)) FROM taken, clock
      )
      SELECT now, (now AT TIME ZONE 'UTC')::date::timestamp AT TIME ZONE 'UTC', taken.used, coalesce(seen.used, 0), taken.used IS NULL AND EXISTS (
          SELECT FROM meter_holds
          WHERE account_id = \(account.id) AND meter = \(meter.rawValue) AND state = 'held' AND expires_at <= now
        )
      FROM clock LEFT JOIN taken ON true LEFT JOIN meter_days AS seen
        ON seen.account_id = \(account.id) AND seen.meter = \(meter.rawValue) AND seen.day = (now AT TIME ZONE 'UTC')::date
      """, as: Date.self, Date.self, Int?.self, Int.self, Bool.self, by: deadline)[0]
    if let taken {
      return (
        Hold(id: id, accountID: account.id, meter: meter, day: today, amount: amount),
        quota(meter, limit, taken, today, now)
      )
    }

    if seen > limit - amount {
      guard limit >= amount, hasExpired, try releaseExpired(meter, of: account.id, by: deadline) > 0 else {
        throw quota(meter, limit, seen, today, now).refusal
      }
      return try hold(meter, amount: amount, of: account, limit: limit, for: duration, by: deadline)
    }
    // There was no row, or what was seen of it is old: this statement decides.
    let inserted = try database.rows(
      """
      WITH clock AS (SELECT coalesce(\(now), statement_timestamp()) AS now), taken AS (
        INSERT INTO meter_days AS known (account_id, meter, day, used)
        SELECT \(account.id), \(meter.rawValue), (now AT TIME ZONE 'UTC')::date, \(amount) FROM clock
        ON CONFLICT (account_id, meter, day) DO UPDATE SET used = known.used + \(amount) WHERE known.used <= \(limit - amount)
        RETURNING day, used
      ), held AS (
        INSERT INTO meter_holds (account_id, hold_id, meter, day, amount, expires_at)
        SELECT \(account.id), \(id), \(meter.rawValue), day, \(amount), now + make_interval(secs => \(seconds)) FROM taken, clock
      )
      SELECT now, day::timestamp AT TIME ZONE 'UTC', used FROM taken, clock
      """, as: Date.self, Date.self, Int.self, by: deadline)
    guard let (now, day, used) = inserted.first else {
      if try releaseExpired(meter, of: account.id, by: deadline) > 0 {
        return try hold(meter, amount: amount, of: account, limit: limit, for: duration, by: deadline)
      }
      throw try quota(of: meter, for: account, limit: limit, by: deadline).refusal
    }
    return (
      Hold(id: id, accountID: account.id, meter: meter, day: day, amount: amount), quota(meter, limit, used, day, now)
    )
  }

  /// Makes a held use final, together with what else the transaction does.
  ///
  /// - Throws: ``HoldLost``, which rolls back the transaction that it leaves.
  package func settle(_ hold: Hold, in transaction: inout Transaction) throws {
    let count = try transaction.execute(
      """
      UPDATE meter_holds SET state = 'settled', ended_at = now()
      WHERE account_id = \(hold.accountID) AND hold_id = \(hold.id) AND state = 'held' AND expires_at > coalesce(\(now), statement_timestamp())
      """)
    guard count == 1 else { throw HoldLost() }
  }

  /// Makes `used` of what was held final, and gives the rest back.
  ///
  /// - Parameter used: 0 at least; of more than was held no more than that counts.
  /// - Throws: ``HoldLost``, as ``settle(_:in:)``.
  package func settle(_ hold: Hold, used: Int, in transaction: inout Transaction) throws {
    let rest = max(0, hold.amount - max(0, used))
    let count = try transaction.execute(
      """
      WITH day AS (
        SELECT account_id, meter, day FROM meter_days
        WHERE account_id = \(hold.accountID) AND meter = \(hold.meter.rawValue) AND day = (\(hold.day) AT TIME ZONE 'UTC')::date FOR UPDATE
      ), settled AS (
        UPDATE meter_holds SET state = 'settled', ended_at = now() FROM day
        WHERE meter_holds.account_id = day.account_id AND hold_id = \(hold.id) AND state = 'held'
          AND expires_at > coalesce(\(now), statement_timestamp()) RETURNING 1
      )
      UPDATE meter_days SET used = used - \(rest) FROM day, settled
      WHERE meter_days.account_id = day.account_id AND meter_days.meter = day.meter AND meter_days.day = day.day
      """)
    guard count == 1 else { throw HoldLost() }
  }

  /// As ``settle(_:in:)``, in a transaction of its own.
  package func settle(_ hold: Hold, by deadline: ContinuousClock.Instant) throws {
    try database.transaction(by: deadline) { try settle(hold, in: &$0) }
  }

  /// Lets a held use last until it is settled or released, if the transaction commits: it does not expire.
  ///
  /// - Throws: ``HoldLost``, which rolls back the transaction that it leaves.
  package func keep(_ hold: Hold, in transaction: inout Transaction) throws {
    let count = try transaction.execute(
      """
      UPDATE meter_holds SET expires_at = 'infinity'
      WHERE account_id = \(hold.accountID) AND hold_id = \(hold.id) AND state = 'held' AND expires_at > coalesce(\(now), statement_timestamp())
      """)
    guard count == 1 else { throw HoldLost() }
  }

  /// Gives a held use back.
  ///
  /// - Returns: whether it was still held.
  @discardableResult
  package func release(_ hold: Hold, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Bool {
    try database.execute(Self.releasing(hold), by: deadline) == 1
  }

  /// As ``release(_:by:)``, together with what else the transaction does.
  @discardableResult
  package func release(_ hold: Hold, in transaction: inout Transaction) throws(DatabaseError) -> Bool {
    try transaction.execute(Self.releasing(hold)) == 1
  }

  private static func releasing(_ hold: Hold) -> Query {
    """
    WITH day AS (
      SELECT account_id, meter, day FROM meter_days
      WHERE account_id = \(hold.accountID) AND meter = \(hold.meter.rawValue) AND day = (\(hold.day) AT TIME ZONE 'UTC')::date FOR UPDATE
    ), freed AS (
      UPDATE meter_holds SET state = 'released', ended_at = now() FROM day
      WHERE meter_holds.account_id = day.account_id AND hold_id = \(hold.id) AND state = 'held' RETURNING amount
    )
    UPDATE meter_days SET used = used - freed.amount FROM day, freed
    WHERE meter_days.account_id = day.account_id AND meter_days.meter = day.meter AND meter_days.day = day.day
    """
  }

  /// Gives back what was held for too long.
  ///
  /// - Parameter account: nil for all accounts.
  /// - Returns: how many days' counts changed.
  @discardableResult
  package func releaseExpired(
    _ meter: Meter? = nil, of account: UUID? = nil, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Int {
    try database.execute(
      """
      WITH late AS (
        SELECT DISTINCT account_id, meter, day FROM meter_holds
        WHERE state = 'held' AND expires_at <= coalesce(\(now), statement_timestamp())
          AND (\(account) IS NULL OR account_id = \(account)) AND (\(meter?.rawValue) IS NULL OR meter = \(meter?.rawValue))
      ), days AS (
        SELECT account_id, meter, day FROM meter_days JOIN late USING (account_id, meter, day)
        ORDER BY account_id, meter, day FOR UPDATE OF meter_days
      ), freed AS (
        UPDATE meter_holds SET state = 'expired', ended_at = now() FROM days
        WHERE meter_holds.account_id = days.account_id AND meter_holds.meter = days.meter AND meter_holds.day = days.day
          AND state = 'held' AND expires_at <= coalesce(\(now), statement_timestamp())
        RETURNING meter_holds.account_id, meter_holds.meter, meter_holds.day, meter_holds.amount
      ), sums AS (SELECT account_id, meter, day, sum(amount)::bigint AS amount FROM freed GROUP BY account_id, meter, day)
      UPDATE meter_days SET used = used - amount FROM sums
      WHERE meter_days.account_id = sums.account_id AND meter_days.meter = sums.meter AND meter_days.day = sums.day
      """, by: deadline)
  }

  /// What is left of a meter today; nil where nothing is counted.
  package func quota(of meter: Meter, for account: Account, by deadline: ContinuousClock.Instant) throws(DatabaseError)
    -> Quota?
  {
    guard let limit = meter.limit(of: account) else { return nil }
    return try quota(of: meter, for: account, limit: limit, by: deadline)
  }

  private func quota(
    of meter: Meter, for account: Account, limit: Int, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Quota {
    let (now, day, used) = try database.rows(
      """
      SELECT now, (now AT TIME ZONE 'UTC')::date::timestamp AT TIME ZONE 'UTC', coalesce(used, 0)
      FROM coalesce(\(now), statement_timestamp()) AS now LEFT JOIN meter_days
        ON account_id = \(account.id) AND meter = \(meter.rawValue) AND day = (now AT TIME ZONE 'UTC')::date
      """, as: Date.self, Date.self, Int.self, by: deadline)[0]
    return quota(meter, limit, used, day, now)
  }

  private func quota(_ meter: Meter, _ limit: Int, _ used: Int, _ day: Date, _ now: Date) -> Quota {
    let end = day.addingTimeInterval(86_400)
    return Quota(
      meter: meter, limit: limit, used: used, resetsAt: end,
      secondsToReset: Int(end.timeIntervalSince(now).rounded(.up)))
  }
}
