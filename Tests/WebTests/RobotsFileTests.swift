import Testing
import Web

/// Which group of a robots.txt counts for whom, and which of its rules decides.
@Suite struct RobotsFiles {
  // MARK: Groups, RFC 9309, section 2.2.1

  @Test("groups of one agent count together")
  func merging() throws {
    let robots = """
      User-agent: ExampleBot
      Disallow: /a
      User-agent: *
      Disallow: /b
      User-agent: examplebot
      Disallow: /c
      """
    #expect(try !allows(robots, "/a"))
    #expect(try allows(robots, "/b"))
    #expect(try !allows(robots, "/c"))
    #expect(try !allows(robots, "/b", agent: "OtherBot"))
  }

  @Test(
    "agents in successive lines share the rules that follow, whatever stands between them",
    arguments: [
      "User-agent: ExampleBot\nUser-agent: OtherBot\nDisallow: /",
      "User-agent: ExampleBot\n\n\nUser-agent: OtherBot\nDisallow: /",
      "User-agent: ExampleBot\n# a comment\nSitemap: /s.xml\nUser-agent: OtherBot\nDisallow: /",
      "User-agent: ExampleBot\nCrawl-delay: 5\nUser-agent: OtherBot\nDisallow: /",
      "User-agent: ExampleBot\nUnknown: line\nUser-agent: OtherBot\nDisallow: /",
    ])
  func sharedRules(robots: String) throws {
    #expect(try !allows(robots, "/a"))
    #expect(try !allows(robots, "/a", agent: "OtherBot"))
    #expect(try allows(robots, "/a", agent: "ThirdBot"))
  }

  @Test("an empty rule ends the list of agents")
  func emptyRuleEndsAgents() throws {
    let robots = "User-agent: ExampleBot\nDisallow:\nUser-agent: OtherBot\nDisallow: /"
    #expect(try allows(robots, "/a"))
    #expect(try !allows(robots, "/a", agent: "OtherBot"))
  }

  @Test("blank lines end no group")
  func blankLines() throws {
    #expect(try !allows("User-agent: *\n\n\nDisallow: /a\n\n\nDisallow: /b", "/b"))
  }

  @Test(
    "the group that names the agent counts, and the one for everybody does not, wherever it stands",
    arguments: [
      "User-agent: *\nDisallow: /\n\nUser-agent: ExampleBot\nAllow: /",
      "User-agent: ExampleBot\nAllow: /\n\nUser-agent: *\nDisallow: /",
      "User-agent: *\nDisallow: /\n\nUser-agent: ExampleBot\nDisallow:",
      "User-agent: *\nDisallow: /\n\nUser-agent: ExampleBot",
    ])
  func ownGroup(robots: String) throws {
    #expect(try allows(robots, "/a"))
    #expect(try !allows(robots, "/a", agent: "OtherBot"))
  }

  @Test(
    "an agent is named by its product token, in any case, and by nothing longer or shorter",
    arguments: [
      ("ExampleBot", true), ("EXAMPLEBOT", true), ("examplebot/2.1", true), ("ExampleBot and more", true),
      ("Example", false), ("ExampleBot-News", false), ("ExampleBots", false), ("MyExampleBot", false), ("", false),
    ])
  func tokens(name: String, isMeant: Bool) throws {
    #expect(try allows("User-agent: \(name)\nDisallow: /", "/a") != isMeant)
  }

  @Test("an agent may be asked for by its whole header")
  func versionedAgent() throws {
    #expect(try !allows("User-agent: examplebot\nDisallow: /", "/a", agent: "ExampleBot/1.0 (+https://example.com)"))
  }

  @Test("everybody is a star alone", arguments: [("*", true), ("* # all", true), ("* all", true), ("*bot", false)])
  func everybody(name: String, isMeant: Bool) throws {
    #expect(try allows("User-agent: \(name)\nDisallow: /", "/a") != isMeant)
  }

  @Test("rules before any group are nobody's (section 2.1)")
  func rulesWithoutGroup() throws {
    #expect(try allows("Disallow: /\nUser-agent: OtherBot\nDisallow: /b", "/a"))
  }

  @Test("without a file or a group that is meant, all may be read (section 2.2.2)")
  func noGroup() throws {
    #expect(try allows("", "/a"))
    #expect(try allows("User-agent: OtherBot\nDisallow: /", "/a"))
    #expect(RobotsFile.allowingAll.allows(try NormalizedURL("https://example.com/a"), agent: "ExampleBot"))
  }

  // MARK: Rules, section 2.2.2

  @Test(
    "of the patterns that match, the longest decides",
    arguments: [
      ("Allow: /a/b\nDisallow: /a", "/a/b/c", true),
      ("Disallow: /a\nAllow: /a/b", "/a/b/c", true),
      ("Disallow: /a\nAllow: /a/b", "/a/c", false),
      ("Allow: /a\nDisallow: /a/b", "/a/b", false),
      ("Allow: /\nDisallow: /*.pdf", "/a.pdf", false),
      ("Allow: /page\nDisallow: /*.htm", "/page.htm", false),
    ])
  func longestMatch(rules: String, path: String, expected: Bool) throws {
    #expect(try allows("User-agent: *\n" + rules, path) == expected)
  }

  @Test(
    "of two as long, the one that allows",
    arguments: [
      "Allow: /a\nDisallow: /a", "Disallow: /a\nAllow: /a", "Disallow: /*\nAllow: /a",
    ])
  func tie(rules: String) throws {
    #expect(try allows("User-agent: *\n" + rules, "/a"))
  }

  @Test(
    "an empty pattern matches nothing", arguments: ["Disallow:", "Disallow:   # nothing", "Disallow: \nDisallow: "])
  func emptyPattern(rules: String) throws {
    #expect(try allows("User-agent: *\n" + rules, "/a"))
  }

  @Test("/robots.txt may always be read")
  func robotsItself() throws {
    #expect(try allows("User-agent: *\nDisallow: /", "/robots.txt"))
    #expect(try !allows("User-agent: *\nDisallow: /", "/robots.txt/a"))
  }

  @Test("paths are compared in their case", arguments: [("/A", true), ("/a", false)])
  func caseOfPaths(path: String, expected: Bool) throws {
    #expect(try allows("User-agent: *\nDisallow: /a", path) == expected)
  }

  @Test("a query is a part of what is compared")
  func query() throws {
    #expect(try !allows("User-agent: *\nDisallow: /*?id=", "/a?id=1"))
    #expect(try allows("User-agent: *\nDisallow: /*?id=", "/a?x=1"))
    #expect(try !allows("User-agent: *\nDisallow: /a?", "/a?x"))
    #expect(try allows("User-agent: *\nDisallow: /a?", "/a"))
  }

  @Test(
    "Google: a page that allows the index of a folder allows the folder",
    arguments: [
      ("/docs/", true), ("/docs/index.html", true), ("/docs/index.htm", false), ("/docs/a", false), ("/docs", true),
    ])
  func indexPage(path: String, expected: Bool) throws {
    #expect(try allows("User-agent: *\nDisallow: /docs/\nAllow: /docs/index.html", path) == expected)
  }

  @Test("Google: to disallow the index disallows no folder")
  func disallowedIndexPage() throws {
    #expect(try allows("User-agent: *\nDisallow: /docs/index.html", "/docs/"))
    #expect(try !allows("User-agent: *\nDisallow: /docs/index.html", "/docs/index.html"))
  }
}

func allows(_ robots: String, _ path: String, agent: String = "ExampleBot") throws -> Bool {
  RobotsFile(Array(robots.utf8)).allows(try NormalizedURL("https://example.com" + path), agent: agent)
}
