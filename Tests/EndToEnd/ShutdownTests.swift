import Contract
import FoundationEssentials
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Signals to `local-runner start`, with functions that are slow scripts.
@Suite(.serialized)
final class ShutdownTests {
  private let folder = "/tmp/llmtxt-shutdown-\(UUID().uuidString.prefix(8))"
  private let gateway: Command.Started
  private let address: String

  init() async throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let script = """
      #!/bin/sh
      echo $$ > \(folder)/pid
      sleep 2
      echo '{"statusCode":200,"headers":{},"body":"complete"}'
      """
    for function in Function.allCases {
      try Data(script.utf8).write(to: URL(filePath: "\(folder)/\(function)"))
      unsafe chmod("\(folder)/\(function)", 0o755)
    }
    let started = try Command(
      Products.path(of: "local-runner"), ["start", "--port", "0", "--no-worker"],
      environment: ["FUNCTIONS_DIR": folder, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"]
    ).start()
    gateway = started
    var address: String?
    for _ in 0..<200 where address == nil {
      if let range = started.errorOutput.firstRange(of: "listening on ") {
        address = String(started.errorOutput[range.upperBound...].prefix { $0 != "\n" })
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    self.address = try #require(address, "\(started.errorOutput)")
  }

  deinit {
    gateway.end()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Sends a request and waits until its function runs.
  private func startRequest() async throws -> (request: Command.Started, function: pid_t) {
    let request = try Command("curl", ["-sS", "\(address)/usage"]).start()
    for _ in 0..<200 {
      if let text = try? String(contentsOf: URL(filePath: "\(folder)/pid"), encoding: .utf8),
        let function = pid_t(text.filter(\.isNumber))
      {
        return (request, function)
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw Command.Failed(description: "the function did not start: \(gateway.errorOutput)")
  }

  @Test("the first signal lets the running request complete", arguments: [SIGTERM, SIGINT])
  func firstSignal(signal: Int32) async throws {
    let (request, _) = try await startRequest()
    kill(gateway.process, signal)
    #expect(try await request.wait().output == "complete")
    #expect(try await gateway.wait().status == 0)
  }

  @Test("the second signal ends the gateway and its functions at once")
  func secondSignal() async throws {
    let (request, function) = try await startRequest()
    kill(gateway.process, SIGTERM)
    try await Task.sleep(for: .milliseconds(200))
    kill(gateway.process, SIGTERM)
    #expect(try await gateway.wait().status == 128 + SIGTERM)
    #expect(try await request.wait().output != "complete")
    // Without a process that reaps it, a killed process stays as a zombie.
    var state: Substring?
    for _ in 0..<50 {
      state =
        (try? String(contentsOf: URL(filePath: "/proc/\(function)/stat"), encoding: .utf8))?.split(separator: " ")
        .dropFirst(2).first
      if state == nil || state == "Z" { break }
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(state == nil || state == "Z", "the function still runs")
  }
}
