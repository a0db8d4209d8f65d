import Testing
import Web

@testable import Crawling

struct SiteVersionsTests {
  private static func urls(_ paths: [String]) -> [NormalizedURL] {
    paths.map { try! NormalizedURL("https://site.example" + $0) }
  }

  @Test(arguments: [
    (["/docs/0.15/a", "/docs/0.15/b", "/docs/0.14/"], ["/docs/0.14/a"], "/docs/0.14/a", "/docs/0.15/z"),
    (["/docs/"], ["/docs/1.9/a", "/docs/1.10/a"], "/docs/1.9/a", "/docs/1.10/a"),
    (["/"], ["/en/stable/a", "/en/2.1/a", "/en/latest/a"], "/en/latest/a", "/en/stable/a"),
    (["/v2.0/a"], ["/v1.x/a", "/next/a"], "/next/a", "/v2.0/b"),
  ])
  func versionThatTheSiteLinksToIsTheCurrentOne(linked: [String], known: [String], other: String, current: String) {
    let versions = SiteVersions(
      linked: Self.urls(linked), known: Self.urls(known), home: Self.urls(["/"])[0])
    #expect(versions.isOther(Self.urls([other])[0]))
    #expect(!versions.isOther(Self.urls([current])[0]))
    #expect(!versions.isOther(Self.urls(["/blog/a"])[0]))
  }

  @Test(arguments: [
    ["/release/1.2", "/release/1.3"], ["/docs/1.2/a"], ["/api/v1/a", "/api/v2/a"], ["/2024/01/a", "/2025/01/a"],
  ])
  func otherNumbersAreNotVersions(paths: [String]) {
    let versions = SiteVersions(linked: [], known: Self.urls(paths), home: Self.urls(["/"])[0])
    #expect(Self.urls(paths).allSatisfy { !versions.isOther($0) })
  }

  @Test(arguments: [
    ("/releaselog/3_40_1.html", true), ("/whatsnew/3.11.html", true), ("/blog/v1.2.3", true),
    ("/changelogs/isolated", true), ("/release-notes/deprecations", true), ("/2024-05-01-hello", false),
    ("/guide/http-2", false), ("/releases/", false), ("/docs/3.11/tutorial", false),
  ])
  func releaseNotesAreRecognized(path: String, expected: Bool) {
    #expect(PageAddress.isReleaseNote(Self.urls([path])[0]) == expected)
  }

  @Test func furtherReleaseNotesComeLast() {
    var frontier = Frontier(Scope(home: Self.urls(["/"])[0], include: [], exclude: []))
    for number in 0..<60 { frontier.add(Self.urls(["/releaselog/3_\(number)_0.html"])[0], clicks: 1) }
    for number in 0..<20 { frontier.add(Self.urls(["/lang_\(number).html"])[0], clicks: 2) }
    var taken = frontier.take(30, within: 1)
    taken += frontier.take(30 - taken.count, within: 2)
    #expect(taken.count { $0.url.path.hasPrefix("/releaselog") } == 5)
    #expect(taken.count { $0.url.path.hasPrefix("/lang") } == 20)
  }
}
