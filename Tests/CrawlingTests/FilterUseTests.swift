import Testing
import Web

@testable import Crawling

/// The numbers of pages that the patterns of a request match.
struct FilterUseTests {
  private func uses(include: [String] = [], exclude: [String] = [], paths: [String]) throws -> [Discovery.Filter] {
    let home = try NormalizedURL("https://site.example/")
    let scope = Scope(home: home, include: include.map(Glob.init), exclude: exclude.map(Glob.init))
    for path in paths + paths { _ = scope.contains(home.at(path: path)) }
    return scope.filterUses() ?? []
  }

  private static let paths = ["/", "/blog/a", "/blog/b", "/blog/", "/docs/x", "/docs/logo.png", "/about"]

  @Test func eachPageIsCountedOnce() throws {
    let uses = try uses(include: ["/blog/"], exclude: ["/blog/a", "*"], paths: Self.paths)
    #expect(uses.map(\.matched) == [3, 1, 5])
    #expect(uses.map(\.of) == [5, 5, 5])
    #expect(uses.map(\.option) == [.include, .exclude, .exclude])
    #expect(uses.allSatisfy { $0.nearest == nil })
  }

  @Test(arguments: [
    ("blogs", "/blog/"), ("/Blog/**", "/blog/"), ("/doc/", "/docs/"), ("/nope/**", "/blog/"), ("/blgo", "/blog/"),
  ])
  func patternThatMatchesNothingGetsASuggestion(pattern: String, folder: String) throws {
    let use = try uses(exclude: [pattern], paths: Self.paths)[0]
    #expect(use.matched == 0)
    #expect(use.nearest?.path == folder)
  }

  @Test func siteWithoutFoldersHasNoSuggestion() throws {
    #expect(try uses(exclude: ["/x"], paths: ["/a"])[0].nearest == nil)
  }

  @Test func requestWithoutPatternsHasNoNumbers() throws {
    #expect(try uses(paths: Self.paths).isEmpty)
  }

  @Test(arguments: [("", "", 0), ("llm", "llms", 1), ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3)])
  func editDistance(first: String, second: String, distance: Int) {
    #expect(first.editDistance(to: second) == distance)
  }
}
