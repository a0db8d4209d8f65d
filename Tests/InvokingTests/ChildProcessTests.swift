import FoundationEssentials
import Support
import Testing

@testable import Invoking

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Programs that are run once, with real processes.
struct ChildProcessTests {
  private static func shell(_ script: String) -> ChildProcess {
    ChildProcess(path: "/bin/sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
  }

  private static func run(
    _ script: String, input: [UInt8] = [], within duration: Duration = .seconds(20)
  ) async throws -> ChildProcess.Outcome {
    try await onThread { try shell(script).run(input: input, deadline: .now.advanced(by: duration)) }
  }

  @Test("the output, the exit status and the input of a program are passed on")
  func outputStatusAndInput() async throws {
    let outcome = try await Self.run("cat; exit 3", input: Array("hello".utf8))
    #expect(outcome.output == Array("hello".utf8))
    #expect(outcome.status == 3)
    #expect(!outcome.metDeadline)
  }

  @Test("a signal is reported as a negative status")
  func signalIsNegativeStatus() async throws {
    #expect(try await Self.run("kill -SEGV $$").status == -SIGSEGV)
  }

  @Test("input and output that are larger than a pipe do not block")
  func largeInputAndOutput() async throws {
    let input = [UInt8](repeating: 7, count: 3 << 20)
    #expect(try await Self.run("cat", input: input).output == input)
  }

  @Test("a program may exit without reading its input")
  func unreadInput() async throws {
    let outcome = try await Self.run("echo done", input: [UInt8](repeating: 0, count: 3 << 20))
    #expect(outcome.output == Array("done\n".utf8))
    #expect(outcome.status == 0)
  }

  @Test("a program that exceeds the output limit is killed")
  func outputLimit() async throws {
    let outcome = try await Self.run("exec cat /dev/zero")
    #expect(outcome.metDeadline)
    // The output is closed before the signal is sent, so the program may end by SIGPIPE or because a write failed.
    #expect([-SIGKILL, -SIGPIPE, 1].contains(outcome.status))
  }

  @Test("the deadline kills the program and the processes that it started")
  func deadlineKillsTheGroup() async throws {
    let outcome = try await Self.run("sleep 300 & echo $!; exec sleep 300", within: .milliseconds(400))
    #expect(outcome.metDeadline)
    let grandchild = try #require(pid_t(String(decoding: outcome.output, as: UTF8.self).dropLast()))
    #expect(try await isGone(grandchild))
  }

  @Test("a background process that holds stdout open does not delay the result")
  func backgroundProcess() async throws {
    let start = ContinuousClock.now
    let outcome = try await Self.run("sleep 300 & echo $!")
    #expect(start.duration(to: .now) < .seconds(10))
    #expect(outcome.status == 0)
    let background = try #require(pid_t(String(decoding: outcome.output, as: UTF8.self).dropLast()))
    #expect(try await isGone(background), "it belongs to the program's group")
  }

  @Test("stderr goes to the handler and not into the output")
  func errorOutput() async throws {
    let (bytes, outcome) = try await onThread {
      var bytes: [UInt8] = []
      let outcome = try Self.shell("echo log >&2; echo out").run(
        input: [], deadline: .now.advanced(by: .seconds(20)), onErrorOutput: { bytes += $0 })
      return (bytes, outcome)
    }
    #expect(bytes == Array("log\n".utf8))
    #expect(outcome.output == Array("out\n".utf8))
  }

  @Test("a program that does not exist is an error that names it")
  func missingProgram() async throws {
    let error = await #expect(throws: ChildProcess.SpawnError.self) {
      try await onThread {
        try ChildProcess(path: "/nonexistent/program").run(input: [], deadline: .now.advanced(by: .seconds(5)))
      }
    }
    #expect(error?.description.contains("/nonexistent/program") == true)
  }

  @Test("the kill switch ends a running program, also if it was used before the start", arguments: [true, false])
  func killSwitch(beforeStart: Bool) async throws {
    let killSwitch = KillSwitch()
    if beforeStart { killSwitch.kill() }
    async let outcome = onThread {
      try Self.shell("exec sleep 300").run(
        input: [], deadline: .now.advanced(by: .seconds(60)), killSwitch: killSwitch)
    }
    if !beforeStart {
      try await Task.sleep(for: .milliseconds(300))
      killSwitch.kill()
    }
    let (status, metDeadline) = (try await outcome.status, try await outcome.metDeadline)
    #expect(status == -SIGKILL)
    #expect(!metDeadline)
  }
}

/// Runs blocking code on a thread of its own, because tests share as few threads as there are processors.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await Threads.run(1) { _ in Result(catching: body) }[0].get()
}

/// Waits until a process has ended. A zombie counts, because containers may have no process that reaps it.
func isGone(_ process: pid_t) async throws -> Bool {
  for _ in 0..<200 {
    let state = (try? String(contentsOf: URL(filePath: "/proc/\(process)/stat"), encoding: .utf8))?
      .split(separator: " ").dropFirst(2).first
    if state == nil || state == "Z" { return true }
    try await Task.sleep(for: .milliseconds(20))
  }
  return false
}
