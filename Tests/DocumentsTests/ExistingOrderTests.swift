import Testing
import Web

@testable import Documents
@testable import SiteAnalysis

/// A site that has an llms.txt already, written by hand.
@Suite struct ExistingOrderTests {
  private static func entry(_ path: String, _ category: String, score: Double = 7, markdown: Bool = false)
    -> SiteReport.Entry
  {
    let url = try! NormalizedURL("https://site.example" + path)
    return .init(
      url: url, title: path, description: "About \(path)", category: category, score: score, scoredBy: "heuristics",
      optional: false, language: "en",
      words: 100, lastModified: nil, level: 1, markdownURL: markdown ? url.at(path: path + ".md") : nil)
  }

  private static func report(_ pages: [SiteReport.Entry], existing: String?) throws -> SiteReport {
    let home = try NormalizedURL("https://site.example/")
    var report = SiteReport(
      url: home, site: .init(title: "Site", description: "A site about things.", language: "en", type: "service"),
      discovery: .init(method: .links, sitemaps: [], robots: .absent, found: pages.count), pages: pages,
      metrics: .init(fetched: 1, fromCache: 0, skipped: [:], bytes: 0, milliseconds: 0, modelCalls: 0, costMicros: 0),
      partial: false)
    report.existing = existing.flatMap {
      SiteReport.Existing(LLMSFile(Array($0.utf8)), at: home.at(path: "/llms.txt"), home: home)
    }
    return report
  }

  private static let file = """
    # Site

    > A site about things.

    By hand.

    ## Zebras

    - [Second](https://site.example/b): By hand
    - [First](https://site.example/a.md)

    ## Optional

    - [Left](https://site.example/c)
    """

  @Test("its sections, order, names and descriptions are kept; what it does not name follows")
  func respected() throws {
    let pages = [
      Self.entry("/a", "Own", score: 1, markdown: true), Self.entry("/b", "Own"), Self.entry("/c", "Own"),
      Self.entry("/d", "Own"), Self.entry("/e", "Own"), Self.entry("/f", "Pricing"), Self.entry("/g", "Pricing"),
    ]
    let text = LLMSTextComposer(try Self.report(pages, existing: Self.file)).compose()
    #expect(text.sections.map(\.name).prefix(2) == ["Zebras", "Pricing"])
    #expect(text.sections[0].links.map(\.title) == ["Second", "First"])
    #expect(text.sections[0].links.map(\.description) == ["By hand", "About /a"])
    #expect(text.sections[0].links[1].url == "https://site.example/a.md", "the twin in Markdown is linked")
    #expect(!text.sections.filter { $0.name != "Optional" }.flatMap(\.links).contains { $0.title == "Left" })
    #expect(text.sections.flatMap(\.links).map(\.title).filter { $0 == "/d" } == ["/d"])
  }

  @Test("a site without one is ordered as before")
  func absent() throws {
    let pages = [
      Self.entry("/a", "About"), Self.entry("/b", "About"), Self.entry("/c", "Product"), Self.entry("/d", "Product"),
    ]
    #expect(
      LLMSTextComposer(try Self.report(pages, existing: nil)).compose().sections.map(\.name) == ["Product", "About"])
  }

  @Test("its head is kept, and pages are found by their twins in Markdown; pages of others and single sections stay")
  func whole() throws {
    let file = """
      # Acme Cloud

      > Hand-written: Acme Cloud hosts databases.

      Not Acme Rockets.

      ## Start

      - [Alpha](https://site.example/docs/alpha.md)
      - [Source](https://code.example/acme): The repository

      ## Deep

      - [Beta](https://site.example/docs/beta/index.html.md): By hand

      ## Optional

      - [Gamma](https://site.example/docs/gamma.md)
      """
    let pages = ["/docs/alpha", "/docs/beta/", "/docs/gamma.html", "/docs/delta"].map { Self.entry($0, "Overview") }
    let report = try Self.report(pages, existing: file)
    let text = LLMSTextComposer(report).compose()
    #expect(text.title == "Acme Cloud")
    #expect(text.summary == "Hand-written: Acme Cloud hosts databases.")
    #expect(text.details.hasPrefix("Not Acme Rockets. "))
    #expect(text.sections.map(\.name) == ["Start", "Deep", "Overview", "Optional"])
    #expect(
      text.sections.map { $0.links.map(\.url) } == [
        ["https://site.example/docs/alpha.md", "https://code.example/acme"],
        ["https://site.example/docs/beta/index.html.md"], ["https://site.example/docs/delta"],
        ["https://site.example/docs/gamma.md"],
      ])
    #expect(text.sections[0].links[1].description == "The repository")
  }

  @Test("a file that this program wrote is written anew without growing")
  func again() throws {
    let pages =
      (0..<20).map { Self.entry("/docs/\($0)", "Guides", markdown: true) }
      + (0..<20).map { Self.entry("/api/\($0)", "API. Reference") } + [Self.entry("/x", "Guides", score: 1)]
    let first = LLMSTextComposer(try Self.report(pages, existing: nil)).compose().rendered()
    let second = LLMSTextComposer(try Self.report(pages, existing: first)).compose().rendered()
    #expect(LLMSTextComposer(try Self.report(pages, existing: second)).compose().rendered() == second)
    #expect(LLMSFile(second).sections.map(\.name) == LLMSFile(first).sections.map(\.name))
    #expect(second.split(separator: "\n")[2].hasPrefix("Not listed here: "))
  }

  @Test("a file that this program wrote and the site published changes with the site")
  func refreshed() throws {
    var pages =
      (0..<4).map { Self.entry("/docs/\($0)", "Guides") } + (0..<4).map { Self.entry("/api/\($0)", "Reference") }
    let first = LLMSTextComposer(try Self.report(pages, existing: nil)).compose().rendered()
    let existing = try #require(try Self.report(pages, existing: first).existing)
    #expect(existing.byHand(beside: [existing]) == nil)
    #expect(existing.byHand(beside: []) == existing)
    // Of somebody else's file the words are kept.
    pages[1].title = "Renamed"
    #expect(!LLMSTextComposer(try Self.report(pages, existing: first)).compose().rendered().contains("Renamed"))
  }

  @Test("what somebody changed by hand in a file that this program wrote is kept, and the rest changes with the site")
  func edited() throws {
    var pages =
      (0..<4).map { Self.entry("/docs/\($0)", "Guides") } + (0..<4).map { Self.entry("/api/\($0)", "Reference") }
    let first = LLMSTextComposer(try Self.report(pages, existing: nil)).compose().rendered()
    let written = [try #require(try Self.report(pages, existing: first).existing)]
    let edited = first.replacing(
      "[/docs/2](https://site.example/docs/2): About /docs/2", with: "[Two](https://site.example/docs/2): By hand")
    #expect(edited != first)
    pages[1].title = "Renamed"
    pages[2].title = "Renamed, too"
    var report = try Self.report(pages, existing: edited)
    report.existing = report.existing?.byHand(beside: written)
    let text = LLMSTextComposer(report).compose()
    #expect(text.sections[0].links.map(\.title) == ["/docs/0", "Renamed", "Two", "/docs/3"])
    #expect(text.sections[0].links[2].description == "By hand")
  }

  @Test("of files that are no pages those are linked that are there, and no twin that is not")
  func files() throws {
    let text = """
      # Site

      > About.

      ## Start

      - [Alpha](https://site.example/alpha.md)
      - [Data](https://site.example/all.json): All of it
      - [Gone](https://site.example/gone.json)
      - [Only](https://site.example/only.md)
      - [Beta](https://site.example/beta.md)
      """
    var report = try Self.report([Self.entry("/alpha", "Own"), Self.entry("/beta", "Own")], existing: text)
    report.existing?.files = try ["/all.json", "/only.md", "/beta.md"].map {
      try NormalizedURL("https://site.example" + $0)
    }
    let links = LLMSTextComposer(report).compose().sections[0].links
    #expect(links.map(\.url) == ["/alpha", "/all.json", "/only.md", "/beta.md"].map { "https://site.example" + $0 })
    #expect(links.map(\.description) == ["About /alpha", "All of it", nil, "About /beta"])
  }

  @Test("of a file that is longer than clients read, what stands last in its longest sections goes")
  func shortened() throws {
    let pages = (0..<300).map { Self.entry("/a/\($0)", "Own") } + (0..<3).map { Self.entry("/b/\($0)", "Other") }
    func links(_ folder: String, _ count: Int) -> String {
      (0..<count).map {
        "- [\(folder) \($0)](https://site.example/\(folder)/\($0)): Page \($0) says "
          + String(repeating: "word ", count: 60)
      }.joined(separator: "\n")
    }
    let text = LLMSTextComposer(
      try Self.report(
        pages, existing: "# Site\n\n> About.\n\n## Long\n\n\(links("a", 300))\n\n## Short\n\n\(links("b", 3))\n")
    ).compose()
    let length = text.rendered().count
    #expect((45_000...50_000).contains(length), "\(length)")
    #expect(text.sections.map(\.name) == ["Long", "Short"])
    let kept = text.sections[0].links.count
    #expect(text.sections[0].links.map(\.title) == (0..<kept).map { "a \($0)" })
    #expect(text.sections[1].links.count == 3)
    #expect(text.details.contains("\(300 - kept) more of Long"))
  }
}
