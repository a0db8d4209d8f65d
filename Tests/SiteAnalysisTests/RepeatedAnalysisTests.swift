import Contract
import Fetch
import Postgres
import Support
import Synchronization
import Testing
import Web

@testable import SiteAnalysis

/// Repeated analyses of a site with conditional requests.
@Suite struct RepeatedAnalysisTests {
  /// A site of three pages that supports `If-None-Match`, and records the full responses.
  private final class ConditionalSite: Sendable {
    let versions = Mutex(["/": 1, "/one": 1, "/two": 1])
    let sent = Mutex<[String]>([])
    /// The paths that respond with status 500.
    let failing = Mutex<Set<String>>([])
    /// The redirects by path.
    let moved: [String: String]
    let links: [String: [String]]

    init(links: [String: [String]] = ["/": ["/one", "/two"]], moved: [String: String] = [:]) {
      (self.links, self.moved) = (links, moved)
      for path in links.values.joined() where moved[path] == nil { versions.withLock { $0[path] = 1 } }
      for path in moved.values { versions.withLock { $0[path] = 1 } }
    }

    var fetcher: Fetcher {
      Fetcher { [self] (request: FetchRequest) async throws(FetchError) -> FetchResponse in
        let path = String(request.url.dropFirst(StubSite.origin.count))
        if failing.withLock({ $0.contains(path) }) { return FetchResponse(status: 500) }
        if let target = moved[path] { return FetchResponse(status: 301, headers: ["location": target]) }
        guard let version = versions.withLock({ $0[path] }) else { return FetchResponse(status: 404) }
        let etag = "\"\(path)-\(version)\""
        if request.headers["if-none-match"] == etag { return FetchResponse(status: 304, headers: ["etag": etag]) }
        sent.withLock { $0.append(path) }
        let html = StubSite.page(
          "Page \(path) of version \(version)", links: (links[path] ?? []).map { ("Page \($0)", $0) })
        return FetchResponse(status: 200, headers: ["content-type": "text/html", "etag": etag], body: Array(html.utf8))
      }
    }
  }

  private struct Report: Decodable {
    let pages: [Page]
    let metrics: SiteReport.Metrics

    struct Page: Decodable, Equatable {
      let url: String, title: String, description: String?, category: String, score: Double, words: Int
    }
  }

  private func analyze(_ site: ConditionalSite, _ database: Database) async throws -> Report {
    let body = #"{"url": "\#(StubSite.origin)/", "force": true}"#
    let event = Event(method: "POST", rawPath: "/analyze", body: Array(body.utf8), isOperator: true)
    let response = await Router.analyses(database, site.fetcher).respond(to: event, by: Deadline(after: .seconds(120)))
    return try JSON.decode(Report.self, from: response.bytes)
  }

  @Test("unchanged pages are not transferred again, and the report is the same")
  func unchanged() async throws {
    let database = try TestDatabase.forAnalyses()
    let site = ConditionalSite()
    let first = try await analyze(site, database)
    #expect(first.metrics.fromCache == 0 && first.metrics.fetched == 3)
    #expect(Set(site.sent.withLock { $0 }) == ["/", "/one", "/two"])
    site.sent.withLock { $0 = [] }
    let second = try await analyze(site, database)
    #expect(site.sent.withLock { $0 } == [])
    #expect(second.metrics.fromCache == 3 && second.metrics.fetched == 3)
    #expect(second.pages == first.pages)
  }

  @Test("only the changed page is transferred again")
  func changed() async throws {
    let database = try TestDatabase.forAnalyses()
    let site = ConditionalSite()
    let first = try await analyze(site, database)
    site.sent.withLock { $0 = [] }
    site.versions.withLock { $0["/one"] = 2 }
    let second = try await analyze(site, database)
    #expect(site.sent.withLock { $0 } == ["/one"])
    let changed = zip(first.pages, second.pages).filter { $0 != $1 }.map(\.1.url)
    #expect(changed == [StubSite.origin + "/one"])
    #expect(second.pages.contains { $0.title.hasSuffix("version 2") })
  }

  @Test("stored pages of another record version are not used")
  func otherVersion() async throws {
    let database = try TestDatabase.forAnalyses()
    let site = ConditionalSite()
    _ = try await analyze(site, database)
    _ = try database.transaction(by: .now.advanced(by: .seconds(5))) {
      try $0.execute("UPDATE pages_read SET version = version - 1")
    }
    #expect(try await analyze(site, database).metrics.fromCache == 0)
  }

  @Test("redirect targets are requested conditionally, too")
  func redirected() async throws {
    let database = try TestDatabase.forAnalyses()
    let site = ConditionalSite(moved: ["/one": "/one/", "/two": "/two/"])
    let first = try await analyze(site, database)
    site.sent.withLock { $0 = [] }
    let second = try await analyze(site, database)
    #expect(site.sent.withLock { $0 } == [])
    #expect(second.metrics.fromCache == 3 && second.pages == first.pages)
  }

  @Test("a temporary server error does not remove a page and the pages that it links to")
  func failing() async throws {
    let database = try TestDatabase.forAnalyses()
    let site = ConditionalSite(links: ["/": ["/docs"], "/docs": ["/docs/a", "/docs/b", "/docs/c"]])
    let first = try await analyze(site, database)
    site.failing.withLock { $0 = ["/docs", "/docs/b"] }
    let second = try await analyze(site, database)
    #expect(second.pages == first.pages && second.pages.count == 5)
    // A page with status 404 is removed.
    site.failing.withLock { $0 = [] }
    site.versions.withLock { $0["/docs/b"] = nil }
    #expect(try await analyze(site, database).pages.count == 4)
  }
}
