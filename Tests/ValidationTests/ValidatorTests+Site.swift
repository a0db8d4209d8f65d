import Fetch
import FoundationEssentials
import Support
import Testing
import Web

@testable import Validation

/// Comparisons of a file with the site's robots.txt, its sitemaps, the dates of its pages and their Markdown versions.
extension ValidatorTests {
  // MARK: robots.txt

  @Test func disallowedLinksAreReportedAndNotRequested() async throws {
    let site = site(others: ["/robots.txt": StubSite.text("User-agent: *\nDisallow: /about\n")])
    let report = try await validate(site)
    #expect(
      report.robotsConflicts == [.init(line: 15, url: try NormalizedURL("https://site.example/about"), agent: "*")])
    #expect(report.issues.map(\.rule) == [.robotsConflict])
    #expect(report.checked.skipped == ["robots": 1])
    #expect(!site.requests.contains("/about"))
  }

  @Test func conflictForOurAgentOnlyIsAWarning() async throws {
    let report = try await validate(
      site(others: ["/robots.txt": StubSite.text("User-agent: LLMTxtMastery\nDisallow: /about\n")]))
    #expect(report.robotsConflicts.map(\.agent) == ["LLMTxtMastery"])
    #expect(report.issues.map(\.severity) == [.warning])
  }

  @Test func fileDisallowedForOthersIsAConflict() async throws {
    let robots = StubSite.text("User-agent: LLMTxtMastery\nAllow: /\n\nUser-agent: *\nDisallow: /llms.txt")
    #expect(try await validate(site(others: ["/robots.txt": robots])).robotsConflicts.map(\.line) == [1])
  }

  // MARK: Coverage, age, Markdown versions

  private static func sitemap(_ paths: [String], lastModified: String? = nil) -> FetchResponse {
    let date = lastModified.map { "<lastmod>\($0)</lastmod>" } ?? ""
    return StubSite.text(
      "<urlset>" + paths.map { "<url><loc>https://site.example\($0)</loc>\(date)</url>" }.joined() + "</urlset>")
  }

  @Test func uncoveredPartOfTheSiteIsReported() async throws {
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
    #expect(report.issues.map(\.rule) == [.uncoveredSection], "another language needs no links")
    #expect(report.issues[0].fix == "- [Reference](https://site.example/reference/): …")
  }

  @Test func linkToAHubCoversItsPart() async throws {
    let paths = Self.pages + (0..<9).map { "/about/\($0)" }
    #expect(try await validate(site(others: ["/sitemap.xml": Self.sitemap(paths)])).issues.isEmpty)
  }

  @Test(arguments: [
    ("2026-05-02", true), ("2026-04-30T10:00:00Z", false), ("2026-05-01T12:00:00.5+00:00", true), ("nonsense", false),
  ])
  func pagesModifiedAfterTheFileAreReported(lastModified: String, isStale: Bool) async throws {
    let file = FetchResponse(
      status: 200, headers: ["content-type": "text/plain", "last-modified": "Fri, 01 May 2026 10:00:00 GMT"],
      body: Array(Self.file.utf8))
    let report = try await validate(
      site(others: ["/llms.txt": file, "/sitemap.xml": Self.sitemap(Self.pages, lastModified: lastModified)]))
    #expect(report.issues.contains { $0.rule == .stale } == isStale)
  }

  @Test func dynamicModificationDateIsIgnored() async throws {
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

  @Test func markdownVersionIsSuggested() async throws {
    let twin = FetchResponse(status: 200, headers: ["content-type": "text/markdown"])
    let report = try await validate(site(others: ["/quickstart.md": twin]))
    #expect(report.issues.map(\.rule) == [.markdownTwin])
    #expect(
      report.issues[0].fix
        == "- [Quickstart](https://site.example/quickstart.md): Make the first request in five minutes")
  }
}
