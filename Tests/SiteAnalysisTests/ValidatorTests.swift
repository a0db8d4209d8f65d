import Contract
import Fetch
import FoundationEssentials
import Support
import Synchronization
import Testing
import Web

@testable import SiteAnalysis

/// What the network tells of a file.
struct ValidatorTests {
  private static let file = FileRulesTests.good
  private static let pages = ["/quickstart", "/stations", "/privacy", "/about"]

  private func site(_ file: String? = file, without: [String] = [], others: [String: FetchResponse] = [:]) -> StubSite {
    var responses: [String: FetchResponse] = [:]
    for path in Self.pages where !without.contains(path) {
      responses[path] = FetchResponse(status: 200, headers: ["content-type": "text/html"])
    }
    if let file { responses["/llms.txt"] = StubSite.text(file) }
    return StubSite(others: responses.merging(others) { $1 })
  }

  private func validator(_ fetcher: Fetcher, seconds: Int = 120) -> Validator {
    Validator(fetcher: fetcher, agent: "LLMTxtMastery", deadline: Deadline(after: .seconds(seconds)))
  }

  private func validate(_ site: StubSite, _ path: String = "/") async throws -> ValidationReport {
    try await validator(site.fetcher).validate(
      NormalizedURL(StubSite.origin + path), at: Date(timeIntervalSince1970: 0))
  }

  @Test func aGoodFileOfALivingSiteHasAllPoints() async throws {
    let report = try await validate(site())
    #expect(report.score == 100)
    #expect(report.issues.isEmpty)
    #expect(report.url?.description == "https://site.example/llms.txt")
    #expect(report.checked == .init(links: 4, skipped: [:]))
    #expect(report.summary.reference == "whole")
    #expect(!report.partial)
    #expect(report.coverage == nil)
  }

  @Test(arguments: ["/", "/llms.txt"])
  func aSiteOrItsFileMayBeNamed(path: String) async throws { #expect(try await validate(site(), path).score == 100) }

  @Test func aFolderMeansTheFileInIt() async throws {
    let site = site(nil, others: ["/docs/llms.txt": StubSite.text(Self.file)])
    #expect(try await validate(site, "/docs/").url?.path == "/docs/llms.txt")
  }

  // MARK: No file

  @Test func aSiteWithoutAFileGetsAReportThatSaysWhatToDo() async throws {
    let report = try await validate(site(nil))
    #expect(report.score == 0)
    #expect(report.issues.map(\.rule) == [.missingFile])
    #expect(report.issues[0].message == "there is no llms.txt at https://site.example/llms.txt")
    #expect(report.issues[0].fix == "`local-runner llms https://site.example/` writes one")
  }

  @Test(arguments: ["<!DOCTYPE html><html><body>Not found</body></html>", "Not found"])
  func aPageInItsPlaceIsNoFile(html: String) async throws {
    let page = FetchResponse(status: 200, headers: ["content-type": "text/html; charset=utf-8"], body: Array(html.utf8))
    let report = try await validate(site(nil, others: ["/llms.txt": page]))
    #expect(report.score == 0)
    #expect(report.issues.map(\.rule) == [.notText])
  }

  @Test func aFileServedAsHTMLIsReadAndTold() async throws {
    let page = FetchResponse(status: 200, headers: ["content-type": "text/html"], body: Array(Self.file.utf8))
    let report = try await validate(site(nil, others: ["/llms.txt": page]))
    #expect(report.issues.map(\.rule) == [.contentType])
    #expect(report.score > 90)
  }

  @Test(arguments: [
    ("/llms.txt", 500, "http_500"), ("/llms.txt", 403, "http_403"), ("/robots.txt", 503, "robots_unreachable"),
  ])
  func aSiteThatDoesNotAnswerIsUpstreamFailed(path: String, status: Int, reason: String) async throws {
    let site = site(others: [path: FetchResponse(status: status)])
    let failure = await #expect(throws: Failure.self) { try await validate(site) }
    #expect(failure?.code == .upstreamFailed)
    #expect(failure?.details["reason"] == reason)
  }

  @Test func redirectsWithoutEndAreUpstreamFailed() async throws {
    let site = site(others: ["/llms.txt": StubSite.redirect(to: "/llms.txt")])
    #expect(await #expect(throws: Failure.self) { try await validate(site) }?.details["reason"] == "redirect_loop")
  }

  @Test func aFileThatWeMayNotReadIsForbidden() async throws {
    let site = site(others: ["/robots.txt": StubSite.text("User-agent: *\nDisallow: /llms")])
    let failure = await #expect(throws: Failure.self) { try await validate(site) }
    #expect(failure?.code == .forbidden)
    #expect(site.requests == ["/robots.txt"])
  }

  @Test func anAddressThatMayNotBeDialledIsSaidSo() async throws {
    let fetcher = Fetcher { (_: FetchRequest) async throws(FetchError) -> FetchResponse in
      throw FetchError(.forbiddenAddress, "private")
    }
    let error = await #expect(throws: FetchError.self) {
      try await validator(fetcher).validate(NormalizedURL("https://site.example/"), at: Date())
    }
    #expect(error?.code == .forbiddenAddress)
  }

  // MARK: Links

  @Test func deadLinksAreNamedWithTheirLines() async throws {
    let report = try await validate(site(without: ["/stations"]))
    #expect(
      report.deadLinks == [
        .init(line: 10, url: try NormalizedURL("https://site.example/stations"), status: 404, reason: nil)
      ])
    #expect(report.issues.map(\.rule) == [.deadLink])
    #expect(report.score < 85)
    #expect(try await validate(site(without: Self.pages)).score <= 40)
  }

  @Test func whatIsNoPageIsAskedForByHEADAndElseForItsFirstBytes() async throws {
    let stub = site(
      Self.file.replacing("site.example/about", with: "site.example/about.md"),
      others: ["/about.md": StubSite.text("# About")]
    ).fetcher
    let ranges = Mutex<[String]>([])
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      if request.method == "HEAD" { return FetchResponse(status: 405) }
      if let range = request.headers["range"], request.url.hasSuffix("about.md") {
        ranges.withLock { $0.append(range) }
      }
      return try await stub.fetch(request)
    }
    let report = try await validator(fetcher).validate(NormalizedURL(StubSite.origin), at: Date())
    #expect(report.deadLinks.isEmpty)
    #expect(ranges.withLock { $0 } == ["bytes=0-1023"])
  }

  // MARK: What stands where links lead

  private func html(_ text: String, _ headers: [String: String] = [:]) -> FetchResponse {
    FetchResponse(status: 200, headers: ["content-type": "text/html"].merging(headers) { $1 }, body: Array(text.utf8))
  }

  @Test func whatLinkedPagesSayOfThemselvesIsTold() async throws {
    let shell =
      #"<html><head><title>App</title></head><body><div id="root"></div><script src="/a.js"></script></body></html>"#
    let pages: [(FetchResponse, Rule)] = [
      (html(StubSite.page("Page not found", text: "Try again.")), .softNotFound),
      (html(StubSite.page("About"), ["x-robots-tag": "noindex"]), .noindexPage),
      (html(StubSite.page("About", head: #"<link rel="canonical" href="/team">"#)), .canonicalCopy),
      (html(shell), .needsJavaScript),
      (
        FetchResponse(status: 200, headers: ["content-type": "application/pdf"], body: Array("%PDF".utf8)),
        .unreadableTarget
      ),
    ]
    for (page, rule) in pages {
      let report = try await validate(site(others: ["/about": page]))
      #expect(report.issues.map(\.rule) == [rule])
      #expect(report.score < 100)
    }
    #expect(
      try await validate(
        site(others: ["/about": html(StubSite.page("About", head: #"<link rel="canonical" href="/about">"#))])
      ).score == 100)
  }

  @Test func aSiteThatHasAPageForEveryAddressIsFoundOut() async throws {
    let stub = site(others: ["/about": html(StubSite.page("About"))]).fetcher
    let everywhere = html(
      StubSite.page("Lost", text: "There is nothing at this place, but you may go back and try another way in."))
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      let response = try await stub.fetch(request)
      return response.status == 404 && !request.url.hasSuffix(".txt")
        ? everywhere : response.status == 200 && request.url.hasSuffix("/stations") ? everywhere : response
    }
    let report = try await validator(fetcher).validate(NormalizedURL(StubSite.origin), at: Date())
    #expect(report.issues.map(\.rule) == [.softNotFound])
    #expect(report.deadLinks.map(\.reason) == ["soft_404"])
  }

  @Test func aPlaceInAPageThatIsLinkedIsTold() async throws {
    let report = try await validate(
      site(Self.file.replacing("site.example/about)", with: "site.example/stations#team)")))
    #expect(report.issues.map(\.rule) == [.duplicateLink])
    #expect(report.issues[0].severity == .notice)
  }

  @Test func aRedirectIsFollowedAndItsEndIsTheFix() async throws {
    let moved = FetchResponse(status: 301, headers: ["location": "/a"])
    let report = try await validate(
      site(others: [
        "/about": moved, "/a": StubSite.redirect(to: "/team"), "/team": StubSite.text("x"),
        "/stations": StubSite.redirect(to: "/"), "/": StubSite.text("x"),
      ]))
    #expect(report.issues.map(\.rule) == [.redirectedLink, .redirectedLink])
    #expect(report.issues[0].message.contains("front page"))
    #expect(report.issues[1].fix == "- [About](https://site.example/team): The people behind the forecasts")
    #expect(report.issues[1].severity == .notice, "one of the steps is for now only")
  }

  @Test func aRedirectWithoutEndIsDead() async throws {
    let report = try await validate(site(others: ["/about": StubSite.redirect(to: "/about")]))
    #expect(report.deadLinks.map(\.reason) == ["redirect_loop"])
  }

  @Test(arguments: [401, 403, 429, 503])
  func aRefusalIsNoDeath(status: Int) async throws {
    let report = try await validate(site(others: ["/about": FetchResponse(status: status)]))
    #expect(report.deadLinks.isEmpty)
    #expect(report.issues.map(\.rule) == [.refusedLink])
  }

  @Test(arguments: [
    (FetchError.Code.unresolvedHost, "unresolved_host"), (.tls, "tls"), (.connectionFailed, "connection_failed"),
  ])
  func aHostThatDoesNotAnswerIsDead(code: FetchError.Code, reason: String) async throws {
    let stub = site().fetcher
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      if request.url.hasSuffix("/about") { throw FetchError(code, "why") }
      return try await stub.fetch(request)
    }
    let report = try await validator(fetcher).validate(NormalizedURL(StubSite.origin), at: Date())
    #expect(report.deadLinks.map(\.reason) == [reason])
  }

  /// Its robots.txt cannot be read either, and that must not hide it.
  @Test(arguments: [
    (FetchError.Code.unresolvedHost, ["unresolved_host"], [:]), (.forbiddenAddress, [], ["forbidden_address": 1]),
    (.timedOut, [], ["timed_out": 1]),
  ])
  func aSiteOfALinkThatDoesNotAnswerIsToldByWhy(code: FetchError.Code, dead: [String], skipped: [String: Int])
    async throws
  {
    let stub = site(Self.file.replacing("site.example/about", with: "gone.example/about")).fetcher
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      if request.url.hasPrefix("https://gone.example") { throw FetchError(code, "why") }
      return try await stub.fetch(request)
    }
    let report = try await validator(fetcher).validate(NormalizedURL(StubSite.origin), at: Date())
    #expect(report.deadLinks.compactMap(\.reason) == dead)
    #expect(report.checked.skipped == skipped)
  }

  @Test func atMostTwoHundredLinksAreAskedForEightAtATime() async throws {
    let lines = (0..<250).map { "- [Page \($0)](https://site.example/p\($0)): What page \($0) holds\n" }.joined()
    let running = Mutex((now: 0, most: 0, asked: 0))
    let text = FileRulesTests.head + "## A\n\n" + lines
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      if request.url.hasSuffix("/robots.txt") { return FetchResponse(status: 404) }
      guard request.url.contains("/p"), !request.url.contains("sitemap") else { return FetchResponse(status: 404) }
      running.withLock {
        $0.now += 1
        $0.most = max($0.most, $0.now)
        $0.asked += 1
      }
      // Each waits until eight are under way together, then a moment for a ninth.
      while running.withLock({ $0.most < 8 }), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
      try? await Task.sleep(for: .milliseconds(1))
      running.withLock { $0.now -= 1 }
      return FetchResponse(status: 200)
    }
    let report = await validator(fetcher, seconds: 120).validate(Array(text.utf8), at: Date())
    #expect(report.checked == .init(links: 200, skipped: ["over_limit": 50]))
    #expect(running.withLock { $0.most } == 8)
    #expect(running.withLock { $0.asked } == 200)
  }

  @Test func theDeadlineGivesWhatWasFoundUntilThen() async throws {
    let stub = site().fetcher
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      if request.url.hasSuffix("/about") { try? await Task.sleep(for: .seconds(60)) }
      return try await stub.fetch(request)
    }
    let report = try await validator(fetcher, seconds: 3).validate(NormalizedURL(StubSite.origin), at: Date())
    #expect(report.partial)
    // How many were asked for is the machine's affair, but none is lost.
    let cut = try #require(report.checked.skipped["deadline"])
    #expect(cut >= 1)
    #expect(report.checked.links + cut == 4)
  }

  @Test func anHTTPLinkIsHeldAgainstItsTwin() async throws {
    let text = Self.file.replacing("https://site.example/about", with: "http://site.example/about")
    let report = try await validate(
      site(
        text,
        others: [
          "http://site.example/about": StubSite.text("x"), "http://site.example/robots.txt": FetchResponse(status: 404),
        ]))
    #expect(report.issues.map(\.rule) == [.insecureLink])
    #expect(report.issues[0].fix == "- [About](https://site.example/about): The people behind the forecasts")
  }

  // MARK: robots.txt

  @Test func conflictsWithRobotsAreNamedAndNotAskedFor() async throws {
    let site = site(others: ["/robots.txt": StubSite.text("User-agent: *\nDisallow: /about\n")])
    let report = try await validate(site)
    #expect(
      report.robotsConflicts == [.init(line: 15, url: try NormalizedURL("https://site.example/about"), agent: "*")])
    #expect(report.issues.map(\.rule) == [.robotsConflict])
    #expect(report.checked.skipped == ["robots": 1])
    #expect(!site.requests.contains("/about"))
  }

  @Test func aConflictForUsAloneIsAWarning() async throws {
    let report = try await validate(
      site(others: ["/robots.txt": StubSite.text("User-agent: LLMTxtMastery\nDisallow: /about\n")]))
    #expect(report.robotsConflicts.map(\.agent) == ["LLMTxtMastery"])
    #expect(report.issues.map(\.severity) == [.warning])
  }

  @Test func aFileThatOnlyWeMayReadIsAConflict() async throws {
    let robots = StubSite.text("User-agent: LLMTxtMastery\nAllow: /\n\nUser-agent: *\nDisallow: /llms.txt")
    #expect(try await validate(site(others: ["/robots.txt": robots])).robotsConflicts.map(\.line) == [1])
  }

  // MARK: Coverage, age, twins

  private static func sitemap(_ paths: [String], lastModified: String? = nil) -> FetchResponse {
    let date = lastModified.map { "<lastmod>\($0)</lastmod>" } ?? ""
    return StubSite.text(
      "<urlset>" + paths.map { "<url><loc>https://site.example\($0)</loc>\(date)</url>" }.joined() + "</urlset>")
  }

  @Test func aPartOfTheSiteWithoutALinkIsTold() async throws {
    let paths =
      Self.pages + (0..<6).map { "/reference/\($0)" } + (0..<3).map { "/de/reference/\($0)" } + [
        "/about/team", "/about/press", "/tag/x",
      ]
    let report = try await validate(site(others: ["/sitemap.xml": Self.sitemap(paths)]))
    let coverage = try #require(report.coverage)
    #expect(coverage.pages == 15)
    #expect(coverage.linked == 4)
    #expect(coverage.share == 0.27)
    #expect(
      coverage.languages == [.init(language: "", pages: 12, linked: 4), .init(language: "de", pages: 3, linked: 0)])
    #expect(coverage.sections.first == .init(path: "/reference/", pages: 6, linked: 0))
    #expect(report.issues.map(\.rule) == [.uncoveredSection], "the other language is a choice")
    #expect(report.issues[0].fix == "- [Reference](https://site.example/reference/): …")
  }

  @Test func aHubStandsForItsPart() async throws {
    let paths = Self.pages + (0..<9).map { "/about/\($0)" }
    #expect(try await validate(site(others: ["/sitemap.xml": Self.sitemap(paths)])).issues.isEmpty)
  }

  @Test(arguments: [
    ("2026-05-02", true), ("2026-04-30T10:00:00Z", false), ("2026-05-01T12:00:00.5+00:00", true), ("nonsense", false),
  ])
  func pagesThatChangedAfterTheFileAreTold(lastModified: String, isStale: Bool) async throws {
    let file = FetchResponse(
      status: 200, headers: ["content-type": "text/plain", "last-modified": "Fri, 01 May 2026 10:00:00 GMT"],
      body: Array(Self.file.utf8))
    let report = try await validate(
      site(others: ["/llms.txt": file, "/sitemap.xml": Self.sitemap(Self.pages, lastModified: lastModified)]))
    #expect(report.issues.contains { $0.rule == .stale } == isStale)
  }

  @Test func aPageThatIsNewWheneverItIsAskedForTellsNothing() async throws {
    let file = FetchResponse(
      status: 200, headers: ["content-type": "text/plain", "last-modified": "Fri, 01 May 2026 10:00:00 GMT"],
      body: Array(Self.file.utf8))
    func page(_ date: String) -> FetchResponse {
      FetchResponse(
        status: 200,
        headers: ["content-type": "text/html", "last-modified": "Sat, 02 May 2026 10:00:00 GMT", "date": date])
    }
    #expect(
      try await validate(site(others: ["/llms.txt": file, "/about": page("Sat, 02 May 2026 10:00:01 GMT")])).issues
        .isEmpty)
    #expect(
      try await validate(site(others: ["/llms.txt": file, "/about": page("Sun, 03 May 2026 10:00:01 GMT")])).issues.map(
        \.rule) == [.stale])
  }

  @Test func markdownTwinsArePreferred() async throws {
    let twin = FetchResponse(status: 200, headers: ["content-type": "text/markdown"])
    let report = try await validate(site(others: ["/quickstart.md": twin]))
    #expect(report.issues.map(\.rule) == [.markdownTwin])
    #expect(
      report.issues[0].fix
        == "- [Quickstart](https://site.example/quickstart.md): Make the first request in five minutes")
  }

  // MARK: Content

  @Test func ofATextOnlyAbsoluteLinksAreAskedFor() async throws {
    let text = Self.file.replacing("https://site.example/about", with: "/about")
    let report = await validator(site().fetcher).validate(Array(text.utf8), at: Date())
    #expect(report.checked == .init(links: 3, skipped: ["not_absolute": 1]))
    #expect(report.issues.map(\.rule) == [.relativeLink])
    #expect(report.url == nil)
  }

  @Test func offlineNothingIsAskedAndThatIsSaid() async throws {
    let validator = Validator(fetcher: nil, agent: "x", deadline: Deadline(after: .seconds(5)))
    let report = await validator.validate(Array(Self.file.utf8), at: Date())
    #expect(report.score == 100)
    #expect(report.checked == .init(links: 0, skipped: ["offline": 4]))
  }

  @Test func theAnswerHasTheNamesOfTheContract() async throws {
    let json = String(decoding: try JSON.encode(try await validate(site(without: ["/about"]))), as: UTF8.self)
    #expect(json.contains(#""deadLinks":[{"line":15,"status":404,"url":"https://site.example/about"}]"#))
    #expect(
      json.contains(
        #""issues":[{"fix":"link the page that took its place, or leave the line out","line":15,"message":"https://site.example/about answers 404","rule":"dead-link","severity":"error"}]"#
      ))
    for name in ["checked", "createdAt", "kind", "partial", "robotsConflicts", "score", "status", "summary", "url"] {
      #expect(json.contains("\"\(name)\":"))
    }
  }
}
