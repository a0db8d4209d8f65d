import Access
import Contract
import FoundationEssentials
import Invoking
import Jobs
import Postgres
import SiteAnalysis

/// Performs queued analyses. Each one is an invocation of `analyze` with the operator's authority.
struct AnalysisWorker: Sendable {
  /// The duration of a lease. If a worker is killed, another one takes over its job after this time.
  private static let leaseDuration = Duration.seconds(30)
  /// The time after which the lease of a running analysis is extended.
  private static let extensionInterval = Duration.seconds(10)

  private let database: Database
  private let jobs: Jobs
  private let queue: AnalysisQueue
  private let invoker: any Invoker
  private let log: @Sendable (String) -> Void

  init(_ invoker: any Invoker, _ database: Database, log: @escaping @Sendable (String) -> Void) {
    self.database = database
    self.invoker = invoker
    self.log = log
    jobs = Jobs(database)
    queue = AnalysisQueue(Access(database))
  }

  private static var soon: ContinuousClock.Instant { .now.advanced(by: .seconds(10)) }

  /// Performs the next analysis that is due. Analyses of accounts with higher plans come first.
  ///
  /// - Returns: false if none was due.
  /// - Throws: `CancellationError` if the task is cancelled during the analysis, which kills the function. The job is
  ///   due again when its lease expires.
  func performNext() async throws -> Bool {
    guard let lease = try jobs.lease([.analysis], for: Self.leaseDuration, by: Self.soon).first else { return false }
    let id = try AnalysisQueue.id(of: lease).text
    do {
      log("analysis \(id): \(try await perform(lease, id))")
    } catch is LeaseLost {
      log("analysis \(id): taken over by another worker")
    }
    return true
  }

  /// - Returns: the result, for the log.
  private func perform(_ lease: Lease, _ id: String) async throws -> String {
    // A job that was leased more often than allowed belonged to a worker that died. It can only be ended.
    let isOver = try lease.attempt > AnalysisQueue.attempts || queue.hasFailed(lease, by: Self.soon)
    let result = try await isOver ? Result.retry(Self.broken) : analyze(lease, id)
    switch result {
    case .done:
      try database.transaction(by: Self.soon) { try Jobs.complete(lease, in: &$0) }
      return "completed"
    case .retry(let failure) where !isOver && lease.attempt < AnalysisQueue.attempts:
      // 10 s, then 20, 40 and 80.
      let pause = 10 << (lease.attempt - 1)
      try queue.postpone(lease, by: Self.soon)
      try jobs.fail(
        lease, error: failure.code.rawValue, retryAt: Date().addingTimeInterval(Double(pause)), by: Self.soon)
      return "\(failure.code.rawValue), again in \(pause) s"
    case .retry(let failure), .failed(let failure):
      try queue.fail(lease, failure, by: Self.soon)
      return "failed, \(failure.code.rawValue)"
    }
  }

  enum Result: Equatable {
    case done
    /// The site or the request is the cause, so another attempt would not help.
    case failed(Failure)
    /// Another attempt may succeed.
    case retry(Failure)
  }

  static let broken = Failure(
    .internal, "the analysis ended unexpectedly \(AnalysisQueue.attempts) times; request a new one")

  private func analyze(_ lease: Lease, _ id: String) async throws -> Result {
    do {
      return Self.result(
        of: try await extending(lease) { [invoker] in
          try await invoker.respond(.analyze, to: JSON.encode(["analysisId": id]))
        })
    } catch let error as InvocationError {
      // The function was killed because this task was cancelled.
      if Task.isCancelled { throw CancellationError() }
      if case .notStarted = error.cause { log("analysis \(id): \(error)") }
      return Self.result(of: error)
    }
  }

  /// Decides by the response of `analyze` whether an analysis is done, has failed or is tried again.
  static func result(of response: Response) -> Result {
    if response.status < 400 { return .done }
    guard let error = try? JSON.decode(FailureBody.self, from: response.bytes).error else { return .retry(broken) }
    switch error.code {
    case .internal: return .retry(broken)
    case .unavailable, .deadlineExceeded: return .retry(Failure(error.code, error.message))
    default: return .failed(Failure(error.code, error.message))
    }
  }

  static func result(of error: InvocationError) -> Result {
    if case .timedOut = error.cause { .retry(.pastDeadline) } else { .retry(broken) }
  }

  /// Extends a lease again and again while `body` runs.
  private func extending<Value: Sendable>(
    _ lease: Lease, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await body() }
      group.addTask { [jobs] in
        while true {
          try await Task.sleep(for: Self.extensionInterval)
          // If the extension fails, two workers may analyze the site; only one result is stored and charged.
          try? jobs.extend(lease, for: Self.leaseDuration, by: Self.soon)
        }
      }
      defer { group.cancelAll() }
      while let result = try await group.next() { if let result { return result } }
      throw CancellationError()
    }
  }
}
