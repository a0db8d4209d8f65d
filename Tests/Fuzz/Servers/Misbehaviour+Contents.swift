import Support

extension Misbehaviour {
  /// Valid HTTP responses with hostile or extreme contents.
  static let contents: [Misbehaviour] = [
    .init("nests a hundred thousand elements") { context in
      .page(
        "<html><title>Deep</title>"
          + String(
            repeating: context.random.pick([
              "<div>", "<b>", "<ul><li>", "<table><tr><td>", "<a href=x>", "<blockquote>", "<span class=a>",
            ]), count: 100_000) + "deep down")
    },
    .init(
      "has a million links",
      page: { "<html><title>Links</title>" + (0..<1_000_000).map { "<a href=/\($0)>x</a>" }.joined() }),
    .init(
      "has many links with a long base URL",
      page: {
        "<html><title>Links</title><base href=\"/\(String(repeating: "b", count: 1900))/\">"
          + (0..<200_000).map { "<a href=\($0)>x</a>" }.joined()
      }),
    .init(
      "has hundreds of thousands of attributes",
      page: { "<html><title>A</title><p " + (0..<300_000).map { "a\($0)=b " }.joined() + ">text" }),
    .init(
      "has a title of megabytes",
      page: {
        "<html><title>" + String(repeating: "title ", count: 700_000) + "</title><h1>"
          + String(repeating: "head ", count: 200_000)
      }),
    .init(
      "opens a comment and never closes it",
      page: { "<html><title>C</title>" + String(repeating: "<!-- <p> ", count: 300_000) }),
    .init("opens tags and never closes them", page: { String(repeating: "<a href='", count: 300_000) }),
    .init(
      "consists of entities",
      page: { "<html><title>E</title><p>" + String(repeating: "&amp;&#120;&nbsp;&notit;&#x110000;&", count: 100_000) }),
    .init(
      "has a table of hundreds of thousands of cells",
      page: { "<html><title>T</title><table>" + String(repeating: "<tr><td>a<td>b|", count: 300_000) }),
    .init(
      "consists of one word of megabytes",
      page: { "<html><title>W</title><p>" + String(repeating: "w", count: 4_000_000) }),
    .init("uses another encoding") { context in
      .page(
        Array(repeating: [0x81, 0x30, 0x1b, 0x24, 0xff, 0xfe, 0x00, 0x3c], count: 100_000).flatMap(\.self),
        type: "text/html; charset=\(context.random.pick(["utf-16", "gb18030", "iso-2022-jp", "shift_jis", "x"]))")
    },
    .init("is not a page") { context in
      .page(
        Array(repeating: 0xff, count: 100_000),
        type: context.random.pick([
          "image/png", "application/pdf", "video/mp4", "", "text/html;;;=;", "multipart/mixed; boundary=x",
        ]))
    },
    .init("redirects with a meta refresh to a forbidden address") { context in
      .page(
        "<html><title>R</title><meta http-equiv=refresh content='0;url=http://127.0.0.1:\(context.forbiddenPort)/'>")
    },
    .init("links to local files and forbidden addresses") { context in
      .page(
        "<html><title>F</title><link rel=sitemap href='file:///etc/passwd'><link rel=canonical href='http://127.0.0.1:\(context.forbiddenPort)/'><a href='http://127.0.0.1:\(context.forbiddenPort)/x'>x</a><a href='//localhost:\(context.forbiddenPort)/'>y</a>"
      )
    },
    .init("lists itself as a sitemap") { context in
      xml(
        "<sitemapindex><sitemap><loc>\(context.path)</loc></sitemap><sitemap><loc>\(context.path)?a</loc></sitemap></sitemapindex>"
      )
    },
    .init("lists new sitemaps in every sitemap") { context in
      xml(
        "<sitemapindex>"
          + (0..<200).map { "<sitemap><loc>/sitemap-\(context.random.below(1_000_000))-\($0).xml</loc></sitemap>" }
          .joined() + "</sitemapindex>")
    },
    .init("sends an endless sitemap") { _ in .endless("application/xml", "<urlset>", "<url><loc>/listed</loc></url>") },
    .init("lists a hundred thousand pages") { _ in
      xml("<urlset>" + (0..<100_000).map { "<url><loc>/listed/\($0)</loc></url>" }.joined() + "</urlset>")
    },
    .init("lists sitemaps at forbidden addresses") { context in
      let port = context.forbiddenPort
      return xml(
        "<sitemapindex>"
          + [
            "http://127.0.0.1:\(port)/s.xml", "file:///etc/passwd", "http://169.254.169.254/",
            "http://localhost:\(port)/s.xml",
          ].map { "<sitemap><loc>\($0)</loc></sitemap>" }.joined() + "</sitemapindex>")
    },
    .init("has a billion-laughs entity expansion") { _ in
      let entities = (1...9).map { level in
        "<!ENTITY l\(level) \"" + String(repeating: "&l\(level - 1);", count: 10) + "\">"
      }.joined()
      return xml("<!DOCTYPE urlset [<!ENTITY l0 \"ha\">\(entities)]><urlset><url><loc>/&l9;</loc></url></urlset>")
    },
    .init("has a quadratic entity expansion") { _ in
      xml(
        "<!DOCTYPE urlset [<!ENTITY a \"\(String(repeating: "a", count: 50_000))\">]><urlset>"
          + String(repeating: "<url><loc>&a;</loc></url>", count: 50_000) + "</urlset>")
    },
    .init("has external XML entities") { context in
      xml(
        "<!DOCTYPE u SYSTEM \"http://127.0.0.1:\(context.forbiddenPort)/x.dtd\" [<!ENTITY x SYSTEM \"file:///etc/passwd\"><!ENTITY % p SYSTEM \"http://127.0.0.1:\(context.forbiddenPort)/p\">%p;]><urlset><url><loc>/&x;</loc></url></urlset>"
      )
    },
    .init("nests XML elements deeply") { _ in xml("<urlset>" + String(repeating: "<url>", count: 300_000)) },
    .init("sends an endless robots.txt") { _ in
      .endless("text/plain", "User-agent: *\nAllow: /\n", "Disallow: /x*y*z*\n")
    },
    .init("sends a robots.txt with many wildcards") { _ in
      .page(
        Array(
          ("User-agent: *\n"
            + String(repeating: "Disallow: /" + String(repeating: "*a", count: 60) + "b\n", count: 3000)).utf8),
        type: "text/plain")
    },
    .init("sends a robots.txt of one endless line") { _ in .endless("text/plain", "User-agent: ", "x") },
    .init("requests a very long crawl delay") { _ in
      .page("User-agent: *\nCrawl-delay: 1000000\nSitemap: /sitemap.xml\n", type: "text/plain")
    },
  ]

  private static func xml(_ text: String) -> ScriptedResponse {
    .page("<?xml version=\"1.0\"?>" + text, type: "application/xml")
  }
}
