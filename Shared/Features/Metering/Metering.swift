package import Accounts
import Contract
package import FoundationEssentials
package import Postgres

/// Counts the use of meters and enforces their daily limits, exactly and across processes.
///
/// Work holds its use before it starts, and settles the hold in the transaction that stores the result. If the work
/// fails, the hold is released; if the process dies, the hold expires. Every transaction locks the day's row before its
/// holds, which avoids deadlocks.
package struct Metering: Sendable {
  let database: Database
  let now: Date?

  package static let migrations = [
    Migration(9, "metering", sql: PackageResources.m0009_metering_sql),
    Migration(30, "model_calls", sql: PackageResources.m0030_model_calls_sql),
  ]

  package static let feature = Feature(
    "metering", migrations: migrations, personalData: personalData,
    purge: { database, deadline in
      let metering = Metering(database)
      try metering.releaseExpired(by: deadline)
      try metering.settleExpiredCredits(by: deadline)
      try metering.purge(by: deadline)
    },
    meters: [.analyses, .freeAnalysesOfAddress, .modelMicrodollars])

  /// - Parameter now: nil for the database's clock, which all processes share.
  package init(_ database: Database, at now: Date? = nil) {
    self.database = database
    self.now = now
  }

  /// Holds an amount of a meter.
  ///
  /// - Parameters:
  ///   - amount: at least 1, in the meter's unit.
  ///   - duration: the time after which the hold expires.
  /// - Returns: the hold and the quota that is left; nil if the account's use of the meter is not counted.
  /// - Throws: `quota_exceeded`; then nothing is stored.
  package func hold(
    _ meter: Meter, amount: Int = 1, of account: Account, for duration: Duration, by deadline: ContinuousClock.Instant
  ) throws -> (hold: MeterHold, quota: Quota)? {
    guard let limit = meter.limit(account) else { return nil }
    return try hold(meter, amount: amount, of: account, limit: limit, for: duration, by: deadline)
  }

  /// As ``hold(_:amount:of:for:by:)`` with another limit than the meter's.
  package func hold(
    _ meter: Meter, amount: Int = 1, of account: Account, limit: Int, for duration: Duration,
    by deadline: ContinuousClock.Instant
  ) throws -> (hold: MeterHold, quota: Quota) {
    precondition(amount > 0, "the amount must be positive")
    let reservation = Reservation(
      id: UUID(), meter: meter.name, amount: amount, accountID: account.id, limit: limit,
      seconds: duration / .seconds(1))
    // First an update, because INSERT … ON CONFLICT would lock and write the row even if the limit is exceeded.
    let found = try update(reservation, by: deadline)
    if let taken = found.taken {
      return (reservation.hold(on: found.today), quota(meter, limit, taken, found.today, found.now))
    }
    if found.seen > limit - amount {
      guard limit >= amount, found.hasExpired, try releaseExpired(meter, of: account.id, by: deadline) > 0 else {
        throw quota(meter, limit, found.seen, found.today, found.now).failure
      }
      return try hold(meter, amount: amount, of: account, limit: limit, for: duration, by: deadline)
    }
    // The row did not exist, or another transaction changed it. This statement decides.
    guard let inserted = try insert(reservation, by: deadline) else {
      if try releaseExpired(meter, of: account.id, by: deadline) > 0 {
        return try hold(meter, amount: amount, of: account, limit: limit, for: duration, by: deadline)
      }
      throw try quota(of: meter, for: account, limit: limit, by: deadline).failure
    }
    return (reservation.hold(on: inserted.day), quota(meter, limit, inserted.used, inserted.day, inserted.now))
  }

  /// A use of a meter that is to be held.
  private struct Reservation {
    let id: UUID
    let meter: String
    let amount: Int
    let accountID: UUID
    let limit: Int
    /// The duration of the hold.
    let seconds: Double

    func hold(on day: Date) -> MeterHold {
      MeterHold(id: id, accountID: accountID, meter: meter, day: day, amount: amount)
    }
  }

  /// Adds a use to the day's row, if the row exists and the limit allows it, and stores the hold.
  ///
  /// The statement reads the row before it waits for the lock, so ``Attempt/seen`` may be outdated; it may only be used
  /// to refuse.
  private func update(_ new: Reservation, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Attempt {
    try database.rows(
      """
      WITH clock AS (SELECT coalesce(\(now), statement_timestamp()) AS now), taken AS (
        UPDATE meter_days SET used = used + \(new.amount) FROM clock
        WHERE account_id = \(new.accountID) AND meter = \(new.meter) AND day = (now AT TIME ZONE 'UTC')::date
          AND used <= \(new.limit - new.amount)
        RETURNING day, used
      ), held AS (
        INSERT INTO meter_holds (account_id, hold_id, meter, day, amount, expires_at)
        SELECT \(new.accountID), \(new.id), \(new.meter), day, \(new.amount), now + make_interval(secs => \(new.seconds))
        FROM taken, clock
      )
      SELECT now, (now AT TIME ZONE 'UTC')::date::timestamp AT TIME ZONE 'UTC' AS today, taken.used AS taken,
        coalesce(seen.used, 0) AS seen, taken.used IS NULL AND EXISTS (
          SELECT FROM meter_holds
          WHERE account_id = \(new.accountID) AND meter = \(new.meter) AND state = 'held' AND expires_at <= now
        ) AS has_expired
      FROM clock LEFT JOIN taken ON true LEFT JOIN meter_days AS seen
        ON seen.account_id = \(new.accountID) AND seen.meter = \(new.meter)
          AND seen.day = (now AT TIME ZONE 'UTC')::date
      """, as: Attempt.self, by: deadline)[0]
  }

  /// Creates the day's row or adds a use to it, if the limit allows it, and stores the hold.
  ///
  /// - Returns: the day's use; nil if the limit was exceeded.
  private func insert(_ new: Reservation, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> DayUse? {
    try database.rows(
      """
      WITH clock AS (SELECT coalesce(\(now), statement_timestamp()) AS now), taken AS (
        INSERT INTO meter_days AS known (account_id, meter, day, used)
        SELECT \(new.accountID), \(new.meter), (now AT TIME ZONE 'UTC')::date, \(new.amount) FROM clock
        ON CONFLICT (account_id, meter, day) DO UPDATE SET used = known.used + \(new.amount)
          WHERE known.used <= \(new.limit - new.amount)
        RETURNING day, used
      ), held AS (
        INSERT INTO meter_holds (account_id, hold_id, meter, day, amount, expires_at)
        SELECT \(new.accountID), \(new.id), \(new.meter), day, \(new.amount), now + make_interval(secs => \(new.seconds))
        FROM taken, clock
      )
      SELECT now, day::timestamp AT TIME ZONE 'UTC' AS day, used FROM taken, clock
      """, as: DayUse.self, by: deadline
    ).first
  }

  /// Makes a held use final.
  ///
  /// - Throws: ``HoldLost``; the error rolls the transaction back.
  package func settle(_ hold: MeterHold, in transaction: inout Transaction) throws {
    let count = try transaction.execute(
      """
      UPDATE meter_holds SET state = 'settled', ended_at = now()
      WHERE account_id = \(hold.accountID) AND hold_id = \(hold.id) AND state = 'held'
        AND expires_at > coalesce(\(now), statement_timestamp())
      """)
    guard count == 1 else { throw HoldLost() }
  }

  /// Makes a part of a hold final and releases the rest.
  ///
  /// - Parameter used: the part; a value below 0 or above the held amount is limited to that range.
  /// - Throws: ``HoldLost``; the error rolls the transaction back.
  package func settle(_ hold: MeterHold, used: Int, in transaction: inout Transaction) throws {
    let rest = max(0, hold.amount - max(0, used))
    let count = try transaction.execute(
      """
      WITH day AS (
        SELECT account_id, meter, day FROM meter_days
        WHERE account_id = \(hold.accountID) AND meter = \(hold.meter) AND day = (\(hold.day) AT TIME ZONE 'UTC')::date
        FOR UPDATE
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
  package func settle(_ hold: MeterHold, by deadline: ContinuousClock.Instant) throws {
    try database.transaction(by: deadline) { try settle(hold, in: &$0) }
  }

  /// Removes the expiry of a hold, so that it lasts until it is settled or released.
  ///
  /// - Throws: ``HoldLost``; the error rolls the transaction back.
  package func keep(_ hold: MeterHold, in transaction: inout Transaction) throws {
    let count = try transaction.execute(
      """
      UPDATE meter_holds SET expires_at = 'infinity'
      WHERE account_id = \(hold.accountID) AND hold_id = \(hold.id) AND state = 'held'
        AND expires_at > coalesce(\(now), statement_timestamp())
      """)
    guard count == 1 else { throw HoldLost() }
  }

  /// Releases a hold, so that it no longer counts.
  ///
  /// - Returns: false if the hold had ended.
  @discardableResult
  package func release(_ hold: MeterHold, by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Bool {
    try database.execute(Self.releaseQuery(hold), by: deadline) == 1
  }

  /// As ``release(_:by:)`` in a transaction.
  @discardableResult
  package func release(_ hold: MeterHold, in transaction: inout Transaction) throws(DatabaseError) -> Bool {
    try transaction.execute(Self.releaseQuery(hold)) == 1
  }

  private static func releaseQuery(_ hold: MeterHold) -> Query {
    """
    WITH day AS (
      SELECT account_id, meter, day FROM meter_days
      WHERE account_id = \(hold.accountID) AND meter = \(hold.meter) AND day = (\(hold.day) AT TIME ZONE 'UTC')::date
      FOR UPDATE
    ), freed AS (
      UPDATE meter_holds SET state = 'released', ended_at = now() FROM day
      WHERE meter_holds.account_id = day.account_id AND hold_id = \(hold.id) AND state = 'held' RETURNING amount
    )
    UPDATE meter_days SET used = used - freed.amount FROM day, freed
    WHERE meter_days.account_id = day.account_id AND meter_days.meter = day.meter AND meter_days.day = day.day
    """
  }

  /// Releases expired holds.
  ///
  /// - Parameters:
  ///   - meter: nil for all meters.
  ///   - account: nil for all accounts.
  /// - Returns: the number of daily counts that changed.
  @discardableResult
  package func releaseExpired(
    _ meter: Meter? = nil, of account: UUID? = nil, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Int {
    try database.execute(
      """
      WITH late AS (
        SELECT DISTINCT account_id, meter, day FROM meter_holds
        WHERE state = 'held' AND expires_at <= coalesce(\(now), statement_timestamp())
          AND (\(account) IS NULL OR account_id = \(account)) AND (\(meter?.name) IS NULL OR meter = \(meter?.name))
      ), days AS (
        SELECT account_id, meter, day FROM meter_days JOIN late USING (account_id, meter, day)
        ORDER BY account_id, meter, day FOR UPDATE OF meter_days
      ), freed AS (
        UPDATE meter_holds SET state = 'expired', ended_at = now() FROM days
        WHERE meter_holds.account_id = days.account_id AND meter_holds.meter = days.meter AND meter_holds.day = days.day
          AND state = 'held' AND expires_at <= coalesce(\(now), statement_timestamp())
        RETURNING meter_holds.account_id, meter_holds.meter, meter_holds.day, meter_holds.amount
      ), sums AS (
        SELECT account_id, meter, day, sum(amount)::bigint AS amount FROM freed GROUP BY account_id, meter, day
      )
      UPDATE meter_days SET used = used - amount FROM sums
      WHERE meter_days.account_id = sums.account_id AND meter_days.meter = sums.meter AND meter_days.day = sums.day
      """, by: deadline)
  }

  /// The state of a meter today; nil if the account's use is not counted.
  package func quota(of meter: Meter, for account: Account, by deadline: ContinuousClock.Instant) throws(DatabaseError)
    -> Quota?
  {
    guard let limit = meter.limit(account) else { return nil }
    return try quota(of: meter, for: account, limit: limit, by: deadline)
  }

  private func quota(
    of meter: Meter, for account: Account, limit: Int, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Quota {
    let today = try database.rows(
      """
      SELECT now, (now AT TIME ZONE 'UTC')::date::timestamp AT TIME ZONE 'UTC' AS day, coalesce(used, 0) AS used
      FROM coalesce(\(now), statement_timestamp()) AS now LEFT JOIN meter_days
        ON account_id = \(account.id) AND meter = \(meter.name) AND day = (now AT TIME ZONE 'UTC')::date
      """, as: DayUse.self, by: deadline)[0]
    return quota(meter, limit, today.used, today.day, today.now)
  }

  private func quota(_ meter: Meter, _ limit: Int, _ used: Int, _ day: Date, _ now: Date) -> Quota {
    let end = day.addingTimeInterval(86_400)
    return Quota(
      meter: meter, limit: limit, used: used, resetsAt: end,
      secondsToReset: Int(end.timeIntervalSince(now).rounded(.up)))
  }

  /// The outcome of an attempt to take some of a meter.
  private struct Attempt: Decodable {
    let now: Date
    /// Midnight UTC.
    let today: Date
    /// The day's use including the amount; nil if the limit was exceeded or the row did not exist.
    let taken: Int?
    /// The day's use before the update; outdated if the statement waited for the row.
    let seen: Int
    let hasExpired: Bool
  }

  /// The use of a meter on a day.
  private struct DayUse: Decodable {
    let now: Date
    /// Midnight UTC.
    let day: Date
    let used: Int
  }
}
