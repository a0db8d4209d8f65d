import Testing
import Web

/// Incremental parsing of sitemaps in pieces of any size.
@Suite struct SitemapStreams {
  private static let xml = """
    <?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <url><loc>https://example.com/?a=1&amp;b=2&c=3&copy</loc><lastmod>2026-01-02</lastmod></url>
    <url><loc><![CDATA[https://example.com/?a=1&b=2&amp;c=3]]></loc></url><url><loc>https://example.com/caf\u{e9}&#x2f;</loc></url></urlset>
    """
  private static let lines = "https://example.com/a\r\nhttps://example.com/b\n\nhttps://example.com/c"

  @Test("the result does not depend on the piece size", arguments: [1, 2, 3, 7, 11, 64, 257, 100_000])
  func pieces(size: Int) {
    for text in [Self.xml, Self.lines] {
      let bytes = Array(text.utf8)
      for whole in [
        bytes, gzipMember(Array(bytes.prefix(99))) + gzipMember(Array(bytes.dropFirst(99))),
        [0xef, 0xbb, 0xbf] + bytes,
      ] {
        let (kind, entries) = read(whole, size)
        #expect(kind == (text == Self.xml ? .pages : .text))
        #expect(entries == Sitemap(bytes)?.entries)
        #expect(entries.count == 3)
      }
    }
  }

  @Test(
    "ampersands that do not begin a reference are text",
    arguments: [
      ("?a=1&b=2", "?a=1&b=2"), ("?a&&b", "?a&&b"), ("?a&", "?a&"), ("?a=1&amp;b", "?a=1&b"), ("?a&#38;b", "?a&b"),
      ("?a&#x26;b", "?a&b"), ("?&lt;", "?<"),
      ("?a&averylongnamethatisnone;b", "?a&averylongnamethatisnone;b"), ("<![CDATA[?a&b]]>", "?a&b"),
      ("<![CDATA[?a&amp;b]]>", "?a&b"), ("? & ", "? &"),
    ])
  func ampersands(written: String, meant: String) {
    let sitemap = Sitemap(Array("<urlset><url><loc>\(written)</loc></url><url><loc>/b</loc></url></urlset>".utf8))
    #expect(sitemap?.entries.map(\.location) == [meant, "/b"])
  }

  @Test("bare ampersands in Atom links are text")
  func ampersandsInAttributes() {
    let sitemap = Sitemap(Array("<feed><entry><link href=\"/?a=1&b=2&amp;c=3\"/></entry></feed>".utf8))
    #expect(sitemap?.entries.map(\.location) == ["/?a=1&b=2&c=3"])
  }

  @Test("the modified element of Atom 0.3 is the modification date")
  func atom03() {
    let text =
      "<feed version=\"0.3\" xmlns=\"http://purl.org/atom/ns#\"><entry><link rel=\"alternate\" href=\"/a\"/><modified>2004-01-02T00:00:00Z</modified></entry></feed>"
    #expect(Sitemap(Array(text.utf8))?.entries.map(\.lastModified) == ["2004-01-02T00:00:00Z"])
  }

  @Test(
    "an unknown, misspelled or wrong encoding declaration is ignored",
    arguments: [
      "utf8mb4", "unknown", "UTF-8859-1", "utf8", "UTF-16", "", "unicode",
    ])
  func encodings(name: String) {
    let text =
      "<?xml version=\"1.0\" encoding=\"\(name)\"?><urlset><url><loc>/a</loc></url><url><loc>/b</loc></url></urlset>"
    #expect(Sitemap(Array(text.utf8))?.entries.map(\.location) == ["/a", "/b"])
  }

  @Test(
    "other content is rejected at its first element or line",
    arguments: ["<!DOCTYPE html><html><body>", "Not found\n"])
  func otherContent(beginning: String) {
    let parser = SitemapParser()
    parser.parse(Array((beginning + String(repeating: "<p>https://example.com/</p>\n", count: 100)).utf8)) { _ in
      Issue.record("expected no entries")
    }
    #expect(parser.isDone)
    #expect(parser.kind == nil)
  }

  @Test("entries are delivered as soon as they are parsed")
  func early() {
    let parser = SitemapParser()
    var count = 0
    parser.parse(Array(("<urlset>" + String(repeating: "<url><loc>/a</loc></url>", count: 100)).utf8)) {
      count += $0.count
    }
    #expect(count > 90)
  }

  @Test("decompression of a gzip bomb stops at the size limit", .timeLimit(.minutes(1)))
  func bomb() {
    let parser = SitemapParser()
    let piece = gzipBomb(zeros: Sitemap.maximumBytes + (8 << 20))
    parser.parse(piece) { _ in Issue.record("expected no entries") }
    #expect(parser.isDone)
  }

  private func read(_ bytes: [UInt8], _ size: Int) -> (Sitemap.Kind?, [Sitemap.Entry]) {
    let parser = SitemapParser()
    var entries: [Sitemap.Entry] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      parser.parse(Array(bytes[start..<min(start + size, bytes.count)])) { entries += $0 }
    }
    parser.finish { entries += $0 }
    return (parser.kind, entries)
  }
}

@Suite struct SitemapDates {
  @Test(
    "W3C and RFC 822 dates are parsed; other text is not a date",
    arguments: [
      ("2026-01-06", 20_260_106), ("2026-01-06T23:59:59+02:00", 20_260_106), ("2026-01-06 10:00", 20_260_106),
      ("2026-01", 20_260_100), ("2026", 20_260_000),
      ("Tue, 06 Jan 2026 00:00:00 GMT", 20_260_106), ("Thu, 1 Oct 2026 00:00:00 +0000", 20_261_001),
      ("6 sep 26 00:00 GMT", 20_260_906),
      ("", 0), ("yesterday", 0), ("2026-13-01", 0), ("2026-01-99", 0), ("99999999", 0), ("Tue, x Jan 2026", 0),
      ("Jan", 0),
    ])
  func days(text: String, day: Int) { #expect(SitemapDate.day(text) == day) }
}

@Suite struct SameOriginURLs {
  /// The fast path is taken with a base of the same origin, the general path with a base of another.
  @Test(
    "the fast path and the general path produce the same URL",
    arguments: [
      "https://example.com:8443", "https://example.com:8443/", "https://example.com:8443/a/b.html?x=1&y=(2)",
      "https://example.com:8443/?", "https://example.com:8443/a?b?c",
      "https://example.com:8443//a", "https://example.com:8443/./a", "https://example.com:8443/a/../b",
      "https://example.com:8443/.well-known/x", "https://example.com:8443/a%2fb%41",
      "https://example.com:8443/a#b", "https://example.com:8443/a b", " https://example.com:8443/a\n",
      "https://example.com:8443/caf\u{e9}", "https://example.com:8443/a\\b",
      "https://example.com:8443\\a", "https://example.com:84430/a", "https://example.com:8443.evil.example/a",
      "https://example.com:8443@evil.example/", "HTTPS://EXAMPLE.com:8443/a",
      "https://example.com:8443/a?\\", "https://example.com:8443/~a/_b;c=d,e'f*g!h$i+j@k:l",
      "https://example.com:8443/\"<>^`{|}", "https://example.com:8443/a\0b",
    ])
  func equality(text: String) throws {
    let quick = try? NormalizedURL(text, relativeTo: try NormalizedURL("https://example.com:8443/x/y?z"))
    let slow = try? NormalizedURL(text, relativeTo: try NormalizedURL("http://other.example/"))
    #expect(quick == slow)
    if let quick { #expect(try NormalizedURL(quick.description) == quick) }
  }

  @Test("the fast path also rejects a URL that is too long")
  func length() throws {
    let base = try NormalizedURL("https://example.com/")
    let text = "https://example.com/" + String(repeating: "a", count: NormalizedURL.maximumLength - 20)
    #expect(try NormalizedURL(text, relativeTo: base).description == text)
    #expect(throws: NormalizedURL.Rejection.length) { try NormalizedURL(text + "a", relativeTo: base) }
  }
}
