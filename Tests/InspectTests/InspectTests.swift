import Contract
import Crawling
import Fetch
import FoundationEssentials
import SiteAnalysis
import Support
import Synchronization
import Testing
import Validation
import Web

@testable import Inspect

struct InspectTests {
  // MARK: robots.txt

  @Test("each URL or path gets one line")
  func robots() {
    let inspection = RobotsInspection(Array("User-agent: x\nDisallow: /p".utf8), agent: "x")
    #expect(inspection.line(for: "https://a.example/p/1") == "disallowed\thttps://a.example/p/1\n")
    #expect(inspection.line(for: "/q") == "allowed\t/q\n")
    #expect(inspection.line(for: "http://[") == "invalid\thttp://[\n")
    let other = RobotsInspection(Array("User-agent: x\nDisallow: /p".utf8), agent: "y")
    #expect(other.line(for: "/p") == "allowed\t/p\n")
  }

  // MARK: Pages

  private struct Line: Decodable {
    let file: String
    let url: String
    let title: String?
    let robots: [String]
    let text: String
  }

  private static func inspect(_ pages: [String], site: StubSite = StubSite()) async -> [PageInspection.Output] {
    let outputs = Mutex<[PageInspection.Output]>([])
    await PageInspection(agent: "x", fetcher: { _ in site.fetcher }).run(pages) { output in
      outputs.withLock { $0.append(output) }
    }
    return outputs.withLock { $0 }
  }

  private static func line(_ output: PageInspection.Output) throws -> Line {
    guard case .line(let bytes) = output else { throw Unexpected(output: output) }
    #expect(bytes.last == 0x0a)
    return try JSON.decode(Line.self, from: bytes)
  }

  private struct Unexpected: Error { let output: PageInspection.Output }

  @Test("pages are reported in the given order, also if some fail")
  func order() async throws {
    let names = (0..<20).map { "/page-\($0)" }
    let site = StubSite(
      pages: Dictionary(uniqueKeysWithValues: names.dropLast().map { ($0, StubSite.page("Page \($0)")) }))
    let outputs = await Self.inspect(names.map { StubSite.origin + $0 }, site: site)
    #expect(outputs.count == 20)
    for (name, output) in zip(names.dropLast(), outputs) {
      #expect(try Self.line(output).file == StubSite.origin + name)
    }
    #expect(outputs.last == .failure(page: StubSite.origin + "/page-19", message: "status 404"))
  }

  @Test("redirects are followed, and the headers of the response are used")
  func redirect() async throws {
    let page = FetchResponse(
      status: 200, headers: ["content-type": "text/html", "x-robots-tag": "noindex"],
      body: Array(StubSite.page("Target").utf8))
    let site = StubSite(others: ["/old": StubSite.redirect(to: "/new"), "/new": page])
    let line = try Self.line(await Self.inspect([StubSite.origin + "/old"], site: site)[0])
    #expect(line.url == StubSite.origin + "/new")
    #expect(line.robots.contains("noindex"))
    let loop = StubSite(others: ["/a": StubSite.redirect(to: "/b"), "/b": StubSite.redirect(to: "/a")])
    guard case .failure(_, let message) = await Self.inspect([StubSite.origin + "/a"], site: loop)[0] else {
      Issue.record("a redirect loop was accepted")
      return
    }
    #expect(message.contains("too many redirects"))
  }

  @Test("files are read, and a file that is missing is a failure")
  func files() async throws {
    let path = "/tmp/llmtxt-inspect-\(UUID().uuidString).html"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(StubSite.page("File").utf8).write(to: URL(filePath: path))
    let outputs = await Self.inspect([path, path + ".missing"])
    #expect(try Self.line(outputs[0]).title == "File | Site")
    #expect(outputs[1] == .failure(page: path + ".missing", message: "the file cannot be read"))
  }

  @Test("characters that some programs treat as line ends are escaped", arguments: ["\u{85}", "\u{2028}", "\u{2029}"])
  func lineEnds(character: String) throws {
    let text = "é\(character)€"
    let escaped = PageInspection.escapingLineEnds(try JSON.encode(text))
    #expect(!String(decoding: escaped, as: UTF8.self).contains(character))
    #expect(try JSON.decode(String.self, from: escaped) == text)
  }

  // MARK: Sitemaps

  @Test("each entry of a sitemap is one line of JSON")
  func sitemap() async throws {
    let sitemap = """
      <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
      <url><loc>https://site.example/a?b=1</loc><lastmod>2025-01-02</lastmod></url>
      <url><loc>https://site.example/c</loc></url></urlset>
      """
    let site = StubSite(others: [
      "/sitemap.xml": FetchResponse(
        status: 200, headers: ["content-type": "application/xml"], body: Array(sitemap.utf8))
    ])
    let output = Mutex<[UInt8]>([])
    let listing = await SitemapInspection(site.fetcher, deadline: Deadline(after: .seconds(20))).run(
      try NormalizedURL("https://site.example/sitemap.xml")
    ) { bytes in output.withLock { $0 += bytes } }
    #expect(listing.sources.count == 1)
    #expect(
      String(decoding: output.withLock { $0 }, as: UTF8.self) == """
        {"lastModified":"2025-01-02","source":"https://site.example/sitemap.xml","url":"https://site.example/a?b=1"}
        {"source":"https://site.example/sitemap.xml","url":"https://site.example/c"}

        """)
  }

  // MARK: llms.txt

  private static func report(_ text: String) async -> ValidationReport {
    let validator = Validator(fetcher: nil, agent: "x", deadline: Deadline(after: .seconds(20)))
    return await validator.validate(Array(text.utf8), at: Date(timeIntervalSince1970: 0))
  }

  private static let good = """
    # Tidewater

    > Tidewater is a forecasting service for harbours: tide heights, currents and alerts.

    Start with the quickstart.

    ## Guides

    - [Quickstart](https://site.example/quickstart): Make the first request in five minutes
    - [Stations](https://site.example/stations): Find the station that is nearest to a place

    """

  @Test("the text of a report without issues is the score and a summary")
  func reportWithoutIssues() async {
    let text = await Self.report(Self.good).text
    #expect(
      text.hasPrefix("Score 100 of 100: 0 errors, 0 warnings, 0 notices · 2 links, 2 described, in 1 section ·"))
    #expect(text.contains("The reference parser parses the whole file. Checked 0 links"))
  }

  @Test("each issue has its line, severity, message, rule and fix")
  func reportWithIssues() async {
    let text = await Self.report(Self.good.replacing("- [Quick", with: "* [Quick")).text
    #expect(text.hasPrefix("9: error: "))
    #expect(text.contains(" [bullet]\n    fix: - [Quickstart](https://site.example/quickstart): Make"))
    #expect(text.contains("\n\nScore "))
  }
}
