import Access
import Contract
import Crawling
import Fetch
import Postgres
import Support
import Testing
import Web

@testable import SiteAnalysis

/// Analyses with credentials, and of a copy of a site: other requests must not get their results.
struct PrivateAnalysisTests {
  private struct Report: Decodable {
    struct Site: Decodable { let publicUrl: String? }
    let id: String
    let url: String
    let site: Site
    let pages: [Page]
    struct Page: Decodable { let url: String }
  }

  private func analyze(_ body: String, _ database: Database, _ site: StubSite, sendsHeaders: Bool) async throws
    -> Report
  {
    let reader = SiteReader(database, fetcher: site.fetcher, agent: "x", sendsHeaders: sendsHeaders)
    let router = Router(
      [SiteAnalysis(Access(database), reader: reader).analyze()], log: Log(threshold: .error) { _ in })
    let event = Event(method: "POST", rawPath: "/analyze", body: Array(body.utf8), isOperator: true)
    let response = await router.respond(to: event, by: Deadline(after: .seconds(120)))
    return try JSON.decode(Report.self, from: response.bytes)
  }

  private static func site(_ head: String = "") -> StubSite {
    StubSite(
      others: [
        "/": FetchResponse(
          status: 200, headers: ["content-type": "text/html", "etag": "\"1\""],
          body: Array(StubSite.page("Home", head: head).utf8))
      ])
  }

  private func storedPages(_ database: Database) throws -> Int {
    try database.rows("SELECT count(*) FROM pages_read", as: Int.self, by: .now.advanced(by: .seconds(5)))[0]
  }

  @Test func reportWithCredentialsIsNotReturnedToOtherRequests() async throws {
    let database = try TestDatabase.forAnalyses()
    let body = #"{"url": "\#(StubSite.origin)/"}"#
    let first = try await analyze(body, database, Self.site(), sendsHeaders: true)
    #expect(try storedPages(database) == 0)
    let second = try await analyze(body, database, Self.site(), sendsHeaders: false)
    #expect(second.id != first.id, "the report with credentials")
    #expect(try storedPages(database) == 1)
    let third = try await analyze(body, database, Self.site(), sendsHeaders: true)
    #expect(third.id != first.id && third.id != second.id, "other credentials may have been sent")
    #expect(try await analyze(body, database, Self.site(), sendsHeaders: false).id == second.id)
  }

  @Test func copyOfASiteIsNotStoredAsTheSite() async throws {
    let database = try TestDatabase.forAnalyses()
    let body = #"{"url": "\#(StubSite.origin)/", "baseUrl": "https://public.example/docs"}"#
    let copy = try await analyze(body, database, Self.site(), sendsHeaders: false)
    #expect(copy.url == "https://public.example/docs/")
    #expect(copy.pages.map(\.url) == ["https://public.example/docs/"])
    #expect(try storedPages(database) == 0)
    #expect(try await analyze(body, database, Self.site(), sendsHeaders: false).id == copy.id)
    let other = body.replacing(StubSite.origin, with: "https://www.site.example")
    let site = StubSite(pages: ["https://www.site.example/": StubSite.page("Other")])
    #expect(try await analyze(other, database, site, sendsHeaders: false).id != copy.id)
  }

  @Test func reportNamesThePublicAddressOfCanonicalLinks() async throws {
    let database = try TestDatabase.forAnalyses()
    let head = #"<link rel="canonical" href="https://public.example/docs/">"#
    let report = try await analyze(
      #"{"url": "\#(StubSite.origin)/", "force": true}"#, database, Self.site(head), sendsHeaders: false)
    #expect(report.site.publicUrl == "https://public.example/docs/")
    #expect(report.url == "\(StubSite.origin)/")
  }

  @Test func queuedRequestKeepsThePublicAddress() throws {
    let body = #"{"url": "http://copy.example/x", "baseUrl": "https://public.example/docs/"}"#
    let request = try JSON.decode(AnalyzeRequest.self, from: Array(body.utf8))
    let again = try JSON.decode(AnalyzeRequest.self, from: try JSON.encode(request))
    #expect(again.url == request.url && again.publicAddress == request.publicAddress)
    #expect(again.publicAddress?.source.description == "http://copy.example/x/")
    #expect(again.optionsKey == request.optionsKey)
  }
}
