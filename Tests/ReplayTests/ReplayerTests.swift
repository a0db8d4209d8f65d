import Contract
import FoundationEssentials
import Invoking
import Synchronization
import Testing

@testable import Replay

/// Fixture cases in a folder of their own, with scripted functions.
final class ReplayerTests {
  private let folder = "/tmp/llmtxt-replay-\(UUID().uuidString)"
  private static let site = "http://127.0.0.1:4711/"

  init() throws {
    try FileManager.default.createDirectory(atPath: "\(folder)/usage", withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(folder)/usage/\(name)"))
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: URL(filePath: "\(folder)/usage/\(name)"), encoding: .utf8)
  }

  private struct EchoInvoker: Invoker {
    let environment: [String: String]
    let script: @Sendable (String, [String: String]) -> Result<Response, InvocationError>

    func invoke(
      _ function: Function, input: [UInt8], onLogLine: (@Sendable (String) -> Void)?
    ) async throws(InvocationError) -> InvocationOutput {
      .response(try script(String(decoding: input, as: UTF8.self), environment).get())
    }
  }

  private func replayer(
    isUpdating: Bool = false,
    _ script: @escaping @Sendable (String, [String: String]) -> Result<Response, InvocationError>
  ) -> Replayer {
    Replayer(site: Self.site, isUpdating: isUpdating) { EchoInvoker(environment: $0, script: script) }
  }

  private static func json(_ body: [String: String]) -> Result<Response, InvocationError> {
    .success(Response.json(body))
  }

  private static let expected = #"{"statusCode":200,"headers":{},"body":{"id":"{{uuid:report}}"}}"#

  @Test("the cases of a folder are found in order, and other files are ignored")
  func find() throws {
    for name in ["2.json", "1.json", "1.expected.json", "1.env", "notes.md"] { try write("{}", name) }
    try FileManager.default.createDirectory(atPath: "\(folder)/unknown", withIntermediateDirectories: true)
    try Data("{}".utf8).write(to: URL(filePath: "\(folder)/unknown/3.json"))
    let cases = try FixtureCase.find(folder)
    #expect(cases.map { "\($0.function)/\($0.name)" } == ["usage/1", "usage/2"])
    #expect(try FixtureCase.find("\(folder)/usage/2.json").map(\.name) == ["2"])
    #expect(throws: FixtureCase.MissingPath.self) { try FixtureCase.find("\(folder)/missing") }
  }

  @Test("captured values, the site's address and the variables of the case reach the function")
  func substitution() async throws {
    let id = "0f0e0d0c-0000-4000-8000-000000000001"
    try write("first", "1.json")
    try write(Self.expected, "1.expected.json")
    try write("{{report}} {{site}}/a {{unknown}}", "2.json")
    try write("A={{report}}\nB=x=y\n", "2.env")
    try write(#"{"statusCode":200,"headers":{},"body":{"id":"{{report}}"}}"#, "2.expected.json")
    let inputs = Mutex<[String]>([])
    let environments = Mutex<[[String: String]]>([])
    var replayer = replayer { input, environment in
      inputs.withLock { $0.append(input) }
      environments.withLock { $0.append(environment) }
      return Self.json(["id": id])
    }
    for fixture in try FixtureCase.find(folder) {
      let differences = try await replayer.replay(fixture)
      #expect(differences.isEmpty)
    }
    #expect(inputs.withLock { $0 } == ["first", "\(id) http://127.0.0.1:4711/a {{unknown}}"])
    let network = ["FETCH_ALLOW_NETWORKS": "127.0.0.1/32:4711"]
    #expect(environments.withLock { $0 } == [network, network.merging(["A": id, "B": "x=y"]) { $1 }])
  }

  @Test("a different response is reported and changes no file")
  func difference() async throws {
    try write("{}", "1.json")
    try write(Self.expected, "1.expected.json")
    var replayer = replayer { _, _ in Self.json(["id": "none"]) }
    let fixture = try FixtureCase.find(folder)[0]
    let differences = try await replayer.replay(fixture)
    #expect(differences == [#"body.id is "none", not {{uuid:report}}"#])
    #expect(try text("1.expected.json") == Self.expected)
  }

  @Test("an update writes a different response with patterns, keeps named ones, and leaves a matching file alone")
  func update() async throws {
    let id = "0f0e0d0c-0000-4000-8000-000000000001"
    try write("{}", "1.json")
    try write(Self.expected, "1.expected.json")
    let fixture = try FixtureCase.find(folder)[0]
    var matching = replayer(isUpdating: true) { _, _ in Self.json(["id": id]) }
    let differences = try await matching.replay(fixture)
    #expect(differences.isEmpty)
    #expect(try text("1.expected.json") == Self.expected)
    var different = replayer(isUpdating: true) { _, _ in Self.json(["id": id, "site": "\(Self.site)x"]) }
    let newDifferences = try await different.replay(fixture)
    #expect(newDifferences.isEmpty)
    let written = try text("1.expected.json")
    #expect(written.contains("{{uuid:report}}") && written.contains("{{site}}/x") && !written.contains(id))
  }

  @Test("a missing expected response is reported, and an update writes it")
  func missingExpectation() async throws {
    try write("{}", "1.json")
    let fixture = try FixtureCase.find(folder)[0]
    var replayer = replayer { _, _ in Self.json([:]) }
    let differences = try await replayer.replay(fixture)
    #expect(differences.first?.contains("is missing; --update writes it") == true)
    var updating = self.replayer(isUpdating: true) { _, _ in Self.json([:]) }
    let updateDifferences = try await updating.replay(fixture)
    #expect(updateDifferences.isEmpty)
    #expect(try text("1.expected.json").contains(#""statusCode" : 200"#))
  }

  @Test("a crash is a difference; a function that cannot be started ends the replay")
  func failures() async throws {
    try write("{}", "1.json")
    let fixture = try FixtureCase.find(folder)[0]
    var crashing = replayer { _, _ in .failure(InvocationError(.usage, .crashed(status: 3))) }
    let crashingDifferences = try await crashing.replay(fixture)
    #expect(crashingDifferences == ["usage crashed with status 3"])
    let missing = InvocationError(.usage, .notStarted("no such file"))
    var unavailable = replayer { _, _ in .failure(missing) }
    await #expect(throws: missing) { try await unavailable.replay(fixture) }
  }
}
