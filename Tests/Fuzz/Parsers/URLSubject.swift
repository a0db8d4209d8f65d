import Web

/// Tests ``NormalizedURL``: the normalized form of an accepted URL parses to the same URL.
struct URLSubject: Subject {
  let name = "urls"
  let maximumBytes = 2500

  private let bases = [
    "https://example.com/", "http://example.com:8080/a/b/c?d=e", "https://[2001:db8::1]/docs/",
    "http://192.0.2.1/x/../y",
  ].compactMap { try? NormalizedURL($0) }

  let dictionary = [
    "http://", "https://", "HTTPS:", "//", "\\\\", "/../", "/./", "%2e%2e", "%2E", "%", "%zz", "%00", "%25", "?", "#",
    "@", ":", ":80", ":443",
    ":0", ":65536", ":-1", "[", "]", "[::1]", "[::ffff:127.0.0.1]", "[::1%25lo]", "127.1", "0x7f", "0x", "2130706433",
    "017700000001", "localhost.",
    "xn--", "ß", "ö", "。", "．", "１２７", "①", "\u{200d}", "\u{ad}", "\u{202e}", "😀", "user:pass@", "javascript:", "file:",
    "mailto:", "data:", "\t", "\n",
    "\r", " ", "\\", "index.html", "utm_source=x", "&", "=", ";", "+", "~", "a", "..", ".", "*", "$", "^", "|", "<",
    ">", "\"", "\u{0}",
  ].tokens

  func samples(in folder: String) -> [[UInt8]] { [] }

  func compose(_ random: inout Randomness) -> [UInt8] {
    let scheme = random.pick(["http://", "https://", "https:", "//", "", "/", "HTTP://", "ftp://", "https:\\\\"])
    let host = random.pick([
      "example.com", "www.Example.COM", "a.b-c.d_e.example", "127.0.0.1", "0x7f.1", "[2001:DB8::1]", "[::ffff:1.2.3.4]",
      "bücher.example",
      "例え。テスト", "１２７.0.0.1", "xn--bcher-kva.example", "host..", "a%2eb",
      String(repeating: "a.", count: random.below(130)) + "b",
    ])
    let port = random.pick(["", "", ":80", ":443", ":8080", ":", ":00080", ":99999"])
    var path = ""
    for _ in 0..<random.below(6) {
      path +=
        "/"
        + random.pick([
          "a", "..", ".", "%2e%2e", "%41", "ä", "index.html", "b c", "", "x*y", "$", ";p=1", "%e4%bd%a0", "%c3", "...",
        ])
    }
    let query = random.pick(["", "?", "?a=b", "?utm_source=x&y=z", "?a=%20&b=ä", "?q=a/../b", "??"])
    return Array((scheme + host + port + path + query + random.pick(["", "#", "#top", "#?x"])).utf8)
  }

  func check(_ input: [UInt8], _ random: inout Randomness) throws(Violation) {
    let text = String(decoding: input, as: UTF8.self)
    if let url = try? NormalizedURL(text) { try check(url) }
    for base in bases {
      guard let url = try? NormalizedURL(text, relativeTo: base) else { continue }
      try check(url)
      try require((try? NormalizedURL(text, relativeTo: base)) == url, "resolving a reference is deterministic")
    }
  }

  private func check(_ url: NormalizedURL) throws(Violation) {
    let text = url.description
    try require((try? NormalizedURL(text)) == url, "\(text) parses to itself")
    try require((try? NormalizedURL(text))?.description == text, "\(text) does not change when normalized again")
    for base in bases { try require((try? NormalizedURL(text, relativeTo: base)) == url, "\(text) is absolute") }
    try require(text.utf8.count <= NormalizedURL.maximumLength, "\(text) has an allowed length")
    try require(
      text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x5c && $0 != 0x23 },
      "\(text) is printable ASCII without \\ and #")
    try require(!url.origin.utf8.contains(0x40), "\(text) has no credentials")
    try require(url.path.utf8.first == 0x2f, "\(text) has a path")
    try require(!url.segments.contains { $0 == "." || $0 == ".." }, "\(text) has no dot segments")
    try require(!url.host.isEmpty && url.host.utf8.count <= 253, "\(text) has a host")
    try require(url.port != url.scheme.port && url.port != 0, "\(text) has no default port")
    let identity = url.pageIdentity
    try require(identity.pageIdentity == identity, "the page identity of \(text) is its own identity")
    try require((try? NormalizedURL(identity.description)) == identity, "the page identity of \(text) parses to itself")
    try require((try? NormalizedURL(url.root.description)) == url.root, "the root of \(text) parses to itself")
    try require(
      url.isSameSite(as: url) && url.hasSameOrigin(as: identity), "\(text) belongs to its own site and origin")
  }
}
