import Web

/// Tests ``Sitemap``, with sitemaps and feeds: entries are bounded, and entities are never expanded.
struct SitemapSubject: Subject {
  let name = "sitemaps"
  let maximumBytes = 12_288

  let dictionary =
    [
      "<?xml version=\"1.0\"?>", "<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
      "<?xml version=\"1.0\" encoding=\"EBCDIC-US\"?>", "<urlset>", "</urlset>",
      "<sitemapindex>", "<url>", "</url>", "<loc>", "</loc>", "<lastmod>", "<rss><channel>", "<item>", "<link>",
      "<feed>", "<entry>", "<link href=\"/a\"/>",
      "<link rel=\"self\" href=\"/a\"/>", "<updated>", "<pubDate>", "<![CDATA[", "]]>", "<!--", "-->", "&amp;", "&#38;",
      "&#0;", "&#xffffffff;", "&x;", "&l9;",
      "<!DOCTYPE urlset [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
      "<!DOCTYPE a SYSTEM \"http://127.0.0.1:9/x.dtd\">",
      "<!DOCTYPE u [<!ENTITY l0 \"ha\"><!ENTITY l1 \"&l0;&l0;&l0;&l0;&l0;&l0;\"><!ENTITY l2 \"&l1;&l1;&l1;&l1;&l1;&l1;\"><!ENTITY l9 \"&l2;&l2;&l2;&l2;&l2;\">]>",
      "<!ENTITY % p SYSTEM \"file:///etc/passwd\"> %p;", "<?php",
      "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"", "xmlns:x=\"\"", "<html>", "<!doctype html>",
      "\u{feff}", "\u{0}", "https://example.com/a\n", "http://", "<a b=\"", "<a:b:c>", "<image:loc>", "\u{1f}\u{fffd}",
    ].tokens + [
      [0xff, 0xfe], [0xfe, 0xff], [0x1f, 0x8b], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], [0xc0, 0x80], [0xed, 0xa0, 0x80],
    ]

  func samples(in folder: String) -> [[UInt8]] {
    [
      Deflate.stored(Array("<urlset><url><loc>https://example.com/a</loc></url></urlset>".utf8)),
      Deflate.zeros(1 << 16),
    ]
  }

  func compose(_ random: inout Randomness) -> [UInt8] {
    var text = random.pick(["", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "\u{feff}", "\n "])
    let (root, entry, location) = random.pick([
      ("urlset", "url", "loc"), ("sitemapindex", "sitemap", "loc"), ("rss version=\"2.0\"", "item", "link"),
      ("feed", "entry", "link"), ("", "", ""),
    ])
    if root.isEmpty {
      for index in 0..<random.below(50) { text += "https://example.com/\(index)" + random.pick(["\n", "\r\n", " \n"]) }
      return Array(text.utf8)
    }
    text += "<\(root)>"
    for index in 0..<random.below(40) {
      let value = random.pick([
        "https://example.com/\(index)", "/p?a=1&amp;b=2", " <![CDATA[https://example.com/c]]> ", "x", "",
      ])
      text += "<\(entry)><\(location)>\(value)</\(location)>"
      text += random.pick([
        "", "<lastmod>2024-01-0\(random.below(9))</lastmod>",
        "<image:image><image:loc>/i.png</image:loc></image:image>", "<link href=\"/\(index)\"/>",
      ])
      text += "</\(entry)>" + random.pick(["", "\n", "<!-- \(index) -->"])
    }
    text += "</\(root.prefix { $0 != " " })>"
    switch random.below(8) {
    case 0: return Deflate.stored(Array(text.utf8))
    case 1: return [0xff, 0xfe] + text.utf8.flatMap { [$0, 0] }
    default: return Array(text.utf8)
    }
  }

  func check(_ input: [UInt8], _ random: inout Randomness) throws(Violation) {
    let sitemap = Sitemap(input)
    try require(Sitemap(input) == sitemap, "parsing is deterministic")
    guard let sitemap else { return }
    try require(sitemap.entries.count <= Sitemap.maximumEntries, "the number of entries is bounded")
    if !input.starts(with: [0x1f, 0x8b]) {
      try require(sitemap.entries.count <= input.count, "there are no more entries than bytes")
      let length = sitemap.entries.reduce(0) { $0 + $1.location.utf8.count + ($1.lastModified?.utf8.count ?? 0) }
      try require(length <= 3 * input.count, "entries are not longer than the file, so entities are not expanded")
    }
    for entry in sitemap.entries {
      try require(
        !entry.location.isEmpty && entry.location == entry.location.folded, "a location is one line: \(entry.location)")
      try require(!entry.location.contains("root:x:0"), "no local file is read")
    }
  }
}
