import Contract
import Crawling
import Fetch
import FoundationEssentials
import Postgres
import Support
import Testing

@testable import SiteAnalysis

/// `POST /analyze` with the kind `site`, and `GET /analyze/{id}`.
struct AnalyzeTests {
  private let database: Database

  init() throws {
    database = try TestDatabase.forAnalyses()
  }

  private struct Report: Decodable {
    struct Page: Decodable {
      let url: String
      let title: String
      let category: String
      let score: Double
      let optional: Bool
    }
    struct Discovery: Decodable {
      let method: String
      let robots: String
      let sitemaps: [String]
      let found: Int
    }
    struct Metrics: Decodable {
      let fetched: Int
      let skipped: [String: Int]
    }
    let id: String
    let status: String
    let partial: Bool
    let pages: [Page]
    let discovery: Discovery
    let metrics: Metrics
  }

  private func router(_ site: StubSite) -> Router { .analyses(database, site.fetcher) }

  private func analyze(
    _ site: StubSite, _ options: String = "", address: String? = nil, seconds: Int = 120
  ) async throws -> (status: Int, report: Report?, text: String) {
    let body = #"{"url":"https://site.example/"\#(options)}"#
    // Without an address, the request is the operator's and has no limits.
    let event = Event(
      method: "POST", rawPath: "/analyze", body: Array(body.utf8), sourceIP: address, isOperator: address == nil)
    let response = await router(site).respond(to: event, by: Deadline(after: .seconds(seconds)))
    return (
      response.status, try? JSON.decode(Report.self, from: response.bytes),
      String(decoding: response.bytes, as: UTF8.self)
    )
  }

  private func paths(_ report: Report?) -> [String] {
    report?.pages.map { String($0.url.dropFirst(StubSite.origin.count)) } ?? []
  }

  private static let small = [
    "/": StubSite.page("Site", links: [("A", "/a"), ("B", "/b"), ("Sign in", "/login")]),
    "/a": StubSite.page("About a", links: [("C", "/c")]),
    "/b": StubSite.page("About b"), "/c": StubSite.page("About c"), "/login": StubSite.page("Sign in"),
  ]

  @Test func withoutSitemapLinksAreFollowed() async throws {
    let (status, report, _) = try await analyze(StubSite(pages: Self.small))
    #expect(status == 200)
    #expect(report?.discovery.method == "links")
    #expect(report?.discovery.robots == "absent")
    #expect(Set(paths(report)) == ["/", "/a", "/b", "/c", "/login"])
    #expect(report?.pages.first { $0.title == "Sign in" }?.score ?? 9 < 2)
  }

  @Test func robotsTxtExcludesPagesAndListsSitemaps() async throws {
    let site = StubSite(
      pages: Self.small,
      others: [
        "/robots.txt": StubSite.text("User-agent: LLMTxtMastery\nDisallow: /b\nSitemap: /map.xml"),
        "/map.xml": StubSite.text(
          "<urlset><url><loc>https://site.example/c</loc></url><url><loc>https://site.example/d</loc></url></urlset>"),
      ])
    let report = try #require(try await analyze(site).report)
    #expect(report.discovery.method == "sitemap")
    #expect(report.discovery.sitemaps == ["https://site.example/map.xml"])
    #expect(!site.requests.contains("/b"))
    #expect(report.metrics.skipped == ["robots": 1, "http_404": 1])
  }

  @Test func siteThatDisallowsTheAgentIsForbidden() async throws {
    let site = StubSite(pages: Self.small, others: ["/robots.txt": StubSite.text("User-agent: *\nDisallow: /")])
    #expect(try await analyze(site).status == 403)
  }

  /// RFC 9309, section 2.3.1.4: if robots.txt is unreachable, all pages are disallowed.
  @Test(arguments: [500, 503, 429])
  func unreachableRobotsTxtFailsTheAnalysis(status: Int) async throws {
    let site = StubSite(pages: Self.small, others: ["/robots.txt": FetchResponse(status: status)])
    let (answer, _, text) = try await analyze(site)
    #expect(answer == 502)
    #expect(text.contains("robots_unreachable"))
  }

  @Test func excludedPagesAreCountedByReason() async throws {
    var pages = Self.small
    pages["/a"] = StubSite.page("A", head: #"<meta name="robots" content="noindex, follow">"#)
    pages["/b"] = StubSite.page("B", head: #"<link rel="canonical" href="/c">"#)
    pages["/"] = StubSite.page(
      "Site", links: [("A", "/a"), ("B", "/b"), ("C", "/c"), ("D", "/d"), ("E", "/e"), ("F", "/f")])
    pages["/c"] = StubSite.page(
      "C",
      text:
        """
        The same text of more than twenty words is on two pages of this site, so that the second page is excluded as a \
        duplicate.
        """
    )
    pages["/d"] = pages["/c"]
    pages["/e"] = StubSite.page("E").replacing("lang=\"en\"", with: "lang=\"de\"")
    let site = StubSite(pages: pages, others: ["/f": StubSite.redirect(to: "https://elsewhere.example/")])
    let report = try #require(try await analyze(site).report)
    #expect(
      report.metrics.skipped == ["noindex": 1, "canonical": 1, "duplicate": 1, "language": 1, "redirect_away": 1])
    #expect(Set(paths(report)) == ["/", "/c"])
  }

  @Test func noindexInXRobotsTagExcludesAPage() async throws {
    let response = FetchResponse(
      status: 200, headers: ["content-type": "text/html", "x-robots-tag": "otherbot: nofollow\nnoindex"],
      body: Array(StubSite.page("A").utf8))
    let report = try await analyze(StubSite(pages: Self.small, others: ["/a": response])).report
    #expect(report?.metrics.skipped["noindex"] == 1)
  }

  @Test func includeExcludeAndMaxPagesLimitTheCrawl() async throws {
    #expect(paths(try await analyze(StubSite(pages: Self.small), #","exclude":["/a"]"#).report).contains("/a") == false)
    #expect(Set(paths(try await analyze(StubSite(pages: Self.small), #","include":["/b*"]"#).report)) == ["/", "/b"])
    #expect(try await analyze(StubSite(pages: Self.small), #","maxPages":2"#).report?.metrics.fetched == 2)
  }

  /// Each of these inputs once caused a crash or quadratic run time.
  @Test func hostilePagesAndRobotsTxtAreParsed() async throws {
    var pages = Self.small
    pages["/a"] = StubSite.page(
      String(repeating: "Ab - ", count: 20_000), text: String(repeating: "Abc. ", count: 20_000))
    pages["/b"] = StubSite.page(String(repeating: "Chapter 1 ", count: 20_000))
    let site = StubSite(pages: pages, others: ["/robots.txt": StubSite.text("User-agent: other\nCrawl-delay: 1e300")])
    #expect(try await analyze(site).report?.metrics.fetched == 4)
  }

  @Test func hugeCrawlDelayIsLimited() async throws {
    let site = StubSite(pages: Self.small, others: ["/robots.txt": StubSite.text("User-agent: *\nCrawl-delay: 1e300")])
    let (status, report, _) = try await analyze(site, #","maxPages":1"#)
    #expect(status == 200)
    #expect(report?.metrics.fetched == 1)
  }

  @Test func hugeSitemapIndexIsNotReadToTheEnd() async throws {
    let index =
      "<sitemapindex>" + (0..<5000).map { "<sitemap><loc>https://other.example/\($0).xml</loc></sitemap>" }.joined()
      + "</sitemapindex>"
    let site = StubSite(pages: Self.small, others: ["/sitemap.xml": StubSite.text(index)])
    #expect(try await analyze(site).report?.metrics.fetched == 5)
    #expect(site.requests.count < 150)
  }

  @Test func freshReportIsReusedUnlessForced() async throws {
    let site = StubSite(pages: Self.small)
    let first = try await analyze(site).report?.id
    let asked = site.requests.count
    #expect(try await analyze(site).report?.id == first)
    #expect(site.requests.count == asked, "a stored report needs no requests")
    #expect(try await analyze(site, #","maxPages":3"#).report?.id != first)
    #expect(try await analyze(site, #","force":true"#).report?.id != first)
    #expect(try await analyze(site, address: "198.51.100.1").report?.id != first)
  }

  @Test func unchangedSiteHasTheSameReport() async throws {
    func pages() async throws -> String {
      let text = try await analyze(StubSite(pages: Self.small), #","force":true"#).text
      let start = try #require(text.firstRange(of: #""pages":["#))
      let end = try #require(text.firstRange(of: #","partial":"#))
      return String(text[start.upperBound..<end.lowerBound])
    }
    let first = try await pages()
    for _ in 0..<5 { #expect(try await pages() == first) }
  }

  @Test func deadlineMakesAPartialReport() async throws {
    let slow = StubSite(pages: Self.small).fetcher
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      if request.url.hasSuffix("/c") { try? await Task.sleep(for: .seconds(60)) }
      return try await slow.fetch(request)
    }
    let router = Router.analyses(database, fetcher, agent: "x")
    let event = Event(
      method: "POST", rawPath: "/analyze", body: Array(#"{"url":"https://site.example/"}"#.utf8), sourceIP: "192.0.2.9")
    let response = await router.respond(to: event, by: Deadline(after: .seconds(24)))
    let report = try JSON.decode(Report.self, from: response.bytes)
    #expect(report.partial)
    #expect(report.pages.count >= 3)
  }

  // MARK: Discovery

  @Test func reportListsSourcesOfPagesAndSkippedSitemaps() async throws {
    let site = StubSite(
      pages: Self.small,
      others: [
        "/robots.txt": StubSite.text("Sitemap: /map.xml\nSitemap: /gone.xml"),
        "/map.xml": StubSite.text(
          """
          <urlset><url><loc>/c</loc></url><url><loc>/c</loc></url>\
          <url><loc>https://other.example/</loc></url></urlset>
          """
        ),
      ])
    let text = try await analyze(site).text
    #expect(text.contains(#""skipped":[{"reason":"http_404","url":"https://site.example/gone.xml"}]"#))
    #expect(text.contains(#"{"entries":3,"kept":1,"strategy":"robots","url":"https://site.example/map.xml"}"#))
    #expect(text.contains(#""strategy":"links""#))
    #expect(
      try await analyze(StubSite(pages: Self.small), #","force":true"#).text.contains(
        #""skipped":[],"sources":[{"entries":4,"kept":4,"strategy":"links"}]"#))
  }

  /// Sitemaps get a third of the time, and pages the rest.
  @Test func slowSitemapsLeaveTimeForPages() async throws {
    let pages = StubSite(pages: Self.small).fetcher
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      if request.url.contains("sitemap") {
        do { try await Task.sleep(for: request.limits.duration) } catch { throw FetchError(.cancelled, "cancelled") }
        throw FetchError(.timedOut, "timed out")
      }
      return try await pages.fetch(request)
    }
    let router = Router.analyses(database, fetcher, agent: "x")
    let event = Event(
      method: "POST", rawPath: "/analyze", body: Array(#"{"url":"https://site.example/"}"#.utf8), sourceIP: "192.0.2.19"
    )
    let response = await router.respond(to: event, by: Deadline(after: .seconds(36)))
    let report = try JSON.decode(Report.self, from: response.bytes)
    #expect(report.metrics.fetched == 5)
    #expect(!report.partial)
  }

  // MARK: Errors

  @Test(arguments: [
    (#"{}"#, "url"), (#"{"url":7}"#, "url"), (#"{"url":"ftp://x.example/"}"#, "url"),
    (#"{"url":"https://u:p@x.example/"}"#, "url"), (#"{"url":"x"}"#, "url"),
    (#"{"url":"https://x.example/\u0000"}"#, nil), (#"{"url":"https://x.example","maxPages":0}"#, "maxPages"),
    (#"{"url":"https://x.example","maxPages":201}"#, "maxPages"),
    (#"{"url":"https://x.example","maxPages":"1"}"#, "maxPages"),
    (#"{"url":"https://x.example","kind":"sight"}"#, "kind"), (#"{"url":"https://x.example","email":"me"}"#, "email"),
    (#"{"url":"https://x.example","include":[""]}"#, "include"),
    (#"{"url":"https://x.example","exclude":["\u0000"]}"#, "exclude"),
    (#"{"url":"https://x.example","language":"english"}"#, "language"),
    (#"{"url":"https://x.example","wait":"no"}"#, "wait"),
  ])
  func invalidFieldIsNamedInTheError(body: String, field: String?) async throws {
    let event = Event(method: "POST", rawPath: "/analyze", body: Array(body.utf8), sourceIP: "192.0.2.1")
    let response = await router(StubSite()).respond(to: event, by: Deadline(after: .seconds(5)))
    if let field {
      #expect(response.status == 400)
      #expect(String(decoding: response.bytes, as: UTF8.self).contains(#""field":"\#(field)""#))
    } else {
      // A NUL character is percent-encoded in the URL, and the request then fails.
      #expect(response.status == 502)
    }
  }

  @Test(arguments: [
    (FetchError.Code.forbiddenAddress, 403), (.unresolvedHost, 502), (.connectionFailed, 502), (.tls, 502),
    (.timedOut, 502), (.malformedResponse, 502),
  ])
  func fetchErrorDeterminesTheStatus(code: FetchError.Code, status: Int) async throws {
    let fetcher = Fetcher { (_: FetchRequest) async throws(FetchError) -> FetchResponse in
      throw FetchError(code, "test error")
    }
    let router = Router.analyses(database, fetcher, agent: "x")
    let event = Event(
      method: "POST", rawPath: "/analyze", body: Array(#"{"url":"https://site.example/"}"#.utf8), sourceIP: "192.0.2.1")
    #expect(await router.respond(to: event, by: Deadline(after: .seconds(120))).status == status)
  }

  @Test func missingOrInvalidHomePageIsUpstreamFailed() async throws {
    #expect(try await analyze(StubSite()).status == 502)
    #expect(try await analyze(StubSite(others: ["/": StubSite.text("hello")])).status == 502)
    #expect(try await analyze(StubSite(others: ["/": StubSite.redirect(to: "/")])).status == 502)
  }

  // MARK: Stored reports

  @Test func reportOfAFreeAccountIsFoundByItsIDAlone() async throws {
    let id = try #require(try await analyze(StubSite(pages: Self.small), address: "192.0.2.1").report?.id)
    let get = Event(method: "GET", rawPath: "/analyze/\(id)", sourceIP: "203.0.113.5")
    let response = await router(StubSite()).respond(to: get, by: Deadline(after: .seconds(5)))
    #expect(response.status == 200)
    #expect(try JSON.decode(Report.self, from: response.bytes).id == id)
  }

  @Test func reportOfTheOperatorIsNotFoundByOthers() async throws {
    let body = Array(#"{"url":"https://site.example/"}"#.utf8)
    let made = await router(StubSite(pages: Self.small))
      .respond(
        to: Event(method: "POST", rawPath: "/analyze", body: body, isOperator: true), by: Deadline(after: .seconds(120))
      )
    let id = try JSON.decode(Report.self, from: made.bytes).id
    for (isOperator, status) in [(false, 404), (true, 200)] {
      let get = Event(method: "GET", rawPath: "/analyze/\(id)", sourceIP: "203.0.113.5", isOperator: isOperator)
      #expect(await router(StubSite()).respond(to: get, by: Deadline(after: .seconds(5))).status == status)
    }
  }

  @Test(arguments: ["nonsense", "00000000-0000-0000-0000-000000000000", "%00"])
  func unknownIDIsNotFound(id: String) async {
    let get = Event(method: "GET", rawPath: "/analyze/\(id)", sourceIP: "203.0.113.5")
    #expect(await router(StubSite()).respond(to: get, by: Deadline(after: .seconds(5))).status == 404)
  }

  @Test(arguments: [
    ("Mozilla/5.0 (compatible; LLMTxtMastery/1.0; +https://x)", "LLMTxtMastery"), ("MyBot/2.0 (+https://x)", "MyBot"),
    ("Some-Bot_x", "Some-Bot_x"),
  ])
  func robotsTokenIsTheProductNameOfTheUserAgent(header: String, token: String) {
    #expect(UserAgent(Environment(["FETCH_USER_AGENT": header])).token == token)
  }

  @Test func malformedNetworkSettingIsNamedInTheError() {
    let error = #expect(throws: Failure.self) {
      try AddressGuard(Environment(["FETCH_ALLOW_NETWORKS": "10.0.0.0/8, nonsense"]))
    }
    #expect(error?.details == ["setting": "FETCH_ALLOW_NETWORKS"])
  }
}
