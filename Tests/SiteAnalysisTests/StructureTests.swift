import Testing
import Web

@testable import Crawling
@testable import SiteAnalysis

struct StructureTests {
  private static func page(_ path: String, links: [(String, Int)] = []) -> Page {
    var page = Page(url: try! NormalizedURL("https://site.example" + path))
    page.links = links.map {
      .init(reference: $0.0, hasFragment: false, text: "To \($0.0)", region: .content, listDepth: $0.1, heading: nil)
    }
    return page
  }

  // MARK: Outline

  private static func outline(_ pages: [Page]) -> SiteOutline { SiteOutline(pages, SiteLinks(home: pages[0].url)) }

  /// `/docs` is linked and redirects to `/docs/`. Another scheme and `www.` are the same site.
  @Test func redirectedLinksLabelTheirTarget() throws {
    let home = Self.page("/", links: [("/docs", 1), ("http://www.site.example/docs/a", 2)])
    let pages = [home, Self.page("/docs/"), Self.page("/docs/a")]
    let moved = [try NormalizedURL("https://site.example/docs").pageIdentity: pages[1].url.pageIdentity]
    let outline = SiteOutline(pages, SiteLinks(home: home.url, moved: moved))
    #expect(outline.labels == [nil, "To /docs", "To http://www.site.example/docs/a"])
  }

  @Test func parentIsThePageOfTheFolder() {
    let outline = Self.outline(
      ["/", "/guide/", "/guide/a.html", "/guide/deep/b.html", "/other.html"].map { Self.page($0) })
    #expect(outline.parents == [nil, 0, 1, 1, 0])
    #expect(outline.levels == [0, 1, 2, 2, 1])
  }

  @Test func nestedLinksDetermineParentsInAFlatFolder() {
    let home = Self.page(
      "/", links: [("one.html", 1), ("one-a.html", 2), ("one-b.html", 2), ("two.html", 1), ("two-a.html", 2)])
    let outline = Self.outline(
      [home] + ["/two-a.html", "/one-b.html", "/one-a.html", "/two.html", "/one.html"].map { Self.page($0) })
    #expect(outline.parents == [nil, 4, 5, 5, 0, 0])
    #expect(outline.order == [0, 5, 3, 2, 4, 1], "pages follow the order of the links")
  }

  @Test func entriesIncludePagesThatWereNotCrawled() {
    let home = Self.page("/", links: [("one.html", 1), ("one-a.html", 2), ("one-b.html", 2), ("two.html", 1)])
    #expect(Self.outline([home, Self.page("/one.html")]).entries[1] == ["To one-a.html", "To one-b.html"])
  }

  @Test func cyclicLinksAreBroken() {
    let a = Self.page("/a.html", links: [("b.html", 1)])
    let b = Self.page("/b.html", links: [("a.html", 1)])
    let outline = Self.outline([Self.page("/"), a, b])
    #expect(outline.order.sorted() == [0, 1, 2])
  }

  // MARK: Sections

  /// The names of the sections, and the number of the section of each page.
  private struct Division {
    var names: [String] = []
    var sections: [Int] = []
  }

  private static func sections(_ pages: [Page], titles: [String]? = nil, kinds: [PageKind]? = nil) -> Division {
    let links = SiteLinks(home: pages[0].url)
    let index = Dictionary(pages.indices.map { (pages[$0].url.pageIdentity, $0) }) { first, _ in first }
    var tree = SiteTree(pageCount: pages.count)
    tree.addNavigation(of: pages, links, index)
    let kinds = kinds ?? Array(repeating: .other, count: pages.count)
    tree.addOthers(pages, outline(pages), links, LooseGroups(pages, links, kinds: kinds))
    tree.simplify()
    let sections = SiteSections(tree, pages, titles: titles ?? pages.map(\.url.path)).sections
    var division = Division(names: sections.map(\.name), sections: Array(repeating: -1, count: pages.count))
    for (number, section) in sections.enumerated() {
      for member in section.members { division.sections[member.page] = number }
    }
    return division
  }

  @Test func threeHomePageHeadingsBecomeSections() {
    var pages = ["/", "/a", "/b", "/c", "/d", "/e", "/f", "/g"].map { Self.page($0) }
    func link(_ path: String, _ heading: String) -> Page.Link {
      .init(reference: path, hasFragment: false, text: path, region: .content, listDepth: 0, heading: heading)
    }
    pages[0].links = [
      link("/a", "First"), link("/b", "First"), link("/c", "Second"), link("/d", "Second"), link("/e", "Third"),
      link("/f", "Third"), link("/g", "Lone"),
    ]
    #expect(Self.sections(pages).names == ["Overview", "First", "Second", "Third"])
    pages[0].links = Array(pages[0].links.prefix(4))
    #expect(Self.sections(pages).names == ["Overview"], "two headings are not enough")
  }

  @Test func foldersBelowACommonFolderBecomeSections() {
    let paths = ["install", "config", "deploy"].flatMap { folder in (0..<5).map { "/en/docs/\(folder)/\($0)" } }
    #expect(
      Self.sections(["/"].map { Self.page($0) } + paths.map { Self.page($0) }).names == [
        "Overview", "Install", "Config", "Deploy",
      ])
    let mixed = paths.map { $0.replacing("/en", with: "") } + (0..<4).map { "/blog/\($0)" }
    #expect(
      Set(Self.sections([Self.page("/")] + mixed.map { Self.page($0) }).names) == [
        "Overview", "Install", "Config", "Deploy", "Blog",
      ])
    #expect(
      Self.sections([Self.page("/")] + (0..<6).map { Self.page("/en/\($0)") }).names == ["Overview"],
      "a language folder is not a section")
  }

  @Test func navigationGroupsBecomeSections() {
    var pages = ["/", "/install", "/start", "/login-api", "/errors", "/lonely", "/terms", "/imprint"].map {
      Self.page($0)
    }
    func link(_ path: String, _ region: Page.Link.Region, _ group: String?) -> Page.Link {
      .init(
        reference: path, hasFragment: false, text: path, region: region, listDepth: 1, heading: nil,
        groups: group.map { [$0] } ?? [])
    }
    pages[0].links = [
      link("/install", .navigation, "Basics"), link("/start", .navigation, "Basics"),
      link("/login-api", .navigation, "API"),
      link("/errors", .navigation, "API"), link("/lonely", .navigation, "More of it"),
      link("/terms", .footer, "Company"),
      link("/install", .footer, "Company"), link("/imprint", .footer, "Company"),
    ]
    let sections = Self.sections(pages)
    #expect(sections.names == ["Overview", "Basics", "API", "Company"])
    #expect(sections.sections == [0, 1, 1, 2, 2, 0, 3, 3])
  }

  @Test func breadcrumbsReplaceMeaninglessFolderNames() {
    var pages = ["/"] + (1...6).map { "/p/\($0)" }
    pages += (1...3).map { "/x/item/\($0)" }
    var read = pages.map { Self.page($0) }
    for index in 1...3 { read[index].breadcrumbs = ["Home", "Pumps"] }
    for index in 4...6 { read[index].breadcrumbs = ["Home", "Valves"] }
    #expect(Self.sections(read).names == ["Overview", "Pumps", "Valves"])
    #expect(Self.sections(pages.prefix(7).map { Self.page($0) }).names == ["Overview"])
  }

  @Test func threePagesWithTheSameBreadcrumbAreASection() {
    var pages = ["/", "/a", "/b", "/c", "/d", "/e"].map { Self.page($0) }
    for index in 1...3 { pages[index].breadcrumbs = ["Home", "Recipes"] }
    for index in 4...5 { pages[index].breadcrumbs = ["Home", "Rare"] }
    let sections = Self.sections(pages)
    #expect(sections.names == ["Overview", "Recipes"])
    #expect(sections.sections == [0, 1, 1, 1, 0, 0])
  }

  @Test func tenUnassignedPagesAreGroupedByKind() {
    let pages = ["/"] + (1...10).map { "/p\($0)" }
    let kinds: [PageKind] = [
      .other, .guide, .guide, .guide, .product, .product, .product, .pricing, .other, .other, .other,
    ]
    #expect(Self.sections(pages.map { Self.page($0) }, kinds: kinds).names == ["Overview", "Guides", "Product"])
    #expect(
      Self.sections(pages.prefix(7).map { Self.page($0) }, kinds: kinds).names == ["Overview"],
      "six pages are not grouped")
  }

  @Test func branchesAreSectionsAndLeavesBelongToOverview() {
    let pages = ["/", "/guide/", "/guide/a.html", "/api/", "/api/x.html", "/pricing.html"].map { Self.page($0) }
    let sections = Self.sections(pages, titles: ["Home", "Guide", "A", "API", "X", "Pricing"])
    #expect(sections.names == ["Overview", "Guide", "API"])
    #expect(sections.sections == [0, 1, 1, 2, 2, 0])
  }

  @Test func singleTopFolderIsSplit() {
    let pages = ["/", "/docs/", "/docs/a/", "/docs/a/1.html", "/docs/b/", "/docs/b/1.html"].map { Self.page($0) }
    let sections = Self.sections(pages, titles: ["Home", "Docs", "A", "A1", "B", "B1"])
    #expect(sections.names == ["Overview", "A", "B"])
  }

  @Test func folderWithoutAPageIsNamedByItsSegment() {
    let pages = ["/", "/use-cases/a", "/use-cases/b", "/use-cases/c"].map { Self.page($0) }
    let sections = Self.sections(pages, titles: ["Home", "A", "B", "C"])
    #expect(sections.names == ["Overview", "Use Cases"])
    #expect(sections.sections == [0, 1, 1, 1])
  }

  @Test(arguments: [
    (nil, "Maintenance and Updates: The APT Tools", "Maintenance and Updates"),
    ("Extending and Embedding", "Extending and Embedding the Python Interpreter", "Extending and Embedding"),
    (nil, "Solving Problems and Finding Relevant Information", "Solving Problems"),
    (nil, "The Python Tutorial", "Python Tutorial"),
  ])
  func sectionNamesAreShort(label: String?, title: String, expected: String) {
    #expect(SiteSections.shortened(label, title) == expected)
  }

  // MARK: Kinds and scores

  @Test(arguments: [
    ("/docs/getting-started/", "Begin", PageKind.start), ("/privacy", "Privacy", .legal),
    ("/blog/hello", "Hello", .article), ("/2024/05/hello", "Hello", .article),
    ("/login", "Sign in", .system), ("/tag/swift/", "swift", .system), ("/blog/page/2", "Blog", .system),
    ("/genindex-A.html", "Index", .system),
    ("/whatsnew/3.11.html", "What’s New", .release), ("/x", "Installing things", .start),
    ("/x", "Uninstalling things", .other), ("/pricing", "Plans", .pricing),
    ("/distutils/index.html", "Distributing", .outdated), ("/docs/api/v1/users", "Users", .reference),
    ("/docs/api/events", "Events", .reference),
    ("/docs/api/customers", "Customers", .reference), ("/docs/license", "License", .legal),
    ("/docs/v1/intro", "Intro", .start), ("/events/spring", "Spring", .article),
    ("/customers/acme", "Acme", .example), ("/reference/contacts", "Contacts", .reference),
    ("/py-modindex.html", "Modules", .meta),
  ])
  func pageKindFollowsURLAndTitle(path: String, title: String, expected: PageKind) {
    #expect(PageKind(Self.page(path), title: title) == expected)
  }

  @Test func pageWithALoginFormIsASystemPage() {
    var page = Self.page("/x")
    page.hasPasswordField = true
    #expect(PageKind(page, title: "Welcome") == .system)
  }

  /// Checks the documented formula. A change makes new scores incomparable with stored ones.
  @Test func scoreIsTheSumOfItsNamedParts() {
    var page = Self.page("/guide/a.html")
    page.words = 700
    page.headings = (0..<3).map { .init(level: 2, text: "H\($0)") }
    page.codeBlocks = 1
    page.description = "d"
    let score = PageScore(page, kind: .guide, level: 2, children: 0)
    #expect(score.parts.map(\.name) == ["base", "place", "content", "structure", "described", "kind", "prose"])
    #expect(score.parts.map(\.points) == [5, 0.5, 1, 1, 0.5, 0.5, -0.5])
    #expect(score.value == 8)
    (page.proseShare, page.prices, page.isOffer) = (30, 2, true)
    #expect(PageScore(page, kind: .guide, level: 2, children: 0).parts.map(\.points) == [5, 0.5, 1, 1, 0.5, 0.5, -2])
    let alone = PageScore(page, kind: .guide, level: nil, children: 0)
    #expect(alone.parts.suffix(3).map(\.name) == ["links", "prose", "offer"])
    #expect(alone.parts.suffix(3).map { ($0.points * 10).rounded() / 10 } == [0.5, 0.3, -2])
  }

  @Test func offerPenaltyExcludesHubsPriceListsAndShopProducts() {
    var page = Self.page("/x")
    (page.words, page.prices, page.isOffer) = (100, 9, true)
    func part(_ score: PageScore, _ name: String) -> Double? { score.parts.first { $0.name == name }?.points }
    #expect(part(PageScore(page, kind: .product, level: 1, children: 0), "offer") == -2)
    #expect(part(PageScore(page, kind: .product, level: 1, children: 0, inShop: true), "offer") == nil)
    #expect(part(PageScore(page, kind: .pricing, level: 1, children: 0), "offer") == nil)
    #expect(part(PageScore(page, kind: .product, level: 1, children: 3), "offer") == nil)
    #expect(part(PageScore(page, kind: .guide, level: 1, children: 3), "prose") == nil, "a hub is a list by nature")
    #expect(part(PageScore(page, kind: .guide, level: 1, children: 0), "prose") == -0.5)
  }

  @Test func scoresStayBetweenZeroAndTen() {
    #expect(PageScore(Self.page("/login"), kind: .system, level: nil, children: 0).value == 0)
    var page = Self.page("/")
    (page.words, page.description, page.codeBlocks) = (9000, "d", 9)
    #expect(PageScore(page, kind: .start, level: 0, children: 50).value == 10)
  }

  @Test func scoresDecreaseFromStartToSystemPages() {
    var page = Self.page("/x")
    page.words = 300
    let values = [PageKind.start, .other, .article, .company, .outdated, .legal, .system].map {
      PageScore(page, kind: $0, level: 1, children: 0).value
    }
    #expect(values == values.sorted(by: >))
    #expect(Set(values).count == values.count)
  }

  // MARK: Crawl order

  @Test func waveIsDistributedBySquareRootOfFolderSize() {
    var frontier = Frontier(Scope(home: Self.page("/").url, include: [], exclude: []))
    for index in 0..<100 { frontier.add(Self.page("/big/\(index)").url, clicks: 1) }
    for index in 0..<4 { frontier.add(Self.page("/small/\(index)").url, clicks: 1) }
    let taken = frontier.take(12, within: 1)
    #expect(taken.count { $0.url.path.hasPrefix("/small") } == 2)
    #expect(taken.count == 12)
  }

  /// The sections are the folders inside the largest folder, independent of the order in which pages are found.
  @Test(arguments: [false, true])
  func waveIsDistributedOverSectionsInsideOneFolder(isReversed: Bool) {
    var paths =
      (0..<20).flatMap { section in (0..<30).map { "/docs/sec\(section)/\($0)" } } + (0..<9).map { "/legal/\($0)" }
    if isReversed { paths.reverse() }
    var frontier = Frontier(Scope(home: Self.page("/").url, include: [], exclude: []))
    for path in paths { frontier.add(Self.page(path).url, clicks: nil) }
    let taken = Dictionary(grouping: frontier.take(100, within: nil)) {
      $0.url.path.split(separator: "/").dropLast().joined(separator: "/")
    }
    #expect(taken.count == 21)
    #expect(taken.values.allSatisfy { (2...6).contains($0.count) })
  }

  @Test func oneFolderPerPageIsNotASection() {
    var division = SectionDivision()
    let scope = Scope(home: Self.page("/").url, include: [], exclude: [])
    for index in 0..<100 { division.count(scope.folders(of: Self.page("/user/\(index)/about").url)) }
    #expect(division.base == nil)
  }

  @Test func linkedPagesComeBeforeListedPages() {
    var frontier = Frontier(Scope(home: Self.page("/").url, include: [], exclude: []))
    frontier.add(Self.page("/listed").url, clicks: nil)
    frontier.add(Self.page("/linked").url, clicks: 2)
    #expect(frontier.take(1, within: nil).map(\.url.path) == ["/linked"])
  }

  @Test func spellingsOfAURLAreTakenOnce() {
    var frontier = Frontier(Scope(home: Self.page("/").url, include: [], exclude: []))
    for path in ["/a/", "/a/index.html", "/a/?utm_source=x", "/a/#top"] { frontier.add(Self.page(path).url, clicks: 1) }
    #expect(frontier.take(9, within: nil).count == 1)
    #expect(frontier.take(9, within: nil).isEmpty)
  }

  @Test(arguments: [
    ("/docs/**", "/docs/a/b", true), ("/docs/*", "/docs/a/b", true), ("/docs/*", "/docs/a", true),
    ("/docs/", "/docs/a/b", true), ("/docs/", "/doc", false),
    ("*.html", "/a/b.html", true), ("v?/", "/x/v1/y", true), ("/a", "/a/b", true), ("/a", "/ab", false),
    ("**", "/anything", true),
    ("/**/x", "/a/b/x", true),
    ("/guides/**", "/guides", true), ("/guides/", "/guides", true), ("/guides/**", "/guidesx", false),
    ("/guides/*", "/guides", true),
    ("/café/**", "/caf%C3%A9/x", true), ("/caf%c3%a9/**", "/caf%C3%A9/x", true), ("/caf?/*", "/caf%C3%A9/x", true),
    ("/a%20b", "/a%20b", true), ("/a/*", "/a/b%2Fc", true),
    ("blog", "/blog", true), ("blog", "/en/blog/2024/post", true), ("blog", "/myblog/x", false),
    ("blog", "/blogs/", false), ("/blog/", "/en/blog/", false), ("blog/", "/en/blog/x", true),
    ("https://site.example/blog/", "/blog/x", true), ("https://site.example", "/blog/x", true),
    ("/blog/*/print", "/blog/a/print", true), ("/blog/*/print", "/blog/a/b/print", false),
    ("/blog/**/print", "/blog/a/b/print", true), ("*", "/x/y", true), ("/", "/x", true), ("**/x", "/x", true),
  ])
  func globMatching(pattern: String, path: String, matches: Bool) { #expect(Glob(pattern).matches(path) == matches) }

  @Test func hostileGlobMatchesInLinearTime() {
    #expect(!Glob(String(repeating: "*a", count: 90)).matches("/" + String(repeating: "a", count: 80) + "b"))
  }
}
