import Testing
import Web

@testable import Crawling

/// Selection of a limited number of pages from large sitemaps.
struct PageSelectionTests {
  private static let home = try! NormalizedURL("https://site.example/")

  private static let scope = Scope(home: home, include: [], exclude: [])

  private func choose(_ pages: [SitemapReader.Found], preferred: Set<UInt64> = []) -> (paths: [String], left: Int) {
    let selection = PageSelection(Self.scope, preferred: preferred)
    for page in pages { selection.add(page) }
    let (kept, left) = selection.result()
    return (kept.map(\.url.path), left)
  }

  private func page(_ path: String, _ date: String? = nil, file: Int = 0, position: Int) -> SitemapReader.Found {
    SitemapReader.Found(
      url: Self.home.at(path: path), lastModified: date, source: Self.home, request: file, position: position)
  }

  /// 40,000 pages in three sections of very different size, with duplicates.
  private var many: [SitemapReader.Found] {
    (0..<40_000).map { index in
      let section = index % 100 == 0 ? "rare" : index % 10 == 0 ? "some" : "most"
      let depth = index % 7 == 0 ? "" : "/deeper"
      return page(
        "/\(section)\(depth)/\(index % 39_000)", "20\(10 + index % 15)-01-01", file: index / 5000,
        position: index % 5000)
    }
  }

  @Test func selectionDoesNotDependOnTheOrderOfPages() {
    let expected = choose(many)
    var generator = SplitMix(state: 7)
    for order in [many.reversed(), many.sorted { $0.url.path < $1.url.path }, many.shuffled(using: &generator)] {
      let chosen = choose(order)
      #expect(chosen.paths == expected.paths)
    }
    #expect(expected.paths.count <= 18_000)
    #expect(expected.left > 20_000)
  }

  /// A random number generator with a seed, so that failures can be reproduced.
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

  @Test func sectionsHaveEqualSharesAndPreferShallowRecentPages() {
    // Leave out pages of subfolders, which have a share of their own.
    let paths = choose(many).paths.filter {
      !$0.hasPrefix("/most/deeper/") && !$0.hasPrefix("/some/deeper/") || $0.hasPrefix("/rare")
    }
    let sizes = Dictionary(grouping: paths) { $0.split(separator: "/")[0] }.mapValues(\.count)
    #expect(
      sizes["rare"] == Set(many.map(\.url.path).filter { $0.hasPrefix("/rare/") }).count,
      "the small section is complete, without duplicates")
    #expect(sizes["most"] == 3333)
    let some = Set(many.map(\.url.path).filter { $0.hasPrefix("/some/") && !$0.contains("deeper") })
    #expect(some.count < 3333 && some.isSubset(of: paths))
  }

  @Test func smallSiteIsKeptCompleteAndInOrder() {
    let paths = ["/b", "/docs/z/y", "/a", "/docs/a"]
    let chosen = choose(paths.enumerated().map { page($1, position: $0) } + [page("/a", "2026-01-01", position: 9)])
    #expect(Set(chosen.paths) == Set(paths))
    #expect(chosen.paths.prefix(2) == ["/b", "/docs/z/y"])
    #expect(chosen.left == 0)
  }

  @Test func sectionsLinkedFromTheHomePageArePreferred() {
    let pages = (0..<5000).map { page("/user-\($0)/x", position: $0) } + [page("/docs/start", position: 5000)]
    let docs: Set = [Self.scope.folders(of: pages[5000].url)[0]]
    let chosen = choose(pages, preferred: docs).paths
    #expect(chosen.count == 250)
    #expect(chosen.contains("/docs/start"))
    #expect(Set(choose(pages.reversed(), preferred: docs).paths) == Set(chosen))
  }

  /// 20 sections of 1,000 pages each, all in a folder inside another one.
  @Test func allSectionsInsideOneFolderAreKept() {
    let pages = (0..<20_000).map { page("/en/docs/sec\($0 / 1000)/p\($0)", position: $0) }
    for order in [pages, pages.reversed()] {
      let sizes = Dictionary(grouping: choose(order).paths) { $0.split(separator: "/")[2] }.mapValues(\.count)
      #expect(sizes.count == 20)
      #expect(sizes.values.allSatisfy { $0 >= 190 })
    }
  }

  @Test(arguments: [
    ("https://site.example/", "/a", 0), ("https://site.example/", "/a/", 0), ("https://site.example/", "/a/b", 1),
    ("https://site.example/", "/", 0),
    ("https://site.example/docs/", "/docs/a", 0), ("https://site.example/docs/", "/docs/a/b", 1),
    ("https://site.example/docs/index.html", "/docs/a/b/c", 2),
    ("https://site.example/", "/a/b/c/d/e/f", 3),
  ])
  func folderDepthIsRelativeToTheHomePage(home: String, path: String, depth: Int) throws {
    #expect(
      Scope(home: try NormalizedURL(home), include: [], exclude: []).folders(of: Self.home.at(path: path)).count
        == depth)
  }

  @Test(arguments: [
    ("/", "/home", ["/", "/home", "/docs/a", "/pricing"], []), ("/", "/en/", ["/en/a", "/de/a", "/a"], []),
    ("/docs", "/docs/intro/", ["/docs/a", "/docs"], ["/a"]),
    ("/docs/", "/manual/", ["/docs/a", "/manual/a"], ["/a"]),
  ])
  func requestedURLLimitsTheScope(asked: String, home: String, inside: [String], outside: [String]) {
    let scope = Scope(home: Self.home.at(path: home), asked: Self.home.at(path: asked), include: [], exclude: [])
    for path in inside { #expect(scope.contains(Self.home.at(path: path)), "\(path)") }
    for path in outside { #expect(!scope.contains(Self.home.at(path: path)), "\(path)") }
  }

  @Test(arguments: [
    ("/", true), ("/a", true), ("/a.html", true), ("/a.PHP", true), ("/a.pdf", false), ("/a.png/", false),
    ("/v1.2", true), ("/.well-known", true), ("/node.js-guide", true),
    ("/a.js", true), ("/a.md", false), ("/docs/node.js", true), ("/docs/asp.net", true), ("/docs/dotted.v2", true),
    ("/a.markdown", true), ("/a.b/c", true), ("/a.tar.gz", false), ("/a.", true),
  ])
  func pagesAreRecognizedByFileExtension(path: String, looks: Bool) {
    #expect(Scope.looksLikePage(Self.home.at(path: path)) == looks)
  }
}
