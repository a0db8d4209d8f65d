import Crawling
import Testing
import Web

@testable import LLMSText
@testable import SiteAnalysis

struct PageChoiceTests {
  private static func entry(
    _ path: String, _ section: String, _ groups: [String] = [], role: SiteReport.Entry.Role? = nil,
    citations: Int? = nil, title: String? = nil
  ) -> SiteReport.Entry {
    var entry = SiteReport.Entry(
      url: try! NormalizedURL("https://site.example" + path), title: title ?? path, description: nil,
      category: section, score: 7, scoredBy: .heuristics, optional: false, language: "en", words: 100,
      lastModified: nil, level: 1, isShown: true)
    entry.groups = groups.isEmpty ? nil : groups
    entry.role = role
    entry.citations = citations
    return entry
  }

  private static func pages(
    _ count: Int, _ section: String, _ groups: [String] = [], role: SiteReport.Entry.Role? = nil
  ) -> [SiteReport.Entry] {
    // The names are not in alphabetical order.
    (0..<count).map {
      entry("/\(section)/\(groups.joined(separator: "/"))/\($0 % 2 == 0 ? "z" : "a")\($0)", section, groups, role: role)
    }
  }

  private static func sizes(_ choice: PageChoice) -> [String] { choice.groups.map { "\($0.name) \($0.pages.count)" } }

  @Test func siteOfSixtyPagesIsListedCompletely() {
    let pages = Self.pages(41, "Guides") + Self.pages(9, "Guides", ["Deep", "Deeper"]) + Self.pages(10, "API")
    #expect(Self.sizes(PageChoice(pages)) == ["Guides 50", "API 10"])
    #expect(PageChoice(pages).unlisted.isEmpty)
  }

  @Test func groupsAreListedOnlyIfAllOfTheirPagesFit() {
    let hub = Self.entry("/Guides/large", "Guides", ["Large"], role: .hub)
    let pages =
      Self.pages(20, "Guides") + [hub] + Self.pages(50, "Guides", ["Large"]) + Self.pages(8, "Guides", ["Small"])
      + Self.pages(10, "API")
    let choice = PageChoice(pages)
    #expect(Self.sizes(choice) == ["Guides 29", "API 10"])
    #expect(choice.groups[0].pages.contains { $0.url == hub.url })
    #expect(choice.unlisted.map(\.count) == [50])
  }

  @Test func groupOfFiveListedPagesIsASection() {
    let hubs = ["Five", "Four"].map { Self.entry("/\($0)", "Guides", [$0], role: .hub) }
    let pages =
      Self.pages(10, "Guides") + [hubs[0]] + Self.pages(5, "Guides", ["Five"]) + [hubs[1]]
      + Self.pages(4, "Guides", ["Four"]) + Self.pages(45, "API", ["All"], role: .alike)
    #expect(Self.sizes(PageChoice(pages)).prefix(2) == ["Guides 16", "Five 5"])
  }

  @Test func groupsWithTheSameNameAreToldApart() {
    let pages = ["Tutorials", "Reference"].flatMap { section in
      [Self.entry("/\(section)", section, ["SDK"], role: .hub)] + Self.pages(6, section, ["SDK"])
        + Self.pages(30, section, ["Other"], role: .alike)
    }
    #expect(Set(PageChoice(pages).groups.map(\.name)).isSuperset(of: ["Tutorials: SDK", "Reference: SDK"]))
  }

  @Test func hubStandsForPagesOfOneTemplate() {
    let pages =
      Self.pages(30, "Guides") + [Self.entry("/filters/", "Filters", role: .hub)]
      + Self.pages(80, "Filters", role: .alike)
    let choice = PageChoice(pages)
    #expect(Self.sizes(choice) == ["Guides 30", "Filters 1"])
    #expect(choice.unlisted.map(\.section) == ["Filters"])
  }

  @Test func pagesOfOneTemplateAreListedIfThereAreFewOthers() {
    let pages = [Self.entry("/recipes/", "Recipes", role: .hub)] + Self.pages(80, "Recipes", role: .alike)
    #expect(Self.sizes(PageChoice(pages)) == ["Recipes 20"])
  }

  @Test(arguments: [false, true])
  func indexIsLeftOutIfItsPagesAreListed(isLarge: Bool) {
    let pages =
      [Self.entry("/guides/", "Guides", role: .index)] + Self.pages(6, "Guides") + Self.pages(isLarge ? 60 : 6, "API")
    #expect(!PageChoice(pages).groups.flatMap(\.pages).contains { $0.role == .index })
    let alike = [Self.entry("/guides/", "Guides", role: .index)] + Self.pages(80, "Guides", role: .alike)
    #expect(PageChoice(alike + Self.pages(30, "API")).groups[0].pages.map(\.role) == [.index])
  }

  /// In an alphabetical list, the pages that others cite most often are chosen, in whichever section they are.
  @Test func alphabeticalListsAreCutByCitations() {
    func commands(_ section: String, _ count: Int, cited: Set<Int>) -> [SiteReport.Entry] {
      (100..<100 + count).map {
        Self.entry("/\(section)/\($0)", section, citations: cited.contains($0) ? 50 : 1, title: "git-\($0)")
      }
    }
    let main = Set(stride(from: 101, to: 180, by: 3))
    let choice = PageChoice(commands("Main", 80, cited: main) + commands("Other", 80, cited: [150]))
    let listed = choice.groups.flatMap(\.pages)
    #expect(listed.count == PageChoice.maximumLinks)
    #expect(main.isSubset(of: Set(choice.groups[0].pages.compactMap { Int($0.title.dropFirst(4)) })))
    #expect(choice.groups[1].pages.contains { $0.title == "git-150" })
    #expect(choice.groups.allSatisfy { $0.pages.map(\.title) == $0.pages.map(\.title).sorted() })
  }

  @Test func clearlyWorsePagesWaitForBetterOnes() {
    func pages(_ section: String, _ count: Int, score: Double) -> [SiteReport.Entry] {
      Self.pages(count, section).map { page in
        var page = page
        (page.score, page.isShown) = (score, nil)
        return page
      }
    }
    let choice = PageChoice(pages("Topics", 100, score: 7) + pages("Thin", 12, score: 5))
    #expect(Self.sizes(choice) == ["Topics 59", "Thin 1"])
  }

  @Test(arguments: [([100, 5, 5], 60, 50), ([20, 20, 20], 60, 20), ([40, 40], 60, 30), ([3], 60, 3), ([], 60, 0)])
  func smallSectionsLeaveTheirLinksToOthers(sizes: [Int], total: Int, limit: Int) {
    #expect(PageChoice.limit(of: sizes, total: total) == limit)
  }
}
