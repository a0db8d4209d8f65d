import Contract
import FoundationEssentials
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The runner's commands, as somebody at a terminal uses them.
@Suite(.serialized)
struct RunnerTests {
  private let database: String

  init() async throws {
    database = try TestDatabase.make()
    let outcome = try await Command(Products.path(of: "local-runner"), ["database", "migrate"], environment: ["DATABASE_URL": database]).run()
    guard outcome.status == 0 else { throw Command.Failed(description: outcome.error) }
  }

  private func runner(_ arguments: String..., environment: [String: String] = [:], input: [UInt8] = []) async throws -> Command.Outcome {
    try await command(arguments, environment).run(input: input)
  }

  private func command(_ arguments: [String], _ environment: [String: String] = [:]) -> Command {
    Command(Products.path(of: "local-runner"), arguments, environment: ["DATABASE_URL": database].merging(environment) { $1 })
  }

  // MARK: Fixtures

  @Test func everyFixtureIsAnsweredAsExpected() async throws {
    let outcome = try await runner("replay", "\(Products.package)/Events")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
  }

  /// Negative control: a replayer that finds nothing would pass everything.
  @Test func aDifferenceIsFoundAndNamed() async throws {
    let folder = "/tmp/llmtxt-events-\(UUID().uuidString)/usage"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(#"{"version":"2.0","rawPath":"/live","requestContext":{"http":{"method":"GET"}}}"#.utf8).write(to: URL(filePath: folder + "/live.json"))
    try Data(#"{"statusCode":200,"headers":{},"body":{"status":"dead"}}"#.utf8).write(to: URL(filePath: folder + "/live.expected.json"))
    let outcome = try await runner("replay", folder)
    #expect(outcome.status == 1)
    #expect(outcome.output.contains(#"body.status is "ok", not "dead""#))
  }

  // MARK: llms

  @Test func llmsPrintsTheSampleSitesFileAndNothingElse() async throws {
    let outcome = try await runner("llms")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.hasPrefix("# Tidewater\n\n> Tidewater is a forecasting service"))
    #expect(outcome.output.contains("\n## Optional\n"))
    #expect(!outcome.output.contains("login"))
    #expect(outcome.error.split(separator: "\n").count == 1, "no progress where stderr is no terminal")
  }

  @Test func anOptionDoesNotSwallowTheURL() async throws {
    let outcome = try await runner("llms", "--exclude", "/x/", "http://127.0.0.1:9/")
    #expect(outcome.status == 5)
    #expect(outcome.output.isEmpty)
  }

  @Test func aFileIsOnlyReplacedOnDemand() async throws {
    let path = "/tmp/llmtxt-out-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("mine".utf8).write(to: URL(filePath: path))
    #expect(try await runner("llms", "-o", path).status != 0)
    #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == "mine")
    #expect(try await runner("llms", "-o", path, "--overwrite").status == 0)
    #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8).hasPrefix("# Tidewater"))
  }

  @Test func anAddressThatMayNotBeReadIsRefusedInOneSentence() async throws {
    let outcome = try await runner("llms", "http://10.0.0.1/")
    #expect(outcome.status == 4)
    #expect(outcome.output.isEmpty)
    #expect(outcome.error.hasPrefix("local-runner: the url may not be fetched"))
  }

  @Test(arguments: ["nonsense", "ftp://example.com/", "http://u:p@example.com/"])
  func aURLThatIsNoneIsRefused(url: String) async throws {
    let outcome = try await runner("llms", url)
    #expect(outcome.status == 64)
    #expect(outcome.error.contains(url))
  }

  @Test func interruptingLeavesNothingRunning() async throws {
    // A port that takes connections and never answers.
    let silent = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(silent) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    unsafe withUnsafeMutablePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        #expect(unsafe bind(silent, $0, length) == 0)
        _ = unsafe getsockname(silent, $0, &length)
      }
    }
    #expect(listen(silent, 8) == 0)
    let started = try command(["llms", "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/"]).start()
    var children: [String] = []
    for _ in 0..<200 where children.isEmpty {
      try await Task.sleep(for: .milliseconds(50))
      children = try await Command("pgrep", ["-P", "\(started.process)"]).run().output.split(separator: "\n").map(String.init)
    }
    #expect(!children.isEmpty, "analyze is under way")
    kill(started.process, SIGINT)
    #expect(try await started.wait().status == 128 + SIGINT)
    for child in children {
      // Without an init that reaps, what was killed stays as a zombie.
      var state: Substring?
      for _ in 0..<50 {
        state = (try? String(contentsOf: URL(filePath: "/proc/\(child)/stat"), encoding: .utf8))?.split(separator: " ").dropFirst(2).first
        if state == nil || state == "Z" { break }
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(state == nil || state == "Z", "\(child) still runs")
    }
  }

  // MARK: invoke

  @Test func invokeEndsByTheStatus() async throws {
    #expect(try await runner("invoke", "usage", "\(Products.package)/Events/usage/live.json").status == 0)
    #expect(try await runner("invoke", "analyze", "--body", "{}").status == 4)
    #expect(try await runner("invoke", "usage", "\(Products.package)/Events/usage/health.json", environment: ["DATABASE_URL": "postgresql:///x?host=/nonexistent"]).status == 5)
    #expect(try await runner("invoke", "nothing").status == 64)
    #expect(try await runner("invoke", "analyze", input: Array(#"{"url":"ftp://x"}"#.utf8)).output.contains("only http and https"))
  }

  @Test func aFunctionThatCrashesEndsInSeventy() async throws {
    let folder = "/tmp/llmtxt-functions-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("#!/bin/sh\nkill -SEGV $$\n".utf8).write(to: URL(filePath: folder + "/usage"))
    unsafe chmod(folder + "/usage", 0o755)
    let outcome = try await runner("invoke", "usage", "\(Products.package)/Events/usage/live.json", environment: ["FUNCTIONS_DIR": folder])
    #expect(outcome.status == 70)
    #expect(outcome.error.contains("crashed"))
  }

  // MARK: inspect

  @Test func inspectRobotsSaysALineForEachURL() async throws {
    let path = "/tmp/llmtxt-robots-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("User-agent: x\nDisallow: /p".utf8).write(to: URL(filePath: path))
    #expect(try await runner("inspect", "robots", path, "--agent", "x", "https://a.example/p/1", "/q").output == "disallowed\thttps://a.example/p/1\nallowed\t/q\n")
    #expect(try await runner("inspect", "robots", path, "--agent", "y", "/p").output == "allowed\t/p\n")
  }

  @Test func inspectPageReadsFilesPackedOrNot() async throws {
    struct Line: Decodable {
      let title: String
      let text: String
      let markdown: String
      let score: Double
      let words: Int
    }
    let page = "\(Products.package)/LocalRunner/Sample/reference/forecasts.html"
    let packed = "/tmp/llmtxt-page-\(UUID().uuidString).html.gz"
    defer { try? FileManager.default.removeItem(atPath: packed) }
    _ = try await Command("sh", ["-c", "gzip -c \(page) > \(packed)"]).run()
    let lines = try await runner("inspect", "page", page, packed).output.split(separator: "\n").map { try JSON.decode(Line.self, from: Array($0.utf8)) }
    #expect(lines.count == 2)
    #expect(lines[0].title == "Forecasts | Tidewater")
    #expect(lines[0].text == lines[1].text)
    #expect(!lines[0].text.contains("Sign in"))
    #expect(lines[0].markdown.contains("| Name | Meaning |\n| --- | --- |\n| station | its identifier |"))
    #expect(lines[0].score >= 5)
  }

  // MARK: The rest

  @Test func doctorIsContentWithAMigratedDatabaseAndSaysWhatToDoWithoutOne() async throws {
    #expect(try await runner("doctor").status == 0)
    let outcome = try await runner("doctor", environment: ["DATABASE_URL": try TestDatabase.make()])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("local-runner database migrate"))
  }

  @Test(arguments: [[], ["llms"], ["invoke"], ["start"], ["replay"], ["inspect"], ["inspect", "robots"], ["inspect", "sitemap"], ["inspect", "page"], ["inspect", "llms"], ["database"], ["accounts"], ["accounts", "export"], ["accounts", "erase"], ["doctor"]])
  func everyCommandHasHelp(command: [String]) async throws {
    let outcome = try await Command(Products.path(of: "local-runner"), command + ["--help"]).run()
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("USAGE:"))
  }
}
