import Access
import Accounts
import Contract
import Fetch
import FoundationEssentials
import Invoking
import Jobs
import Postgres
import RunnerDatabase
import SiteAnalysis
import Support
import Synchronization
import Testing

@testable import Worker

/// Queued analyses in a real database, with a scripted `analyze`.
struct AnalysisWorkerTests {
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  init() throws { database = Database(url: try TestDatabase.make(Feature.all.migrations)) }

  /// Queues an analysis, as `POST /analyze` with `"wait":false` does.
  ///
  /// - Returns: its id.
  private func queue() async throws -> String {
    struct Queued: Decodable { let id: String }
    let analysis = SiteAnalysis(
      Access(database), reader: SiteReader(database, fetcher: StubSite().fetcher, agent: "x"))
    let event = Event(
      method: "POST", rawPath: "/analyze", body: Array(#"{"url":"https://site.example/","wait":false}"#.utf8),
      sourceIP: "192.0.2.1")
    let response = await Router([analysis.analyze()], log: Log(threshold: .error) { _ in })
      .respond(to: event, by: Deadline(after: .seconds(60)))
    #expect(response.status == 202)
    return try JSON.decode(Queued.self, from: response.bytes).id
  }

  private struct ScriptedInvoker: Invoker {
    let script: @Sendable (Function, [UInt8]) async throws(InvocationError) -> InvocationOutput

    init(_ script: @escaping @Sendable (Function, [UInt8]) async throws(InvocationError) -> InvocationOutput) {
      self.script = script
    }

    func invoke(
      _ function: Function, input: [UInt8], onLogLine: (@Sendable (String) -> Void)?
    ) async throws(InvocationError) -> InvocationOutput {
      try await script(function, input)
    }
  }

  private func worker(_ invoker: ScriptedInvoker, log: @escaping @Sendable (String) -> Void = { _ in })
    -> AnalysisWorker
  {
    AnalysisWorker(invoker, database, log: log)
  }

  private func state(of id: String) throws -> [String] {
    try database.rows(
      "SELECT state FROM queued_analyses WHERE report_id = \(UUID(uuidString: id))", as: String.self, by: soon)
  }

  private func jobState() throws -> String {
    try database.rows("SELECT state FROM jobs WHERE kind = 'analysis'", as: String.self, by: soon)[0]
  }

  private func makeDue() throws {
    try database.execute("UPDATE jobs SET due_at = now() WHERE state = 'open'", by: soon)
  }

  @Test("without a queued analysis nothing is invoked")
  func nothingDue() async throws {
    let worker = worker(
      ScriptedInvoker { _, _ throws(InvocationError) in
        Issue.record("invoked")
        return .other([])
      })
    #expect(try await worker.performNext() == false)
  }

  @Test("a queued analysis is one invocation of analyze with its id, and the job is done")
  func success() async throws {
    let id = try await queue()
    let inputs = Mutex<[[String: String]]>([])
    let worker = worker(
      ScriptedInvoker { function, input throws(InvocationError) in
        #expect(function == .analyze)
        inputs.withLock { inputs in inputs.append((try? JSON.decode([String: String].self, from: input)) ?? [:]) }
        return .response(Response(status: 200))
      })
    #expect(try await worker.performNext())
    #expect(inputs.withLock { $0 } == [["analysisId": id.lowercased()]])
    #expect(try jobState() == "done")
    #expect(try await worker.performNext() == false)
  }

  @Test("a crash is tried again, and is a failure after the last attempt")
  func crashes() async throws {
    let id = try await queue()
    let lines = Mutex<[String]>([])
    let worker = worker(
      ScriptedInvoker { function, _ throws(InvocationError) in
        throw InvocationError(function, .crashed(status: -11))
      }
    ) { line in lines.withLock { $0.append(line) } }
    for attempt in 1...5 {
      #expect(try state(of: id) == ["pending"])
      try makeDue()
      #expect(try await worker.performNext(), "attempt \(attempt)")
    }
    #expect(try state(of: id) == ["failed"])
    #expect(try jobState() == "done")
    #expect(
      lines.withLock { $0.map { String($0.dropFirst("analysis \(id.lowercased()): ".count)) } } == [
        "internal, again in 10 s", "internal, again in 20 s", "internal, again in 40 s", "internal, again in 80 s",
        "failed, internal",
      ])
  }

  @Test("a failure that the site caused is not tried again")
  func siteFailure() async throws {
    let id = try await queue()
    let worker = worker(
      ScriptedInvoker { _, _ throws(InvocationError) in
        .response(Failure(.upstreamFailed, "no answer").response(requestID: "r"))
      })
    #expect(try await worker.performNext())
    #expect(try state(of: id) == ["failed"])
  }

  @Test("an analysis that is cancelled keeps its lease, and no failure is recorded")
  func cancellation() async throws {
    let id = try await queue()
    let (started, onStart) = AsyncStream.makeStream(of: Void.self)
    let worker = worker(
      ScriptedInvoker { function, _ throws(InvocationError) in
        onStart.yield()
        try? await Task.sleep(for: .seconds(60))
        throw InvocationError(function, .crashed(status: -9))
      })
    let task = Task { try await worker.performNext() }
    for await _ in started { break }
    task.cancel()
    let result = await task.result
    #expect(throws: CancellationError.self) { try result.get() }
    #expect(try state(of: id) == ["pending"])
    #expect(try jobState() == "open")
    let attempts = try database.rows("SELECT error FROM jobs", as: String?.self, by: soon)
    #expect(attempts == [nil])
  }

  // MARK: Results

  @Test(
    "internal and temporary failures are tried again",
    arguments: [(Failure.Code.internal, true), (.unavailable, true), (.deadlineExceeded, true), (.notFound, false)])
  func resultOfFailure(code: Failure.Code, isRetried: Bool) {
    let result = AnalysisWorker.result(of: Failure(code, "message").response(requestID: "r"))
    switch result {
    case .done: Issue.record("done")
    case .retry: #expect(isRetried)
    case .failed(let failure):
      #expect(!isRetried)
      #expect(failure == Failure(code, "message"))
    }
  }

  @Test("a timeout keeps its code, and any other invocation error is internal")
  func resultOfInvocationError() {
    #expect(AnalysisWorker.result(of: InvocationError(.analyze, .timedOut(.seconds(1)))) == .retry(.pastDeadline))
    #expect(AnalysisWorker.result(of: InvocationError(.analyze, .noResponse)) == .retry(AnalysisWorker.broken))
    #expect(
      AnalysisWorker.result(of: Response(status: 500, bytes: Array("no JSON".utf8))) == .retry(AnalysisWorker.broken))
  }
}
