package import FoundationEssentials
package import Postgres

/// A job queue in a PostgreSQL table.
///
/// A job starts at least once, and again if its worker dies or its lease expires. Its changes to the database are
/// applied exactly once if they are part of the transaction that completes the job.
package struct Jobs: Sendable {
  private let database: Database

  package init(_ database: Database) { self.database = database }

  package static let migrations = [Migration(7, "jobs", sql: PackageResources.m0007_jobs_sql)]

  /// Enqueues a job. It exists only if the transaction commits.
  ///
  /// If an unfinished job of the same kind and key exists, even one that is running, nothing is added. If another open
  /// transaction has just enqueued the same key, this one waits for its end.
  package static func enqueue(_ job: Job, in transaction: inout Transaction) {
    transaction.send(
      """
      INSERT INTO jobs (job_id, kind, payload, priority, key, due_at, max_attempts)
      VALUES (\(UUID()), \(job.kind.rawValue), \(job.payload)::json, \(job.priority), \(job.key), coalesce(\(job.runAt), now()),
        \(job.maxAttempts))
      ON CONFLICT (kind, key) WHERE state = 'open' DO NOTHING
      """)
  }

  /// Leases due jobs: those with the highest priority first, and of these the ones that are due longest.
  ///
  /// A job is also due after its lease has expired, but if that was its last attempt it is marked as dead.
  /// - Parameter duration: how long no other worker gets the jobs; ``extend(_:for:by:)`` prolongs it.
  /// - Returns: at most `count` leases in that order, or none if no job is due.
  package func lease(
    _ kinds: [JobKind], for duration: Duration, count: Int = 1, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> [Lease] {
    let kinds = kinds.map(\.rawValue).joined(separator: "\n")
    return try database.rows(
      """
      WITH spent AS (
        SELECT job_id FROM jobs
        WHERE state = 'open' AND attempts >= max_attempts AND due_at <= statement_timestamp()
          AND kind = ANY (string_to_array(\(kinds), chr(10)))
        FOR UPDATE SKIP LOCKED
      ), given_up AS (
        UPDATE jobs
        SET state = 'dead', error = 'the lease expired at the last attempt', finished_at = statement_timestamp()
        FROM spent WHERE jobs.job_id = spent.job_id
      ), due AS (
        SELECT job_id, due_at AS was_due_at FROM jobs
        WHERE state = 'open' AND attempts < max_attempts AND due_at <= statement_timestamp()
          AND kind = ANY (string_to_array(\(kinds), chr(10)))
        ORDER BY priority DESC, due_at LIMIT \(count) FOR UPDATE SKIP LOCKED
      ), leased AS (
        UPDATE jobs
        SET lease = gen_random_uuid(), attempts = attempts + 1, due_at = statement_timestamp() + \(duration)
        FROM due WHERE jobs.job_id = due.job_id
        RETURNING jobs.job_id, kind, payload, priority, attempts, max_attempts, lease, was_due_at
      )
      SELECT job_id, kind, payload, priority, attempts AS attempt, max_attempts, lease AS token
      FROM leased ORDER BY priority DESC, was_due_at
      """, as: Lease.self, by: deadline)
  }

  /// Marks the job as done in the same transaction as its other changes.
  ///
  /// - Throws: ``LeaseLost``; the closure must not catch it, so that the transaction is rolled back.
  package static func complete(_ lease: Lease, in transaction: inout Transaction) throws {
    let count = try transaction.execute(
      """
      UPDATE jobs SET state = 'done', finished_at = now()
      WHERE job_id = \(lease.jobID) AND lease = \(lease.token) AND state = 'open'
      """)
    guard count == 1 else { throw LeaseLost(jobID: lease.jobID) }
  }

  /// Releases the job after a failed attempt, to be retried from `retryAt` on, or marks it as dead.
  ///
  /// - Parameters:
  ///   - error: a message for the operator, without secrets. The first 1,000 characters are stored.
  ///   - retryAt: nil if a retry is useless.
  /// - Returns: true if the job will be retried; false after its last attempt.
  /// - Throws: ``LeaseLost``.
  @discardableResult
  package func fail(
    _ lease: Lease, error: String, retryAt: Date?, by deadline: ContinuousClock.Instant
  ) throws -> Bool {
    let states = try database.rows(
      """
      UPDATE jobs SET error = left(\(error), 1000), lease = NULL, due_at = coalesce(\(retryAt), due_at),
        state = CASE WHEN attempts < max_attempts AND \(retryAt) IS NOT NULL THEN 'open' ELSE 'dead' END,
        finished_at = CASE WHEN attempts < max_attempts AND \(retryAt) IS NOT NULL THEN NULL ELSE now() END
      WHERE job_id = \(lease.jobID) AND lease = \(lease.token) AND state = 'open'
      RETURNING state
      """, as: String.self, by: deadline)
    guard let state = states.first else { throw LeaseLost(jobID: lease.jobID) }
    return state == "open"
  }

  /// Prolongs the lease until `duration` from now.
  ///
  /// - Throws: ``LeaseLost``.
  package func extend(_ lease: Lease, for duration: Duration, by deadline: ContinuousClock.Instant) throws {
    let count = try database.execute(
      """
      UPDATE jobs SET due_at = statement_timestamp() + \(duration)
      WHERE job_id = \(lease.jobID) AND lease = \(lease.token) AND state = 'open'
      """, by: deadline)
    guard count == 1 else { throw LeaseLost(jobID: lease.jobID) }
  }

  /// Deletes jobs that were done or dead for more than 30 days.
  ///
  /// - Returns: the number of deleted jobs.
  @discardableResult
  package func purge(by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Int {
    try database.execute(
      "DELETE FROM jobs WHERE finished_at < statement_timestamp() - interval '30 days'", by: deadline)
  }
}
