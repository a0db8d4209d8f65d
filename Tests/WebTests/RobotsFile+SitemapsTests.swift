import Testing

@testable import Web

/// The URLs in `Sitemap` lines, which many files decorate.
@Suite struct SitemapLinesOfRobotsFiles {
  private func sitemaps(_ text: String, of site: String = "https://site.example/docs/") throws -> [String] {
    RobotsFile(Array(text.utf8)).sitemaps(of: try NormalizedURL(site)).map(\.description)
  }

  @Test(
    "quotes, brackets and punctuation around the URL are not part of it",
    arguments: [
      "Sitemap: https://site.example/map.xml", "Sitemap: \"https://site.example/map.xml\"",
      "Sitemap: 'https://site.example/map.xml'", "Sitemap: “https://site.example/map.xml”",
      "Sitemap: „https://site.example/map.xml“", "Sitemap: «https://site.example/map.xml»",
      "Sitemap: `https://site.example/map.xml`", "Sitemap: <https://site.example/map.xml>",
      "Sitemap: (https://site.example/map.xml)", "Sitemap: [https://site.example/map.xml]",
      "Sitemap: [map](https://site.example/map.xml)", "Sitemap: <a href=\"https://site.example/map.xml\">map</a>",
      "Sitemap: https://site.example/map.xml,", "Sitemap: https://site.example/map.xml;",
      "Sitemap: \"https://site.example/map.xml\",", "Sitemap: https://site.example/map.xml # main",
      "Sitemap: https://site.example/map.xml (main)", "Sitemap:\u{a0}https://site.example/map.xml",
      "Sitemap: \u{feff}https://site.example/map.xml\u{200b}", "\u{feff}Sitemap: https://site.example/map.xml",
      "Sitemap https://site.example/map.xml", "sitemap\thttps://site.example/map.xml",
      "Sitemap = https://site.example/map.xml", "Sitemap:: https://site.example/map.xml",
      "Sitemap: url: https://site.example/map.xml", "Sitemap: HTTPS://site.example/map.xml",
      "Sitemap: https:\\/\\/site.example\\/map.xml", "Sitemap: /map.xml", "Sitemap: \"/map.xml\"",
      "Sitemap: map.xml", "Sitemap: //site.example/map.xml", "Sitemap: site.example/map.xml",
      "Sitemap: https://site.example/map.xml\nSitemap: 'https://site.example/map.xml'",
    ])
  func decorations(text: String) throws { #expect(try sitemaps(text) == ["https://site.example/map.xml"]) }

  @Test("a line may have several URLs")
  func severalURLs() throws {
    let expected = ["https://site.example/a.xml", "https://site.example/b.xml"]
    #expect(try sitemaps("Sitemap: https://site.example/a.xml https://site.example/b.xml") == expected)
    #expect(try sitemaps("Sitemap: https://site.example/a.xml,https://site.example/b.xml") == expected)
    #expect(try sitemaps("Sitemap: \"https://site.example/a.xml\", \"https://site.example/b.xml\"") == expected)
    #expect(try sitemaps("Sitemap: /a.xml, /b.xml") == expected)
  }

  @Test("characters that belong to the URL stay")
  func partsOfURLs() throws {
    #expect(
      try sitemaps("Sitemap: https://cdn.example/it's,(new).xml?to=https://site.example/")
        == ["https://cdn.example/it's,(new).xml?to=https://site.example/"])
    #expect(try sitemaps("Sitemap: https://cdn.example:8443/a.xml?b=c;d") == ["https://cdn.example:8443/a.xml?b=c;d"])
    #expect(try sitemaps("Sitemap: /site map.xml") == ["https://site.example/site%20map.xml"])
    #expect(try sitemaps("Sitemap: www.site.example/map.xml") == ["https://www.site.example/map.xml"])
  }

  @Test("a line without a URL names no sitemap", arguments: ["Sitemap:", "Sitemap: \"\"", "Sitemap: ,", "Sitemap: ''"])
  func emptyLines(text: String) throws { #expect(try sitemaps(text) == []) }
}
