import Testing
import Web

/// Selection of the group for an agent, and of the rule that decides.
@Suite struct RobotsFiles {
  // MARK: Groups, RFC 9309, section 2.2.1

  @Test("groups for the same agent are combined")
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
    "successive user-agent lines share the following rules, even with other lines between them",
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

  @Test("blank lines do not end a group")
  func blankLines() throws {
    #expect(try !allows("User-agent: *\n\n\nDisallow: /a\n\n\nDisallow: /b", "/b"))
  }

  @Test(
    "a group for the agent replaces the group for all agents, in any order",
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
    "an agent matches only its exact product token, ignoring case",
    arguments: [
      ("ExampleBot", true), ("EXAMPLEBOT", true), ("examplebot/2.1", true), ("ExampleBot and more", true),
      ("Example", false), ("ExampleBot-News", false), ("ExampleBots", false), ("MyExampleBot", false), ("", false),
    ])
  func tokens(name: String, isMeant: Bool) throws {
    #expect(try allows("User-agent: \(name)\nDisallow: /", "/a") != isMeant)
  }

  @Test("an agent may be given as a complete User-Agent header")
  func versionedAgent() throws {
    #expect(try !allows("User-agent: examplebot\nDisallow: /", "/a", agent: "ExampleBot/1.0 (+https://example.com)"))
  }

  @Test(
    "only a single star matches all agents",
    arguments: [("*", true), ("* # all", true), ("* all", true), ("*bot", false)])
  func allAgents(name: String, isMeant: Bool) throws {
    #expect(try allows("User-agent: \(name)\nDisallow: /", "/a") != isMeant)
  }

  @Test("rules before the first group are ignored (section 2.1)")
  func rulesWithoutGroup() throws {
    #expect(try allows("Disallow: /\nUser-agent: OtherBot\nDisallow: /b", "/a"))
  }

  @Test("everything is allowed without a file or a matching group (section 2.2.2)")
  func noGroup() throws {
    #expect(try allows("", "/a"))
    #expect(try allows("User-agent: OtherBot\nDisallow: /", "/a"))
    #expect(RobotsFile.allowingAll.allows(try NormalizedURL("https://example.com/a"), agent: "ExampleBot"))
  }

  // MARK: Rules, section 2.2.2

  @Test(
    "the longest matching pattern decides",
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
    "an allow rule wins over an equally long disallow rule",
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

  @Test("/robots.txt is always allowed")
  func robotsItself() throws {
    #expect(try allows("User-agent: *\nDisallow: /", "/robots.txt"))
    #expect(try !allows("User-agent: *\nDisallow: /", "/robots.txt/a"))
  }

  @Test("paths are case-sensitive", arguments: [("/A", true), ("/a", false)])
  func caseOfPaths(path: String, expected: Bool) throws {
    #expect(try allows("User-agent: *\nDisallow: /a", path) == expected)
  }

  @Test("the query is part of the compared path")
  func query() throws {
    #expect(try !allows("User-agent: *\nDisallow: /*?id=", "/a?id=1"))
    #expect(try allows("User-agent: *\nDisallow: /*?id=", "/a?x=1"))
    #expect(try !allows("User-agent: *\nDisallow: /a?", "/a?x"))
    #expect(try allows("User-agent: *\nDisallow: /a?", "/a"))
  }

  @Test(
    "Google: a rule that allows the index page of a folder also allows the folder",
    arguments: [
      ("/docs/", true), ("/docs/index.html", true), ("/docs/index.htm", false), ("/docs/a", false), ("/docs", true),
    ])
  func indexPage(path: String, expected: Bool) throws {
    #expect(try allows("User-agent: *\nDisallow: /docs/\nAllow: /docs/index.html", path) == expected)
  }

  @Test("Google: a rule that disallows the index page does not disallow the folder")
  func disallowedIndexPage() throws {
    #expect(try allows("User-agent: *\nDisallow: /docs/index.html", "/docs/"))
    #expect(try !allows("User-agent: *\nDisallow: /docs/index.html", "/docs/index.html"))
  }
}

func allows(_ robots: String, _ path: String, agent: String = "ExampleBot") throws -> Bool {
  RobotsFile(Array(robots.utf8)).allows(try NormalizedURL("https://example.com" + path), agent: agent)
}
