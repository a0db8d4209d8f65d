import Testing
import Web

/// All supported sitemap formats (sitemaps.org, RSS 2.0, RFC 4287).
@Suite struct Sitemaps {
  @Test("a urlset lists pages")
  func urlset() {
    let sitemap = read(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <url><loc> https://example.com/a </loc><lastmod>2026-01-02</lastmod><priority>0.5</priority></url>
        <url><lastmod>2026-01-03T04:05:06Z</lastmod><loc>https://example.com/?a=1&amp;b=2</loc></url>
        <url><loc/></url><url/>
      </urlset>
      """)
    #expect(sitemap?.kind == .pages)
    #expect(sitemap?.entries.map(\.location) == ["https://example.com/a", "https://example.com/?a=1&b=2"])
    #expect(sitemap?.entries.map(\.lastModified) == ["2026-01-02", "2026-01-03T04:05:06Z"])
  }

  @Test("an index lists sitemaps")
  func index() {
    let sitemap = read("<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2026</lastmod></sitemap></sitemapindex>")
    #expect(sitemap?.kind == .index)
    #expect(sitemap?.entries.map(\.location) == ["/a.xml"])
  }

  @Test("an empty urlset is a sitemap without entries")
  func empty() {
    #expect(read("<urlset/>")?.entries.isEmpty == true)
  }

  @Test("the entries of an RSS feed are its items, not its channel", arguments: ["rss", "rdf:RDF xmlns:rdf=\"r\""])
  func rss(root: String) {
    let sitemap = read(
      """
      <\(root)><channel><title>News</title><link>https://example.com/</link>
      <image><url>https://example.com/logo.png</url><link>https://example.com/</link></image>
      <item><title>A</title><link>https://example.com/a?x=1&amp;y=2</link><pubDate>Tue, 06 Jan 2026 00:00:00 GMT</pubDate>
      <enclosure url="https://example.com/a.mp3"/></item></channel></\(root.prefix { $0 != " " })>
      """)
    #expect(sitemap?.kind == .feed)
    #expect(sitemap?.entries.map(\.location) == ["https://example.com/a?x=1&y=2"])
    #expect(sitemap?.entries.first?.lastModified == "Tue, 06 Jan 2026 00:00:00 GMT")
  }

  @Test(
    "a guid is used as the link if there is none, unless isPermaLink is false (RSS 2.0)",
    arguments: [
      ("<guid>https://example.com/a</guid>", ["https://example.com/a"]),
      ("<guid isPermaLink=\"true\">https://example.com/a</guid>", ["https://example.com/a"]),
      ("<guid isPermaLink=\"false\">https://example.com/a</guid>", []), ("<guid>tag:example.com,2026:a</guid>", []),
      ("<guid>https://example.com/?p=1</guid><link>https://example.com/a</link>", ["https://example.com/a"]),
    ])
  func guids(item: String, locations: [String]) {
    #expect(
      read("<rss><channel><guid>https://example.com/channel</guid><item>\(item)</item></channel></rss>")?.entries.map(
        \.location) == locations)
  }

  @Test(
    "text before the XML declaration is ignored",
    arguments: [
      "Warning: foreach() in /srv/map.php on line 3\n", "<br />\n<b>Notice</b>: Undefined index\n", "<!-- cached -->\n",
      "\u{feff}\u{feff}", "\n\n;",
    ])
  func junk(before: String) {
    let sitemap = read(
      before + "<?xml version=\"1.0\" encoding=\"UTF-8\"?><urlset><url><loc>https://example.com/a</loc></url></urlset>")
    #expect(sitemap?.kind == .pages)
    #expect(sitemap?.entries.map(\.location) == ["https://example.com/a"])
  }

  @Test("RFC 4287, section 4.2.7: the alternate link of an entry is used; alternate is the default")
  func atom() {
    let sitemap = read(
      """
      <feed xmlns="http://www.w3.org/2005/Atom"><link href="https://example.com/"/><updated>2025</updated>
      <entry><source><link href="https://example.org/"/></source><link rel="self" href="https://example.com/self"/>
      <link rel="alternate" href="https://example.com/a?x=1&amp;y=2"/><updated>2026-01-02</updated></entry>
      <entry><link href=' https://example.com/b
      '/><link rel="enclosure" href="https://example.com/b.mp3"/></entry></feed>
      """)
    #expect(sitemap?.kind == .feed)
    #expect(sitemap?.entries.map(\.location) == ["https://example.com/a?x=1&y=2", "https://example.com/b"])
    #expect(sitemap?.entries.map(\.lastModified) == ["2026-01-02", nil])
  }

  @Test("a text sitemap has one URL per line", arguments: ["\n", "\r\n", "\r"])
  func text(end: String) {
    let sitemap = read(
      ["https://example.com/a", " http://example.com/b ", "", "# not a URL", "https://example.com/c"].joined(
        separator: end))
    #expect(sitemap?.kind == .text)
    #expect(
      sitemap?.entries.map(\.location) == ["https://example.com/a", "http://example.com/b", "https://example.com/c"])
  }

  @Test("extensions for images, news, videos and languages are ignored in any position")
  func extensions() {
    let sitemap = read(
      """
      <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="i" xmlns:news="n" xmlns:video="v" xmlns:xhtml="x">
      <url>
        <image:image><image:loc>https://cdn.example.com/first.png</image:loc></image:image>
        <xhtml:link rel="alternate" hreflang="de" href="https://example.com/de/a"/>
        <loc>https://example.com/a</loc>
        <news:news><news:publication><news:name>N</news:name></news:publication><news:title>T</news:title></news:news>
        <video:video><video:content_loc>https://example.com/v.mp4</video:content_loc></video:video>
        <image:image><image:loc>https://cdn.example.com/second.png</image:loc></image:image>
      </url>
      <url><loc>https://example.com/b</loc></url>
      </urlset>
      """)
    #expect(sitemap?.entries.map(\.location) == ["https://example.com/a", "https://example.com/b"])
  }

  @Test("elements, including the root, may have namespace prefixes")
  func prefixes() {
    let sitemap = read(
      "<s:urlset xmlns:s=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><s:url><s:loc>/a</s:loc></s:url></s:urlset>")
    #expect(sitemap?.entries.map(\.location) == ["/a"])
  }

  @Test("CDATA is text")
  func cdata() {
    #expect(
      read("<urlset><url><loc><![CDATA[ https://example.com/?a=1&b=2 ]]></loc></url></urlset>")?.entries.map(\.location)
        == ["https://example.com/?a=1&b=2"])
  }

  @Test("all encodings are supported, with or without byte order mark")
  func encodings() {
    let text = "<urlset><url><loc>/caf\u{e9}</loc></url></urlset>"
    let latin1 = Array("<?xml version='1.0' encoding='ISO-8859-1'?>".utf8) + text.unicodeScalars.map { UInt8($0.value) }
    let littleEndian = "\u{feff}\(text)".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let bigEndian = "\u{feff}\(text)".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    for bytes in [Array("\u{feff}\(text)".utf8), latin1, littleEndian, bigEndian] {
      #expect(Sitemap(bytes)?.entries.map(\.location) == ["/caf\u{e9}"])
    }
  }

  private func read(_ text: String) -> Sitemap? { Sitemap(Array(text.utf8)) }
}

/// Broken and hostile files, and files that are not sitemaps.
@Suite struct BrokenSitemaps {
  @Test(
    "truncated XML yields the entries before the end",
    arguments: [
      "<urlset><url><loc>/a</loc></url>", "<urlset><url><loc>/a</loc></url><url><loc>/b",
      "<urlset><url><loc>/a</loc></url><url><lo",
      "<urlset><url><loc>/a</loc></url></url", "<urlset><url><loc>/a</loc></url><",
    ])
  func truncated(text: String) {
    #expect(Sitemap(Array(text.utf8))?.entries.map(\.location) == ["/a"])
  }

  @Test(
    "text before and after the XML is ignored",
    arguments: [
      "\n\n <?xml version='1.0'?><urlset><url><loc>/a</loc></url></urlset>",
      "<urlset><url><loc>/a</loc></url></urlset>\n<!-- 0.1 s --> junk",
      "<?xml-stylesheet href='a.xsl'?><!-- x --><urlset><url><loc>/a</loc></url></urlset>\0\0",
    ])
  func junk(text: String) {
    #expect(Sitemap(Array(text.utf8))?.entries.map(\.location) == ["/a"])
  }

  @Test("bytes that are invalid in XML do not end the file")
  func invalidBytes() {
    let bytes =
      Array("<urlset><url><loc>/a</loc></url><x>".utf8) + [0xff, 0x01]
      + Array("</x><url><loc>/b</loc></url></urlset>".utf8)
    #expect(Sitemap(bytes)?.entries.map(\.location) == ["/a", "/b"])
  }

  @Test(
    "an error page is not a sitemap",
    arguments: [
      "<!DOCTYPE html><html><head><title>Not found</title></head><body><url><loc>/a</loc></url></body></html>",
      "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>https://example.com/a</p></body></html>",
      "<html><body><urlset><url><loc>/a</loc></url></urlset></body></html>",
      "Not found", "", " \n", "{\"error\": 404}", "<", "<?xml version='1.0'?>", "# https://example.com/a",
    ])
  func otherThings(text: String) {
    #expect(Sitemap(Array(text.utf8)) == nil)
  }

  @Test("entities that the file declares are not expanded", .timeLimit(.minutes(1)))
  func entityBomb() {
    var text = "<!DOCTYPE urlset [<!ENTITY e0 'boom'>"
    for level in 1...30 { text += "<!ENTITY e\(level) '\(String(repeating: "&e\(level - 1);", count: 10))'>" }
    text += "<!ENTITY file SYSTEM 'file:///etc/passwd'>]>"
    text += "<urlset><url><loc>/a&e30;</loc></url><url><loc>/b&file;</loc></url><url><loc>/c&e0;</loc></url></urlset>"
    for entry in Sitemap(Array(text.utf8))?.entries ?? [] {
      #expect(["/a", "/b", "/c"].contains(entry.location))
    }
    let declared = "<!DOCTYPE urlset [<!ENTITY e0 'boom'>]><urlset><url><loc>/a&e0;</loc></url></urlset>"
    #expect(Sitemap(Array(declared.utf8))?.entries.map(\.location) == ["/a"])
  }

  @Test("the number of entries is limited", .timeLimit(.minutes(1)))
  func tooMany() {
    let item = "<url><loc>/a</loc></url>"
    let xml = "<urlset>" + String(repeating: item, count: Sitemap.maximumEntries + 10)
    #expect(Sitemap(Array(xml.utf8))?.entries.count == Sitemap.maximumEntries)
    let lines = String(repeating: "https://example.com/a\n", count: Sitemap.maximumEntries + 10)
    #expect(Sitemap(Array(lines.utf8))?.entries.count == Sitemap.maximumEntries)
  }

  @Test("deep nesting does not crash the parser or lose entries")
  func deepNesting() {
    let text = "<urlset><url><loc>/a</loc></url>" + String(repeating: "<x>", count: 100_000)
    #expect(Sitemap(Array(text.utf8))?.entries.map(\.location) == ["/a"])
  }

  @Test("an overlong location is truncated")
  func longLocation() {
    let text =
      "<urlset><url><loc>\(String(repeating: "a", count: 1 << 20))</loc></url><url><loc>/b</loc></url></urlset>"
    let locations = Sitemap(Array(text.utf8))?.entries.map(\.location) ?? []
    #expect(locations.last == "/b")
    #expect(locations.allSatisfy { $0.utf8.count <= 4096 })
  }
}

@Suite struct GzipFiles {
  private let text = Array("<urlset><url><loc>/a</loc></url><url><loc>/b</loc></url></urlset>".utf8)

  @Test(
    "data that is not gzip is returned unchanged", arguments: [[], [0x1f], [0x3c, 0x61], [0x8b, 0x1f]] as [[UInt8]])
  func uncompressed(bytes: [UInt8]) {
    #expect(Gzip.decompressedIfGzip(bytes, limit: 10) == bytes)
  }

  @Test("RFC 1952, section 2.2: several members are concatenated")
  func members() {
    let packed = gzipMember(Array(text.prefix(20))) + gzipMember([]) + gzipMember(Array(text.dropFirst(20)))
    #expect(Gzip.decompressedIfGzip(packed, limit: 1000) == text)
    #expect(Sitemap(packed)?.entries.map(\.location) == ["/a", "/b"])
  }

  @Test("padding after the last member is ignored")
  func padding() {
    #expect(Gzip.decompressedIfGzip(gzipMember(text) + [0, 0, 0], limit: 1000) == text)
    #expect(Gzip.decompressedIfGzip(gzipMember(text) + [0x1f, 0], limit: 1000) == text)
  }

  @Test("a truncated or broken stream yields the data before the error")
  func broken() {
    let packed = gzipMember(text)
    #expect(Gzip.decompressedIfGzip(Array(packed.dropLast(20)), limit: 1000) == text.dropLast(12))
    #expect(Sitemap(Array(packed.dropLast(40)))?.entries.map(\.location) == ["/a"])
    var wrongChecksum = packed
    wrongChecksum[packed.count - 8] ^= 1
    #expect(Gzip.decompressedIfGzip(wrongChecksum, limit: 1000) == text)
    #expect(Gzip.decompressedIfGzip([0x1f, 0x8b], limit: 1000) == nil)
    #expect(Gzip.decompressedIfGzip([0x1f, 0x8b, 8, 0, 0], limit: 1000) == nil)
    #expect(Gzip.decompressedIfGzip([0x1f, 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9], limit: 1000) == nil)
  }

  @Test("the output is limited")
  func limit() {
    #expect(Gzip.decompressedIfGzip(gzipMember(text), limit: 7) == Array(text.prefix(7)))
    let bomb = gzipBomb(zeros: 10 << 20)
    #expect(bomb.count < 100_000)
    #expect(Gzip.decompressedIfGzip(bomb, limit: 1 << 20) == Array(repeating: 0, count: 1 << 20))
  }

  @Test("a member larger than the buffers is decompressed completely")
  func large() {
    let data = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(Gzip.decompressedIfGzip(gzipMember(data), limit: 1 << 20) == data)
  }
}
