import FoundationEssentials
import Testing

@testable import Replay

/// Fixture cases in a temporary folder. Some use values that others store.
final class ReplayPlanTests {
  private let folder = "/tmp/llmtxt-replay-plan-\(UUID().uuidString)"

  init() throws {
    for function in ["analyze", "usage"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(function)", withIntermediateDirectories: true)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func write(_ name: String, event: String = "{}", expected: String = "{}", environment: String? = nil) throws {
    for (suffix, text) in [(".json", event), (".expected.json", expected), (".env", environment)] {
      if let text { try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)\(suffix)")) }
    }
  }

  /// The names of the planned cases; `+` marks cases that were added.
  private func plan(_ path: String) throws -> [String] {
    try ReplayPlan(FixtureCase.find("\(folder)/\(path)")).steps.map { ($0.isSelected ? "" : "+") + $0.fixture.name }
  }

  @Test("cases that store needed values are added before the cases that use them, with the cases that they need")
  func neededCasesAreAdded() throws {
    try write("analyze/store-b", event: "{{a}}", expected: "{{uuid:b}}")
    try write("analyze/store-a", expected: "{{uuid:a}}")
    try write("analyze/unrelated", expected: "{{uuid:c}}")
    try write("usage/event", event: "{{b}} {{site}} {{site:shop}}")
    try write("usage/settings", environment: "ID={{a}}")
    try write("usage/response", expected: "{{c}} {{uuid}} {{number}}")
    #expect(try plan("usage") == ["+store-a", "+store-b", "event", "+unrelated", "response", "settings"])
    #expect(try plan("usage/settings.json") == ["+store-a", "settings"])
    #expect(try plan("") == ["store-a", "store-b", "unrelated", "event", "response", "settings"])
  }

  @Test("a value that no case stores, and cases that need each other, do not end the plan")
  func unknownAndCircularNeeds() throws {
    try write("usage/1", event: "{{x}} {{unknown}}", expected: "{{uuid:y}}")
    try write("usage/2", event: "{{y}}", expected: "{{uuid:x}}")
    #expect(try plan("usage") == ["2", "1"])
  }
}
