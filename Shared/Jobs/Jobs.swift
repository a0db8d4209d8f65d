package import FoundationEssentials
package import Postgres

/// A queue in a table.
///
/// A job is begun at least once, and more often where a worker dies or its lease expires. What it does to the database
/// counts exactly
/// once if it stands in the transaction that completes the job.
package struct Jobs: Sendable {
  private let database: Database

  package init(_ database: Database) { self.database = database }

  package static let migrations = [Migration(7, "jobs", sql: PackageResources.m0007_jobs_sql)]

  /// Adds a job that is there if, and only if, the transaction commits.
  ///
  /// Where an unfinished job of the same kind and key is there already, perhaps being worked on, it adds nothing; a key
  /// that another
  /// transaction is just enqueueing waits for that one to end.
  package static func enqueue(_ job: Job, in transaction: inout Transaction) {
    transaction.send(
      """
      INSERT INTO jobs (job_id, kind, payload, priority, key, due_at, max_attempts)
      VALUES (\(UUID()), \(job.kind), \(job.payload)::json, \(job.priority), \(job.key), coalesce(\(job.runAt), now()), \(job.maxAttempts))
      ON CONFLICT (kind, key) WHERE state = 'open' DO NOTHING
      """)
  }

  /// Takes jobs that are due, the greatest priority first, then the longest due; those of expired leases too.
  ///
  /// Those whose lease expired at their last attempt are given up.
  /// - Parameter duration: how long nobody else gets them; ``extend(_:for:by:)`` makes it longer.
  /// - Returns: `count` at most, in order; none where none is due.
  package func lease(
    _ kinds: [String], for duration: Duration, count: Int = 1, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> [Lease] {
    let kinds = kinds.joined(separator: "\n")
    let rows = try database.rows(
      """
      WITH spent AS (
        SELECT job_id FROM jobs
        WHERE state = 'open' AND attempts >= max_attempts AND due_at <= statement_timestamp()
          AND kind = ANY (string_to_array(\(kinds), chr(10)))
        FOR UPDATE SKIP LOCKED
      ), given_up AS (
        UPDATE jobs SET state = 'dead', error = 'the lease expired at the last attempt', finished_at = statement_timestamp()
        FROM spent WHERE jobs.job_id = spent.job_id
      ), due AS (
        SELECT job_id, due_at AS was_due_at FROM jobs
        WHERE state = 'open' AND attempts < max_attempts AND due_at <= statement_timestamp()
          AND kind = ANY (string_to_array(\(kinds), chr(10)))
        ORDER BY priority DESC, due_at LIMIT \(count) FOR UPDATE SKIP LOCKED
      ), leased AS (
        UPDATE jobs SET lease = gen_random_uuid(), attempts = attempts + 1,
          due_at = statement_timestamp() + make_interval(secs => \(duration / .seconds(1)))
        FROM due WHERE jobs.job_id = due.job_id
        RETURNING jobs.job_id, kind, payload, priority, attempts, max_attempts, lease, was_due_at
      )
      SELECT job_id, kind, payload, priority, attempts, max_attempts, lease FROM leased ORDER BY priority DESC, was_due_at
      """, as: UUID.self, String.self, String.self, Int.self, Int.self, Int.self, UUID.self, by: deadline)
    return rows.map { Lease(jobID: $0, kind: $1, payload: $2, priority: $3, attempt: $4, maxAttempts: $5, token: $6) }
  }

  /// Finishes the job together with what else the transaction does.
  ///
  /// - Throws: ``LeaseLost``, which rolls back the transaction that it leaves.
  package static func complete(_ lease: Lease, in transaction: inout Transaction) throws {
    let count = try transaction.execute(
      """
      UPDATE jobs SET state = 'done', finished_at = now()
      WHERE job_id = \(lease.jobID) AND lease = \(lease.token) AND state = 'open'
      """)
    guard count == 1 else { throw LeaseLost(jobID: lease.jobID) }
  }

  /// Gives the job back, to be tried again from `retryAt` on, or gives it up for good.
  ///
  /// - Parameters:
  ///   - error: for the operator; no secrets. Its first 1,000 characters are kept.
  ///   - retryAt: nil where trying again is of no use.
  /// - Returns: whether it will be tried again; never after its last attempt.
  /// - Throws: ``LeaseLost``.
  @discardableResult
  package func fail(_ lease: Lease, error: String, retryAt: Date?, by deadline: ContinuousClock.Instant) throws -> Bool
  {
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

  /// Keeps the job for `duration` from now.
  ///
  /// - Throws: ``LeaseLost``.
  package func extend(_ lease: Lease, for duration: Duration, by deadline: ContinuousClock.Instant) throws {
    let count = try database.execute(
      """
      UPDATE jobs SET due_at = statement_timestamp() + make_interval(secs => \(duration / .seconds(1)))
      WHERE job_id = \(lease.jobID) AND lease = \(lease.token) AND state = 'open'
      """, by: deadline)
    guard count == 1 else { throw LeaseLost(jobID: lease.jobID) }
  }

  /// Deletes what was finished, done or dead, more than 30 days ago.
  ///
  /// - Returns: how many jobs went.
  @discardableResult
  package func purge(by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Int {
    try database.execute(
      "DELETE FROM jobs WHERE finished_at < statement_timestamp() - interval '30 days'", by: deadline)
  }
}
