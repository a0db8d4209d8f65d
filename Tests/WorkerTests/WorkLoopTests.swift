import Accounts
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import Worker

struct WorkLoopTests {
  private final class Recorder: Sendable {
    private let state = Mutex<(calls: Int, lines: [String])>((0, []))
    var calls: Int { state.withLock { $0.calls } }
    var lines: [String] { state.withLock { $0.lines } }
    func log(_ line: String) { state.withLock { $0.lines.append(line) } }
    /// Counts a call.
    ///
    /// - Returns: the number of calls so far.
    func call() -> Int {
      state.withLock {
        $0.calls += 1
        return $0.calls
      }
    }
  }

  private struct Unavailable: Error {}

  @Test("a draining loop ends when no work is due")
  func draining() async throws {
    let recorder = Recorder()
    try await WorkLoop(isDraining: true, log: recorder.log).run { recorder.call() < 4 }
    #expect(recorder.calls == 4)
  }

  @Test("a draining loop ends with the first error")
  func drainingError() async {
    let recorder = Recorder()
    await #expect(throws: Unavailable.self) {
      try await WorkLoop(isDraining: true, log: recorder.log).run {
        _ = recorder.call()
        throw Unavailable()
      }
    }
    #expect(recorder.calls == 1)
  }

  @Test("an error that repeats is logged once, and again after work has succeeded")
  func repeatedError() async {
    let recorder = Recorder()
    let loop = WorkLoop(isDraining: false, errorPause: .milliseconds(1), log: recorder.log)
    let task = Task {
      try await loop.run(every: .milliseconds(1)) {
        let call = recorder.call()
        if call == 5 { return false }
        if call > 8 { try await Task.sleep(for: .seconds(60)) }
        throw Unavailable()
      }
    }
    while recorder.calls < 9 { try? await Task.sleep(for: .milliseconds(2)) }
    task.cancel()
    _ = await task.result
    #expect(recorder.lines.count == 2)
    #expect(recorder.lines.first?.hasPrefix("worker: Unavailable()") == true)
  }

  private struct LoopService: Service {
    let loop: WorkLoop
    let step: @Sendable () async throws -> Bool
    func run() async throws { try await loop.run(every: .seconds(3_600), step) }
  }

  /// Runs a loop as a service, shuts it down after the first call of `recorder`, and waits for it.
  private static func shutDown(
    _ loop: WorkLoop, afterCallsOf recorder: Recorder, _ step: @escaping @Sendable () async throws -> Bool
  ) async throws {
    let services = ServiceGroup(
      services: [LoopService(loop: loop, step: step)],
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await services.run() }
      while recorder.calls == 0 { try await Task.sleep(for: .milliseconds(2)) }
      await services.triggerGracefulShutdown()
      try await group.waitForAll()
    }
  }

  @Test("a graceful shutdown ends the pause between two pieces of work", .timeLimit(.minutes(1)))
  func shutdownDuringPause() async throws {
    let recorder = Recorder()
    let loop = WorkLoop(isDraining: false, log: recorder.log)
    try await Self.shutDown(loop, afterCallsOf: recorder) {
      _ = recorder.call()
      return false
    }
    #expect(recorder.calls == 1)
    #expect(recorder.lines.isEmpty)
  }

  @Test("a graceful shutdown completes the piece of work that is running", .timeLimit(.minutes(1)))
  func shutdownDuringWork() async throws {
    let recorder = Recorder()
    let isDone = Atomic(false)
    try await Self.shutDown(WorkLoop(isDraining: false, log: recorder.log), afterCallsOf: recorder) {
      _ = recorder.call()
      try await Task.sleep(for: .milliseconds(300))
      isDone.store(true, ordering: .relaxed)
      return true
    }
    let isComplete = isDone.load(ordering: .relaxed)
    #expect(isComplete)
    #expect(recorder.calls == 1)
  }
}
