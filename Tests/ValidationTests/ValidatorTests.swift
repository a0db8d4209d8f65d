import Contract
import Fetch
import FoundationEssentials
import Support
import Synchronization
import Testing
import Web

@testable import Validation

/// Validation of a file with network checks.
struct ValidatorTests {
  static let file = FileRulesTests.good
  static let pages = ["/quickstart", "/stations", "/privacy", "/about"]

  func site(_ file: String? = file, without: [String] = [], others: [String: FetchResponse] = [:]) -> StubSite {
    var responses: [String: FetchResponse] = [:]
    for path in Self.pages where !without.contains(path) {
      responses[path] = FetchResponse(status: 200, headers: ["content-type": "text/html"])
    }
    if let file { responses["/llms.txt"] = StubSite.text(file) }
    return StubSite(others: responses.merging(others) { $1 })
  }

  func validator(_ fetcher: Fetcher, seconds: Int = 120) -> Validator {
    Validator(fetcher: fetcher, agent: "LLMTxtMastery", deadline: Deadline(after: .seconds(seconds)))
  }

  func validate(_ site: StubSite, _ path: String = "/") async throws -> ValidationReport {
    try await validator(site.fetcher).validate(
      NormalizedURL(StubSite.origin + path), at: Date(timeIntervalSince1970: 0))
  }

  @Test func goodFileHasScore100() async throws {
    let report = try await validate(site())
    #expect(report.score == 100)
    #expect(report.issues.isEmpty)
    #expect(report.url?.description == "https://site.example/llms.txt")
    #expect(report.checked == .init(links: 4, skipped: [:]))
    #expect(report.summary.reference == .whole)
    #expect(!report.partial)
    #expect(report.coverage == nil)
  }

  @Test(arguments: ["/", "/llms.txt"])
  func urlOfASiteOrOfItsFileIsAccepted(path: String) async throws {
    #expect(try await validate(site(), path).score == 100)
  }

  @Test func folderURLSelectsItsOwnFile() async throws {
    let site = site(nil, others: ["/docs/llms.txt": StubSite.text(Self.file)])
    #expect(try await validate(site, "/docs/").url?.path == "/docs/llms.txt")
  }

  // MARK: No file

  @Test func missingFileIsReportedWithAFix() async throws {
    let report = try await validate(site(nil))
    #expect(report.score == 0)
    #expect(report.issues.map(\.rule) == [.missingFile])
    #expect(report.issues[0].message == "there is no llms.txt at https://site.example/llms.txt")
    #expect(report.issues[0].fix == "`local-runner llms https://site.example/` writes one")
  }

  @Test(arguments: ["/.well-known/llms.txt", "/docs/llms.txt"])
  func fileInAnotherCommonPlaceIsCheckedAndReported(path: String) async throws {
    let page = FetchResponse(status: 200, headers: ["content-type": "text/html"], body: Array("<html>App".utf8))
    for usual in [nil, page] {
      var others = [path: StubSite.text(Self.file)]
      others["/llms.txt"] = usual
      let report = try await validate(site(nil, others: others))
      #expect(report.url?.path == path)
      #expect(report.issues.map(\.rule) == [.unusualPlace])
      #expect(
        report.issues[0].message
          == "the file is at https://site.example\(path); clients look for it at https://site.example/llms.txt")
      #expect(report.issues[0].fix.hasPrefix("serve it at https://site.example/llms.txt"))
      #expect(report.score >= 95)
    }
    let usual = try await validate(site(others: [path: StubSite.text(Self.file)]))
    #expect(usual.issues.isEmpty, "the usual place has precedence")
  }

  @Test func otherPlacesAreNotTriedForAFolderOrAFileOfAnotherName() async throws {
    let site = site(nil, others: ["/.well-known/llms.txt": StubSite.text(Self.file)])
    #expect(try await validate(site, "/guide/").issues.map(\.rule) == [.missingFile])
    #expect(try await validate(site, "/other.txt").issues.map(\.rule) == [.missingFile])
  }

  @Test func fileWithOnlyDeadLinksIsUseless() async throws {
    #expect(try await validate(site(without: Self.pages)).score <= 5)
    let half = try await validate(site(without: Array(Self.pages.prefix(2)))).score
    #expect(half > 30 && half < 70)
  }

  @Test(arguments: ["<!DOCTYPE html><html><body>Not found</body></html>", "Not found"])
  func htmlPageIsNotAFile(html: String) async throws {
    let page = FetchResponse(status: 200, headers: ["content-type": "text/html; charset=utf-8"], body: Array(html.utf8))
    let report = try await validate(site(nil, others: ["/llms.txt": page]))
    #expect(report.score == 0)
    #expect(report.issues.map(\.rule) == [.notText])
  }

  @Test func fileServedAsHTMLIsParsedAndReported() async throws {
    let page = FetchResponse(status: 200, headers: ["content-type": "text/html"], body: Array(Self.file.utf8))
    let report = try await validate(site(nil, others: ["/llms.txt": page]))
    #expect(report.issues.map(\.rule) == [.contentType])
    #expect(report.score > 90)
  }

  @Test(arguments: [
    ("/llms.txt", 500, "http_500"), ("/llms.txt", 403, "http_403"), ("/robots.txt", 503, "robots_unreachable"),
  ])
  func failingSiteThrowsUpstreamFailed(path: String, status: Int, reason: String) async throws {
    let site = site(others: [path: FetchResponse(status: status)])
    let failure = await #expect(throws: Failure.self) { try await validate(site) }
    #expect(failure?.code == .upstreamFailed)
    #expect(failure?.details["reason"] == reason)
  }

  @Test func redirectLoopThrowsUpstreamFailed() async throws {
    let site = site(others: ["/llms.txt": StubSite.redirect(to: "/llms.txt")])
    #expect(await #expect(throws: Failure.self) { try await validate(site) }?.details["reason"] == "redirect_loop")
  }

  @Test func fileDisallowedByRobotsThrowsForbidden() async throws {
    let site = site(others: ["/robots.txt": StubSite.text("User-agent: *\nDisallow: /llms")])
    let failure = await #expect(throws: Failure.self) { try await validate(site) }
    #expect(failure?.code == .forbidden)
    #expect(site.requests == ["/robots.txt"])
  }

  @Test func forbiddenAddressIsThrown() async throws {
    let fetcher = Fetcher { (_: FetchRequest) async throws(FetchError) -> FetchResponse in
      throw FetchError(.forbiddenAddress, "private")
    }
    let error = await #expect(throws: FetchError.self) {
      try await validator(fetcher).validate(NormalizedURL("https://site.example/"), at: Date())
    }
    #expect(error?.code == .forbiddenAddress)
  }

  // MARK: Links

  @Test func deadLinksAreReportedWithTheirLines() async throws {
    let report = try await validate(site(without: ["/stations"]))
    #expect(
      report.deadLinks == [
        .init(line: 10, url: try NormalizedURL("https://site.example/stations"), status: 404, reason: nil)
      ])
    #expect(report.issues.map(\.rule) == [.deadLink])
    #expect(report.score < 85)
    #expect(try await validate(site(without: Self.pages)).score <= 40)
  }

  @Test func otherFilesAreProbedByHEADThenByRange() async throws {
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

  // MARK: Linked pages

  private func html(_ text: String, _ headers: [String: String] = [:]) -> FetchResponse {
    FetchResponse(status: 200, headers: ["content-type": "text/html"].merging(headers) { $1 }, body: Array(text.utf8))
  }

  @Test func contentProblemsOfLinkedPagesAreReported() async throws {
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

  @Test func softNotFoundPagesAreDetected() async throws {
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

  @Test func fragmentOfALinkedPageIsReported() async throws {
    let report = try await validate(
      site(Self.file.replacing("site.example/about)", with: "site.example/stations#team)")))
    #expect(report.issues.map(\.rule) == [.duplicateLink])
    #expect(report.issues[0].severity == .notice)
  }

  @Test func redirectTargetIsTheFix() async throws {
    let moved = FetchResponse(status: 301, headers: ["location": "/a"])
    let report = try await validate(
      site(others: [
        "/about": moved, "/a": StubSite.redirect(to: "/team"), "/team": StubSite.text("x"),
        "/stations": StubSite.redirect(to: "/"), "/": StubSite.text("x"),
      ]))
    #expect(report.issues.map(\.rule) == [.redirectedLink, .redirectedLink])
    #expect(report.issues[0].message.contains("home page"))
    #expect(report.issues[1].fix == "- [About](https://site.example/team): The people behind the forecasts")
    #expect(report.issues[1].severity == .notice, "one of the redirects is temporary")
  }

  @Test func redirectLoopIsADeadLink() async throws {
    let report = try await validate(site(others: ["/about": StubSite.redirect(to: "/about")]))
    #expect(report.deadLinks.map(\.reason) == ["redirect_loop"])
  }

  @Test(arguments: [401, 403, 429, 503])
  func refusedLinkIsNotDead(status: Int) async throws {
    let report = try await validate(site(others: ["/about": FetchResponse(status: status)]))
    #expect(report.deadLinks.isEmpty)
    #expect(report.issues.map(\.rule) == [.refusedLink])
  }

  @Test(arguments: [
    (FetchError.Code.unresolvedHost, "unresolved_host"), (.tls, "tls"), (.connectionFailed, "connection_failed"),
  ])
  func failingHostIsADeadLink(code: FetchError.Code, reason: String) async throws {
    let stub = site().fetcher
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      if request.url.hasSuffix("/about") { throw FetchError(code, "why") }
      return try await stub.fetch(request)
    }
    let report = try await validator(fetcher).validate(NormalizedURL(StubSite.origin), at: Date())
    #expect(report.deadLinks.map(\.reason) == [reason])
  }

  /// The robots.txt of the linked site also fails, and that must not hide the error.
  @Test(arguments: [
    (FetchError.Code.unresolvedHost, ["unresolved_host"], [:]), (.forbiddenAddress, [], ["forbidden_address": 1]),
    (.timedOut, [], ["timed_out": 1]),
  ])
  func failingLinkedSiteIsReportedByItsError(code: FetchError.Code, dead: [String], skipped: [String: Int])
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

  @Test func atMost200LinksAreCheckedEightAtATime() async throws {
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
      // Each request waits until eight run at the same time, then a moment for a ninth.
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

  @Test func deadlineReturnsAPartialReport() async throws {
    let stub = site().fetcher
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      if request.url.hasSuffix("/about") { try? await Task.sleep(for: .seconds(60)) }
      return try await stub.fetch(request)
    }
    let report = try await validator(fetcher, seconds: 3).validate(NormalizedURL(StubSite.origin), at: Date())
    #expect(report.partial)
    // The number of checked links depends on the machine's speed, but every link is counted.
    let cut = try #require(report.checked.skipped["deadline"])
    #expect(cut >= 1)
    #expect(report.checked.links + cut == 4)
  }

  @Test func httpLinkIsComparedWithHTTPS() async throws {
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

  // MARK: Text in the request

  @Test func onlyAbsoluteLinksOfATextAreChecked() async throws {
    let text = Self.file.replacing("https://site.example/about", with: "/about")
    let report = await validator(site().fetcher).validate(Array(text.utf8), at: Date())
    #expect(report.checked == .init(links: 3, skipped: ["not_absolute": 1]))
    #expect(report.issues.map(\.rule) == [.relativeLink])
    #expect(report.url == nil)
  }

  @Test func offlineValidationCountsSkippedLinks() async throws {
    let validator = Validator(fetcher: nil, agent: "x", deadline: Deadline(after: .seconds(5)))
    let report = await validator.validate(Array(Self.file.utf8), at: Date())
    #expect(report.score == 100)
    #expect(report.checked == .init(links: 0, skipped: ["offline": 4]))
  }

  @Test func responseHasTheDocumentedFields() async throws {
    let json = String(decoding: try JSON.encode(try await validate(site(without: ["/about"]))), as: UTF8.self)
    #expect(json.contains(#""deadLinks":[{"line":15,"status":404,"url":"https://site.example/about"}]"#))
    #expect(
      json.contains(
        #""issues":[{"fix":"link the page that replaced it, or remove the line","line":15,"message":"https://site.example/about answers 404","rule":"dead-link","severity":"error"}]"#
      ))
    for name in ["checked", "createdAt", "kind", "partial", "robotsConflicts", "score", "status", "summary", "url"] {
      #expect(json.contains("\"\(name)\":"))
    }
  }
}
