package import Access
import Accounts
package import Contract
package import FoundationEssentials
package import Jobs
import Metering
package import Postgres
import Web

/// A queue of analyses that a worker performs after the response to the caller.
///
/// Each analysis is a row under the id of its future report, and a job. It ends with the first of two transactions that
/// commits: the one that stores the report and settles the hold, or the one that records the failure and releases the
/// hold. Therefore it has at most one report and one counted use, even if its job starts several times or on several
/// workers.
package struct AnalysisQueue: Sendable {
  /// The number of times that an analysis is started before it fails permanently.
  package static let attempts = 5

  private let database: Database
  private let accounts: Accounts
  let uses: MeterUses

  package init(_ access: Access) {
    database = access.database
    accounts = access.accounts
    uses = MeterUses(access, .analyses, network: .freeAnalysesOfAddress)
  }

  private struct Payload: Codable { let id: UUID }

  /// Returns the id of the analysis that a job performs.
  package static func id(of lease: Lease) throws -> UUID { try JSON.decode(Payload.self, from: lease.payload).id }

  /// Adds an analysis to the queue.
  ///
  /// - Parameter also: Receives the id of the analysis and runs in the same transaction.
  func add(
    _ request: AnalyzeRequest, _ call: Call, _ promise: MeterUses.Promise,
    also: (UUID, inout Transaction) throws -> Void
  ) throws -> QueuedAnalysis {
    let id = UUID()
    let account = call.account
    let url = request.url.description
    let text = try Self.text(request)
    let promised = try Self.text(promise)
    let payload = try Self.text(Payload(id: id))
    let createdAt = try database.transaction(by: call.deadline.instant) { transaction in
      try Accounts.requireNotErased(account.id, in: &transaction)
      try uses.keep(promise, in: &transaction)
      let createdAt = try transaction.rows(
        """
        INSERT INTO queued_analyses (account_id, report_id, url, request, promise)
        VALUES (\(account.id), \(id), \(url), \(text)::json, \(promised)::json) RETURNING created_at
        """, as: Date.self)[0]
      // The job has more attempts than the analysis, because further attempts may be needed to record the failure.
      Jobs.enqueue(
        Job(
          .analysis, payload: payload, priority: account.queuePriority, key: id.uuidString,
          maxAttempts: 1_000),
        in: &transaction)
      try also(id, &transaction)
      return createdAt
    }
    return QueuedAnalysis(id: id, url: url, state: .pending, failure: nil, createdAt: createdAt)
  }

  private struct Row: Decodable {
    let accountID: UUID
    let url: String
    let state: QueuedAnalysis.State
    let failure: JSON.Text<StoredFailure>?
    let createdAt: Date
  }

  /// Returns a queued analysis of the account or of any Free account, or `nil` if there is none.
  ///
  /// The id of a Free account's analysis is its credential, because a Free account has no key.
  ///
  /// - Parameter account: `nil` for the analyses of all accounts.
  func find(_ id: UUID, for account: Account?, by deadline: ContinuousClock.Instant) throws -> QueuedAnalysis? {
    let found = try database.rows(
      "SELECT account_id, url, state, failure, created_at FROM queued_analyses WHERE report_id = \(id)", as: Row.self,
      by: deadline)
    guard let row = found.first else { return nil }
    if let account, row.accountID != account.id, try !accounts.isFree(row.accountID, by: deadline) { return nil }
    return QueuedAnalysis(
      id: id, url: row.url, state: row.state, failure: row.failure?.value.failure, createdAt: row.createdAt)
  }

  /// An analysis that a worker performs.
  struct Started: Decodable {
    let accountID: UUID
    let reportID: UUID
    let request: JSON.Text<AnalyzeRequest>
    let promise: JSON.Text<MeterUses.Promise>
  }

  /// Marks an analysis as running and returns it. It may have been started before.
  ///
  /// - Returns: `nil` if the analysis has failed, is completed or does not exist.
  func start(_ id: UUID, by deadline: ContinuousClock.Instant) throws -> Started? {
    try database.rows(
      """
      UPDATE queued_analyses SET state = 'running' WHERE report_id = \(id) AND state <> 'failed'
      RETURNING account_id, report_id, request, promise
      """, as: Started.self, by: deadline
    ).first
  }

  /// Another worker completed or failed the analysis, so this worker's report must not be stored.
  struct AlreadyEnded: Error {}

  /// Removes an analysis from the queue and settles its use, in the transaction that stores the report.
  ///
  /// - Throws: ``AlreadyEnded``; the error rolls the transaction back.
  func complete(_ started: Started, in transaction: inout Transaction) throws {
    let count = try transaction.execute(
      """
      DELETE FROM queued_analyses
      WHERE account_id = \(started.accountID) AND report_id = \(started.reportID) AND state <> 'failed'
      """)
    guard count == 1 else { throw AlreadyEnded() }
    try uses.settle(started.promise.value, in: &transaction)
  }

  private static func text(_ value: some Encodable) throws -> String {
    String(decoding: try JSON.encode(value), as: UTF8.self)
  }
}

// MARK: - For the worker

extension AnalysisQueue {
  /// Whether the analysis has failed permanently.
  package func hasFailed(_ lease: Lease, by deadline: ContinuousClock.Instant) throws -> Bool {
    try find(Self.id(of: lease), for: nil, by: deadline)?.state == .failed
  }

  /// Marks a running analysis as pending, because it will be attempted again.
  package func postpone(_ lease: Lease, by deadline: ContinuousClock.Instant) throws {
    let id = try Self.id(of: lease)
    try database.execute(
      "UPDATE queued_analyses SET state = 'pending' WHERE report_id = \(id) AND state = 'running'", by: deadline)
  }

  private struct Held: Decodable {
    let accountID: UUID
    let promise: JSON.Text<MeterUses.Promise>
  }

  /// Marks an analysis as failed permanently, releases its use and completes its job.
  ///
  /// The steps are idempotent, so if a worker dies between them, another worker can repeat them. A report that was
  /// stored in the meantime stays.
  ///
  /// - Throws: ``LeaseLost``.
  package func fail(_ lease: Lease, _ failure: Failure, by deadline: ContinuousClock.Instant) throws {
    let id = try Self.id(of: lease)
    let reason = try Self.text(StoredFailure(failure))
    let rows = try database.rows(
      "SELECT account_id, promise FROM queued_analyses WHERE report_id = \(id)", as: Held.self, by: deadline)
    if let held = rows.first {
      let exists = try database.transaction(by: deadline) { transaction in
        let state = try transaction.rows(
          "SELECT state FROM queued_analyses WHERE account_id = \(held.accountID) AND report_id = \(id) FOR UPDATE",
          as: String.self
        ).first
        guard let state else { return false }
        if state == QueuedAnalysis.State.failed.rawValue { return true }
        transaction.send(
          """
          UPDATE queued_analyses SET state = 'failed', failure = \(reason)::json, failed_at = now()
          WHERE account_id = \(held.accountID) AND report_id = \(id)
          """)
        try uses.release(held.promise.value, in: &transaction)
        return true
      }
      if exists { try uses.releaseNetwork(of: held.promise.value, by: deadline) }
    }
    try database.transaction(by: deadline) { try Jobs.complete(lease, in: &$0) }
  }

  /// Deletes analyses that failed more than 30 days ago.
  ///
  /// - Returns: The number of deleted rows.
  @discardableResult
  package static func purge(
    _ database: Database, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> Int {
    try database.execute(
      "DELETE FROM queued_analyses WHERE failed_at < statement_timestamp() - interval '30 days'", by: deadline)
  }
}

/// The JSON form of a failure in the column `failure`.
private struct StoredFailure: Codable {
  let code: String
  let message: String
  let details: [String: String]

  init(_ failure: Failure) { (code, message, details) = (failure.code.rawValue, failure.message, failure.details) }

  var failure: Failure { Failure(Failure.Code(rawValue: code) ?? .internal, message, details: details) }
}
