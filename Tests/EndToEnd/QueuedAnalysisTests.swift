import Accounts
import Contract
import FoundationEssentials
import Jobs
import Postgres
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Queued analyses (`"wait": false`) with the real worker and functions, also if these are killed.
@Suite(.serialized)
final class QueuedAnalysisTests {
  private let url: String
  private let database: Database
  private let site: Command.Started
  private let siteAddress: String
  private let environment: [String: String]
  private let soon = ContinuousClock.now.advanced(by: .seconds(600))

  /// Serves the sample site slowly enough to kill an analysis in the middle, and pages below `/slow/` much more slowly.
  private static let script = """
    import functools, http.server, sys, time
    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            time.sleep(4 if self.path.startswith("/slow/") else 0.05)
            super().do_GET()
        def log_message(self, *_): pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=sys.argv[1]))
    print("listening on http://127.0.0.1:%d" % server.server_address[1])
    server.serve_forever()
    """

  init() async throws {
    url = try TestDatabase.make()
    database = Database(url: url)
    environment = ["DATABASE_URL": url, "FETCH_ALLOW_NETWORKS": "127.0.0.0/8"]
    let outcome = try await Command(
      Products.path(of: "local-runner"), ["database", "migrate"], environment: environment
    ).run()
    guard outcome.status == 0 else { throw Command.Failed(description: outcome.error) }
    let started = try Command("python3", ["-u", "-c", Self.script, "\(Products.package)/LocalRunner/Sample"]).start()
    site = started
    siteAddress = try await Self.address { String(decoding: started.output, as: UTF8.self) }
  }

  deinit { site.end() }

  private static func address(_ output: () -> String) async throws -> String {
    for _ in 0..<400 {
      if let range = output().firstRange(of: "listening on http://") {
        return "http://" + output()[range.upperBound...].prefix { $0.isNumber || $0 == "." || $0 == ":" }
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw Command.Failed(description: "the server did not start: \(output())")
  }

  private struct Answer: Decodable {
    struct Reason: Decodable { let code: String }
    let id: String
    let status: String
    let error: Reason?
  }

  private func answer(_ event: Event) async throws -> Answer {
    let outcome = try await Command(Products.path(of: "analyze"), environment: environment).run(
      input: JSON.encode(event))
    return try JSON.decode(Answer.self, from: JSON.decode(Response.self, from: outcome.bytes).bytes)
  }

  /// Queues an analysis and returns its id.
  ///
  /// - Parameter address: the address of the client, which selects its Free account without a key.
  private func queue(_ path: String = "/", pages: Int = 200, key: String? = nil, address: String = "192.0.2.1")
    async throws -> String
  {
    let queued = try await answer(
      Event(
        method: "POST", rawPath: "/analyze", headers: key.map { ["authorization": "Bearer \($0)"] } ?? [:],
        body: Array(#"{"url":"\#(siteAddress)\#(path)","wait":false,"maxPages":\#(pages)}"#.utf8), sourceIP: address))
    #expect(queued.status == "pending")
    return queued.id
  }

  private func worker(_ options: String..., environment other: [String: String] = [:]) -> Command {
    Command(Products.path(of: "local-runner"), ["worker"] + options, environment: environment.merging(other) { $1 })
  }

  /// Makes all open jobs due at once, so that the test does not wait for their retry time.
  private func makeDue() throws {
    try database.execute("UPDATE jobs SET due_at = now() WHERE state = 'open'", by: soon)
  }

  private func count(_ query: Query) throws -> Int { try database.rows(query, as: Int.self, by: soon)[0] }

  /// Waits until the worker has started `analyze`, and returns its process.
  private func child(of process: pid_t) async throws -> pid_t? {
    for _ in 0..<400 {
      let found = try await Command("pgrep", ["-P", "\(process)", "-x", "analyze"]).run().output
      if let child = found.split(separator: "\n").first.flatMap({ pid_t($0) }) { return child }
      try await Task.sleep(for: .milliseconds(10))
    }
    return nil
  }

  // MARK: Killed processes

  @Test(arguments: ["worker", "function", "both"]) func killedAnalysisIsRetriedAndCountsOnce(victim: String)
    async throws
  {
    for round in 0..<5 {
      let address = "198.51.100.\(round)"
      let id = try await queue(address: address)
      let started = try worker().start()
      let function = try #require(try await child(of: started.process), "\(started.errorOutput)")
      try await Task.sleep(for: .milliseconds(round * 120))
      if victim != "worker" { kill(-function, SIGKILL) }
      if victim == "function" {
        // The worker notices it and releases the job.
        for _ in 0..<200 where !started.errorOutput.contains("again in") && !started.errorOutput.contains("completed") {
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      // A function whose worker was killed continues, concurrently with the function that the next worker starts.
      started.end()
      try makeDue()
      let outcome = try await worker("--drain").run()
      #expect(outcome.status == 0, "\(outcome.error)")
      let reportID = try #require(UUID(uuidString: id))
      #expect(try count("SELECT count(*) FROM site_reports WHERE report_id = \(reportID)") == 1, "\(outcome.error)")
      #expect(
        try await answer(Event(method: "GET", rawPath: "/analyze/\(id)", sourceIP: "192.0.2.9")).status == "completed")
      // Wait until the slower function has ended, too.
      try await Task.sleep(for: .milliseconds(200))
      #expect(try count("SELECT count(*) FROM site_reports") == round + 1)
      #expect(try count("SELECT coalesce(sum(used), 0)::bigint FROM meter_days WHERE meter = 'analyses'") == round + 1)
      #expect(
        try count("SELECT coalesce(sum(used), 0)::bigint FROM meter_days WHERE meter = 'free_analyses_of_address'")
          == round + 1)
      #expect(try count("SELECT count(*) FROM meter_holds WHERE meter = 'analyses' AND state <> 'settled'") == 0)
      #expect(try count("SELECT count(*) FROM queued_analyses") == 0)
      #expect(try count("SELECT count(*) FROM jobs WHERE state <> 'done'") == 0)
    }
  }

  @Test func analysisFailsAfterTheLastAttemptAndUsesNoQuota() async throws {
    let folder = "/tmp/llmtxt-functions-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("#!/bin/sh\nkill -SEGV $$\n".utf8).write(to: URL(filePath: folder + "/analyze"))
    unsafe chmod(folder + "/analyze", 0o755)
    let id = try await queue()
    let crashing = worker("--drain", environment: ["FUNCTIONS_DIR": folder])
    for attempt in 1...5 {
      #expect(try await answer(Event(method: "GET", rawPath: "/analyze/\(id)")).status == "pending")
      try makeDue()
      let log = try await crashing.run().error
      #expect(
        log.contains(attempt < 5 ? "internal, again in \(10 << (attempt - 1)) s" : "failed, internal"), "\(log)")
    }
    let last = try await answer(Event(method: "GET", rawPath: "/analyze/\(id)"))
    #expect(last.status == "failed")
    #expect(last.error?.code == "internal")
    #expect(try count("SELECT sum(used)::bigint FROM meter_days") == 0)
  }

  @Test func analysisOfAMissingPageIsNotRetried() async throws {
    let id = try await queue("/no-such-page")
    #expect(try await worker("--drain").run().error.contains("failed, upstream_failed"))
    #expect(try await answer(Event(method: "GET", rawPath: "/analyze/\(id)")).error?.code == "upstream_failed")
    #expect(try count("SELECT sum(used)::bigint FROM meter_days") == 0)
  }

  // MARK: Order

  @Test func analysesOfBetterPlansAreFirst() async throws {
    let accounts = Accounts(database)
    func key(_ plan: Plan) throws -> String {
      let email = try #require(Email("\(plan.rawValue)@site.example"))
      _ = try accounts.grant(plan, to: email, by: soon)
      return try accounts.makeKey(for: email, by: soon).text
    }
    let scale = try key(.scale)
    let growth = try key(.growth)
    for number in 0..<30 {
      let key = [nil, growth, scale][number % 3]
      _ = try await queue(pages: number % 4 + 1, key: key, address: "203.0.113.\(number)")
    }
    #expect(try await worker("--drain", "--concurrency", "1").run().status == 0)
    let order = try database.rows(
      "SELECT plan FROM site_reports JOIN accounts USING (account_id) ORDER BY site_reports.created_at",
      as: String.self, by: soon)
    #expect(
      order == Array(repeating: "scale", count: 10) + Array(repeating: "growth", count: 10)
        + Array(repeating: "free", count: 10))
  }

  @Test func otherJobsRunWhileAnAnalysisRuns() async throws {
    _ = try await queue("/slow/")
    let started = try worker("--concurrency", "1").start()
    defer { started.end() }
    _ = try #require(try await child(of: started.process))
    try database.transaction(by: soon) { Jobs.enqueue(Job("outgoing_webhook", payload: "{}"), in: &$0) }
    var isDone = false
    for _ in 0..<150 where !isDone {
      try await Task.sleep(for: .milliseconds(20))
      isDone = try count("SELECT count(*) FROM jobs WHERE kind = 'outgoing_webhook' AND state = 'done'") == 1
    }
    #expect(isDone)
    #expect(try count("SELECT count(*) FROM queued_analyses WHERE state = 'running'") == 1)
  }

  @Test func workerStopsItsFunctionsOnSIGTERM() async throws {
    _ = try await queue("/slow/")
    let started = try worker().start()
    let function = try #require(try await child(of: started.process))
    kill(started.process, SIGTERM)
    #expect(try await started.wait().status == 128 + SIGTERM)
    var state: Substring?
    for _ in 0..<100 {
      // Without a process that reaps it, a killed process stays as a zombie.
      state =
        (try? String(contentsOf: URL(filePath: "/proc/\(function)/stat"), encoding: .utf8))?.split(separator: " ")
        .dropFirst(2).first
      if state == nil || state == "Z" { break }
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(state == nil || state == "Z")
  }

  // MARK: start

  @Test(arguments: [true, false]) func startRunsQueuedAnalysesUnlessTheWorkerIsDisabled(withWorker: Bool) async throws {
    let gateway = try Command(
      Products.path(of: "local-runner"), ["start", "--port", "0"] + (withWorker ? [] : ["--no-worker"]),
      environment: environment
    ).start()
    defer { gateway.end() }
    let address = try await Self.address { gateway.errorOutput }
    func curl(_ arguments: String...) async throws -> Answer {
      let bytes = try await Command("curl", ["-sS"] + arguments).run().bytes
      do { return try JSON.decode(Answer.self, from: bytes) } catch {
        throw Command.Failed(description: String(decoding: bytes, as: UTF8.self))
      }
    }
    let queued = try await curl("-d", #"{"url":"\#(siteAddress)/","wait":false}"#, "\(address)/analyze")
    #expect(queued.status == "pending")
    var status = queued.status
    // The rate limit allows only a few requests per minute.
    for _ in 0..<(withWorker ? 50 : 4) where status == "pending" || status == "running" {
      try await Task.sleep(for: .milliseconds(500))
      status = try await curl("\(address)/analyze/\(queued.id)").status
    }
    #expect(status == (withWorker ? "completed" : "pending"))
  }
}
