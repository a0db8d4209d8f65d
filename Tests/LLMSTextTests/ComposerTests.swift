import Crawling
import Testing
import Web

@testable import LLMSText
@testable import SiteAnalysis

/// The selection and order of links in a generated llms.txt.
struct ComposerTests {
  private static func entry(
    _ path: String, _ category: String, score: Double = 7, optional: Bool = false, title: String? = nil,
    description: String? = nil, level: Int = 2, isShown: Bool? = nil
  ) -> SiteReport.Entry {
    .init(
      url: try! NormalizedURL("https://site.example" + path), title: title ?? path,
      description: description ?? "About \(path)", category: category,
      score: score, scoredBy: .heuristics, optional: optional, language: "en", words: 100, lastModified: nil,
      level: level, isShown: isShown)
  }

  private static func report(
    _ pages: [SiteReport.Entry], description: String? = "A site about things.", language: String? = "en"
  ) -> SiteReport {
    SiteReport(
      url: try! NormalizedURL("https://site.example/"),
      site: .init(title: "Site", description: description, language: language, type: .documentation),
      discovery: .init(method: .links, sitemaps: [], robots: .absent, found: pages.count),
      pages: [entry("/", "Overview", level: 0)] + pages,
      metrics: .init(fetched: 1, fromCache: 0, skipped: [:], bytes: 0, milliseconds: 0, modelCalls: 0, costMicros: 0),
      partial: false)
  }

  private func compose(_ pages: [SiteReport.Entry]) -> LLMSTextFile { LLMSTextComposer(Self.report(pages)).compose() }

  private func section(_ name: String, _ count: Int, score: Double = 7) -> [SiteReport.Entry] {
    (0..<count).map { Self.entry("/\(name)/\($0)", name, score: score) }
  }

  @Test func sameReportGivesSameBytes() {
    let report = Self.report(section("A", 30) + section("B", 20) + section("C", 3))
    #expect(Set((0..<5).map { _ in LLMSTextComposer(report).compose().rendered() }).count == 1)
  }

  @Test func homePageAndLowScoringPagesAreNotLinked() {
    let links = compose(section("A", 4) + section("B", 3) + [Self.entry("/bad", "A", score: 1)]).sections.flatMap(
      \.links)
    #expect(links.count == 7)
  }

  @Test func sectionsKeepTheOrderOfTheSiteAndOptionalIsLast() {
    let text = compose(
      section("B", 4) + section("A", 4) + [
        Self.entry("/x", "A", optional: true), Self.entry("/y", "A", optional: true),
      ] + section("FAQs", 3) + section("Tutorial", 3))
    #expect(text.sections.map(\.name) == ["Tutorial", "B", "A", "FAQs", "Optional"])
  }

  @Test func sectionsCuratedByAModelKeepItsOrderAndOthersFollow() {
    var report = Self.report(
      section("Reference", 4) + section("Tutorial", 4) + section("Guides", 4) + section("Older", 4))
    report.curated = ["Reference", "Guides"]
    let text = LLMSTextComposer(report).compose()
    #expect(text.sections.map(\.name) == ["Reference", "Guides", "Tutorial", "Older"])
    #expect(text.sections.flatMap(\.links).count == 16, "pages outside the curated sections are kept")
  }

  @Test func noSectionHasASingleLink() {
    let text = compose(
      section("A", 5) + section("Lonely", 1) + section("Alone", 1) + [Self.entry("/x", "Overview", optional: true)])
    #expect(text.sections.filter { $0.name != LLMSTextFile.optional }.allSatisfy { $0.links.count > 1 })
    #expect(Set(text.sections.flatMap(\.links).map(\.title)).isSuperset(of: ["/Lonely/0", "/Alone/0"]))
  }

  @Test func twentyChaptersBecomeTwelveSections() {
    let text = compose((1...20).flatMap { section("Chapter\($0)", 6) })
    #expect(text.sections.map(\.name) == (1...11).map { "Chapter\($0)" } + ["Further Topics"])
    #expect(text.sections.flatMap(\.links).count == 60)
  }

  @Test func bestPagesOfASectionKeepTheirOrder() {
    let pages = (0..<40).map { Self.entry("/a/\($0)", "A", score: $0 % 10 == 3 ? 9 : 6) }
    let links = compose(pages + section("B", 40) + section("C", 40) + section("D", 40)).sections[0].links.map(\.title)
    #expect(links.filter { $0.hasSuffix("3") } == ["/a/3", "/a/13", "/a/23", "/a/33"])
    #expect(links == links.sorted { Int($0.dropFirst(3))! < Int($1.dropFirst(3))! })
  }

  @Test func equalTitlesGetSectionNamesAndEqualDescriptionsAreDropped() {
    let pages = ["A", "B"].flatMap {
      [Self.entry("/\($0)/i", $0, title: "Introduction", description: "Same"), Self.entry("/\($0)/o", $0)]
    }
    let links = compose(pages).sections.flatMap(\.links)
    #expect(Set(links.map(\.title)).isSuperset(of: ["Introduction (A)", "Introduction (B)"]))
    #expect(links.filter { $0.title.hasPrefix("Intro") }.compactMap(\.description) == ["Same"])
  }

  @Test func equalTitlesInOneSectionGetTheirPlaces() {
    let pages = ["/guides/a/start", "/guides/b"].map { Self.entry($0, "Guides", title: "Setup") } + section("B", 3)
    #expect(compose(pages).sections.flatMap(\.links).map(\.title).prefix(2) == ["Setup (Start)", "Setup (B)"])
  }

  @Test func onlySectionHasUpToSixtyLinks() {
    #expect(compose(section("A", 30)).sections.map(\.links.count) == [30])
    #expect(compose(section("A", 90)).sections.map(\.links.count) == [60])
  }

  @Test func smallSectionsLeaveTheirLinksToLargeOnes() {
    let counts = compose(section("A", 150) + section("B", 5)).sections.map(\.links.count)
    #expect(counts == [55, 5])
  }

  @Test func pagesInTheNavigationComeBeforeOthers() {
    let shown = (0..<10).map { Self.entry("/A/shown\($0)", "A", score: $0 == 7 ? 2 : 5, isShown: true) }
    let others = [9, 2, 5, 1, 8, 4, 7, 3, 6, 0].flatMap { tens in
      (0..<4).map { Self.entry("/A/\(tens)\(9 - $0)", "A", score: 9) }
    }
    let text = compose(others + shown + section("B", 20) + section("C", 20) + section("D", 20) + section("E", 20))
    #expect(text.sections.flatMap(\.links).count { $0.title.hasPrefix("/A/shown") } == 10)
  }

  @Test func singleOptionalPageIsLinked() {
    let text = compose(section("A", 5) + section("B", 5) + [Self.entry("/about", "Company", optional: true)])
    #expect(text.sections.last?.name == "Optional")
    #expect(text.sections.last?.links.map(\.title) == ["/about"])
  }

  @Test func unlistedPagesAreCounted() {
    let text = compose(
      section("A", 30) + section("B", 30) + section("C", 30) + section("D", 30) + section("E", 30) + [
        Self.entry("/poor", "A", score: 3), Self.entry("/system", "A", score: 0.5),
      ])
    #expect(text.details == "Not listed: 18 more pages in A, 18 in B, 18 in C, 18 in D, 18 in E, 1 other.")
    #expect(compose(section("A", 3)).details == LLMSTextFile.defaultDetails)
  }

  @Test func introductionIsNamedAsStart() {
    var pages = section("A", 3) + section("B", 3)
    pages[4].isStart = true
    pages[4].level = 1
    #expect(compose(pages).details == "Start with /B/1.")
    pages[4].level = 2
    pages[0].isShown = true
    #expect(compose(pages).details == "Start with /A/0.", "the first page, which the navigation shows")
  }

  @Test func siteWithOnePageLinksItsHomePage() {
    var report = Self.report([])
    #expect(LLMSTextComposer(report).compose().sections.map { $0.links.map(\.title) } == [["/"]])
    report.pages[0].words = 0
    #expect(LLMSTextComposer(report).compose().sections.isEmpty)
  }

  @Test func sitemapIsNamedIfItListsPages() throws {
    var report = Self.report(section("A", 3))
    let sitemap = report.url.at(path: "/sitemap.xml")
    report.discovery.sitemaps = [sitemap]
    #expect(!LLMSTextComposer(report).compose().details.contains("sitemap"))
    report.discovery.sources = [.init(strategy: .robots, url: sitemap, entries: 3, kept: 3)]
    #expect(
      LLMSTextComposer(report).compose().details.hasSuffix("The site’s sitemap is https://site.example/sitemap.xml."))
  }

  @Test(arguments: [Discovery.Strategy.robots, .commonPaths, .homeLink])
  func sitemapIndexIsNamedInsteadOfItsFirstSitemap(strategy: Discovery.Strategy) {
    var report = Self.report(section("A", 3))
    let urls = ["/sitemap.xml", "/sitemap-boats.xml", "/sitemap-crew.xml"].map { report.url.at(path: $0) }
    report.discovery.sitemaps = urls
    report.discovery.sources = zip(urls, [(2, 0), (3, 3), (1, 1)]).map { url, count in
      .init(strategy: strategy, url: url, entries: count.0, kept: count.1)
    }
    #expect(
      LLMSTextComposer(report).compose().details.hasSuffix("The site’s sitemap is https://site.example/sitemap.xml."))
  }

  @Test func optionalHasAtMostThreePagesOfASection() {
    let notes = (0..<20).map { Self.entry("/new/\($0)", "News", score: 5, optional: true) }
    let optional = compose(section("A", 30) + section("B", 30) + notes).sections.last
    #expect(optional?.name == "Optional")
    #expect(optional?.links.count == 3)
  }

  @Test func shortSummaryIsExtendedBySectionNames() {
    let text = LLMSTextComposer(
      Self.report(section("Guides", 4) + section("Reference", 4), description: "Docs of a thing")
    ).compose()
    #expect(text.summary == "Docs of a thing. Main topics: Guides, Reference.")
  }

  @Test func siteTitleIsTheSummaryIfThereIsNoDescription() {
    #expect(LLMSTextComposer(Self.report(section("A", 3), description: nil)).compose().summary == "Site.")
  }

  @Test func languageOtherThanEnglishIsNamed() {
    #expect(LLMSTextComposer(Self.report(section("A", 3), language: "de-DE")).compose().details.contains("de-DE"))
  }

  /// Pages with one title are told apart by their section, else by the page or folder above them.
  @Test(
    arguments: [
      (
        ["/quickstart": "Overview", "/realtime/quickstart": "Overview", "/voice/quickstart": "Overview"],
        ["Quickstart", "Quickstart (Realtime)", "Quickstart (Voice agents)"]
      ),
      (["/a/quickstart": "Server", "/b/quickstart": "Client"], ["Quickstart (Server)", "Quickstart (Client)"]),
      (["/file": "Overview", "/file2": "Overview"], ["Quickstart (File)", "Quickstart (File2)"]),
      (["/api/vault/x/auth": "API", "/api/web/x/auth": "API"], ["Quickstart (Vault)", "Quickstart (Web)"]),
    ] as [([String: String], [String])])
  func equalTitlesAreToldApartByTheirPlace(categories: [String: String], expected: [String]) throws {
    let pages = categories.map { path, category in
      Self.entry(path, category, title: "Quickstart")
    }
    let report = Self.report(pages + [Self.entry("/voice/", "Overview", title: "Voice agents")])
    var groups = Dictionary(grouping: pages, by: \.category).map { LLMSTextComposer.Group(name: $0, pages: $1) }
    LinkTexts(report).distinguishTitles(&groups)
    #expect(Set(groups.flatMap(\.pages).map(\.title)) == Set(expected))
  }

  @Test func repeatedDescriptionIsKeptOnce() {
    var groups = [
      LLMSTextComposer.Group(name: "A", pages: ["/a", "/b"].map { Self.entry($0, "A", description: "The same text") })
    ]
    LinkTexts(Self.report([])).dropRepeatedDescriptions(&groups)
    #expect(groups[0].pages.map(\.description) == ["The same text", nil])
  }
}
