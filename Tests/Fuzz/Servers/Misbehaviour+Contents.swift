extension Misbehaviour {
  /// Correct responses that nobody could want to read.
  static let contents: [Misbehaviour] = [
    .init("nests a hundred thousand elements") { situation in
      .whole(
        "<html><title>Deep</title>"
          + String(
            repeating: situation.random.pick([
              "<div>", "<b>", "<ul><li>", "<table><tr><td>", "<a href=x>", "<blockquote>", "<span class=a>",
            ]), count: 100_000) + "deep down")
    },
    .init(
      "links a million times",
      page: { "<html><title>Links</title>" + (0..<1_000_000).map { "<a href=/\($0)>x</a>" }.joined() }),
    .init(
      "links a million times through a long base",
      page: {
        "<html><title>Links</title><base href=\"/\(String(repeating: "b", count: 1900))/\">"
          + (0..<200_000).map { "<a href=\($0)>x</a>" }.joined()
      }),
    .init(
      "has a million attributes",
      page: { "<html><title>A</title><p " + (0..<300_000).map { "a\($0)=b " }.joined() + ">text" }),
    .init(
      "has a title of megabytes",
      page: {
        "<html><title>" + String(repeating: "title ", count: 700_000) + "</title><h1>"
          + String(repeating: "head ", count: 200_000)
      }),
    .init("opens a comment", page: { "<html><title>C</title>" + String(repeating: "<!-- <p> ", count: 300_000) }),
    .init("opens tags and never ends them", page: { String(repeating: "<a href='", count: 300_000) }),
    .init(
      "is all entities",
      page: { "<html><title>E</title><p>" + String(repeating: "&amp;&#120;&nbsp;&notit;&#x110000;&", count: 100_000) }),
    .init(
      "has a table of a million cells",
      page: { "<html><title>T</title><table>" + String(repeating: "<tr><td>a<td>b|", count: 300_000) }),
    .init("is one word of megabytes", page: { "<html><title>W</title><p>" + String(repeating: "w", count: 4_000_000) }),
    .init("is another encoding") { situation in
      .whole(
        Array(repeating: [0x81, 0x30, 0x1b, 0x24, 0xff, 0xfe, 0x00, 0x3c], count: 100_000).flatMap(\.self),
        type: "text/html; charset=\(situation.random.pick(["utf-16", "gb18030", "iso-2022-jp", "shift_jis", "x"]))")
    },
    .init("is no page") { situation in
      .whole(
        Array(repeating: 0xff, count: 100_000),
        type: situation.random.pick([
          "image/png", "application/pdf", "video/mp4", "", "text/html;;;=;", "multipart/mixed; boundary=x",
        ]))
    },
    .init("sends its reader away at once") { situation in
      .whole(
        "<html><title>R</title><meta http-equiv=refresh content='0;url=http://127.0.0.1:\(situation.forbiddenPort)/'>")
    },
    .init("names files of this machine") { situation in
      .whole(
        "<html><title>F</title><link rel=sitemap href='file:///etc/passwd'><link rel=canonical href='http://127.0.0.1:\(situation.forbiddenPort)/'><a href='http://127.0.0.1:\(situation.forbiddenPort)/x'>x</a><a href='//localhost:\(situation.forbiddenPort)/'>y</a>"
      )
    },
    .init("lists itself as a sitemap") { situation in
      xml(
        "<sitemapindex><sitemap><loc>\(situation.path)</loc></sitemap><sitemap><loc>\(situation.path)?a</loc></sitemap></sitemapindex>"
      )
    },
    .init("lists ever more sitemaps") { situation in
      xml(
        "<sitemapindex>"
          + (0..<200).map { "<sitemap><loc>/sitemap-\(situation.random.below(1_000_000))-\($0).xml</loc></sitemap>" }
          .joined() + "</sitemapindex>")
    },
    .init("lists without end") { _ in .endless("application/xml", "<urlset>", "<url><loc>/listed</loc></url>") },
    .init("lists a hundred thousand pages") { _ in
      xml("<urlset>" + (0..<100_000).map { "<url><loc>/listed/\($0)</loc></url>" }.joined() + "</urlset>")
    },
    .init("lists where nobody may go") { situation in
      let port = situation.forbiddenPort
      return xml(
        "<sitemapindex>"
          + [
            "http://127.0.0.1:\(port)/s.xml", "file:///etc/passwd", "http://169.254.169.254/",
            "http://localhost:\(port)/s.xml",
          ].map { "<sitemap><loc>\($0)</loc></sitemap>" }.joined() + "</sitemapindex>")
    },
    .init("laughs a billion times") { _ in
      let entities = (1...9).map { level in
        "<!ENTITY l\(level) \"" + String(repeating: "&l\(level - 1);", count: 10) + "\">"
      }.joined()
      return xml("<!DOCTYPE urlset [<!ENTITY l0 \"ha\">\(entities)]><urlset><url><loc>/&l9;</loc></url></urlset>")
    },
    .init("blows up quadratically") { _ in
      xml(
        "<!DOCTYPE urlset [<!ENTITY a \"\(String(repeating: "a", count: 50_000))\">]><urlset>"
          + String(repeating: "<url><loc>&a;</loc></url>", count: 50_000) + "</urlset>")
    },
    .init("includes what is outside") { situation in
      xml(
        "<!DOCTYPE u SYSTEM \"http://127.0.0.1:\(situation.forbiddenPort)/x.dtd\" [<!ENTITY x SYSTEM \"file:///etc/passwd\"><!ENTITY % p SYSTEM \"http://127.0.0.1:\(situation.forbiddenPort)/p\">%p;]><urlset><url><loc>/&x;</loc></url></urlset>"
      )
    },
    .init("nests XML") { _ in xml("<urlset>" + String(repeating: "<url>", count: 300_000)) },
    .init("is a robots.txt without end") { _ in
      .endless("text/plain", "User-agent: *\nAllow: /\n", "Disallow: /x*y*z*\n")
    },
    .init("is a robots.txt of ten thousand stars") { _ in
      .whole(
        Array(
          ("User-agent: *\n"
            + String(repeating: "Disallow: /" + String(repeating: "*a", count: 60) + "b\n", count: 3000)).utf8),
        type: "text/plain")
    },
    .init("is a robots.txt of one line") { _ in .endless("text/plain", "User-agent: ", "x") },
    .init("asks for a long pause") { _ in
      .whole("User-agent: *\nCrawl-delay: 1000000\nSitemap: /sitemap.xml\n", type: "text/plain")
    },
  ]

  private static func xml(_ text: String) -> Answer {
    .whole("<?xml version=\"1.0\"?>" + text, type: "application/xml")
  }
}
