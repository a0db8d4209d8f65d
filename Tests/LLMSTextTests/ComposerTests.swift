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

  @Test func singlePageIsJoinedByTheBestOptionalPage() {
    let optional = [
      Self.entry("/about", "Overview", score: 4, optional: true),
      Self.entry("/news", "Overview", score: 5, optional: true),
      Self.entry("/law", "Overview", score: 2, optional: true),
    ]
    let text = compose([Self.entry("/pricing", "Overview")] + section("A", 5) + section("B", 5) + optional)
    #expect(
      text.sections.first { $0.links.contains { $0.title == "/pricing" } }?.links.map(\.title) == ["/pricing", "/news"])
  }

  @Test func twentyChaptersBecomeNineSections() {
    let text = compose((1...20).flatMap { section("Chapter\($0)", 6) })
    #expect(text.sections.map(\.name) == (1...8).map { "Chapter\($0)" } + ["Further Topics"])
    #expect((20...100).contains(text.sections.flatMap(\.links).count))
    #expect(text.sections.allSatisfy { $0.links.count <= 12 })
  }

  @Test func largeSectionHasAtMostSixtyPercentOfTheLinks() {
    let text = compose(section("Big", 150) + section("B", 10) + section("C", 10) + section("D", 10))
    let all = text.sections.flatMap(\.links).count
    #expect(text.sections.allSatisfy { Double($0.links.count) <= 0.6 * Double(all) })
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
    #expect(links.filter { $0.title.hasPrefix("Intro") }.allSatisfy { $0.description == nil })
  }

  @Test func equalTitlesInOneSectionGetTheirPaths() {
    let pages = ["/guides/a/start", "/guides/b"].map { Self.entry($0, "Guides", title: "Setup") } + section("B", 3)
    #expect(compose(pages).sections.flatMap(\.links).map(\.title).prefix(2) == ["Setup (a/start)", "Setup (b)"])
  }

  @Test func onlySectionHasUpToSixtyLinks() {
    #expect(compose(section("A", 30)).sections.map(\.links.count) == [30])
    #expect(compose(section("A", 90)).sections.map(\.links.count) == [60])
  }

  @Test func largerOfTwoSectionsHasAtMostTwelveLinks() {
    let counts = compose(section("A", 150) + section("B", 5)).sections.map(\.links.count)
    #expect(counts == [12, 5])
  }

  @Test func pagesInTheNavigationAreLinked() {
    let shown = (0..<20).map { Self.entry("/A/shown\($0)", "A", score: $0 == 7 ? 2 : 5, isShown: true) }
    let text = compose(
      section("A", 40, score: 9) + shown + section("B", 20) + section("C", 20) + section("D", 20) + section("E", 20))
    #expect(text.sections.flatMap(\.links).count { $0.title.hasPrefix("/A/shown") } == 20)
    let optional = (0..<14).map { Self.entry("/o/\($0)", "Legal", score: 1, optional: true, isShown: true) }
    #expect(compose(section("A", 5) + optional).sections.last?.links.count == 14)
  }

  @Test func singleOptionalPageIsLinked() {
    let text = compose(section("A", 5) + section("B", 5) + [Self.entry("/about", "Company", optional: true)])
    #expect(text.sections.last?.name == "Optional")
    #expect(text.sections.last?.links.map(\.title) == ["/about"])
  }

  @Test func unlistedPagesAreCounted() {
    let text = compose(
      section("A", 30) + section("B", 30) + section("C", 30) + section("D", 30) + section("E", 30) + [
        Self.entry("/bad", "A", score: 1)
      ])
    #expect(text.details == "Not listed: 18 more pages in A, 18 in B, 18 in C, 18 in D, 18 in E, 1 other.")
    #expect(compose(section("A", 3)).details.isEmpty)
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

  @Test func optionalHasAtMostThreePagesOfASection() {
    let notes = (0..<20).map { Self.entry("/new/\($0)", "News", score: 5, optional: true) }
    let optional = compose(section("A", 5) + section("B", 5) + notes).sections.last
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
}
