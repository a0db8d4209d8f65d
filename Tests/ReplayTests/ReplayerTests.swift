import Contract
import FoundationEssentials
import Invoking
import Synchronization
import Testing

@testable import Replay

/// Fixture cases in a folder of their own, with scripted functions.
final class ReplayerTests {
  private let folder = "/tmp/llmtxt-replay-\(UUID().uuidString)"
  private static let sites = ["site": "http://127.0.0.1:4711/", "site:shop": "http://127.0.0.1:4712/"]

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
    update: Replayer.Update = .never,
    _ script: @escaping @Sendable (String, [String: String]) -> Result<Response, InvocationError>
  ) -> Replayer {
    Replayer(sites: Self.sites, update: update) { EchoInvoker(environment: $0, script: script) }
  }

  private static let failure: Result<Response, InvocationError> = .success(
    Response(status: 404, headers: [:], bytes: Array("gone".utf8)))

  /// The cases of the folder in the order in which they run.
  private func steps() throws -> [ReplayPlan.Step] { try ReplayPlan(FixtureCase.find(folder)).steps }

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
    try write("{{report}} {{site}}/a {{site:shop}}/b", "2.json")
    try write("A={{report}}\nB=x=y\n", "2.env")
    try write(#"{"statusCode":200,"headers":{},"body":{"id":"{{report}}"}}"#, "2.expected.json")
    let inputs = Mutex<[String]>([])
    let environments = Mutex<[[String: String]]>([])
    var replayer = replayer { input, environment in
      inputs.withLock { $0.append(input) }
      environments.withLock { $0.append(environment) }
      return Self.json(["id": id])
    }
    for step in try steps() {
      let outcome = try await replayer.replay(step)
      #expect(outcome == .same)
    }
    #expect(inputs.withLock { $0 } == ["first", "\(id) http://127.0.0.1:4711/a http://127.0.0.1:4712/b"])
    let network = ["FETCH_ALLOW_NETWORKS": "127.0.0.1/32:4711,127.0.0.1/32:4712"]
    #expect(environments.withLock { $0 } == [network, network.merging(["A": id, "B": "x=y"]) { $1 }])
  }

  @Test("an event with an unknown value or site is reported and not sent")
  func unresolved() async throws {
    try write("{{report}} {{site:garden}}", "1.json")
    try write(Self.expected, "1.expected.json")
    var replayer = replayer { _, _ in
      Issue.record("the event was sent")
      return Self.json([:])
    }
    let outcome = try await replayer.replay(steps()[0])
    #expect(
      outcome
        == .different([
          "{{report}} has no value; the expected response of an earlier case must store it with {{uuid:report}}",
          "the sample site {{site:garden}} does not exist",
        ]))
  }

  @Test("a different response is reported and changes no file")
  func difference() async throws {
    try write("{}", "1.json")
    try write(Self.expected, "1.expected.json")
    var replayer = replayer { _, _ in Self.json(["id": "none"]) }
    let outcome = try await replayer.replay(steps()[0])
    #expect(outcome == .different([#"body.id is "none", not {{uuid:report}}"#]))
    #expect(try text("1.expected.json") == Self.expected)
  }

  @Test("an update writes a different response with patterns, keeps named ones, and leaves a matching file alone")
  func update() async throws {
    let id = "0f0e0d0c-0000-4000-8000-000000000001"
    try write("{}", "1.json")
    try write(Self.expected, "1.expected.json")
    let step = try steps()[0]
    var matching = replayer(update: .successes) { _, _ in Self.json(["id": id]) }
    let unchanged = try await matching.replay(step)
    #expect(unchanged == .same)
    #expect(try text("1.expected.json") == Self.expected)
    var different = replayer(update: .successes) { _, _ in Self.json(["id": id, "site": "http://127.0.0.1:4712/x"]) }
    let updated = try await different.replay(step)
    #expect(updated == .updated(["body.site was not expected"]))
    let written = try text("1.expected.json")
    #expect(written.contains("{{uuid:report}}") && written.contains("{{site:shop}}/x") && !written.contains(id))
    let again = try await different.replay(step)
    #expect(again == .same)
  }

  @Test("an update writes an error in place of a success only if it is forced")
  func refusedUpdate() async throws {
    try write("{}", "1.json")
    try write(Self.expected, "1.expected.json")
    let step = try steps()[0]
    var careful = replayer(update: .successes) { _, _ in Self.failure }
    guard case .different(let lines) = try await careful.replay(step) else {
      Issue.record("the error was accepted")
      return
    }
    #expect(lines.contains("statusCode is 404, not 200"))
    #expect(lines.last == "not updated, because an error would replace a success; --force writes it")
    #expect(try text("1.expected.json") == Self.expected)
    var forced = replayer(update: .always) { _, _ in Self.failure }
    let outcome = try await forced.replay(step)
    guard case .updated = outcome else {
      Issue.record("the error was not written: \(outcome)")
      return
    }
    #expect(try text("1.expected.json").contains("404"))
  }

  @Test("a missing expected response is reported, and an update writes it")
  func missingExpectation() async throws {
    try write("{}", "1.json")
    let step = try steps()[0]
    var replayer = replayer { _, _ in Self.json([:]) }
    guard case .different(let lines) = try await replayer.replay(step) else {
      Issue.record("the missing file was accepted")
      return
    }
    #expect(lines.first?.contains("is missing; --update writes it") == true)
    var updating = self.replayer(update: .successes) { _, _ in Self.json([:]) }
    let outcome = try await updating.replay(step)
    #expect(outcome == .updated(["\(step.fixture.expectedPath) is new"]))
    #expect(try text("1.expected.json").contains(#""statusCode" : 200"#))
  }

  @Test("a case that was not selected is never updated")
  func neededCaseIsNotUpdated() async throws {
    try write("{}", "1.json")
    try write(Self.expected, "1.expected.json")
    let step = ReplayPlan.Step(fixture: try FixtureCase.find(folder)[0], isSelected: false)
    var replayer = replayer(update: .always) { _, _ in Self.json(["id": "none"]) }
    let outcome = try await replayer.replay(step)
    #expect(outcome == .different([#"body.id is "none", not {{uuid:report}}"#]))
    #expect(try text("1.expected.json") == Self.expected)
  }

  @Test("a crash is a difference; a function that cannot be started ends the replay")
  func failures() async throws {
    try write("{}", "1.json")
    let step = try steps()[0]
    var crashing = replayer { _, _ in .failure(InvocationError(.usage, .crashed(status: 3))) }
    let outcome = try await crashing.replay(step)
    #expect(outcome == .different(["usage crashed with status 3"]))
    let missing = InvocationError(.usage, .notStarted("no such file"))
    var unavailable = replayer { _, _ in .failure(missing) }
    await #expect(throws: missing) { try await unavailable.replay(step) }
  }
}
