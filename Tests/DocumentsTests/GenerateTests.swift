import Access
import Accounts
import Contract
import Documents
import Fetch
import FoundationEssentials
import Jobs
import LLMSText
import Limits
import Metering
import Postgres
import Support
import Testing

@testable import SiteAnalysis

/// The routes of `generate` with the kinds `llms_txt` and `llms_full_txt`.
struct GenerateTests {
  private let database: Database
  private let router: Router
  private static let subjects = [
    "how oars are carved", "where sails are cut", "why masts bend", "what ropes carry", "when hulls are tarred",
    "who paints the name",
  ]

  init() throws {
    database = Database(url: try TestDatabase.make(Self.migrations))
    router = Self.router(database, Self.site())
  }

  private static let migrations =
    Accounts.migrations + Limits.migrations + Metering.migrations + SiteAnalysis.migrations + Documents.migrations
    + Jobs.migrations

  private static func site(subjects: [String] = subjects, others: [String: FetchResponse] = [:]) -> StubSite {
    let links = subjects.indices.map { ("Page \($0)", "/p\($0)") }
    var pages = ["/": StubSite.page("Site", links: links)]
    for ((title, path), subject) in zip(links, subjects) {
      pages[path] = StubSite.page(title, description: "Tells \(subject)")
    }
    return StubSite(pages: pages, others: others)
  }

  private static func router(_ database: Database, _ site: StubSite, notifies: Bool = false) -> Router {
    let access = Access(database)
    let analysis = SiteAnalysis(
      access,
      reader: SiteReader(
        database, fetcher: site.fetcher, agent: "x", writtenFiles: LLMSText.writtenFiles(database)))
    let documents = Documents(access, notifies: notifies)
    let text = LLMSText(analysis)
    return Router(
      [
        documents.generate(default: "llms_txt", [text.llmsText, text.llmsFullText]), documents.readDocument,
        documents.readContent, analysis.analyze(),
      ], log: .silent)
  }

  private struct Answer: Decodable {
    let id: String
    let kind: String
    let content: String
    let mediaType: String
    let analysisId: String
  }

  private func send(
    _ method: String, _ path: String, _ body: String = "", headers: [String: String] = [:],
    address: String = "192.0.2.1", isOperator: Bool = false,
    to other: Router? = nil
  ) async -> Response {
    let event = Event(
      method: method, rawPath: path, headers: headers, body: Array(body.utf8), sourceIP: address, isOperator: isOperator
    )
    return await (other ?? router).respond(to: event, by: Deadline(after: .seconds(120)))
  }

  private func generate(
    _ body: String = #"{"url":"https://site.example/"}"#, to other: Router? = nil
  ) async throws -> Answer {
    let response = await send("POST", "/generate", body, to: other)
    #expect(response.status == 201)
    return try JSON.decode(Answer.self, from: response.bytes)
  }

  @Test func siteIsAnalyzedBeforeItsDocumentIsGenerated() async throws {
    let answer = try await generate()
    #expect(answer.kind == "llms_txt")
    #expect(answer.content.hasPrefix("# Site\n\n> "))
    #expect(answer.content.contains("- [Page 1](https://site.example/p1): Tells where sails are cut\n"))
    #expect(!answer.content.contains("(https://site.example/)"))
  }

  @Test func sameAnalysisGivesSameContent() async throws {
    let first = try await generate()
    let second = try await generate(#"{"analysisId":"\#(first.analysisId)"}"#)
    #expect(first.content == second.content)
    #expect(first.id != second.id)
  }

  @Test func optionsOfTheAnalysisAreApplied() async throws {
    let text = try await generate(#"{"url":"https://site.example/","exclude":["/p1","/p2","/p3"]}"#).content
    #expect(
      text.split(separator: "\n").filter { $0.hasPrefix("- ") }.map { $0.prefix(9) } == [
        "- [Page 0", "- [Page 4", "- [Page 5",
      ])
    #expect(await send("POST", "/generate", #"{"url":"https://site.example/","maxPages":0}"#).status == 400)
  }

  @Test func requestedTextsAndPagesReplaceThoseOfTheReport() async throws {
    let text = try await generate(
      #"{"url":"https://site.example/","title":"Mine","summary":"My\nsummary","details":"My details","pages":["https://site.example/p3","https://site.example/p1","https://site.example/p3#top"]}"#
    ).content
    #expect(text.hasPrefix("# Mine\n\n> My summary\n\nMy details\n"))
    #expect(
      text.split(separator: "\n").filter { $0.hasPrefix("- ") }.map { $0.prefix(9) } == ["- [Page 3", "- [Page 1"])
  }

  @Test func requestedSectionsReplaceThoseOfTheReport() async throws {
    let sections = #"""
      [{"name":"Rigging","pages":["https://site.example/p3",{"url":"https://site.example/p1","title":"Sails","description":"By hand"},"https://site.example/unknown"]},
       {"name":"Elsewhere","pages":[{"url":"https://code.example/x","title":"Source"}]}]
      """#
    let text = try await generate(#"{"url":"https://site.example/","sections":\#(sections)}"#).content
    #expect(
      text.hasSuffix(
        """

        ## Rigging

        - [Page 3](https://site.example/p3): Tells what ropes carry
        - [Sails](https://site.example/p1): By hand

        ## Elsewhere

        - [Source](https://code.example/x)

        """))
  }

  @Test(arguments: [
    (#"[]"#, "sections"), (#"[{"name":"","pages":["https://site.example/p1"]}]"#, "sections"),
    (#"[{"name":"A","pages":[]}]"#, "sections"),
    (
      #"[{"name":"A","pages":["https://site.example/p1"]},{"name":"A","pages":["https://site.example/p2"]}]"#,
      "sections"
    ),
    (#"[{"name":"A","pages":["https://site.example/p1","https://site.example/p1#x"]}]"#, "sections"),
    (#"[{"name":"A","pages":["https://site.example/nowhere"]}]"#, "sections"),
    (#"[{"name":"A","pages":["https://site.example/p1"]}],"pages":["https://site.example/p1"]"#, "pages"),
  ])
  func invalidSectionsAreRefused(sections: String, field: String) async throws {
    let response = await send("POST", "/generate", #"{"url":"https://site.example/","sections":\#(sections)}"#)
    #expect(response.status == 400)
    #expect(String(decoding: response.bytes, as: UTF8.self).contains(#""field":"\#(field)""#))
  }

  @Test func storedDocumentIsServedWithAndWithoutMetadata() async throws {
    let made = try await generate()
    let document = await send("GET", "/generate/\(made.id)", address: "203.0.113.8")
    #expect(try JSON.decode(Answer.self, from: document.bytes).content == made.content)
    let content = await send("GET", "/generate/\(made.id)/content", address: "203.0.113.8")
    #expect(content.bytes == Array(made.content.utf8))
    #expect(content.headers["content-type"] == "text/plain; charset=utf-8")
    let tag = try #require(content.headers["etag"])
    let unchanged = await send("GET", "/generate/\(made.id)/content", headers: ["if-none-match": "\"other\", W/\(tag)"])
    #expect(unchanged.status == 304)
    #expect(unchanged.bytes.isEmpty)
  }

  @Test func documentOfTheOperatorIsNotFoundByOthers() async throws {
    let made = await send("POST", "/generate", #"{"url":"https://site.example/"}"#, isOperator: true)
    let answer = try JSON.decode(Answer.self, from: made.bytes)
    #expect(await send("GET", "/generate/\(answer.id)").status == 404)
    #expect(await send("GET", "/generate/\(answer.id)/content").status == 404)
    #expect(await send("POST", "/generate", #"{"analysisId":"\#(answer.analysisId)"}"#).status == 404)
    #expect(await send("GET", "/generate/\(answer.id)", isOperator: true).status == 200)
  }

  @Test(arguments: [
    (#"{}"#, "analysisId"), (#"{"analysisId":"x","url":"https://site.example/"}"#, "url"),
    (#"{"url":"nonsense"}"#, "url"),
    (#"{"url":"https://site.example/","kind":"poem"}"#, "kind"),
    (#"{"url":"https://site.example/","title":""}"#, "title"),
    (#"{"url":"https://site.example/","pages":["x"]}"#, "pages.[0]"),
    (#"{"url":"https://site.example/","email":"x"}"#, "email"),
    (#"{"url":"https://site.example/","pages":[]}"#, "pages"),
    (#"{"url":"https://site.example/","pages":["https://elsewhere.example/"]}"#, "pages"),
  ])
  func invalidFieldIsNamed(body: String, field: String) async {
    let response = await send("POST", "/generate", body)
    #expect(response.status == 400)
    #expect(String(decoding: response.bytes, as: UTF8.self).contains(#""field":"\#(field)""#))
  }

  @Test func unknownAnalysisIsNotFound() async {
    #expect(await send("POST", "/generate", #"{"analysisId":"00000000-0000-0000-0000-000000000000"}"#).status == 404)
  }

  @Test(arguments: [true, false]) func newDocumentIsNotifiedIfThereIsAnEndpoint(notifies: Bool) async throws {
    let made = try await generate(to: Self.router(database, Self.site(), notifies: notifies))
    let messages = try database.rows("SELECT payload::text FROM jobs", as: String.self, by: .now + .seconds(5))
    #expect(messages.count == (notifies ? 1 : 0))
    for message in messages {
      #expect(
        message.contains(#""type":"document.created""#) && message.contains(made.id)
          && message.contains(made.analysisId))
      #expect(!message.contains("Tells"), "the message does not contain the content")
    }
  }

  @Test func pendingAnalysisIsAConflictAndFailedAnalysisIsItsFailure() async throws {
    struct Made: Decodable { let id: String }
    let queued = await send("POST", "/analyze", #"{"url":"https://site.example/","wait":false}"#)
    let id = try JSON.decode(Made.self, from: queued.bytes).id
    let early = await send("POST", "/generate", #"{"analysisId":"\#(id)"}"#)
    #expect(early.status == 409)
    #expect(early.headers["retry-after"] == "5")
    #expect(String(decoding: early.bytes, as: UTF8.self).contains("the analysis is pending"))
    let soon = ContinuousClock.now.advanced(by: .seconds(60))
    let lease = try #require(try Jobs(database).lease([.analysis], for: .seconds(60), by: soon).first)
    try AnalysisQueue(Access(database)).fail(lease, Failure(.forbidden, "robots.txt does not allow it"), by: soon)
    let late = await send("POST", "/generate", #"{"analysisId":"\#(id)"}"#)
    #expect(late.status == 403)
    #expect(String(decoding: late.bytes, as: UTF8.self).contains("robots.txt does not allow it"))
  }

  @Test func siteWithoutPagesToLinkIsUpstreamFailedAndNotCounted() async throws {
    let site = StubSite(pages: ["/": "<!DOCTYPE html><title>Site</title><img src=a.png>"])
    let response = await send(
      "POST", "/generate", #"{"url":"https://site.example/"}"#, to: Self.router(database, site))
    #expect(response.status == 502)
    let used = try database.rows(
      "SELECT coalesce(sum(used), 0)::bigint FROM meter_days", as: Int.self, by: .now + .seconds(60))
    #expect(used == [0])
  }
}
