import Crawling
import Testing
import Web

@testable import LLMSText
@testable import SiteAnalysis

/// Generated files for sites that already have an llms.txt.
@Suite struct ExistingOrderTests {
  private static func entry(_ path: String, _ category: String, score: Double = 7, markdown: Bool = false)
    -> SiteReport.Entry
  {
    let url = try! NormalizedURL("https://site.example" + path)
    return .init(
      url: url, title: path, description: "About \(path)", category: category, score: score, scoredBy: .heuristics,
      optional: false, language: "en",
      words: 100, lastModified: nil, level: 1, markdownURL: markdown ? url.at(path: path + ".md") : nil)
  }

  private static func report(_ pages: [SiteReport.Entry], existing: String?) throws -> SiteReport {
    let home = try NormalizedURL("https://site.example/")
    var report = SiteReport(
      url: home, site: .init(title: "Site", description: "A site about things.", language: "en", type: .service),
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

  @Test("sections, order, titles and descriptions of the existing file are kept, and other pages follow")
  func existingOrderIsKept() throws {
    let pages = [
      Self.entry("/a", "Own", score: 1, markdown: true), Self.entry("/b", "Own"), Self.entry("/c", "Own"),
      Self.entry("/d", "Own"), Self.entry("/e", "Own"), Self.entry("/f", "Pricing"), Self.entry("/g", "Pricing"),
    ]
    let text = LLMSTextComposer(try Self.report(pages, existing: Self.file)).compose()
    #expect(text.sections.map(\.name).prefix(2) == ["Zebras", "Pricing"])
    #expect(text.sections[0].links.map(\.title) == ["Second", "First"])
    #expect(text.sections[0].links.map(\.description) == ["By hand", "About /a"])
    #expect(text.sections[0].links[1].url == "https://site.example/a.md", "the Markdown version is linked")
    #expect(!text.sections.filter { $0.name != "Optional" }.flatMap(\.links).contains { $0.title == "Left" })
    #expect(text.sections.flatMap(\.links).map(\.title).filter { $0 == "/d" } == ["/d"])
  }

  @Test("a site without an existing file has the default order")
  func withoutExistingFile() throws {
    let pages = [
      Self.entry("/a", "About"), Self.entry("/b", "About"), Self.entry("/c", "Product"), Self.entry("/d", "Product"),
    ]
    #expect(
      LLMSTextComposer(try Self.report(pages, existing: nil)).compose().sections.map(\.name) == ["Product", "About"])
  }

  @Test("title, summary and details are kept, pages are matched by their Markdown versions, and external links stay")
  func wholeFileIsKept() throws {
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

  @Test("a published generated file is refreshed without growing")
  func publishedFileDoesNotGrow() throws {
    let pages =
      (0..<20).map { Self.entry("/docs/\($0)", "Guides", markdown: true) }
      + (0..<20).map { Self.entry("/api/\($0)", "API. Reference") } + [Self.entry("/x", "Guides", score: 1)]
    let first = LLMSTextComposer(try Self.report(pages, existing: nil)).compose().rendered()
    let second = LLMSTextComposer(try Self.report(pages, existing: first)).compose().rendered()
    #expect(LLMSTextComposer(try Self.report(pages, existing: second)).compose().rendered() == second)
    #expect(LLMSFile(second).sections.map(\.name) == LLMSFile(first).sections.map(\.name))
    #expect(second.split(separator: "\n")[2].hasPrefix("Not listed: "))
  }

  private static let formerOptional = "What stands under Optional can be left out where room is short."

  /// One details paragraph per earlier version, with all sentences that it could write.
  private static let formerDetails = [
    "Start with Second. The sections follow the site’s own order. \(formerOptional) Every other page is listed in "
      + "https://site.example/sitemap.xml. The pages are in de.",
    "The pages are listed below.",
    "Start with Second. The links lead to the pages’ Markdown. \(formerOptional) Not listed here: 12 more of Zebras, "
      + "3 of API, 2 others. The site’s sitemap is https://site.example/sitemap.xml. The pages are in de-DE.",
    "Start with Second. Not listed here: 1 page of less use.",
    "Start with Second. Links lead to the Markdown version of each page. Links under Optional can be skipped if you need "
      + "a shorter context. Not listed: 1 more page in Zebras, 2 less relevant pages. The site’s sitemap is "
      + "https://site.example/sitemap.xml. The pages are in de-DE.",
  ]

  @Test("sentences of an earlier version are replaced, and handwritten ones are kept once", arguments: formerDetails)
  func sentencesOfEarlierVersions(details: String) throws {
    let pages = ["/a", "/b", "/c", "/d"].map { Self.entry($0, "Own") }
    func refreshed(_ details: String) throws -> String {
      let file = Self.file.replacing("\nBy hand.\n", with: "\n\(details)\n")
      let report = try Self.report(pages, existing: file)
      #expect(report.existing?.details == details)
      return LLMSTextComposer(report).compose().details
    }
    let own = "Links under Optional can be skipped if you need a shorter context."
    #expect(try refreshed(details) == own)
    #expect(try refreshed("Zebras are striped. \(details)") == "Zebras are striped. \(own)")
    #expect(try refreshed("\(details) Zebras are striped. \(details)") == "Zebras are striped. \(own)")
  }

  @Test("a name with a full stop does not split a sentence of this program")
  func namesWithFullStops() throws {
    var pages =
      (0..<60).map { Self.entry("/docs/\($0)", "Guides") } + (0..<60).map { Self.entry("/api/\($0)", "API. Reference") }
      + [Self.entry("/x", "Guides", score: 1)]
    pages[0].title = "Node vs. Deno"
    pages[0].isShown = true
    var text = LLMSTextComposer(try Self.report(pages, existing: nil)).compose()
    #expect(
      text.details == "Start with Node vs. Deno. Not listed: 30 more pages in Guides, 30 in API. Reference, 1 other.")
    for _ in 0..<2 {
      let details = text.details
      text = LLMSTextComposer(try Self.report(pages, existing: text.rendered())).compose()
      #expect(text.details == details)
    }
  }

  @Test("a published generated file counts as written by the owner only if it is not recognized")
  func generatedFileIsRecognized() throws {
    var pages =
      (0..<4).map { Self.entry("/docs/\($0)", "Guides") } + (0..<4).map { Self.entry("/api/\($0)", "Reference") }
    let first = LLMSTextComposer(try Self.report(pages, existing: nil)).compose().rendered()
    let existing = try #require(try Self.report(pages, existing: first).existing)
    #expect(existing.ownerWritten(without: [existing]) == nil)
    #expect(existing.ownerWritten(without: []) == existing)
    // The titles of a file that is not recognized as generated are kept.
    pages[1].title = "Renamed"
    #expect(!LLMSTextComposer(try Self.report(pages, existing: first)).compose().rendered().contains("Renamed"))
  }

  @Test("edits of a generated file are kept, and its other links change with the site")
  func editedGeneratedFile() throws {
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
    report.existing = report.existing?.ownerWritten(without: written)
    let text = LLMSTextComposer(report).compose()
    #expect(text.sections[0].links.map(\.title) == ["/docs/0", "Renamed", "Two", "/docs/3"])
    #expect(text.sections[0].links[2].description == "By hand")
  }

  @Test("existing files that are not pages are linked, and missing Markdown versions are not")
  func linkedFiles() throws {
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

  @Test("a file that is too long for clients loses the last links of its longest sections")
  func longFileIsShortened() throws {
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
    #expect(text.details.contains("\(300 - kept) more pages in Long"))
  }
}
