import Testing
import Web

/// Resolution of relative references: RFC 3986, section 5.4, or WHATWG URL, section 4.4, if browsers deviate.
@Suite struct URLReferences {
  private static let base = "http://a/b/c/d;p?q"

  @Test(
    "RFC 3986, section 5.4.1: normal examples",
    arguments: [
      ("g", "http://a/b/c/g"),
      ("./g", "http://a/b/c/g"),
      ("g/", "http://a/b/c/g/"),
      ("/g", "http://a/g"),
      ("//g", "http://g/"),
      ("?y", "http://a/b/c/d;p?y"),
      ("g?y", "http://a/b/c/g?y"),
      ("#s", "http://a/b/c/d;p?q"),
      ("g#s", "http://a/b/c/g"),
      ("g?y#s", "http://a/b/c/g?y"),
      (";x", "http://a/b/c/;x"),
      ("g;x", "http://a/b/c/g;x"),
      ("g;x?y#s", "http://a/b/c/g;x?y"),
      ("", "http://a/b/c/d;p?q"),
      (".", "http://a/b/c/"),
      ("./", "http://a/b/c/"),
      ("..", "http://a/b/"),
      ("../", "http://a/b/"),
      ("../g", "http://a/b/g"),
      ("../..", "http://a/"),
      ("../../", "http://a/"),
      ("../../g", "http://a/g"),
    ])
  func normal(reference: String, expected: String) throws {
    #expect(try resolved(reference) == expected)
  }

  @Test(
    "RFC 3986, section 5.4.2: abnormal examples",
    arguments: [
      ("../../../g", "http://a/g"),
      ("../../../../g", "http://a/g"),
      ("/./g", "http://a/g"),
      ("/../g", "http://a/g"),
      ("g.", "http://a/b/c/g."),
      (".g", "http://a/b/c/.g"),
      ("g..", "http://a/b/c/g.."),
      ("..g", "http://a/b/c/..g"),
      ("./../g", "http://a/b/g"),
      ("./g/.", "http://a/b/c/g/"),
      ("g/./h", "http://a/b/c/g/h"),
      ("g/../h", "http://a/b/c/h"),
      ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
      ("g;x=1/../y", "http://a/b/c/y"),
      ("g?y/./x", "http://a/b/c/g?y/./x"),
      ("g?y/../x", "http://a/b/c/g?y/../x"),
      ("g#s/./x", "http://a/b/c/g"),
      ("g#s/../x", "http://a/b/c/g"),
    ])
  func abnormal(reference: String, expected: String) throws {
    #expect(try resolved(reference) == expected)
  }

  @Test(
    "WHATWG URL, section 4.4: slashes and schemes are parsed as in browsers",
    arguments: [
      ("http:g", "http://a/b/c/g"),
      ("http:/g", "http://a/g"),
      ("http:?y", "http://a/b/c/d;p?y"),
      ("http://g", "http://g/"),
      ("http:///g", "http://g/"),
      ("https:g", "https://g/"),
      ("https:/g/h", "https://g/h"),
      ("///g/h", "http://g/h"),
      ("\\g", "http://a/g"),
      ("\\\\g\\h", "http://g/h"),
      ("..\\g", "http://a/b/g"),
      ("g?a\\b", "http://a/b/c/g?a%5Cb"),
      ("  g\n", "http://a/b/c/g"),
      ("g\n/\th", "http://a/b/c/g/h"),
      ("?", "http://a/b/c/d;p"),
    ])
  func asBrowsers(reference: String, expected: String) throws {
    #expect(try resolved(reference) == expected)
  }

  @Test(
    "a reference with another scheme is rejected",
    arguments: [
      "mailto:a@example.com", "javascript:void(0)", "ftp://example.com/", "data:,x", "tel:123", "g:h",
      "file:///etc/passwd",
    ])
  func otherScheme(reference: String) {
    #expect(throws: NormalizedURL.Rejection.scheme) { try resolved(reference) }
  }

  @Test(
    "section 4.2: a colon after the first slash does not start a scheme",
    arguments: [
      ("./g:h", "http://a/b/c/g:h"), ("/g:h", "http://a/g:h"), ("?g:h", "http://a/b/c/d;p?g:h"),
      ("1:2", "http://a/b/c/1:2"),
    ])
  func colons(reference: String, expected: String) throws {
    #expect(try resolved(reference) == expected)
  }

  @Test("a reference with credentials is rejected")
  func credentials() {
    #expect(throws: NormalizedURL.Rejection.credentials) { try resolved("//user@g/") }
  }

  @Test("section 5.3: a relative reference uses the port of the base, a new authority its own")
  func ports() throws {
    let base = try NormalizedURL("https://example.com:8443/a/b")
    #expect(try NormalizedURL("c", relativeTo: base).description == "https://example.com:8443/a/c")
    #expect(try NormalizedURL("//example.org/c", relativeTo: base).description == "https://example.org/c")
  }

  private func resolved(_ reference: String) throws(NormalizedURL.Rejection) -> String {
    try NormalizedURL(reference, relativeTo: try NormalizedURL(Self.base)).description
  }
}
