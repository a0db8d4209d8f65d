import Contract
import FoundationEssentials
import Jobs
import NIOPosix
import Postgres
import SiteAnalysis

/// Does queued analyses: each is an invocation of `analyze`, on the operator's authority.
struct AnalysisWorker: Sendable {
  /// How long an analysis is this worker's, and how often that is renewed while the function runs: what a worker that
  /// was killed had begun
  /// is taken up by another so much later.
  private static let span = Duration.seconds(30), beat = Duration.seconds(10)

  private let database: Database
  private let jobs: Jobs
  private let queue: AnalysisQueue
  private let functions: FunctionProcess
  private let pool: NIOThreadPool

  /// - Parameter pool: of as many threads as analyses run at a time.
  init(_ functions: FunctionProcess, _ database: Database, pool: NIOThreadPool) {
    self.database = database
    jobs = Jobs(database)
    queue = AnalysisQueue(database)
    self.functions = functions
    self.pool = pool
  }

  private static var soon: ContinuousClock.Instant { .now.advanced(by: .seconds(10)) }

  /// Does the analysis that is next, in the order of the plans.
  ///
  /// - Returns: false where none was due.
  func doNext() async throws -> Bool {
    guard let lease = try jobs.lease([AnalysisQueue.kind], for: Self.span, by: Self.soon).first else { return false }
    let id = try AnalysisQueue.id(of: lease).uuidString.lowercased()
    do {
      say("analysis \(id): \(try await perform(lease, id))")
    } catch is LeaseLost {
      say("analysis \(id): another worker has it")
    }
    return true
  }

  /// - Returns: what became of it, for the log.
  private func perform(_ lease: Lease, _ id: String) async throws -> String {
    // What comes after the last attempt, or was given up by a worker that died over it, only wants its end.
    let isOver = try lease.attempt > AnalysisQueue.attempts || queue.hasFailed(lease, by: Self.soon)
    let verdict = try await isOver ? Verdict.again(Self.broken) : judge(lease, id)
    switch verdict {
    case .done:
      try database.transaction(by: Self.soon) { try Jobs.complete(lease, in: &$0) }
      return "completed"
    case .again(let failure) where !isOver && lease.attempt < AnalysisQueue.attempts:
      // 10 s, then 20, 40 and 80.
      let pause = 10 << (lease.attempt - 1)
      try queue.postpone(lease, by: Self.soon)
      try jobs.fail(
        lease, error: failure.code.rawValue, retryAt: Date().addingTimeInterval(Double(pause)), by: Self.soon)
      return "\(failure.code.rawValue), again in \(pause) s"
    case .again(let failure), .failed(let failure):
      try queue.giveUp(lease, failure, by: Self.soon)
      return "failed, \(failure.code.rawValue)"
    }
  }

  private enum Verdict {
    case done
    /// For good, as the caller would have been told.
    case failed(Failure)
    /// Through no fault of the site's or the caller's.
    case again(Failure)
  }

  private static let broken = Failure(
    .internal, "the analysis broke off, \(AnalysisQueue.attempts) times; another one may end")

  private func judge(_ lease: Lease, _ id: String) async throws -> Verdict {
    let outcome: FunctionProcess.Outcome
    do {
      outcome = try await holding(lease) { [functions] in
        try functions.invoke("analyze", input: JSON.encode(["analysisId": id]))
      }
    } catch let error as ChildProcess.SpawnError {
      say("analysis \(id): \(error)")
      return .again(Self.broken)
    }
    switch outcome {
    case .response(let response) where response.status < 400: return .done
    case .response(let response):
      guard let error = try? JSON.decode(FailureAnswer.self, from: response.body).error,
        let code = Failure.Code(rawValue: error.code)
      else {
        return .again(Self.broken)
      }
      switch code {
      case .internal: return .again(Self.broken)
      case .unavailable, .deadlineExceeded: return .again(Failure(code, error.message))
      default: return .failed(Failure(code, error.message))
      }
    case .timedOut: return .again(.pastDeadline)
    case .crashed, .other: return .again(Self.broken)
    }
  }

  /// Runs `body` on a thread of the pool, and keeps the job meanwhile.
  private func holding<R: Sendable>(_ lease: Lease, _ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withThrowingTaskGroup(of: R?.self) { group in
      group.addTask { [pool] in try await pool.runIfActive(body) }
      group.addTask { [jobs] in
        while true {
          try await Task.sleep(for: Self.beat)
          // One that is lost is done twice, and counts once.
          try? jobs.extend(lease, for: Self.span, by: Self.soon)
        }
      }
      defer { group.cancelAll() }
      while let result = try await group.next() { if let result { return result } }
      throw CancellationError()
    }
  }
}
