import Testing
import Web

@testable import SiteAnalysis

/// The structure of a site, as its author shows it.
struct SiteTreeTests {
  private static func page(
    _ path: String, _ title: String? = nil, words: Int = 300, links: [Page.Link] = []
  ) -> Page {
    var page = Page(url: try! NormalizedURL("https://site.example" + path))
    page.title = title
    page.heading = title
    page.words = words
    page.proseShare = 60
    page.links = links
    return page
  }

  /// A link of a sidebar: `Guides/First` are the groups around it.
  private static func side(
    _ path: String, _ text: String, depth: Int = 1, _ groups: String = "", region: Page.Link.Region = .aside
  ) -> Page.Link {
    .init(
      reference: path, hasFragment: false, text: text, region: region, listDepth: depth, heading: nil,
      groups: groups.split(separator: "/").map(String.init))
  }

  private static func structure(_ pages: [Page]) -> SiteStructure { SiteStructure(pages) }

  private static func outline(_ structure: SiteStructure) -> [String] {
    structure.sections.map { section in
      let members = section.members.map { member in
        (member.groups + [structure.pages[member.page].url.path]).joined(separator: ">")
      }
      return "\(section.name): \(members.joined(separator: " "))"
    }
  }

  @Test func groupsOfASidebarAreSections() {
    let sidebar = [
      Self.side("/start", "Start", "Basics"), Self.side("/install", "Install", "Basics"),
      Self.side("/docker", "Docker", depth: 2, "Guides/Integrations"),
      Self.side("/ci", "CI", depth: 2, "Guides/Integrations"), Self.side("/run", "Run", "Guides"),
    ]
    let pages = ["/", "/run", "/ci", "/docker", "/install", "/start"].map { Self.page($0, $0, links: sidebar) }
    #expect(
      Self.outline(Self.structure(pages)) == [
        "Overview: /", "Basics: /start /install", "Guides: Integrations>/docker Integrations>/ci /run",
      ])
  }

  /// A group whose caption is beside the entries of a list is not below the entry before it.
  @Test func captionBesideEntriesIsNotBelowAnEntry() {
    let sidebar = [
      Self.side("/quick", "Quick", depth: 1), Self.side("/mcp", "MCP", depth: 2, "Pack"),
      Self.side("/rbac", "RBAC", depth: 2, "Pack"), Self.side("/deep", "Deep", depth: 3, "Pack"),
      Self.side("/last", "Last", depth: 1),
    ]
    let pages = ["/", "/quick", "/mcp", "/rbac", "/deep", "/last"].map { Self.page($0, $0, links: sidebar) }
    #expect(
      Self.outline(Self.structure(pages)) == ["Overview: / /quick /last", "Pack: /mcp RBAC>/rbac RBAC>/deep"])
  }

  @Test func differentSidebarsAreNamedByTheHeader() {
    let header = [
      Self.side("/learn/a", "Learn", region: .header), Self.side("/build/a", "Build", region: .header),
    ]
    func sidebar(_ folder: String) -> [Page.Link] {
      ["a", "b", "c", "d"].map { Self.side("/\(folder)/\($0)", "\(folder) \($0)") }
    }
    let pages =
      [Self.page("/", "Home", links: header)]
      + ["build", "learn"].flatMap { folder in
        ["a", "b", "c", "d"].map { Self.page("/\(folder)/\($0)", "\(folder) \($0)", links: header + sidebar(folder)) }
      }
    #expect(
      Self.outline(Self.structure(pages)) == [
        "Overview: /", "Learn: /learn/a /learn/b /learn/c /learn/d", "Build: /build/a /build/b /build/c /build/d",
      ])
  }

  @Test(arguments: [("Learn more", 3), ("Tutorials", 2)])
  func menuWithoutAnOwnMeaningIsOpened(name: String, sections: Int) {
    let sidebar =
      ["x", "y"].flatMap { group in
        (0..<2).map { Self.side("/\(group)/\($0)", "\(group)\($0)", depth: 3, "\(name)/\(group)xx") }
      }
      + (0..<4).map { Self.side("/z/\($0)", "z\($0)", "Other") }
    let paths = ["/"] + ["x", "y"].flatMap { group in (0..<2).map { "/\(group)/\($0)" } } + (0..<4).map { "/z/\($0)" }
    let structure = Self.structure(paths.map { Self.page($0, $0, links: sidebar) })
    #expect(structure.sections.count == sections + 1, "\(Self.outline(structure))")
  }

  @Test func recentPostsAreNotSections() {
    let sidebar = (0..<4).map { Self.side("/posts/\($0)", "Post \($0)", "Recent posts") }
    let pages = (["/"] + (0..<4).map { "/posts/\($0)" }).map { Self.page($0, $0, links: sidebar) }
    #expect(!Self.structure(pages).sections.contains { $0.name.hasPrefix("Recent") })
  }

  @Test func pageBesideItsNeighboursJoinsTheirGroup() {
    let sidebar = (0..<3).map { Self.side("/guide/\($0)", "Guide \($0)", "User guide") }
    let pages = (["/"] + (0..<4).map { "/guide/\($0)" }).map { Self.page($0, $0, links: sidebar) }
    #expect(Self.outline(Self.structure(pages)).last == "User guide: /guide/0 /guide/1 /guide/2 /guide/3")
  }

  @Test func productsAreBelowTheCategoryThatListsThem() {
    let menu = ["tents", "packs", "boots"].map { Self.side("/\($0)", "\($0)", region: .header) }
    var pages = [Self.page("/", "Shop", links: menu)]
    for category in ["tents", "packs", "boots"] {
      let listed = (0..<2).map { number in
        Page.Link(
          reference: "/p/\(category)-\(number)", hasFragment: false, text: "\(category) \(number)", region: .content,
          listDepth: 1, heading: nil)
      }
      pages.append(Self.page("/\(category)", category, links: menu + listed))
    }
    for category in ["boots", "tents", "packs"] {
      pages += (0..<2).map { Self.page("/p/\(category)-\($0)", "\(category) \($0)", links: menu) }
    }
    #expect(
      Self.outline(Self.structure(pages)) == [
        "Overview: /", "tents: /tents /p/tents-0 /p/tents-1", "packs: /packs /p/packs-0 /p/packs-1",
        "boots: /boots /p/boots-0 /p/boots-1",
      ])
  }

  // MARK: Kinds

  /// A version in the name of the site says nothing about its pages.
  @Test(arguments: [
    "Gatekeeper Version 2.4 Documentation", "Release 3.1 of Gatekeeper", "Gatekeeper, version 0.9.1 (stable)",
  ])
  func versionInTheHomePagesTitleMakesNoPageOptional(title: String) {
    let pages = [Self.page("/", title)] + (0..<6).map { Self.page("/topic-\($0)", "Topic \($0)") }
    let structure = Self.structure(pages)
    #expect(structure.kinds.allSatisfy { $0 != .release })
    #expect(Self.entries(structure).allSatisfy { !$0.optional })
  }

  @Test func versionThatAllPagesHaveIsNotARelease() {
    let pages = (0..<6).map { Self.page($0 == 0 ? "/" : "/\($0)", "Topic \($0) in Version 7.3.0") }
    #expect(Self.structure(pages).kinds.allSatisfy { $0 != .release })
    let notes = pages + [Self.page("/new", "Release 7.4.1")]
    #expect(Self.structure(notes).kinds.last == .release)
  }

  /// In a folder of functions, a file name is the name of a function.
  @Test(arguments: ["changes", "license", "legal", "roadmap"])
  func fileNameInALargeFolderNeedsAConfirmingTitle(name: String) {
    let functions = (0..<10).map { Self.page("/c3ref/f\($0)", "Function \($0)") }
    let pages = [Self.page("/", "Home")] + functions + [Self.page("/c3ref/\(name)", "Count the number of rows")]
    #expect(![.release, .legal].contains(Self.structure(pages).kinds.last))
    let titled = [Self.page("/", "Home")] + functions + [Self.page("/c3ref/\(name)", "The \(name)")]
    #expect([.release, .legal].contains(Self.structure(titled).kinds.last))
  }

  @Test func sharedTitleOfPagesInTheNavigationIsNoReasonToDropThem() {
    let paths = ["/quickstart", "/voice/quickstart", "/realtime/quickstart", "/guide"]
    let sidebar = paths.map { Self.side($0, $0, "Docs") }
    let pages = (["/"] + paths).map { Self.page($0, $0 == "/" ? "Home" : "Quickstart", links: sidebar) }
    #expect(Self.structure(pages).kinds.allSatisfy { $0 != .system })
  }

  @Test(arguments: [("/tags/overview", false), ("/genindex.html", true), ("/allclasses-frame.html", true)])
  func navigationToAPageMakesItAPageExceptForGeneratedIndexes(path: String, isSystem: Bool) {
    let paths = [path, "/guide", "/start"]
    let sidebar = paths.map { Self.side($0, $0, "Docs") }
    let pages = (["/"] + paths).map { Self.page($0, "Title of \($0)", links: sidebar) }
    #expect((Self.structure(pages).kinds[1] == .system) == isSystem)
  }

  // MARK: Roles

  private static func entries(_ structure: SiteStructure) -> [SiteReport.Entry] {
    structure.sections.flatMap { section in
      section.members.map { structure.entry($0, of: section.name, description: nil, lastModified: nil) }
    }
  }

  @Test func pagesOfOneTemplateAreAlikeIfAPageIntroducesThem() {
    let names = ["axiom", "bunyan", "console", "datadog", "electron", "fluent", "graylog", "honeycomb", "influx"]
    let paths = ["/transports/"] + names.map { "/transports/\($0)" }
    let sidebar = paths.map { Self.side($0, String($0.split(separator: "/").last!), "Transports") }
    var pages = (["/"] + paths).map { Self.page($0, $0, links: sidebar) }
    for index in pages.indices.dropFirst(2) {
      pages[index].headings = ["Title", "Installation", "Usage", "Options"].map { .init(level: 2, text: $0) }
    }
    let roles = Self.entries(Self.structure(pages)).map(\.role)
    #expect(roles.prefix(2) == [.hub, .hub])
    #expect(roles.dropFirst(2).allSatisfy { $0 == .alike })
  }

  @Test(arguments: [(20, 0, SiteReport.Entry.Role.index), (800, 60, .hub), (200, 5, .index)])
  func pageWithoutOwnTextIsAnIndex(words: Int, prose: Int, role: SiteReport.Entry.Role) {
    let paths = ["/guides/", "/guides/a", "/guides/b", "/guides/c"]
    let sidebar = paths.map { Self.side($0, $0, "Guides") }
    var pages = (["/"] + paths).map { Self.page($0, $0, links: sidebar) }
    pages[1].words = words
    pages[1].proseShare = prose
    pages[1].links += paths.dropFirst().map {
      .init(reference: $0, hasFragment: false, text: $0, region: .content, listDepth: 0, heading: nil)
    }
    #expect(Self.entries(Self.structure(pages))[1].role == role)
  }
}
