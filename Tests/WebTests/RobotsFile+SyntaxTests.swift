import Testing
import Web

/// Syntax of robots.txt lines: RFC 9309, section 2.2, and Google's parser if the RFC does not specify a case.
@Suite struct RobotsSyntax {
  @Test("lines may end in LF, CR or both", arguments: ["\n", "\r", "\r\n", "\n\r", "\r\r\n"])
  func lineEndings(end: String) throws {
    #expect(try !allows(["User-agent: ExampleBot", "Disallow: /a", "Allow: /b", ""].joined(separator: end), "/a"))
    #expect(try allows(["User-agent: ExampleBot", "Disallow: /a", "Allow: /a/b"].joined(separator: end), "/a/b"))
  }

  @Test("a byte order mark is not part of the first key")
  func byteOrderMark() throws {
    #expect(try !allows("\u{feff}User-agent: *\nDisallow: /a", "/a"))
  }

  @Test(
    "white space around keys and values is ignored",
    arguments: [
      "User-agent: *\nDisallow: /a", "User-agent:*\nDisallow:/a", "  User-agent :  * \n\tDisallow\t:\t/a\t",
      "USER-AGENT: *\ndisallow: /a", "user-agent: *\nDISALLOW: /a",
    ])
  func whiteSpace(robots: String) throws {
    #expect(try !allows(robots, "/a"))
    #expect(try allows(robots, "/b"))
  }

  @Test(
    "the rest of a line after a comment sign is ignored",
    arguments: [
      "User-agent: * # all\nDisallow: /a # secret", "# first\nUser-agent: *\n#Disallow: /b\nDisallow: /a#b",
      "User-agent: *\nDisallow: /a#",
    ])
  func comments(robots: String) throws {
    #expect(try !allows(robots, "/a"))
    #expect(try allows(robots, "/b"))
  }

  @Test(
    "a missing colon between two words is accepted",
    arguments: [
      "User-agent *\nDisallow /a", "user-agent * # all\ndisallow\t/a", "User-agent: *\nDisallow /a # secret",
    ])
  func missingColon(robots: String) throws {
    #expect(try !allows(robots, "/a"))
  }

  @Test("three words without a colon are ignored")
  func threeWords() throws {
    #expect(try allows("User-agent: *\nDisallow /a please\nDisallow", "/a"))
  }

  @Test(
    "common misspellings of disallow are accepted",
    arguments: [
      "disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw", "Disallowed",
    ])
  func typosOfDisallow(key: String) throws {
    #expect(try !allows("User-agent: *\n\(key): /a", "/a"))
  }

  @Test(
    "common misspellings of user-agent are accepted",
    arguments: ["user-agent", "useragent", "user agent", "User-Agents"])
  func typosOfUserAgent(key: String) throws {
    #expect(try !allows("\(key): ExampleBot\nDisallow: /a", "/a"))
  }

  @Test("other keys are ignored", arguments: ["dis-allow", "noindex", "host", "foo", ":", "isallow", "agent"])
  func otherKeys(key: String) throws {
    #expect(try allows("User-agent: *\n\(key): /a", "/a"))
  }

  @Test("sitemaps do not belong to a group and are returned as written (section 2.2.4)")
  func sitemaps() {
    let robots = """
      Sitemap: https://example.com/one.xml
      User-agent: OtherBot
      sitemap:/two.xml
      Site-map: https://cdn.example.net/three.xml?a=b#c
      Disallow: /
      SITEMAP /four.xml
      Sitemap:
      # Sitemap: https://example.com/none.xml
      """
    #expect(
      RobotsFile(Array(robots.utf8)).sitemaps == [
        "https://example.com/one.xml", "/two.xml", "https://cdn.example.net/three.xml?a=b", "/four.xml",
      ])
  }

  @Test(
    "a crawl delay applies to the agents of its group, in seconds",
    arguments: [
      ("User-agent: *\nCrawl-delay: 5", 5.0 as Double?),
      ("User-agent: *\nCrawl-delay: 0.5", 0.5),
      ("User-agent: *\ncrawldelay:10 # slow", 10),
      ("User-agent: *\nCrawl-delay: 5\nUser-agent: ExampleBot\nCrawl-delay: 1", 1),
      ("User-agent: *\nCrawl-delay: 5\nDisallow: /a\nUser-agent: ExampleBot\nCrawl-delay: 1", 1),
      ("User-agent: *\nCrawl-delay: 5\nDisallow: /a\nUser-agent: ExampleBot\nDisallow: /", nil),
      // Real files set a delay for one agent and continue with the rules for all. The RFC does not define the delay
      // line, so it does not end the group.
      ("User-agent: SlowBot\nCrawl-delay: 5\nUser-agent: *\nDisallow: /a", nil),
      ("User-agent: SlowBot\nCrawl-delay: 5\nUser-agent: *\nDisallow: /a\nCrawl-delay: 2", 2),
      ("User-agent: ExampleBot\nUser-agent: SlowBot\nDisallow: /a\nCrawl-delay: 5", 5),
      ("User-agent: ExampleBot\nCrawl-delay: 5\nUser-agent: SlowBot\nCrawl-delay: 9", 5),
      ("User-agent: ExampleBot\nCrawl-delay: 5\nDisallow: /a\nUser-agent: ExampleBot\nCrawl-delay: 9", 9),
      ("User-agent: *\nCrawl-delay: -1", nil),
      ("User-agent: *\nCrawl-delay: soon", nil),
      ("User-agent: *\nCrawl-delay: nan", nil),
      ("User-agent: *\nCrawl-delay: inf", nil),
      ("Crawl-delay: 5", nil),
      ("User-agent: OtherBot\nCrawl-delay: 5", nil),
    ])
  func crawlDelay(robots: String, expected: Double?) {
    #expect(RobotsFile(Array(robots.utf8)).crawlDelay(agent: "ExampleBot") == expected)
  }

  @Test("an HTML page instead of a robots.txt forbids nothing")
  func html() throws {
    #expect(try allows("<!DOCTYPE html>\n<html><body>Not found: /a</body></html>", "/a"))
  }

  @Test("section 2.5: at least 500 KiB are parsed, and at most the limit")
  func size() throws {
    let head = "User-agent: *\n"
    let lines = head + String(repeating: "#\n", count: (RobotsFile.maximumBytes - head.utf8.count - 100) / 2)
    #expect(RobotsFile.maximumBytes >= 500 * 1024)
    #expect(try !allows(lines + "Disallow: /a", "/a"))
    #expect(try allows(lines + String(repeating: "#", count: 200) + "\nDisallow: /a", "/a"))
  }

  @Test("a line truncated at the size limit is ignored, because its pattern may match too much")
  func cutLine() throws {
    let head = "User-agent: *\n" + String(repeating: "#\n", count: (RobotsFile.maximumBytes - 14 - 11) / 2)
    let robots = head + "Disallow: /private"
    #expect(robots.utf8.count > RobotsFile.maximumBytes)
    #expect(try allows(robots, "/a"))
    #expect(try allows(robots, "/private"))
  }

  @Test("Google: a line is truncated at 16,664 bytes")
  func longLines() throws {
    let path = "/" + String(repeating: "a", count: 1000)
    #expect(try !allows("User-agent: *\nDisallow: \(path)", path + "b"))
    let long = String(repeating: "*", count: 8 * 2083)
    #expect(try !allows("User-agent: *\nDisallow: /a\(long)b", "/a"))
  }

  @Test("invalid UTF-8 and NUL do not affect other lines")
  func garbage() throws {
    let robots: [UInt8] =
      [0xff, 0xfe, 0x00, 0x0a] + Array("User-agent: *\nDisallow: /a".utf8) + [0xc3, 0x28, 0x0a]
      + Array("Disallow: /b\0\n".utf8)
    let file = RobotsFile(robots)
    #expect(!file.allows(try NormalizedURL("https://example.com/b"), agent: "ExampleBot"))
    #expect(file.allows(try NormalizedURL("https://example.com/a"), agent: "ExampleBot"))
    #expect(!file.allows(try NormalizedURL("https://example.com/a%C3("), agent: "ExampleBot"))
  }
}
