package import Contract
import FoundationEssentials
import NIOPosix

/// Runs a new process for every invocation: the event goes to its stdin, the response comes from its stdout.
package struct OneShotInvoker: Invoker {
  /// The environment of the functions. If it contains no `INVOCATION_DEADLINE_MS`, that is set for each invocation.
  private let environment: [String: String]
  private let programs: FunctionPrograms
  private let timeout: Duration
  /// Each running function blocks one of these threads.
  private let threads: NIOThreadPool

  /// - Parameters:
  ///   - environment: the environment of the functions.
  ///   - timeout: the time limit for one invocation.
  package init(
    _ programs: FunctionPrograms, environment: [String: String], timeout: Duration = Invocation.defaultDuration
  ) {
    self.init(programs, environment, timeout, .singleton)
  }

  private init(
    _ programs: FunctionPrograms, _ environment: [String: String], _ timeout: Duration, _ threads: NIOThreadPool
  ) {
    self.programs = programs
    self.timeout = timeout
    self.threads = threads
    var environment = environment
    // The exit status is enough to report a crash; printing a backtrace takes longer than most invocations.
    environment["SWIFT_BACKTRACE"] = "enable=no"
    self.environment = environment
  }

  /// Provides an invoker that runs up to `concurrency` functions at a time; further invocations wait.
  ///
  /// Returns only after every function that was started has ended.
  package static func withThreads<Value: Sendable>(
    _ concurrency: Int, _ programs: FunctionPrograms, environment: [String: String],
    timeout: Duration = Invocation.defaultDuration, _ body: (OneShotInvoker) async throws -> Value
  ) async throws -> Value {
    let threads = NIOThreadPool(numberOfThreads: concurrency)
    threads.start()
    let result: Swift.Result<Value, any Error>
    do {
      result = .success(try await body(OneShotInvoker(programs, environment, timeout, threads)))
    } catch {
      result = .failure(error)
    }
    try await threads.shutdownGracefully()
    return try result.get()
  }

  package func invoke(
    _ function: Function, input: [UInt8], onLogLine: (@Sendable (String) -> Void)?
  ) async throws(InvocationError) -> InvocationOutput {
    // Cancelling the task kills the function.
    let killSwitch = KillSwitch()
    do {
      return try await withTaskCancellationHandler {
        try await threads.runIfActive { try run(function, input, killSwitch, onLogLine) }
      } onCancel: {
        killSwitch.kill()
      }
    } catch let error as InvocationError {
      throw error
    } catch {
      throw InvocationError(function, .notStarted("\(error)"))
    }
  }

  /// Runs a function and blocks the current thread until it has ended.
  private func run(
    _ function: Function, _ input: [UInt8], _ killSwitch: KillSwitch, _ onLogLine: (@Sendable (String) -> Void)?
  ) throws(InvocationError) -> InvocationOutput {
    let deadline = ContinuousClock.now.advanced(by: timeout)
    var environment = environment
    if environment["INVOCATION_DEADLINE_MS"] == nil {
      let now = Int(Date.now.timeIntervalSince1970 * 1000)
      environment["INVOCATION_DEADLINE_MS"] = String(now + timeout.milliseconds)
    }
    let child = ChildProcess(path: programs.path(of: function), environment: environment)
    let lines = onLogLine.map { LineSplitter($0) }
    let outcome: ChildProcess.Outcome
    do throws(ChildProcess.SpawnError) {
      // The function responds by its deadline; the two seconds are for a response that is being written.
      outcome = try child.run(
        input: input, deadline: deadline.advanced(by: .seconds(2)), killSwitch: killSwitch,
        onErrorOutput: lines.map { $0.add })
    } catch {
      throw InvocationError(function, .notStarted(error.description))
    }
    if outcome.metDeadline { throw InvocationError(function, .timedOut(timeout)) }
    guard outcome.status == 0 else { throw InvocationError(function, .crashed(status: outcome.status)) }
    return InvocationOutput(outcome.output)
  }
}

/// Splits a stream of bytes at line feeds and passes on each complete line.
private final class LineSplitter {
  private let onLine: (String) -> Void
  private var pending: [UInt8] = []

  init(_ onLine: @escaping (String) -> Void) { self.onLine = onLine }

  func add(_ piece: ArraySlice<UInt8>) {
    pending += piece
    while let end = pending.firstIndex(of: 0x0a) {
      onLine(String(decoding: pending[..<end], as: UTF8.self))
      pending.removeFirst(end + 1)
    }
  }
}
