import Contract
import Fetch
import FetchCurl
import Support
import Testing
import Web

@testable import Documents
@testable import SiteAnalysis

/// Reads the site of traps once, and asks of each what became of it.
struct TrapTests {
  private struct Run: Sendable {
    let requests: [String]
    let report: SiteReport
    /// The first reason that was given for each address.
    let leftOut: [String: String]
    /// The document as anybody gets it.
    let file: String
    /// The same with every page that is worth a line.
    let whole: String
  }

  private static let run = Task { () throws -> Run in
    let site = TrapSite()
    return try await read(site.fetcher, NormalizedURL(TrapSite.origin + "/")) { site.requests }
  }

  private static func read(_ fetcher: Fetcher, _ url: NormalizedURL, requests: () -> [String] = { [] }) async throws
    -> Run
  {
    let crawler = Crawler(
      fetcher: fetcher, agent: "LLMTxtMastery", deadline: Deadline(after: .seconds(300)), known: { _ in [:] },
      report: { _ in })
    let request = AnalyzeRequest(url: url)
    let harvest = try await crawler.crawl(request)
    let report = SiteReport(harvest, request, milliseconds: 0)
    let sieve = PageSieve(harvest.pages, harvest.languages, today: harvest.today)
    var leftOut: [String: String] = [:]
    for page in harvest.leftOut + sieve.leftOut { leftOut[path(page.url), default: page.reason] = page.reason }
    let worthy = report.pages.filter { isWorthALine($0) || $0.optional }.map { "\"\($0.url)\"" }.joined(separator: ",")
    let all = try JSON.decode(GenerateRequest.self, from: Array(#"{"analysisId":"x","pages":[\#(worthy)]}"#.utf8))
    return Run(
      requests: requests(), report: report, leftOut: leftOut, file: LLMSTextComposer(report).compose().rendered(),
      whole: LLMSTextComposer(report, all).compose().rendered())
  }

  private static func path(_ url: NormalizedURL) -> String { url.pathAndQuery.replacing("caf%C3%A9", with: "café") }

  private static func isWorthALine(_ entry: SiteReport.Entry) -> Bool {
    !entry.optional && entry.score >= LLMSTextComposer.minimumScore && entry.level > 0
  }

  @Test func everyTrapSaysWhatItIsAndWhatBecomesOfIt() {
    #expect(TrapSite.traps.count >= 150)
    for trap in TrapSite.traps { #expect(!trap.what.isEmpty && trap.fate != nil, "\(trap.path)") }
    #expect(Set(TrapSite.traps.map(\.path)).count == TrapSite.traps.count)
  }

  private static let paths = Set(TrapSite.traps.map(\.path))

  @Test(arguments: TrapSite.traps)
  func whatBecomesOf(trap: Trap) async throws {
    let run = try await Self.run.value
    let entry = run.report.pages.first { Self.path($0.url) == trap.path }
    let asked = run.requests.count {
      trap.path.hasSuffix("*") ? $0.hasPrefix(trap.path.dropLast()) && !Self.paths.contains($0) : $0 == trap.path
    }
    switch trap.fate {
    case .linked:
      let entry = try #require(entry, "left out: \(run.leftOut[trap.path] ?? "never found"), asked for \(asked) times")
      #expect(Self.isWorthALine(entry), "scored \(entry.score), optional: \(entry.optional)")
    case .optional:
      let entry = try #require(entry, "left out: \(run.leftOut[trap.path] ?? "never found")")
      #expect(entry.optional, "scored \(entry.score)")
    case .notLinked:
      #expect(
        entry.map { !Self.isWorthALine($0) && !$0.optional } ?? true,
        "scored \(entry?.score ?? 0), optional: \(entry?.optional ?? false)")
    case .leftOut(let reason):
      #expect(entry == nil)
      #expect(run.leftOut[trap.path] == reason)
      #expect(run.report.metrics.skipped[reason] ?? 0 > 0)
    case .notAskedFor:
      #expect(asked == 0)
      #expect(entry == nil)
    case .cut(let limit): #expect((1...limit).contains(asked), "asked for \(asked) times")
    case .file, nil: break
    }
    if let title = trap["title"] { #expect(run.whole.contains("- [\(title)](\(TrapSite.origin)\(trap.path))")) }
    if let text = trap["says"] { #expect(run.whole.contains("\(TrapSite.origin)\(trap.path)): \(text)\n")) }
    if let text = trap["never"] {
      #expect(!run.file.contains(text))
      #expect(!run.whole.contains(text))
    }
  }

  @Test func theDocumentHoldsOnlyWhatIsWorthALine() async throws {
    let run = try await Self.run.value
    let fates = Dictionary(uniqueKeysWithValues: TrapSite.traps.map { ($0.path, $0.fate) })
    let links = LLMSFile(run.file).links.map(\.link)
    #expect(links.count > 40)
    // What the site's own file names elsewhere is not read.
    for link in links where link.url.hasPrefix(TrapSite.origin) {
      if run.report.existing?.files?.contains(where: { $0.description == link.url }) ?? false { continue }
      let path = try Self.path(NormalizedURL(link.url.replacing("%28", with: "(").replacing("%29", with: ")")))
      // A page's twin in Markdown stands for the page.
      let page = path.hasSuffix(".md") ? String(path.dropLast(3)) : path
      #expect([.linked, .optional].contains(fates[page] ?? nil), "\(link.url)")
    }
  }

  @Test func whatTheNavigationShowsIsThere() async throws {
    let run = try await Self.run.value
    for trap in TrapSite.traps where trap.places.contains("navigation") && [.linked, .optional].contains(trap.fate) {
      #expect(run.file.contains("](\(TrapSite.origin)\(trap.path))"), "\(trap.path)")
    }
  }

  /// Everything is read as it was written: no link is lost to the reference parser, no line holds what nobody sees.
  @Test func theDocumentIsReadWhole() async throws {
    let run = try await Self.run.value
    for text in [run.file, run.whole] {
      let file = LLMSFile(text)
      let written = text.split(separator: "\n").count { $0.hasPrefix("- [") }
      #expect(file.reference.sections.reduce(0) { $0 + $1.links.count } == written)
      #expect(file.reference.sections.allSatisfy { $0.unreadableLines.isEmpty && !$0.isOverwritten })
      let hidden = text.unicodeScalars.filter {
        [.format, .control].contains($0.properties.generalCategory) && $0 != "\n"
      }
      #expect(hidden.isEmpty)
    }
  }

  /// Bytes, encodings, redirects and limits are libcurl's there.
  @Test func overHTTPTheSameIsFound() async throws {
    let server = try await TrapServer()
    defer { server.end() }
    let url = try NormalizedURL(server.origin + "/")
    let opened = try #require(IPNetwork("127.0.0.1/32:\(url.port ?? 0)"))
    let there = try await Self.read(.curl(guard: AddressGuard(opened: [opened]), userAgent: "LLMTxtMastery"), url)
    let here = try await Self.run.value
    #expect(
      there.report.pages.map { "\($0.url.pathAndQuery) \($0.title)" }
        == here.report.pages.map { "\($0.url.pathAndQuery) \($0.title)" })
    #expect(there.leftOut == here.leftOut)
    #expect(there.file.replacing(url.origin, with: TrapSite.origin) == here.file)
  }

  @Test func theSitesOwnRecommendationsAreKept() async throws {
    let existing = try #require(try await Self.run.value.report.existing)
    #expect(existing.sections.map(\.name) == ["Start here", "Optional"])
    #expect(
      existing.sections[0].links.map(\.title) == [
        "Harbour pilots", "Gone", "Friends", "Bar pilots", "Bar chart", "Tides as data", "Older tides",
      ])
    #expect(existing.files?.map(\.path) == ["/guides/bar-pilots.md", "/data/tides.json"])
    #expect(existing.sections[0].links[0].description == "How pilots read our tables")
    let file = LLMSFile(try await Self.run.value.file)
    #expect(file.quotes.map(\.text) == ["Tide tables."])
    #expect(file.sections[0].name == "Start here")
    #expect(
      file.sections[0].links.map(\.link.url) == [
        TrapSite.origin + "/guides/harbour-pilots", "https://friends.example.net/",
        TrapSite.origin + "/guides/bar-pilots.md",
        TrapSite.origin + "/guides/bar-chart", TrapSite.origin + "/data/tides.json",
      ])
    #expect(file.sections.last?.links.contains { $0.link.title == "Old soundings" } == true)
  }

  @Test func markdownTwinsAreKnownAndDeadOnesNotGiven() async throws {
    let report = try await Self.run.value.report
    #expect(report.pages.compactMap(\.markdownURL?.path) == ["/products/clock.md"])
    #expect(report.discovery.markdown == .init(named: 2, byConvention: 0, there: 1))
  }

  @Test func theSitemapsThatAreNamedListPagesOfTheSite() async throws {
    let report = try await Self.run.value.report
    let named = Set(report.discovery.sitemaps.map(\.path))
    #expect(named.isSuperset(of: ["/maps/index.xml", "/maps/pages.xml", "/maps/chatty.xml"]))
    #expect(named.isDisjoint(with: ["/maps/elsewhere.xml", "/maps/loop.xml"]))
  }

  @Test func theMadeUpAddressIsAskedForOnce() async throws {
    let run = try await Self.run.value
    let made = try Self.path(SoftNotFound.address(at: NormalizedURL(TrapSite.origin + "/")))
    #expect(run.requests.count { $0 == made } == 1)
  }

  @Test func nothingIsAskedForTwice() async throws {
    let requests = try await Self.run.value.requests.filter { !["/llms.txt", "/"].contains($0) }
    let again = Dictionary(requests.map { ($0, 1) }, uniquingKeysWith: +).filter { $0.value > 1 }
    // What several lead to by redirects.
    #expect(
      Set(again.keys).isSubset(of: [
        "/guides/loop", "/guides/loop-back", "/maps/index.xml", "/guides/new-name", "/guides/older-name",
        "/login?next=/members",
      ]), "\(again)")
  }
}
