import Accounts
import Contract
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

/// A small model on this machine, over the real protocol: whatever it says, nothing breaks.
@Suite(.serialized, .enabled(if: !Installed.modelPython.isEmpty, "needs LOCAL_MODEL_PYTHON, which Tests/run sets"))
struct RealModelTests {
  /// Its address; one process for all tests, which ends by itself when they do.
  private static let server = Swift.Result {
    let process = try Command(Installed.modelPython, ["\(Products.package)/Tests/Models/local-model.py"]).start()
    for _ in 0..<6_000 where !process.output.contains(0x0a) { usleep(20_000) }
    let address = String(decoding: process.output, as: UTF8.self).split(separator: "\n").first.map(String.init)
    guard let address, address.hasPrefix("http://") else {
      throw Command.Failed(description: "no model: \(process.errorOutput.suffix(2_000))")
    }
    return address
  }

  private static func settings() throws -> [String: String] {
    ["OPENAI_BASE_URL": try server.get() + "/v1", "OPENAI_MODEL": "smollm2", "MODEL_PRICES": "smollm2=0.15/0.60@4096"]
  }

  @Test(.timeLimit(.minutes(10))) func analysesRunThrough() async throws {
    let place = try Workplace()
    let key = try place.key(.scale)
    let site = try ScriptedProvider.shared.get().site(40)
    let outcome = try await place.analyze(site, key: key, try Self.settings(), seconds: 120)
    #expect(outcome.status == 200, "\(outcome.text)")
    let report = try outcome.report()
    #expect(report.pages.count == 14 && report.metrics.modelCalls > 0, "\(report.metrics)")
    let books = try place.books()
    #expect(
      books
        == .init(
          calls: report.metrics.modelCalls, cost: report.metrics.costMicros, used: report.metrics.costMicros, open: 0))
    #expect(FileRules.faults(in: try await place.generate(report.id, key: key, try Self.settings()), of: site) == [])
  }

  private static func client() throws -> ModelClient {
    let endpoint = try ModelEndpoint(
      name: "local", dialect: .openAI, base: try server.get() + "/v1", key: nil, model: "smollm2", contextWindow: 4_096)
    return ModelClient(.curl(guard: try AddressGuard(Environment([:])), userAgent: "test"), endpoint: endpoint)
  }

  private static let question = ModelRequest(
    system: "You answer in one sentence.", messages: [ModelMessage(.user, "What is a database for?")],
    maxOutputTokens: 60)

  @Test(.timeLimit(.minutes(5))) func aStreamIsTheAnswerInPieces() async throws {
    let pieces = Mutex<[String]>([])
    let taken: @Sendable (String) -> Bool = { piece in
      pieces.withLock { $0.append(piece) }
      return true
    }
    let text: String
    do {
      text = try await Self.client().stream(Self.question, by: .now.advanced(by: .seconds(120)), onText: taken).text
    } catch ModelError.truncated(let answer) {
      // A small model that finds no end.
      #expect(answer.stopReason == .length)
      text = answer.text
    }
    let all = pieces.withLock { $0 }
    #expect(all.count > 3 && all.joined() == text && !text.isEmpty)
  }

  @Test(.timeLimit(.minutes(5))) func aStreamThatIsStoppedSaysWhatItTook() async throws {
    let count = Mutex(0)
    let answer = try await Self.client().stream(Self.question, by: .now.advanced(by: .seconds(120))) { _ in
      count.withLock {
        $0 += 1
        return $0 < 3
      }
    }
    #expect(answer.stopReason == .stopped && answer.isEstimated && answer.inputTokens > 0)
    #expect(count.withLock { $0 } == 3)
  }

  @Test(.timeLimit(.minutes(5))) func aSchemaIsKept() async throws {
    struct Answer: Decodable { let isTrue: Bool, count: Int }
    var question = Self.question
    question.messages = [ModelMessage(.user, "Is water wet, and how many letters has its name?")]
    question.schema = ModelSchema(name: "answer", [.init("isTrue", .boolean), .init("count", .integer(0...1_000_000))])
    let answer = try await Self.client().structured(question, as: Answer.self, by: .now.advanced(by: .seconds(120)))
    #expect(answer.answers.count <= 2 && answer.value.count >= 0)
  }

  /// Sections of eight pages, by the very question that analyses ask: the answer is one of these, or is found out.
  @Test(.timeLimit(.minutes(6))) func anArrangementRunsThrough() async throws {
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
