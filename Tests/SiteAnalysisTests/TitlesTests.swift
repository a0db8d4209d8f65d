import Testing
import Web

@testable import SiteAnalysis

struct TitlesTests {
  @Test(arguments: [
    ["Install — Acme Docs", "Use — Acme Docs", "Tune — Acme Docs"], ["Install | Acme Docs", "Use | Acme Docs", "A | B | Acme Docs"],
    ["Acme Docs: Install", "Acme Docs: Use", "Acme Docs: Tune"],
  ])
  func thePartThatAllTitlesShareIsFound(titles: [String]) {
    #expect(Titles(titles).shared == "Acme Docs")
  }

  @Test func whatOnlyTwoPagesShareIsNotTheSites() { #expect(Titles(["A | X", "B | X", "C", "D"]).shared == nil) }

  @Test func theSharedPartIsTakenOffOnce() {
    let titles = Titles(["A | X", "B | X", "C | X"])
    #expect(titles.withoutShared("A | X | X") == "A | X")
    #expect(titles.withoutShared("A | Y") == "A | Y")
  }

  @Test(arguments: [
    ("5. Data Structures", "Data Structures"), ("6.2. apt Commands", "apt Commands"), ("Chapter 6. Maintenance", "Maintenance"),
    ("Appendix A. More", "More"), ("B.1. Shell", "Shell"), ("10 tips", "10 tips"), ("3D graphics", "3D graphics"), ("2.0", "2.0"),
    ("Setup ¶", "Setup"), ("  A \n B ", "A B"), ("Part of it", "Part of it"), ("A Guide", "A Guide"),
  ])
  func numbersAndSignsGo(title: String, expected: String) { #expect(Titles.clean(title) == expected) }

  @Test(arguments: [("getting-started", "Getting Started"), ("api_reference.html", "API Reference"), ("faq", "FAQ")])
  func segmentsBecomeNames(segment: String, expected: String) { #expect(Titles.humanized(segment) == expected) }

  @Test(arguments: [
    ("Acme | The best tools", "www.acme.com", "Acme"), ("The best tools - Acme", "acme.com", "Acme"), ("Tools", "example.org", "Tools"),
  ])
  func aHomePagesTitleNamesTheSite(title: String, host: String, expected: String) { #expect(Titles.siteName(title, host: host) == expected) }

  @Test func aHeadingThatManyPagesHaveIsNoPagesName() throws {
    func page(_ title: String, _ heading: String) throws -> Page {
      var page = Page(url: try NormalizedURL("https://site.example/getting-started"))
      (page.title, page.heading) = (title, heading)
      return page
    }
    let titles = Titles(["One", "Two", "Three"], headings: ["Acme", "Acme", "Acme", "Own"])
    #expect(titles.name(of: try page("One", "Acme")) == "One")
    #expect(titles.name(of: try page("Two", "Own")) == "Own")
    #expect(titles.name(of: try page("Untitled Document", "Acme")) == "Getting Started")
    #expect(Titles(["One"], headings: ["Acme", "Acme"]).name(of: try page("One", "Acme")) == "Acme")
  }
}
