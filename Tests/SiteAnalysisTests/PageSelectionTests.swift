import Testing
import Web

@testable import SiteAnalysis

/// Which few of very many pages are kept.
struct PageSelectionTests {
  private static let home = try! NormalizedURL("https://site.example/")

  private func choose(_ pages: [SitemapReader.Found], preferred: Set<String> = []) -> (paths: [String], left: Int) {
    let selection = PageSelection(Scope(home: Self.home, include: [], exclude: []), preferred: preferred)
    for page in pages { selection.add(page) }
    let (kept, left) = selection.result()
    return (kept.map(\.url.path), left)
  }

  private func page(_ path: String, _ date: String? = nil, file: Int = 0, position: Int) -> SitemapReader.Found {
    SitemapReader.Found(url: Self.home.at(path: path), lastModified: date, source: Self.home, request: file, position: position)
  }

  /// Forty thousand pages in three sections of very different size, and some that come again.
  private var many: [SitemapReader.Found] {
    (0..<40_000).map { index in
      let section = index % 100 == 0 ? "rare" : index % 10 == 0 ? "some" : "most"
      let depth = index % 7 == 0 ? "" : "/deeper"
      return page("/\(section)\(depth)/\(index % 39_000)", "20\(10 + index % 15)-01-01", file: index / 5000, position: index % 5000)
    }
  }

  @Test func theSameIsKeptInWhateverOrderItComes() {
    let expected = choose(many)
    var generator = SplitMix(state: 7)
    for order in [many.reversed(), many.sorted { $0.url.path < $1.url.path }, many.shuffled(using: &generator)] {
      let chosen = choose(order)
      #expect(chosen.paths == expected.paths)
    }
    #expect(expected.paths.count <= 10_000)
    #expect(expected.left > 25_000)
  }

  /// A generator with a seed, so that a failure can be had again.
  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
  }

  @Test func sectionsHaveEqualRoomAndTheShallowAndRecentComeFirst() {
    let paths = choose(many).paths
    let sizes = Dictionary(grouping: paths) { $0.split(separator: "/")[0] }.mapValues(\.count)
    #expect(sizes["rare"] == Set(many.map(\.url.path).filter { $0.hasPrefix("/rare/") }).count, "all of the small section, without repetitions")
    #expect(sizes["most"] == 3333 && sizes["some"] == 3333)
    #expect(!paths.contains { $0.hasPrefix("/most/deeper/") }, "there are enough shallow ones")
    let some = Set(many.map(\.url.path).filter { $0.hasPrefix("/some/") && !$0.contains("deeper") })
    #expect(some.count < 3333 && some.isSubset(of: paths))
  }

  @Test func aSmallSiteIsKeptWholeAndInItsOwnOrder() {
    let paths = ["/b", "/docs/z/y", "/a", "/docs/a"]
    let chosen = choose(paths.enumerated().map { page($1, position: $0) } + [page("/a", "2026-01-01", position: 9)])
    #expect(Set(chosen.paths) == Set(paths))
    #expect(chosen.paths.prefix(2) == ["/b", "/docs/z/y"])
    #expect(chosen.left == 0)
  }

  @Test func ofSectionsWithoutEndThoseThatTheHomePageLinksToAreKept() {
    let pages = (0..<5000).map { page("/user-\($0)/x", position: $0) } + [page("/docs/start", position: 5000)]
    let chosen = choose(pages, preferred: ["docs"]).paths
    #expect(chosen.count == 250)
    #expect(chosen.contains("/docs/start"))
    #expect(Set(choose(pages.reversed(), preferred: ["docs"]).paths) == Set(chosen))
  }

  @Test(arguments: [
    ("https://site.example/", "/a", ""), ("https://site.example/", "/a/", ""), ("https://site.example/", "/a/b", "a"), ("https://site.example/", "/", ""),
    ("https://site.example/docs/", "/docs/a", ""), ("https://site.example/docs/", "/docs/a/b", "a"), ("https://site.example/docs/index.html", "/docs/a/b/c", "a"),
  ])
  func sectionsLieBelowTheSitesFolder(home: String, path: String, section: String) throws {
    let scope = Scope(home: try NormalizedURL(home), include: [], exclude: [])
    #expect(scope.section(of: Self.home.at(path: path)) == section)
  }

  @Test(arguments: [
    ("/", true), ("/a", true), ("/a.html", true), ("/a.PHP", true), ("/a.pdf", false), ("/a.png/", false), ("/v1.2", true), ("/.well-known", true), ("/node.js-guide", true),
    ("/a.js", false), ("/a.markdown", true), ("/a.b/c", true), ("/a.tar.gz", false), ("/a.", true),
  ])
  func pagesAreToldByTheirNames(path: String, looks: Bool) { #expect(Scope.looksLikePage(Self.home.at(path: path)) == looks) }
}
