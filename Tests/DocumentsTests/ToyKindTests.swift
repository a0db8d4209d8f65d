import Access
import Accounts
import Contract
import Documents
import FoundationEssentials
import LLMSText
import Metering
import Postgres
import RunnerDatabase
import SiteAnalysis
import Support
import Testing
import Usage

/// A kind needs one entry in an array to be stored, served, metered, counted, exported and erased.
@Suite struct ToyKindTests {
  private let database: Database
  private let access: Access
  private let router: Router
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))

  init() throws {
    database = Database(url: try TestDatabase.make(Feature.all.migrations))
    access = Access(database)
    let documents = Documents(access)
    let text = LLMSText(SiteAnalysis(access, reader: SiteReader(database, fetcher: StubSite().fetcher, agent: "x")))
    let usage = Usage(access, meters: Metering.feature.meters + [.toys])
    router = Router(
      [
        documents.generate(default: "llms_txt", [text.llmsText, text.llmsFullText, .toy, .freeToy]),
        documents.readDocument, documents.readContent, usage.current, usage.history,
      ], log: .silent)
  }

  private struct Answer: Decodable {
    let id: UUID
    let kind: String
    let content: String
    let mediaType: String
    let analysisId: String?
  }

  private func send(
    _ method: String, _ path: String, _ body: String = "", key: String? = nil, headers: [String: String] = [:],
    address: String = "192.0.2.1", isOperator: Bool = false
  ) async -> Response {
    var headers = headers
    headers["idempotency-key"] = key
    let event = Event(
      method: method, rawPath: path, headers: headers, body: Array(body.utf8), sourceIP: address, isOperator: isOperator
    )
    return await router.respond(to: event, by: Deadline(after: .seconds(120)))
  }

  private func generate(
    _ text: String = "bear", kind: String = "toy", more: String = "", key: String? = nil,
    address: String = "192.0.2.1", isOperator: Bool = false
  ) async -> Response {
    await send(
      "POST", "/generate", #"{"kind":"\#(kind)","text":"\#(text)"\#(more)}"#, key: key, address: address,
      isOperator: isOperator)
  }

  private func answer(_ response: Response) throws -> Answer { try JSON.decode(Answer.self, from: response.bytes) }

  private func error(_ response: Response) throws -> FailureBody.Details {
    try JSON.decode(FailureBody.self, from: response.bytes).error
  }

  private func count(_ table: String) throws -> Int {
    try database.rows("SELECT count(*) FROM \(unsafeSQL: table)", as: Int.self, by: soon)[0]
  }

  /// The used and held toys of all accounts.
  private func toysUsed() throws -> Int {
    try database.rows(
      "SELECT coalesce(sum(used), 0)::bigint FROM meter_days WHERE meter = 'toys'", as: Int.self, by: soon)[0]
  }

  /// The account of requests without a credential from an address.
  private func account(_ address: String = "192.0.2.1") throws -> Account {
    try access.accounts.networkAccount(Accounts.network(of: address), by: soon)
  }

  // MARK: Storage

  @Test func generatedDocumentCanBeRead() async throws {
    let response = await generate()
    #expect(response.status == 201)
    #expect(response.headers["x-toy"] == "1")
    let made = try answer(response)
    #expect(made.kind == "toy" && made.content == "toy: bear" && made.mediaType == ToyRequest.mediaType)
    #expect(made.analysisId == nil)
    let read = await send("GET", "/generate/\(made.id)")
    #expect(read.status == 200)
    #expect(read.bytes == response.bytes)
    #expect(await send("GET", "/generate/\(UUID())").status == 404, "another id is not found")
  }

  @Test func contentHasMediaTypeAndETag() async throws {
    let id = try answer(await generate()).id
    let content = await send("GET", "/generate/\(id)/content")
    #expect(content.bytes == Array("toy: bear".utf8))
    #expect(content.headers["content-type"] == ToyRequest.mediaType)
    let tag = try #require(content.headers["etag"])
    let unchanged = await send("GET", "/generate/\(id)/content", headers: ["if-none-match": tag])
    #expect(unchanged.status == 304 && unchanged.bytes.isEmpty)
    let other = try #require(await send("GET", "/generate/\(try answer(await generate()).id)/content").headers["etag"])
    #expect(other != tag)
    #expect(await send("GET", "/generate/\(id)/content", headers: ["if-none-match": other]).status == 200)
  }

  @Test func documentOfTheOperatorIsNotFoundByOthers() async throws {
    let id = try answer(await generate(isOperator: true)).id
    #expect(await send("GET", "/generate/\(id)", isOperator: true).status == 200)
    #expect(await send("GET", "/generate/\(id)").status == 404)
  }

  // MARK: Requests

  @Test(arguments: ["poem", "", "Toy"]) func unknownKindIsRefusedWithTheListOfKinds(kind: String) async throws {
    let response = await generate(kind: kind)
    #expect(response.status == 400)
    let error = try error(response)
    #expect(error.details == ["field": "kind"])
    #expect(error.message == #"kind must be "llms_txt" or "llms_full_txt" or "toy" or "free_toy""#)
    #expect(try count("documents") == 0)
  }

  @Test func requestOfAnotherKindIsNotAccepted() async throws {
    let response = await send("POST", "/generate", #"{"kind":"toy","url":"https://site.example/"}"#)
    #expect(response.status == 400)
    #expect(try error(response).details == ["field": "text"])
    #expect(try toysUsed() == 0)
  }

  // MARK: Idempotency

  @Test func sameIdempotencyKeyReturnsTheSameDocument() async throws {
    let first = try answer(await generate(key: "k"))
    let second = await generate(key: "k")
    #expect(second.status == 201)
    #expect(try answer(second).id == first.id)
    #expect(try count("documents") == 1)
    #expect(try toysUsed() == 1)
    #expect(try answer(await generate()).id != first.id, "without the key another document is generated")
    #expect(try count("documents") == 2)
    #expect(try toysUsed() == 2)
  }

  @Test func sameIdempotencyKeyWithAnotherBodyIsAConflict() async throws {
    _ = await generate(key: "k")
    let response = await generate("ball", key: "k")
    #expect(response.status == 409)
    #expect(try error(response).code == .conflict)
    #expect(await generate("ball", key: "other").status == 201)
    #expect(try toysUsed() == 2)
  }

  @Test func idempotencyKeyOfFailedWorkIsReleased() async throws {
    #expect(await generate(more: #","fails":true"#, key: "k").status == 502)
    #expect(try count("idempotency_keys") == 0)
    #expect(await generate(key: "k").status == 201)
  }

  // MARK: Metering

  @Test func callOverTheLimitIsQuotaExceededAndNotCounted() async throws {
    for remaining in ["1", "0"] {
      let response = await generate()
      #expect(response.status == 201)
      #expect(response.headers["ratelimit-limit"] == "2" && response.headers["ratelimit-remaining"] == remaining)
    }
    for _ in 0..<2 {
      let refused = await generate()
      #expect(refused.status == 429)
      let error = try error(refused)
      #expect(error.code == .quotaExceeded)
      #expect(error.details == ["meter": "toys", "limit": "2"])
      #expect(error.message.hasPrefix("the plan's 2 toys a day are used up; wait until "))
      #expect(refused.headers["ratelimit-limit"] == "2" && refused.headers["ratelimit-remaining"] == "0")
      #expect(refused.headers["ratelimit-reset"] == refused.headers["retry-after"])
    }
    #expect(try toysUsed() == 2)
    #expect(try count("documents") == 2)
    #expect(await generate(address: "198.51.100.7").status == 201, "another account is not limited")
    #expect(await generate(kind: "free_toy").status == 201, "a kind without this meter is not limited")
    #expect(await generate(isOperator: true).headers["ratelimit-limit"] == nil, "the operator is not counted")
  }

  @Test func workThatThrowsReleasesItsHold() async throws {
    for _ in 0..<3 { #expect(await generate(more: #","fails":true"#).status == 502) }
    #expect(try toysUsed() == 0)
    let states = try database.rows("SELECT DISTINCT state FROM meter_holds", as: String.self, by: soon)
    #expect(states == ["released"])
    #expect(await generate().headers["ratelimit-remaining"] == "1")
    #expect(try count("documents") == 1)
  }

  @Test func concurrentCallsDoNotExceedTheLimit() async throws {
    let statuses = await withTaskGroup(of: Int.self) { group in
      for number in 0..<10 { group.addTask { await generate("\(number)").status } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses.sorted() == [201, 201] + Array(repeating: 429, count: 8))
    #expect(try count("documents") == 2)
    #expect(try toysUsed() == 2)
  }

  // MARK: Usage

  private struct History: Decodable {
    let days: [Metering.DayCount]
  }

  @Test func usageAndHistoryCountDocumentsOfTheKind() async throws {
    _ = await generate()
    _ = await generate()
    _ = await generate(more: #","fails":true"#)
    _ = await generate(kind: "free_toy")
    let days = try JSON.decode(History.self, from: await send("GET", "/usage/history").bytes).days
    #expect(days.map { "\($0.operation) \($0.count)" } == ["documents_free_toy 1", "documents_toy 2", "toys 2"])
    let usage = String(decoding: await send("GET", "/usage").bytes, as: UTF8.self)
    #expect(usage.contains(#""meter":"toys""#))
    let others = try JSON.decode(History.self, from: await send("GET", "/usage/history", address: "198.51.100.7").bytes)
    #expect(others.days.isEmpty)
  }

  // MARK: Personal data

  @Test func documentsAreExportedAndErased() async throws {
    let made = try answer(await generate(key: "k"))
    let other = try answer(await generate("ball", address: "198.51.100.7"))
    let owner = try account().id
    func export(_ data: [PersonalData]) throws -> String {
      try database.transaction(by: soon) { try Accounts.export(owner, including: data, in: &$0) }
    }
    let data = Documents.feature.personalData
    let text = try export(data)
    #expect(text.contains("toy: bear") && text.contains(#""kind":"toy""#))
    #expect(!text.contains("toy: ball"), "documents of other accounts are not exported")
    #expect(try !export([]).contains("toy: bear"), "without the feature's personal data, no document is exported")
    try access.accounts.erase(owner, including: data, by: soon)
    #expect(try !export(data).contains("toy: bear"))
    #expect(await send("GET", "/generate/\(made.id)").status == 404)
    #expect(try count("idempotency_keys") == 0)
    #expect(await send("GET", "/generate/\(other.id)").status == 200, "documents of other accounts stay")
  }
}
