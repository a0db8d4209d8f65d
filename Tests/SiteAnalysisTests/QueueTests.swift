import Access
import Accounts
import Contract
import Fetch
import FoundationEssentials
import Jobs
import Metering
import Postgres
import Support
import Testing

@testable import SiteAnalysis

/// Queued analyses: `POST /analyze` with `wait: false`, and the worker's side of the queue.
@Suite struct QueueTests {
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))
  private let site = StubSite(pages: [
    "/": StubSite.page("Site", links: [("A", "/a"), ("B", "/b")]), "/a": StubSite.page("About a"),
    "/b": StubSite.page("About b"),
  ])

  init() throws {
    database = try TestDatabase.forAnalyses()
  }

  private struct Answer: Decodable {
    struct Reason: Decodable {
      let code: String
      let message: String
    }
    let id: String
    let status: String
    let error: Reason?
    let pages: [Page]?

    struct Page: Decodable {}
  }

  private func router(_ fetcher: Fetcher? = nil) -> Router {
    .analyses(database, fetcher ?? site.fetcher, agent: "x")
  }

  private func send(
    _ method: String, _ path: String, _ body: String = "", key: String? = nil, headers: [String: String] = [:],
    address: String? = "192.0.2.1",
    _ fetcher: Fetcher? = nil
  ) async -> Response {
    let headers = headers.merging(key.map { ["authorization": "Bearer \($0)"] } ?? [:]) { $1 }
    let event = Event(
      method: method, rawPath: path, headers: headers, body: Array(body.utf8), sourceIP: address,
      isOperator: address == nil)
    return await router(fetcher).respond(to: event, by: Deadline(after: .seconds(120)))
  }

  private func ask(
    _ options: String = "", key: String? = nil, headers: [String: String] = [:], address: String? = "192.0.2.1"
  ) async -> Response {
    await send(
      "POST", "/analyze", #"{"url":"https://site.example/","wait":false\#(options)}"#, key: key, headers: headers,
      address: address)
  }

  private func queue(_ options: String = "", key: String? = nil, address: String? = "192.0.2.1") async throws -> String
  {
    let response = await ask(options, key: key, address: address)
    #expect(response.status == 202)
    return try JSON.decode(Answer.self, from: response.bytes).id
  }

  private func read(_ id: String) async throws -> Answer {
    try JSON.decode(Answer.self, from: await send("GET", "/analyze/\(id)", key: nil).bytes)
  }

  /// Performs an analysis with the request that the worker sends.
  private func perform(_ id: String, _ fetcher: Fetcher? = nil) async -> Response {
    await send("POST", "/analyze", #"{"analysisId":"\#(id)"}"#, address: nil, fetcher)
  }

  private func lease() throws -> Lease? {
    try Jobs(database).lease([JobKind.analysis], for: .seconds(60), by: soon).first
  }

  private struct MeterTotal: Decodable {
    let meter: String
    let used: Int
  }

  /// The counted uses of all accounts by meter.
  private func used() throws -> [String: Int] {
    let totals = try database.rows(
      "SELECT meter, sum(used)::bigint AS used FROM meter_days GROUP BY meter", as: MeterTotal.self, by: soon)
    return Dictionary(uniqueKeysWithValues: totals.map { ($0.meter, $0.used) })
  }

  private func reports() throws -> Int {
    try database.rows("SELECT count(*) FROM site_reports", as: Int.self, by: soon)[0]
  }

  private func key(_ plan: Plan, _ name: String) throws -> String {
    let email = try #require(Email("\(name)@site.example"))
    _ = try Accounts(database).grant(plan, to: email, by: soon)
    return try Accounts(database).makeKey(for: email, by: soon).text
  }

  // MARK: Requests

  @Test func queuedAnalysisIsCompletedUnderItsID() async throws {
    let response = await ask()
    #expect(response.status == 202)
    #expect(response.headers["ratelimit-remaining"] == "0")
    let accepted = try JSON.decode(Answer.self, from: response.bytes)
    #expect(accepted.status == "pending")
    #expect(site.requests.isEmpty, "the request does not fetch the site")
    #expect(try await read(accepted.id).status == "pending")
    #expect(await perform(accepted.id).status == 200)
    let done = try await read(accepted.id)
    #expect(done.status == "completed")
    #expect(done.pages?.count == 3)
    #expect(try used() == ["analyses": 1, "free_analyses_of_address": 1])
    #expect(try database.rows("SELECT DISTINCT state FROM meter_holds", as: String.self, by: soon) == ["settled"])
    #expect(await ask().status == 200, "a fresh report is returned at once")
    #expect(try used()["analyses"] == 1)
  }

  @Test func performedAnalysisHasTheStateRunning() async throws {
    let id = try await queue()
    let stub = site.fetcher
    let database = database
    let state = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      let states = try? database.rows(
        "SELECT state FROM queued_analyses", as: String.self, by: .now.advanced(by: .seconds(5)))
      if states != ["running"] { throw FetchError(.connectionFailed, "not running") }
      return try await stub.fetch(request)
    }
    #expect(await perform(id, state).status == 200)
  }

  @Test func queuedAnalysesCountForTheAccountAndItsAddress() async throws {
    _ = try await queue(#","email":"a@site.example""#)
    #expect(await ask(#","email":"a@site.example""#).status == 429)
    for number in 0..<9 { _ = try await queue(#","email":"n\#(number)@site.example""#) }
    #expect(await ask(#","email":"one-more@site.example""#).status == 429, "one address has ten free analyses per day")
    #expect(try database.rows("SELECT count(*) FROM jobs", as: Int.self, by: soon) == [10])
    #expect(
      try database.rows("SELECT count(*) FROM queued_analyses WHERE request::text LIKE '%@%'", as: Int.self, by: soon)
        == [0], "the queue does not store emails")
  }

  @Test func repeatedIdempotencyKeyReturnsTheSameAnalysis() async throws {
    let key = try key(.growth, "a")
    let headers = ["idempotency-key": "one"]
    let first = await ask(key: key, headers: headers)
    let second = await ask(key: key, headers: headers)
    #expect(first.status == 202 && second.status == 202)
    #expect(first.bytes == second.bytes)
    #expect(await ask(#","maxPages":3"#, key: key, headers: headers).status == 409)
    #expect(try used() == ["analyses": 1])
    #expect(try database.rows("SELECT count(*) FROM jobs", as: Int.self, by: soon) == [1])
    #expect(await perform(try JSON.decode(Answer.self, from: first.bytes).id).status == 200)
    #expect(await ask(key: key, headers: headers).status == 200, "after completion, the key returns the report")
  }

  @Test func onlyTheOperatorCanPerformAQueuedAnalysis() async throws {
    let id = try await queue(address: nil)
    let bodies = [
      #"{"analysisId":"\#(id)"}"#, #"{"url":"https://site.example/","analysisId":"\#(id)"}"#,
    ]
    for body in bodies {
      let response = await send("POST", "/analyze", body)
      #expect(response.status == 400)
      #expect(String(decoding: response.bytes, as: UTF8.self).contains(#""field":"analysisId""#))
    }
    #expect(await send("GET", "/analyze/\(id)").status == 404, "the analysis belongs to the operator")
    #expect(site.requests.isEmpty)
  }

  // MARK: Repeated attempts

  @Test func completedAnalysisIsNotPerformedAgain() async throws {
    let id = try await queue()
    let first = await perform(id)
    let asked = site.requests.count
    #expect(await perform(id).bytes == first.bytes)
    #expect(site.requests.count == asked)
    #expect(try used()["analyses"] == 1)
  }

  /// Returns a fetcher that delays the home page until it has been requested `count` times.
  private func barrier(_ count: Int) -> Fetcher {
    let stub = site.fetcher
    let gate = Gate(count)
    return Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      if request.url == "https://site.example/" { await gate.arrive() }
      return try await stub.fetch(request)
    }
  }

  @Test func concurrentAttemptsMakeOneReportAndOneUse() async throws {
    let key = try key(.scale, "a")
    let id = try await queue(key: key)
    let fetcher = barrier(4)
    let bodies = await withTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<4 { group.addTask { await perform(id, fetcher).bytes } }
      return await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
    }
    #expect(bodies.count == 1, "all attempts return the same report")
    #expect(try reports() == 1)
    #expect(try used() == ["analyses": 1])
  }

  /// Negative control: four concurrent requests that do not share a queued analysis make four reports.
  @Test func concurrentSeparateRequestsMakeOneReportEach() async throws {
    let key = try key(.scale, "a")
    let fetcher = barrier(4)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          _ = await send("POST", "/analyze", #"{"url":"https://site.example/","force":true}"#, key: key, fetcher)
        }
      }
    }
    #expect(try reports() == 4)
    #expect(try used() == ["analyses": 4])
  }

  // MARK: Holds and failures

  @Test func holdOfAQueuedAnalysisDoesNotExpire() async throws {
    let id = try await queue()
    let nextYear = Metering(database, at: Date().addingTimeInterval(366 * 86_400))
    #expect(try nextYear.releaseExpired(by: soon) == 0)
    #expect(await perform(id).status == 200)
    #expect(try used() == ["analyses": 1, "free_analyses_of_address": 1])
  }

  /// Negative control: with an expired hold, the report is not stored.
  @Test func expiredHoldPreventsTheReport() async throws {
    let id = try await queue()
    try database.execute("UPDATE meter_holds SET expires_at = now() - interval '1 second'", by: soon)
    #expect(await perform(id).status == 500)
    #expect(try reports() == 0)
  }

  @Test func failedAnalysisReleasesItsUseAndReportsTheReason() async throws {
    let id = try await queue()
    let lease = try #require(try lease())
    let analyses = AnalysisQueue(Access(database))
    try analyses.fail(lease, Failure(.upstreamFailed, "the site does not answer"), by: soon)
    let answer = try await read(id)
    #expect(answer.status == "failed")
    #expect(answer.error?.code == "upstream_failed")
    #expect(answer.error?.message == "the site does not answer")
    #expect(try used() == ["analyses": 0, "free_analyses_of_address": 0])
    #expect(await perform(id).status == 502, "a failed analysis is not performed again")
    #expect(try reports() == 0)
    #expect(try database.rows("SELECT state FROM jobs", as: String.self, by: soon) == ["done"])
    #expect(await ask().status == 202, "the use is available again")
  }

  /// If a worker dies while it fails an analysis, the next worker completes the remaining steps.
  @Test(arguments: ["marked", "released"]) func interruptedFailureIsCompletedByTheNextWorker(point: String) async throws
  {
    _ = try await queue()
    let first = try #require(try lease())
    let analyses = AnalysisQueue(Access(database))
    let reason = Failure(.internal, "the first reason")
    // A trigger makes the step after `point` fail.
    let next = point == "marked" ? "meter_holds" : "jobs"
    let before = try database.rows("SELECT promise::text FROM queued_analyses", as: String.self, by: soon)
    try database.execute(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''the worker died''; END'",
      by: soon)
    let condition = point == "marked" ? "WHEN (new.meter = 'free_analyses_of_address')" : ""
    try database.execute(
      """
      CREATE TRIGGER dead BEFORE UPDATE ON \(unsafeSQL: next) FOR EACH ROW \(unsafeSQL: condition)
      EXECUTE FUNCTION refuse()
      """, by: soon)
    #expect(throws: DatabaseError.self) { try analyses.fail(first, reason, by: soon) }
    try database.execute("DROP TRIGGER dead ON \(unsafeSQL: next)", by: soon)
    #expect(try used() == ["analyses": 0, "free_analyses_of_address": point == "marked" ? 1 : 0])
    try database.execute("UPDATE jobs SET due_at = now()", by: soon)
    let second = try #require(try lease())
    #expect(try analyses.hasFailed(second, by: soon))
    try analyses.fail(second, Failure(.internal, "another reason"), by: soon)
    #expect(try used() == ["analyses": 0, "free_analyses_of_address": 0])
    #expect(
      try database.rows("SELECT failure->>'message' FROM queued_analyses", as: String.self, by: soon) == [
        "the first reason"
      ])
    #expect(before.count == 1)
  }

  @Test func storedReportStaysIfTheAnalysisIsFailedLater() async throws {
    let id = try await queue()
    let lease = try #require(try lease())
    #expect(await perform(id).status == 200)
    try AnalysisQueue(Access(database)).fail(lease, Failure(.internal, "too late"), by: soon)
    #expect(try await read(id).status == "completed")
    #expect(try used() == ["analyses": 1, "free_analyses_of_address": 1])
  }

  @Test func reportIsNotStoredIfTheAnalysisFailedMeanwhile() async throws {
    let id = try await queue()
    let lease = try #require(try lease())
    let stub = site.fetcher
    let analyses = AnalysisQueue(Access(database))
    let soon = soon
    let late = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      if request.url.hasSuffix("/b") { try? analyses.fail(lease, Failure(.internal, "it took too long"), by: soon) }
      return try await stub.fetch(request)
    }
    #expect(await perform(id, late).status == 500)
    #expect(try reports() == 0)
    #expect(try used() == ["analyses": 0, "free_analyses_of_address": 0])
  }

  // MARK: Priority

  @Test func plansDetermineTheOrderOfJobs() async throws {
    let scale = try key(.scale, "scale")
    let growth = try key(.growth, "growth")
    let coffee = try key(.coffee, "coffee")
    var plans: [String: String] = [:]
    for number in 0..<30 {
      // Each free analysis is from a different address, because a free account has one analysis per day.
      let options = #","maxPages":\#(number + 1)"#
      switch number % 6 {
      case 0, 3: plans[try await queue(options, key: scale)] = "scale"
      case 1: plans[try await queue(options, key: growth)] = "paid"
      case 2: plans[try await queue(options, key: coffee)] = "paid"
      case 4: plans[try await queue(options, address: "198.51.100.\(number)")] = "free"
      default: plans[try await queue(options, address: nil)] = "operator"
      }
    }
    var order: [String] = []
    while let lease = try lease() {
      order.append(try #require(plans[try AnalysisQueue.id(of: lease).uuidString.lowercased()]))
    }
    #expect(order.count == 30)
    #expect(Set(order.prefix(15)) == ["scale", "operator"])
    #expect(order[15..<25].allSatisfy { $0 == "paid" })
    #expect(order[25...].allSatisfy { $0 == "free" })
  }
}

/// Suspends tasks until a number of them have arrived.
private actor Gate {
  private let count: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var isOpen = false

  init(_ count: Int) { self.count = count }

  func arrive() async {
    if isOpen { return }
    await withCheckedContinuation { continuation in
      waiting.append(continuation)
      guard waiting.count == count else { return }
      isOpen = true
      for waiter in waiting { waiter.resume() }
    }
  }
}
