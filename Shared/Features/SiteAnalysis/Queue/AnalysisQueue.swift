import Accounts
package import Contract
package import FoundationEssentials
package import Jobs
import Metering
package import Postgres
import Web

/// Analyses whose callers did not wait: each a row under the id that its report will have, and a job.
///
/// The row ends in one of two transactions, whichever comes first: the one that stores the report and settles what is
/// held, or the one that
/// says that it failed and gives that back. However often the job is begun, by whatever number of workers, there is one
/// report at most and
/// one use that is counted.
package struct AnalysisQueue: Sendable {
  /// The kind of job that is an analysis.
  package static let kind = "analysis"
  /// How often one is begun before it is given up.
  package static let attempts = 5

  let database: Database
  let uses: AnalysisUses

  package init(_ database: Database) {
    self.database = database
    uses = AnalysisUses(database)
  }

  private struct Payload: Codable { let id: UUID }

  /// Which analysis a job is.
  package static func id(of lease: Lease) throws -> UUID {
    try JSON.decode(Payload.self, from: Array(lease.payload.utf8)).id
  }

  /// - Parameter also: what else counts with the analysis, or not at all.
  func add(
    _ request: AnalyzeRequest, of account: Account, _ promise: AnalysisUses.Promise,
    by deadline: ContinuousClock.Instant,
    also: (UUID, inout Transaction) throws -> Void
  ) throws -> QueuedAnalysis {
    let id = UUID()
    let url = request.url.description
    let text = try Self.text(request)
    let promised = try Self.text(promise)
    let payload = try Self.text(Payload(id: id))
    let createdAt = try database.transaction(by: deadline) { transaction in
      try Accounts.confirm(account.id, in: &transaction)
      try uses.keep(promise, in: &transaction)
      let createdAt = try transaction.rows(
        """
        INSERT INTO queued_analyses (account_id, report_id, url, request, promise)
        VALUES (\(account.id), \(id), \(url), \(text)::json, \(promised)::json) RETURNING created_at
        """, as: Date.self)[0]
      // More attempts than analyses are begun: in those that remain it is given up, which is tried until it is done.
      Jobs.enqueue(
        Job(Self.kind, payload: payload, priority: account.queuePriority, key: id.uuidString, maxAttempts: 1_000),
        in: &transaction)
      try also(id, &transaction)
      return createdAt
    }
    return QueuedAnalysis(id: id, url: url, state: .pending, failure: nil, createdAt: createdAt)
  }

  /// One of the account, or of any Free account, whose analyses' ids are their credentials.
  ///
  /// - Parameter account: nil for any.
  func find(_ id: UUID, for account: Account?, by deadline: ContinuousClock.Instant) throws -> QueuedAnalysis? {
    let rows = try database.rows(
      """
      SELECT url, state, failure, queued_analyses.created_at FROM queued_analyses JOIN accounts USING (account_id)
      WHERE report_id = \(id) AND (\(account?.id) IS NULL OR account_id = \(account?.id) OR accounts.kind = 'free')
      """, as: String.self, String.self, String?.self, Date.self, by: deadline)
    return try rows.first.map { url, state, failure, createdAt in
      QueuedAnalysis(
        id: id, url: url, state: QueuedAnalysis.State(rawValue: state) ?? .pending,
        failure: try failure.map { try JSON.decode(StoredFailure.self, from: Array($0.utf8)).failure },
        createdAt: createdAt)
    }
  }

  /// What is to be done, and for whom.
  struct Work {
    let id: UUID
    let accountID: UUID
    let request: AnalyzeRequest
    let promise: AnalysisUses.Promise
  }

  /// Takes an analysis up, perhaps not for the first time; nil where it has ended or never was.
  func begin(_ id: UUID, by deadline: ContinuousClock.Instant) throws -> Work? {
    let rows = try database.rows(
      """
      UPDATE queued_analyses SET state = 'running' WHERE report_id = \(id) AND state <> 'failed' RETURNING account_id, request, promise
      """, as: UUID.self, String.self, String.self, by: deadline)
    return try rows.first.map { account, request, promise in
      Work(
        id: id, accountID: account, request: try JSON.decode(AnalyzeRequest.self, from: Array(request.utf8)),
        promise: try JSON.decode(AnalysisUses.Promise.self, from: Array(promise.utf8)))
    }
  }

  /// It ended while it was worked on: what was found must not count.
  struct Ended: Error {}

  /// Makes room for the report, which the same transaction stores, and counts the use.
  ///
  /// - Throws: ``Ended``, which rolls back the transaction that it leaves.
  func complete(_ work: Work, in transaction: inout Transaction) throws {
    let count = try transaction.execute(
      "DELETE FROM queued_analyses WHERE account_id = \(work.accountID) AND report_id = \(work.id) AND state <> 'failed'"
    )
    guard count == 1 else { throw Ended() }
    try uses.settle(work.promise, in: &transaction)
  }

  private static func text(_ value: some Encodable) throws -> String {
    String(decoding: try JSON.encode(value), as: UTF8.self)
  }
}

// MARK: - The worker's

extension AnalysisQueue {
  /// Whether it was given up before.
  package func hasFailed(_ lease: Lease, by deadline: ContinuousClock.Instant) throws -> Bool {
    try find(Self.id(of: lease), for: nil, by: deadline)?.state == .failed
  }

  /// Says that the next attempt is still to come.
  package func postpone(_ lease: Lease, by deadline: ContinuousClock.Instant) throws {
    let id = try Self.id(of: lease)
    try database.execute(
      "UPDATE queued_analyses SET state = 'pending' WHERE report_id = \(id) AND state = 'running'", by: deadline)
  }

  /// Gives an analysis up for good: it failed, costs nothing, and its job is done.
  ///
  /// Each step may be repeated, so that a worker that dies between two leaves the rest to the next. A report that was
  /// stored meanwhile stays.
  /// - Throws: ``LeaseLost``.
  package func giveUp(_ lease: Lease, _ failure: Failure, by deadline: ContinuousClock.Instant) throws {
    let id = try Self.id(of: lease)
    let reason = try Self.text(StoredFailure(failure))
    let rows = try database.rows(
      "SELECT account_id, promise FROM queued_analyses WHERE report_id = \(id)", as: UUID.self, String.self,
      by: deadline)
    if let (account, text) = rows.first {
      let promise = try JSON.decode(AnalysisUses.Promise.self, from: Array(text.utf8))
      let isThere = try database.transaction(by: deadline) { transaction in
        let known = try transaction.rows(
          "SELECT state FROM queued_analyses WHERE account_id = \(account) AND report_id = \(id) FOR UPDATE",
          as: String.self
        ).first
        guard let state = known, state != QueuedAnalysis.State.failed.rawValue else { return known != nil }
        transaction.send(
          """
          UPDATE queued_analyses SET state = 'failed', failure = \(reason)::json, failed_at = now()
          WHERE account_id = \(account) AND report_id = \(id)
          """)
        try uses.release(promise, in: &transaction)
        return true
      }
      if isThere { try uses.releaseAddress(of: promise, by: deadline) }
    }
    try database.transaction(by: deadline) { try Jobs.complete(lease, in: &$0) }
  }

  /// Forgets what failed more than 30 days ago.
  ///
  /// - Returns: how many rows went.
  @discardableResult
  package func purge(by deadline: ContinuousClock.Instant) throws(DatabaseError) -> Int {
    try database.execute(
      "DELETE FROM queued_analyses WHERE failed_at < statement_timestamp() - interval '30 days'", by: deadline)
  }
}

/// A failure as a row keeps it.
private struct StoredFailure: Codable {
  let code: String
  let message: String
  let details: [String: String]

  init(_ failure: Failure) { (code, message, details) = (failure.code.rawValue, failure.message, failure.details) }

  var failure: Failure { Failure(Failure.Code(rawValue: code) ?? .internal, message, details: details) }
}
