import Contract
import FoundationEssentials
import Synchronization
import Testing

@testable import Invoking

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Invocations of functions that are shell scripts.
final class OneShotInvokerTests {
  private let folder = "/tmp/llmtxt-invoking-\(UUID().uuidString)"

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private static let response = #"{"statusCode":202,"headers":{"a":"b"},"body":"ok"}"#

  private func write(_ script: String, as function: Function = .usage) throws {
    let path = "\(folder)/\(function.rawValue)"
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: path))
    unsafe chmod(path, 0o755)
  }

  private var programs: FunctionPrograms { FunctionPrograms(Environment(["FUNCTIONS_DIR": folder])) }

  private func invoker(
    _ environment: [String: String] = [:], timeout: Duration = .seconds(20)
  ) -> OneShotInvoker {
    OneShotInvoker(programs, environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }, timeout: timeout)
  }

  @Test("the line on stdout becomes a response")
  func response() async throws {
    try write("cat > /dev/null; echo '\(Self.response)'")
    let response = try await invoker().respond(.usage, to: Array("{}".utf8))
    #expect(response == Response(status: 202, headers: ["a": "b"], bytes: Array("ok".utf8)))
  }

  @Test("output that is not a response is returned as it is, and is an error if a response is required")
  func otherOutput() async throws {
    let reply = #"{"batchItemFailures":[]}"#
    try write("echo '\(reply)'")
    #expect(try await invoker().invoke(.usage, input: []) == .other(Array("\(reply)\n".utf8)))
    await #expect(throws: InvocationError(.usage, .noResponse)) { try await invoker().respond(.usage, to: []) }
  }

  @Test("an exit status other than 0 is a crash, even after a response was written")
  func crash() async throws {
    try write("echo '\(Self.response)'; exit 9")
    await #expect(throws: InvocationError(.usage, .crashed(status: 9))) {
      try await invoker().invoke(.usage, input: [])
    }
  }

  @Test("a function that does not respond in time is killed")
  func timeout() async throws {
    try write("exec sleep 300")
    let timeout = Duration.milliseconds(100)
    await #expect(throws: InvocationError(.usage, .timedOut(timeout))) {
      try await invoker(timeout: timeout).invoke(.usage, input: [])
    }
  }

  @Test("a missing executable is reported without its path in the failure for clients")
  func missingExecutable() async throws {
    let error = try #require(
      await #expect(throws: InvocationError.self) { try await invoker().invoke(.usage, input: []) })
    #expect(error.description.contains(folder))
    #expect(error.failure.code == .unavailable)
    #expect(!error.failure.message.contains(folder))
  }

  @Test("a deadline in the environment is kept")
  func givenDeadline() async throws {
    try write(#"echo "{\"statusCode\":200,\"body\":\"$INVOCATION_DEADLINE_MS\"}""#)
    let response = try await invoker(["INVOCATION_DEADLINE_MS": "17"]).respond(.usage, to: [])
    #expect(response.bytes == Array("17".utf8))
  }

  @Test("a function gets its environment and a new deadline")
  func environment() async throws {
    try write(#"echo "{\"statusCode\":200,\"body\":\"$A $INVOCATION_DEADLINE_MS\"}""#)
    let before = Date.now.timeIntervalSince1970 * 1000
    let response = try await invoker(["A": "x"]).respond(.usage, to: [])
    let words = String(decoding: response.bytes, as: UTF8.self).split(separator: " ")
    #expect(words.first == "x")
    let deadline = try #require(Double(words.last ?? ""))
    #expect(deadline >= before + 19_000 && deadline <= before + 40_000)
  }

  @Test("each complete line of the log is passed on")
  func logLines() async throws {
    try write("printf 'one\\ntwo\\nincomplete' >&2; echo '\(Self.response)'")
    let lines = Mutex<[String]>([])
    _ = try await invoker().invoke(.usage, input: []) { line in lines.withLock { $0.append(line) } }
    #expect(lines.withLock { $0 } == ["one", "two"])
  }

  @Test("cancelling the task kills the function")
  func cancellation() async throws {
    try write("echo $$ > \(folder)/pid; exec sleep 300")
    let invoker = invoker()
    let task = Task { try await invoker.invoke(.usage, input: []) }
    var process: pid_t?
    for _ in 0..<300 where process == nil {
      try await Task.sleep(for: .milliseconds(10))
      process = (try? String(contentsOf: URL(filePath: "\(folder)/pid"), encoding: .utf8))
        .flatMap { pid_t($0.filter(\.isNumber)) }
    }
    task.cancel()
    let result = await task.result
    #expect(throws: InvocationError(.usage, .crashed(status: -SIGKILL))) { try result.get() }
    #expect(try await isGone(#require(process)))
  }

  /// With a negative control: three threads run the three functions at the same time.
  @Test("no more functions run at a time than there are threads", arguments: [(1, false), (3, true)])
  func concurrency(threads: Int, areConcurrent: Bool) async throws {
    // Each function waits until three have started, or fails after a second.
    try write(
      """
      touch \(folder)/started-$$
      for i in 1 2 3 4 5 6 7 8 9 10; do
        [ $(ls \(folder) | grep -c started-) -ge 3 ] && { echo '\(Self.response)'; exit 0; }
        sleep 0.1
      done
      rm \(folder)/started-$$; exit 1
      """)
    let count = try await OneShotInvoker.withThreads(threads, programs, environment: ["PATH": "/usr/bin:/bin"]) {
      invoker in
      await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<3 { group.addTask { (try? await invoker.respond(.usage, to: [])) != nil } }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
    }
    #expect(count == (areConcurrent ? 3 : 0))
  }

  @Test("missing programs are reported with the first path")
  func requiredPrograms() throws {
    try write("exit 0", as: .analyze)
    #expect(throws: Never.self) { try programs.require([.analyze]) }
    let error = #expect(throws: FunctionPrograms.MissingProgram.self) { try programs.require([.analyze, .generate]) }
    #expect(error?.description.hasPrefix("\(folder)/generate is missing") == true)
  }
}
