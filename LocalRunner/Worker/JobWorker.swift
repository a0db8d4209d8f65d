import Accounts
import FoundationEssentials
import Jobs

/// Performs the queued jobs that run in the worker's own process, one at a time.
struct JobWorker: Sendable {
  private let jobs: Jobs
  private let handlers: [JobKind: JobHandler.Perform]
  private let log: @Sendable (String) -> Void

  /// - Parameter features: the features whose job handlers are used.
  /// - Throws: a failure that names the setting that is wrong.
  init(_ features: [Feature], _ context: JobContext, log: @escaping @Sendable (String) -> Void) throws {
    jobs = Jobs(context.database)
    self.log = log
    var handlers: [JobKind: JobHandler.Perform] = [:]
    for handler in features.flatMap(\.jobs) {
      if case .inWorker(let make) = handler.execution { handlers[handler.kind] = try make(context) }
    }
    self.handlers = handlers
  }

  /// The kinds of jobs that this worker performs. A kind whose settings are not set is left out.
  var kinds: [JobKind] { handlers.keys.sorted { $0.rawValue < $1.rawValue } }

  /// Performs the next job that is due. A job that fails is tried again later.
  ///
  /// - Returns: false if none was due.
  func performNext() async throws -> Bool {
    let deadline = ContinuousClock.now.advanced(by: .seconds(60))
    // The lease is longer than the deadline, so that no other worker starts the job while this one may complete it.
    guard let lease = try jobs.lease(kinds, for: .seconds(90), by: deadline).first,
      let perform = handlers[lease.kind]
    else { return false }
    let name = lease.kind.rawValue
    do {
      log("\(name): \(try await perform(lease, deadline))")
    } catch let lost as LeaseLost {
      log("\(name): taken over by another worker (\(lost.jobID))")
    } catch {
      // One minute, then two, four and so on, up to an hour.
      let pause = min(3_600, 60 << min(lease.attempt - 1, 6))
      let isOpen = try jobs.fail(
        lease, error: "\(error)", retryAt: Date().addingTimeInterval(Double(pause)), by: .now.advanced(by: .seconds(10))
      )
      log("\(name): \(error)\(isOpen ? ", again in \(pause) s" : ", not tried again")")
    }
    return true
  }
}
