import FoundationEssentials
import Testing
import Web

/// Normalization of URLs (RFC 3986, section 6.2.2).
@Suite struct URLNormalization {
  @Test(
    "sections 6.2.2.1 and 6.2.3: scheme, host, default port and empty path are normalized",
    arguments: [
      ("HTTPS://EXAMPLE.com", "https://example.com/"),
      ("https://example.com:443/", "https://example.com/"),
      ("http://example.com:80/", "http://example.com/"),
      ("http://example.com:443/", "http://example.com:443/"),
      ("https://example.com:/", "https://example.com/"),
      ("https://example.com:00443/", "https://example.com/"),
      ("https://example.com:8080?a", "https://example.com:8080/?a"),
      ("https://example.com?", "https://example.com/"),
      ("https://example.com#top", "https://example.com/"),
      (" https://example.com/ ", "https://example.com/"),
      ("https:example.com/a", "https://example.com/a"),
      ("https:\\\\example.com\\a", "https://example.com/a"),
      ("htt\nps://exa\tmple.com/\r\na", "https://example.com/a"),
    ])
  func originsAndPaths(text: String, expected: String) throws {
    #expect(try NormalizedURL(text).description == expected)
  }

  @Test(
    "section 6.2.2.2: escapes are in upper case and only present if required",
    arguments: [
      ("/%7Euser/%41%2d%2E%5f", "/~user/A-._"),
      ("/a%2fb", "/a%2Fb"),
      ("/a b", "/a%20b"),
      ("/café", "/caf%C3%A9"),
      ("/caf%c3%a9", "/caf%C3%A9"),
      ("/100%", "/100%25"),
      ("/%zz%4", "/%25zz%254"),
      ("/a[1]{2}|3^4`5\"6<7>", "/a%5B1%5D%7B2%7D%7C3%5E4%605%226%3C7%3E"),
      ("/!$&'()*+,;=:@", "/!$&'()*+,;=:@"),
      ("/a?b=c d&e=/?é", "/a?b=c%20d&e=/?%C3%A9"),
      ("/a?b=%2b%20+", "/a?b=%2B%20+"),
      ("/a?b#c?d", "/a?b"),
    ])
  func escapes(text: String, expected: String) throws {
    #expect(try NormalizedURL("https://example.com" + text).pathAndQuery == expected)
  }

  @Test(
    "section 6.2.2.3: dot segments are removed, also escaped ones as in browsers; empty segments stay",
    arguments: [
      ("/a/./b/../c", "/a/c"),
      ("/..", "/"),
      ("/../../a", "/a"),
      ("/a/b/.", "/a/b/"),
      ("/a/b/..", "/a/"),
      ("/a/%2e%2E/b", "/b"),
      ("/a/.%2e", "/"),
      ("/a//b/../c", "/a//c"),
      ("/a//../b", "/a/b"),
      ("//a", "//a"),
      ("/a/...", "/a/..."),
      ("/.well-known/x", "/.well-known/x"),
      ("/a/..b/.c", "/a/..b/.c"),
      ("/a\\..\\b", "/b"),
    ])
  func dotSegments(text: String, expected: String) throws {
    #expect(try NormalizedURL("https://example.com" + text).path == expected)
  }

  @Test(
    "normalization is idempotent",
    arguments: [
      "https://example.com/%25zz/%2F?%25", "https://xn--bcher-kva.example/b%C3%BCcher", "http://[2001:db8::1]:8080/",
      "http://127.0.0.1/",
    ])
  func idempotence(text: String) throws {
    #expect(try NormalizedURL(text).description == text)
  }

  @Test(
    "text that is not an absolute http or https URL is rejected with a specific reason",
    arguments: [
      ("", NormalizedURL.Rejection.notAbsolute),
      ("example.com", .notAbsolute),
      ("/path", .notAbsolute),
      ("//example.com", .notAbsolute),
      ("localhost:8080", .scheme),
      ("ftp://example.com/", .scheme),
      ("javascript:alert(1)", .scheme),
      ("https://user@example.com/", .credentials),
      ("https://user:secret@example.com/", .credentials),
      ("https://@example.com/", .credentials),
      ("https://example.com:0/", .port),
      ("https://example.com:65536/", .port),
      ("https://example.com:-1/", .port),
      ("https://example.com:+80/", .port),
      ("https://example.com:8a/", .port),
      ("https://", .host),
      ("https:///", .host),
      ("https://:443/", .host),
    ])
  func rejections(text: String, reason: NormalizedURL.Rejection) {
    #expect(throws: reason) { try NormalizedURL(text) }
  }

  @Test("an at sign after the authority does not start credentials")
  func atSigns() throws {
    #expect(try NormalizedURL("https://example.com/@user?@#@").description == "https://example.com/@user?@")
  }

  @Test("a URL has at most 2,000 bytes, as written and as normalized")
  func length() throws {
    let origin = "https://example.com/"
    let longest = origin + String(repeating: "a", count: NormalizedURL.maximumLength - origin.utf8.count)
    #expect(try NormalizedURL(longest).description == longest)
    #expect(throws: NormalizedURL.Rejection.length) { try NormalizedURL(longest + "a") }
    // Escaping would triple the length.
    #expect(throws: NormalizedURL.Rejection.length) { try NormalizedURL(origin + String(repeating: "é", count: 900)) }
    #expect(throws: NormalizedURL.Rejection.length) {
      try NormalizedURL(String(repeating: "b", count: 1990), relativeTo: try NormalizedURL("https://example.com/a/"))
    }
    // Surrounding spaces do not count.
    #expect(try NormalizedURL(String(repeating: " ", count: 5000) + origin).description == origin)
  }

  @Test("a URL survives encoding to JSON and decoding")
  func codable() throws {
    let url = try NormalizedURL("https://bücher.example:8443/a b?c=é")
    let data = try JSONEncoder().encode([url])
    #expect(try JSONDecoder().decode([NormalizedURL].self, from: data) == [url])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([NormalizedURL].self, from: Data(#"["ftp://a"]"#.utf8))
    }
  }
}

@Suite struct URLIdentity {
  @Test(
    "tracking parameters, sessions and index file names do not change the identity of a page",
    arguments: [
      ("https://example.com/index.html", "https://example.com/"),
      ("https://example.com/docs/index.htm", "https://example.com/docs/"),
      ("https://example.com/docs/index.php?id=1", "https://example.com/docs/?id=1"),
      ("https://example.com/docs/default.html", "https://example.com/docs/"),
      ("https://example.com/a?utm_source=x&UTM_Medium=y&id=1&gclid=2", "https://example.com/a?id=1"),
      ("https://example.com/a?fbclid=x", "https://example.com/a"),
      ("https://example.com/a?utm_source", "https://example.com/a"),
      ("https://example.com/a?PHPSESSID=1&b=2&mtm_campaign=x", "https://example.com/a?b=2"),
      ("https://example.com/shop;jsessionid=0A1B?sid=3", "https://example.com/shop"),
      ("https://example.com/(S(abc123))/shop/list", "https://example.com/shop/list"),
      ("https://example.com/(S(abc123))", "https://example.com/"),
    ])
  func sameIdentity(text: String, identity: String) throws {
    #expect(try NormalizedURL(text).pageIdentity.description == identity)
  }

  @Test(
    "parameters and file names that may select another page are kept",
    arguments: [
      "https://example.com/myindex.html", "https://example.com/index.html/", "https://example.com/index.asp",
      "https://example.com/a?id=1&page=2", "https://example.com/a?format=utm_x", "https://example.com/a/",
      "https://example.com/A",
      "https://example.com/a;v=1/b", "https://example.com/a_(b)", "https://example.com/a?ref=main&sides=2",
    ])
  func otherIdentity(text: String) throws {
    #expect(try NormalizedURL(text).pageIdentity.description == text)
  }

  @Test("usingOrigin(of:) takes the origin of the home page for URLs of the same site")
  func originOfHome() throws {
    let home = try NormalizedURL("https://www.example.com/")
    #expect(
      try NormalizedURL("http://example.com/a?b").usingOrigin(of: home).description == "https://www.example.com/a?b")
    #expect(
      try NormalizedURL("http://docs.example.com/a").usingOrigin(of: home).description == "http://docs.example.com/a")
  }

  @Test(
    "URLs are of the same site regardless of scheme and www",
    arguments: [
      ("https://example.com/", "http://www.example.com/a", true),
      ("https://www.example.com/", "https://example.com/", true),
      ("https://example.com:8080/", "http://example.com:8080/", true),
      ("https://example.com/", "https://docs.example.com/", false),
      ("https://example.com/", "https://example.com:8443/", false),
      ("https://example.com/", "https://example.com.evil.org/", false),
      ("https://wwwexample.com/", "https://example.com/", false),
    ])
  func sites(one: String, other: String, isSame: Bool) throws {
    #expect(try NormalizedURL(one).isSameSite(as: NormalizedURL(other)) == isSame)
  }

  @Test("an origin is scheme, host and port (RFC 6454, section 4)")
  func origins() throws {
    let url = try NormalizedURL("https://example.com/a/b?c")
    #expect(url.origin == "https://example.com")
    #expect(url.hasSameOrigin(as: try NormalizedURL("https://example.com:443/")))
    #expect(!url.hasSameOrigin(as: try NormalizedURL("http://example.com/")))
    #expect(!url.hasSameOrigin(as: try NormalizedURL("https://www.example.com/")))
    #expect(url.root.description == "https://example.com/")
    #expect(url.folder == "/a/")
    #expect(url.segments == ["a", "b"])
    #expect(url.at(path: "/robots.txt").description == "https://example.com/robots.txt")
  }
}
