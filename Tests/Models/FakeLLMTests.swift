import FoundationEssentials
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Runs analyses with PyPI's fakellm, which imitates the APIs of OpenAI and Anthropic and answers by rules.
@Suite(
  .serialized, .enabled(if: !PythonEnvironments.fakeLLMPython.isEmpty, "needs FAKELLM_PYTHON, which Tests/run sets"))
struct FakeLLMTests {
  private static func rules() throws -> String {
    let scores = (1...13).map { #"{"index":\#($0),"depth":6,"relevance":7,"quality":6,"reason":"It says what it is"}"# }
      .joined(separator: ",")
    let sections = ["First Steps", "Guides"].enumerated().map { position, name in
      let pages = (1...6).map { #"{"index":\#(position * 6 + $0),"description":""}"# }.joined(separator: ",")
      return #"{"name":"\#(name)","pages":[\#(pages)]}"#
    }.joined(separator: ",")
    return """
      version: 1
      defaults:
        fallback: deterministic_echo
      rules:
        - name: busy
          when: {model_matches: busy}
          respond: {status: 429, error: "slow down"}
        - name: down
          when: {model_matches: down}
          respond: {status: 503, error: "come again"}
        - name: scores
          when: {model_matches: good, messages_contain: "<page index="}
          respond:
            content: '{"pages":[\(scores)]}'
        - name: sections
          when: {model_matches: good, messages_contain: "<site>"}
          respond:
            content: '{"sections":[\(sections)]}'
      """
  }

  /// The server's port. All tests share one process, which ends when the test process ends.
  private static let port = Swift.Result {
    let folder = "/tmp/llmtxt-fakellm-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(try rules().utf8).write(to: URL(filePath: "\(folder)/fakellm.yaml"))
    let process = try Command(
      PythonEnvironments.fakeLLMPython,
      ["\(Products.package)/Tests/Models/fakellm-server.py", "\(folder)/fakellm.yaml"]
    ).start()
    for _ in 0..<6_000 where !process.output.contains(0x0a) { usleep(10_000) }
    guard let port = Int(String(decoding: process.output, as: UTF8.self).split(separator: "\n").first ?? "") else {
      throw Command.Failed(description: "fakellm-server.py did not print a port: \(process.errorOutput)")
    }
    return port
  }

  @Test(
    .timeLimit(.minutes(5)), arguments: [("good", nil), ("busy", "refused_429"), ("down", "refused_503")],
    ["openai", "anthropic"])
  func answersAreUsedAndErrorsFallBackToHeuristics(scenario: (model: String, reason: String?), dialect: String)
    async throws
  {
    try await ConcurrencyLimit.shared.run {
      let harness = try FunctionHarness()
      let key = try harness.key()
      let site = try ScriptedProvider.shared.get().site(41)
      let settings = FunctionHarness.settings(
        "http://127.0.0.1:\(try Self.port.get())/v1", dialect: dialect, model: scenario.model)
      let outcome = try await harness.analyze(site, key: key, settings)
      #expect(outcome.status == 200)
      let report = try outcome.report()
      #expect(report.metrics.model?.reason == scenario.reason, "\(report.metrics) \(outcome.log.suffix(2_000))")
      #expect(scenario.reason == nil ? report.modelScoredPages == 13 : report.modelScoredPages == 0)
      #expect(report.metrics.modelCalls == (scenario.reason == nil ? 2 : 3))
      let ledger = try harness.ledger()
      #expect(
        ledger
          == .init(
            calls: report.metrics.modelCalls, cost: report.metrics.costMicros, used: report.metrics.costMicros,
            openHolds: 0)
      )
      #expect((scenario.reason == nil) == (ledger.cost > 0))
      #expect(LLMSFileRules.violations(in: try await harness.generate(report.id, key: key, settings), of: site) == [])
    }
  }
}
