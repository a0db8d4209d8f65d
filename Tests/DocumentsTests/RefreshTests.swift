import Access
import Accounts
import Contract
import Documents
import Fetch
import Jobs
import LLMSText
import Limits
import Metering
import Postgres
import Support
import Testing

@testable import SiteAnalysis

/// Refreshes of an edited llms.txt with `POST /generate` and `POST /analyze`.
struct RefreshTests {
  private let database: Database

  init() throws {
    database = Database(
      url: try TestDatabase.make(
        Accounts.migrations + Limits.migrations + Metering.migrations + SiteAnalysis.migrations + Documents.migrations
          + Jobs.migrations))
  }

  private struct Answer: Decodable {
    let id: String
    let content: String
  }

  private struct Report: Decodable { let id: String }

  /// A site with a page for each description.
  private static func site(_ descriptions: [String], llms: String? = nil) -> StubSite {
    let links = descriptions.indices.map { ("Page \($0)", "/p\($0)") }
    var pages = ["/": StubSite.page("Site", links: links)]
    for ((title, path), description) in zip(links, descriptions) {
      pages[path] = StubSite.page(title, description: description)
    }
    return StubSite(pages: pages, others: llms.map { ["/llms.txt": StubSite.text($0)] } ?? [:])
  }

  private static let descriptions = [
    "Tells how oars are carved", "Tells where sails are cut", "Tells why masts bend", "Tells what ropes carry",
  ]

  private func send(
    _ path: String, _ body: String, to site: StubSite, address: String = "192.0.2.1", isOperator: Bool = true
  ) async -> Response {
    let access = Access(database)
    let analysis = SiteAnalysis(
      access,
      reader: SiteReader(database, fetcher: site.fetcher, agent: "x", writtenFiles: LLMSText.writtenFiles(database)))
    let text = LLMSText(analysis)
    let router = Router(
      [Documents(access).generate(default: "llms_txt", [text.llmsText, text.llmsFullText]), analysis.analyze()],
      log: .silent)
    let event = Event(
      method: "POST", rawPath: path, body: Array(body.utf8), sourceIP: address, isOperator: isOperator)
    return await router.respond(to: event, by: Deadline(after: .seconds(120)))
  }

  private static let request = #"{"url":"https://site.example/","force":true}"#

  private func generate(
    _ site: StubSite, _ body: String = request, address: String = "192.0.2.1", isOperator: Bool = true
  ) async throws -> String {
    let response = await send("/generate", body, to: site, address: address, isOperator: isOperator)
    #expect(response.status == 201)
    return try JSON.decode(Answer.self, from: response.bytes).content
  }

  private static func edited(_ text: String) -> String {
    text.replacing("# Site\n", with: "# The Boat Yard\n")
      .replacing("- [Page 0](https://site.example/p0): Tells how oars are carved\n", with: "")
      .replacing("[Page 2]", with: "[Masts]").replacing("## Pages\n", with: "## Manual\n\nAsk Ada,\nnot Bob.\n")
  }

  private static func isEdited(_ text: String) -> Bool {
    text.hasPrefix("# The Boat Yard\n") && !text.contains("/p0)") && text.contains("- [Masts](https://site.example/p2)")
      && text.contains("\n\n## Manual\n\nAsk Ada,\nnot Bob.\n\n- [Page 1]")
  }

  @Test func editsOfThePublishedFileAreKeptInTenRefreshes() async throws {
    var descriptions = Self.descriptions
    var text = Self.edited(try await generate(Self.site(descriptions)))
    #expect(Self.isEdited(text), "\(text)")
    for round in 1...10 {
      descriptions[3] = "Tells what \(round) ropes carry"
      descriptions.append("Tells of knot number \(round)")
      text = try await generate(Self.site(descriptions, llms: text))
      #expect(Self.isEdited(text), "round \(round)\n\(text)")
      #expect(text.contains("\(descriptions[3])\n"))
      #expect(
        text.contains("- [Page \(round + 3)](https://site.example/p\(round + 3)): Tells of knot number \(round)\n"))
    }
    let again = try await generate(Self.site(descriptions, llms: text))
    #expect(again == text, "the same site gives the same file")
  }

  private struct AnalysisOfCopy: Encodable {
    let url = "https://site.example/"
    let force = true
    let existing: String
  }

  /// Refreshes a copy of a file that is not published, in the way of the command line.
  private func refreshed(existing text: String, _ descriptions: [String]) async throws -> String {
    // The published file is an older one.
    let site = Self.site(descriptions, llms: "# Old\n\n## Old\n\n- [Old](/p1)\n")
    let body = try JSON.encode(AnalysisOfCopy(existing: text))
    let analysis = await send("/analyze", String(decoding: body, as: UTF8.self), to: site)
    let report = try JSON.decode(Report.self, from: analysis.bytes)
    return try await generate(site, #"{"analysisId":"\#(report.id)"}"#)
  }

  @Test func editsOfTheFileInTheRequestAreKept() async throws {
    var text = Self.edited(try await generate(Self.site(Self.descriptions)))
    for round in 1...3 {
      text = try await refreshed(existing: text, Self.descriptions + (1...round).map { "Tells of knot number \($0)" })
      #expect(Self.isEdited(text) && text.contains("Tells of knot number \(round)\n"), "round \(round)\n\(text)")
    }
  }

  @Test("a file without edits is replaced only for the account that generated it")
  func fileOfAnotherAccount() async throws {
    let first = try await generate(Self.site(Self.descriptions))
    var descriptions = Self.descriptions
    descriptions[1] = "Tells where sails are mended"
    let site = Self.site(descriptions, llms: first)
    let refreshed = try await generate(site)
    #expect(refreshed == first.replacing("Tells where sails are cut", with: "Tells where sails are mended"))
    // For another account, the file counts as written by the site's owner.
    let other = try await generate(site, isOperator: false)
    #expect(other == first)
  }

  @Test func handwrittenFileStaysWhileNoGeneratedFileIsPublished() async throws {
    let file = "# Boats\n\n> By hand.\n\n## All\n\n- [Masts](https://site.example/p2)\n"
    let site = Self.site(Self.descriptions, llms: file)
    let first = try await generate(site)
    #expect(first.hasPrefix("# Boats\n\n> By hand.\n\n## All\n\n"))
    #expect((0..<4).allSatisfy { first.contains("/p\($0))") })
    // The generated file was not published, so the owner has not removed its pages.
    let second = try await generate(site)
    #expect(second == first)
    // Now it is published, and a page is removed.
    let removed = first.replacing(/- .*\/p1\).*\n/, with: "")
    #expect(removed != first)
    let third = try await generate(Self.site(Self.descriptions, llms: removed))
    #expect(third == removed)
  }

  @Test func pagesThatMovedAreLinkedAtTheirNewURL() async throws {
    let text = Self.edited(try await generate(Self.site(Self.descriptions)))
    var pages = ["/": StubSite.page("Site", links: [("Page 1", "/p1"), ("Page 2", "/masts"), ("Page 3", "/p3")])]
    for (title, path) in [("Page 1", "/p1"), ("Page 2", "/masts")] { pages[path] = StubSite.page(title) }
    let moved = StubSite(
      pages: pages,
      others: ["/llms.txt": StubSite.text(text), "/p2": StubSite.redirect(to: "/masts")])
    let refreshed = try await generate(moved)
    #expect(refreshed.contains("- [Masts](https://site.example/masts)"), "\(refreshed)")
    #expect(!refreshed.contains("/p2)") && !refreshed.contains("/p3)"), "the dead page is gone")
    #expect(refreshed.split(separator: "/masts)").count == 2)
  }

  @Test func ownTextsOfTheRequestReplaceTheOwnersTexts() async throws {
    let text = Self.edited(try await generate(Self.site(Self.descriptions)))
    let site = Self.site(Self.descriptions, llms: text)
    let changed = try await generate(
      site,
      #"{"url":"https://site.example/","force":true,"title":"Mine","summary":"My summary","details":"My details"}"#)
    #expect(changed.hasPrefix("# Mine\n\n> My summary\n\nMy details\n\n## Manual\n"))
    let pages = try await generate(
      site,
      #"{"url":"https://site.example/","force":true,"pages":["https://site.example/p2","https://site.example/p0"]}"#)
    #expect(pages.hasPrefix("# The Boat Yard\n"))
    #expect(pages.contains("- [Masts](https://site.example/p2): Tells why masts bend\n- [Page 0]"))
  }

  @Test(arguments: [
    #"{"url":"https://site.example/","existing":"\#(String(repeating: "x", count: 600_000))"}"#,
    #"{"analysisId":"x","existing":"S"}"#,
  ])
  func existingThatCannotBeUsedIsRefused(body: String) async {
    let response = await send("/generate", body, to: Self.site(Self.descriptions))
    #expect(response.status == 400)
    #expect(String(decoding: response.bytes, as: UTF8.self).contains(#""field":"existing""#))
  }
}
