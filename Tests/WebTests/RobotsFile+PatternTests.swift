import Testing
import Web

/// Path matching of patterns (RFC 9309, sections 2.2.2 and 2.2.3).
@Suite struct RobotsPatterns {
  @Test(
    "section 2.2.3: a star matches any sequence, a final dollar sign the end of the path",
    arguments: [
      ("/", "/", true),
      ("/fish", "/fish", true),
      ("/fish", "/fish/salmon.html", true),
      ("/fish", "/fishheads", true),
      ("/fish", "/catfish", false),
      ("/fish*", "/fish.php?id=a", true),
      ("/fish/", "/fish", false),
      ("/fish/", "/fish/", true),
      ("/*.php", "/folder/a.php?x", true),
      ("/*.php", "/a.PHP", false),
      ("/*.php$", "/a.php", true),
      ("/*.php$", "/a.php?x", false),
      ("/*.php$", "/a.php.php", true),
      ("/fish*.php", "/fishheads/catfish.php?x", true),
      ("/fish*.php", "/Fish.PHP", false),
      ("*", "/a", true),
      ("*a", "/ba", true),
      ("**/a", "/a", true),
      ("/a**b", "/acb", true),
      ("/$", "/", true),
      ("/$", "/a", false),
      ("/a$", "/a", true),
      ("/a$", "/aa", false),
      ("/a*$", "/abc", true),
      ("/a*a$", "/a", false),
      ("/a*a$", "/aa", true),
      ("/*aba$", "/ababa", true),
      ("/*ab*ba$", "/aba", false),
      ("$", "/", false),
      ("$", "/a", false),
      ("a", "/a", false),
      ("https://example.com/a", "/a", false),
    ])
  func wildcards(pattern: String, path: String, matches: Bool) throws {
    #expect(try disallows(pattern, path) == matches)
  }

  @Test(
    "section 2.2.3: an escaped star or dollar sign matches the literal character",
    arguments: [
      ("/path/file-with-a-%2A.html", "/path/file-with-a-*.html", true),
      ("/path/file-with-a-%2a.html", "/path/file-with-a-%2A.html", true),
      ("/path/file-with-a-%2A.html", "/path/file-with-a-b.html", false),
      ("/path/foo-%24", "/path/foo-$", true),
      ("/path/foo-%24", "/path/foo-", false),
      ("/a$b", "/a$b", true),
      ("/a$b", "/a", false),
      ("/a$$", "/a$", true),
      ("/a*b", "/a*b", true),
    ])
  func escapedWildcards(pattern: String, path: String, matches: Bool) throws {
    #expect(try disallows(pattern, path) == matches)
  }

  @Test(
    "section 2.2.2: pattern and path match regardless of percent-encoding",
    arguments: [
      ("/foo/bar?baz=quz", "/foo/bar?baz=quz", true),
      ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https://foo.bar", true),
      ("/foo/bar/ツ", "/foo/bar/%E3%83%84", true),
      ("/foo/bar/%E3%83%84", "/foo/bar/ツ", true),
      ("/foo/bar/%e3%83%84", "/foo/bar/%E3%83%84", true),
      ("/foo/bar/%62%61%7A", "/foo/bar/baz", true),
      ("/foo/bar/baz", "/foo/bar/%62%61%7a", true),
      ("/a%2Fb", "/a/b", false),
      ("/a/b", "/a%2fb", false),
      ("/a%3Cd", "/a%3cd.html", true),
      ("/a[1]", "/a[1]", true),
      ("/a[1]", "/a%5b1%5D", true),
      ("/{id}|\"x\"", "/{id}|\"x\"", true),
      ("/100%", "/100%", true),
      ("/a b", "/a%20b", true),
    ])
  func encodings(pattern: String, path: String, matches: Bool) throws {
    #expect(try disallows(pattern, path) == matches)
  }

  @Test("a pattern with many stars is matched without backtracking", .timeLimit(.minutes(1)))
  func manyStars() throws {
    let pattern = String(repeating: "*a", count: 2000) + "b"
    #expect(try !disallows("/" + pattern, "/" + String(repeating: "a", count: 1900)))
  }

  private func disallows(_ pattern: String, _ path: String) throws -> Bool {
    try !allows("User-agent: *\nDisallow: \(pattern)", path)
  }
}
