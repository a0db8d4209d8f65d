import Accounts
import Contract
import Fetch
import Limits
import Metering
import Postgres
import Support
import Synchronization
import Testing
import Web

@testable import SiteAnalysis

/// A site that is read a second time.
@Suite struct AgainTests {
  /// A site of three pages that know conditions, and how often each was sent whole.
  private final class ConditionalSite: Sendable {
    let versions = Mutex(["/": 1, "/one": 1, "/two": 1])
    let sent = Mutex<[String]>([])
    /// What answers 500.
    let failing = Mutex<Set<String>>([])
    /// What redirects, and where to.
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
    let analysis = SiteAnalysis(database: database, fetcher: site.fetcher, agent: "LLMTxtMastery")
    let body = #"{"url": "\#(StubSite.origin)/", "force": true}"#
    let event = Event(method: "POST", rawPath: "/analyze", body: Array(body.utf8), isOperator: true)
    let router = Router([analysis.analyzeSite], log: Log(threshold: .error) { _ in })
    let response = await router.respond(to: event, by: Deadline(after: .seconds(120)))
    return try JSON.decode(Report.self, from: response.body)
  }

  @Test("pages that did not change are not sent, and the report is the same")
  func unchanged() async throws {
    let database = Database(
      url: try TestDatabase.make(
        Accounts.migrations + Limits.migrations + Metering.migrations + SiteAnalysis.migrations))
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

  @Test("a page that changed is read anew, and it alone")
  func changed() async throws {
    let database = Database(
      url: try TestDatabase.make(
        Accounts.migrations + Limits.migrations + Metering.migrations + SiteAnalysis.migrations))
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

  @Test("records of another version of the program are not used")
  func otherVersion() async throws {
    let database = Database(
      url: try TestDatabase.make(
        Accounts.migrations + Limits.migrations + Metering.migrations + SiteAnalysis.migrations))
    let site = ConditionalSite()
    _ = try await analyze(site, database)
    _ = try database.transaction(by: .now.advanced(by: .seconds(5))) {
      try $0.execute("UPDATE pages_read SET version = version - 1")
    }
    #expect(try await analyze(site, database).metrics.fromCache == 0)
  }

  @Test("pages that links are redirected to are asked for conditionally, too")
  func redirected() async throws {
    let database = Database(
      url: try TestDatabase.make(
        Accounts.migrations + Limits.migrations + Metering.migrations + SiteAnalysis.migrations))
    let site = ConditionalSite(moved: ["/one": "/one/", "/two": "/two/"])
    let first = try await analyze(site, database)
    site.sent.withLock { $0 = [] }
    let second = try await analyze(site, database)
    #expect(site.sent.withLock { $0 } == [])
    #expect(second.metrics.fromCache == 3 && second.pages == first.pages)
  }

  @Test("a server that fails once does not make a page, and all that it leads to, disappear")
  func failing() async throws {
    let database = Database(
      url: try TestDatabase.make(
        Accounts.migrations + Limits.migrations + Metering.migrations + SiteAnalysis.migrations))
    let site = ConditionalSite(links: ["/": ["/docs"], "/docs": ["/docs/a", "/docs/b", "/docs/c"]])
    let first = try await analyze(site, database)
    site.failing.withLock { $0 = ["/docs", "/docs/b"] }
    let second = try await analyze(site, database)
    #expect(second.pages == first.pages && second.pages.count == 5)
    // What is gone says so.
    site.failing.withLock { $0 = [] }
    site.versions.withLock { $0["/docs/b"] = nil }
    #expect(try await analyze(site, database).pages.count == 4)
  }
}
