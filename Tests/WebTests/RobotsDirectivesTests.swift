import Testing
import Web

/// Directives as defined by Google Search Central, "Robots meta tag, data-nosnippet, and X-Robots-Tag specifications".
@Suite struct RobotsDirectivesTests {
  private func forbids(_ directives: RobotsDirectives, today: Int = 20_260_615) throws -> Bool {
    var page = Page(url: try NormalizedURL("https://example.com/"))
    page.add(directives)
    return page.forbidsIndexing(on: today)
  }

  @Test(
    "X-Robots-Tag directives for the agent or for all agents apply",
    arguments: [
      ("noindex", true), ("NOINDEX, nofollow", true), ("none", true), ("noarchive", false), ("index", false),
      ("", false), ("OurBot: noindex", true),
      ("ourbot:none", true), ("otherbot: noindex", false), ("otherbot: noindex, ourbot: nofollow", false),
      ("otherbot: nofollow, noindex", false),
      ("otherbot: nofollow\nnoindex", true), ("googlebot: noindex\notherbot: nofollow", false),
      ("otherbot: nofollow\nourbot: noarchive, noindex", true),
      ("max-snippet: 0", false), ("max-snippet:-1, noindex", true), ("unavailable_after: 2026-06-14", true),
      ("unavailable_after: 2026-06-15", false),
      ("unavailable_after: Sunday, 14 Jun 2026 15:00:00 GMT, noarchive", true),
      ("unavailable_after: 25 Jun 2010 15:00:00 PST", true),
      ("unavailable_after: someday", false), ("ourbot: unavailable_after: 2020-01-01", true), (": noindex", false),
    ])
  func header(value: String, isForbidden: Bool) throws {
    #expect(try forbids(RobotsDirectives(header: value, agent: "OurBot")) == isForbidden)
  }

  @Test(
    "directives of a robots meta element apply",
    arguments: [
      ("noindex follow", true), ("None", true), ("all", false), ("unavailable_after: 01 Jan 2020 00:00:00 GMT", true),
      ("unavailable_after: 2199-01-01", false),
    ])
  func meta(content: String, isForbidden: Bool) throws {
    #expect(try forbids(RobotsDirectives(meta: content)) == isForbidden)
  }

  @Test("the earlier of two unavailable_after dates applies")
  func earlier() throws {
    var page = Page(url: try NormalizedURL("https://example.com/"))
    page.add(RobotsDirectives(meta: "unavailable_after: 2020-01-01"))
    page.add(RobotsDirectives(meta: "unavailable_after: 2199-01-01"))
    #expect(page.forbidsIndexing(on: 20_260_615))
  }
}

/// Parsing of `Link` headers (RFC 8288, section 3).
@Suite struct LinkHeaderTests {
  @Test("links and their parameters are parsed")
  func links() {
    let header = LinkHeader(
      #"<https://a.example/x,y;z>; rel="canonical"; title="a, \"b\"; c" , </de>;rel=alternate;HREFLANG=de; rel=next,</p.md>; rel="alternate up" ; type="text/markdown""#
    )
    #expect(header.links.map(\.reference) == ["https://a.example/x,y;z", "/de", "/p.md"])
    #expect(header.links.map { $0.relations.map(String.init) } == [["canonical"], ["alternate"], ["alternate", "up"]])
    #expect(header.links[0].parameters["title"] == #"a, "b"; c"#)
    #expect(header.links[1].parameters["hreflang"] == "de")
    #expect(header.links[2].parameters["type"] == "text/markdown")
  }

  @Test(
    "parsing stops at a syntax error and keeps the links before it",
    arguments: [
      ("", 0), ("nonsense", 0), ("<", 0), ("<a", 0), ("<a>", 1), ("<a>;", 1), ("<a>; rel=\"x", 1), ("<a>;;;=,<b>", 2),
      ("<a>; rel=\"x\\", 1),
    ])
  func broken(value: String, count: Int) {
    #expect(LinkHeader(value).links.count == count)
  }
}
