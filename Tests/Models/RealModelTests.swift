import Accounts
import Contract
import Crawling
import Fetch
import FetchCurl
import FoundationEssentials
import LanguageModel
import Support
import Synchronization
import Testing

@testable import SiteAnalysis

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Calls a small local model over HTTP. Its answers are unpredictable, so the tests check only that each is handled.
@Suite(
  .serialized, .enabled(if: !PythonEnvironments.modelPython.isEmpty, "needs LOCAL_MODEL_PYTHON, which Tests/run sets"))
struct RealModelTests {
  /// The server's URL. All tests share one process, which ends when the test process ends.
  private static let server = Swift.Result {
    let process = try Command(PythonEnvironments.modelPython, ["\(Products.package)/Tests/Models/local-model.py"])
      .start()
    for _ in 0..<6_000 where !process.output.contains(0x0a) { usleep(20_000) }
    let address = String(decoding: process.output, as: UTF8.self).split(separator: "\n").first.map(String.init)
    guard let address, address.hasPrefix("http://") else {
      throw Command.Failed(description: "local-model.py did not print a URL: \(process.errorOutput.suffix(2_000))")
    }
    return address
  }

  private static func settings() throws -> [String: String] {
    ["OPENAI_BASE_URL": try server.get() + "/v1", "OPENAI_MODEL": "smollm2", "MODEL_PRICES": "smollm2=0.15/0.60@4096"]
  }

  @Test(.timeLimit(.minutes(10))) func analysisCompletes() async throws {
    let harness = try FunctionHarness()
    let key = try harness.key(.scale)
    let site = try ScriptedProvider.shared.get().site(40)
    let outcome = try await harness.analyze(site, key: key, try Self.settings(), seconds: 120)
    #expect(outcome.status == 200, "\(outcome.text)")
    let report = try outcome.report()
    #expect(report.pages.count == 14 && report.metrics.modelCalls > 0, "\(report.metrics)")
    let ledger = try harness.ledger()
    #expect(
      ledger
        == .init(
          calls: report.metrics.modelCalls, cost: report.metrics.costMicros, used: report.metrics.costMicros,
          openHolds: 0))
    #expect(
      LLMSFileRules.violations(in: try await harness.generate(report.id, key: key, try Self.settings()), of: site) == []
    )
  }

  private static func client() throws -> ModelClient {
    let endpoint = try ModelEndpoint(
      name: "local", dialect: .openAI, base: try server.get() + "/v1", key: nil, model: "smollm2", contextWindow: 4_096)
    return ModelClient(.curl(guard: try AddressGuard(Environment([:])), userAgent: "test"), endpoint: endpoint)
  }

  private static let request = ModelRequest(
    system: "You answer in one sentence.", messages: [ModelMessage(.user, "What is a database for?")],
    maxOutputTokens: 60)

  @Test(.timeLimit(.minutes(5))) func streamedPiecesFormTheAnswer() async throws {
    let pieces = Mutex<[String]>([])
    let onText: @Sendable (String) -> Bool = { piece in
      pieces.withLock { $0.append(piece) }
      return true
    }
    let text: String
    do {
      text = try await Self.client().stream(Self.request, by: .now.advanced(by: .seconds(120)), onText: onText).text
    } catch ModelError.truncated(let answer) {
      // A small model often does not end its answer.
      #expect(answer.stopReason == .length)
      text = answer.text
    }
    let all = pieces.withLock { $0 }
    #expect(all.count > 3 && all.joined() == text && !text.isEmpty)
  }

  @Test(.timeLimit(.minutes(5))) func stoppedStreamHasEstimatedTokens() async throws {
    let count = Mutex(0)
    let answer = try await Self.client().stream(Self.request, by: .now.advanced(by: .seconds(120))) { _ in
      count.withLock {
        $0 += 1
        return $0 < 3
      }
    }
    #expect(answer.stopReason == .stopped && answer.isEstimated && answer.inputTokens > 0)
    #expect(count.withLock { $0 } == 3)
  }

  @Test(.timeLimit(.minutes(5))) func answerMatchesTheSchema() async throws {
    struct Answer: Decodable { let isTrue: Bool, count: Int }
    var request = Self.request
    request.messages = [ModelMessage(.user, "Is water wet, and how many letters has its name?")]
    request.schema = ModelSchema(name: "answer", [.init("isTrue", .boolean), .init("count", .integer(0...1_000_000))])
    let answer = try await Self.client().structured(request, as: Answer.self, by: .now.advanced(by: .seconds(120)))
    #expect(answer.answers.count <= 2 && answer.value.count >= 0)
  }

  /// Sends the same request as an analysis, to arrange eight pages in sections. The answer must be valid or rejected.
  @Test(.timeLimit(.minutes(6))) func curationIsValidOrRejected() async throws {
    let subjects = ["Install", "First flow", "Sources", "Sinks", "Schedules", "Backups", "Limits", "Upgrades"]
    let lines = subjects.enumerated().map {
      "\($0 + 1). \($1) | /docs/\($0) | Docs | \($1) of Flow, and how they are set up"
    }
    let endpoint = try ModelEndpoint(
      name: "local", dialect: .openAI, base: try Self.server.get() + "/v1", key: nil, model: "smollm2",
      contextWindow: 4_096)
    let client = ModelClient(
      .curl(guard: try AddressGuard(Environment([:])), userAgent: "test"), endpoint: endpoint,
      attemptDuration: .seconds(150))
    let request = Curation.request(lines, site: "Flow. It moves data between stores.")
    do {
      let answer = try await client.structured(request, as: Curation.self, by: .now.advanced(by: .seconds(300))) {
        (answer) throws(ModelMismatch) in
        try answer.check(count: lines.count)
      }
      #expect(answer.answers.allSatisfy { $0.inputTokens > 0 && $0.outputTokens > 0 })
      #expect(Set(answer.value.sections.flatMap(\.pages).map(\.index)).isSubset(of: Set(1...8)))
    } catch {
      switch error {
      case .mismatched: break
      case .truncated(let answer): #expect(answer.outputTokens > 0)
      default: Issue.record("\(error)")
      }
    }
  }
}
