/// URLs for testing a robots.txt: for its patterns, URLs that match, almost match or are spelled differently, and URLs
/// that are common on all sites.
enum RobotsURLs {
  private static let origin = "https://example.com"
  /// The number of patterns that are used of a file; they are evenly distributed over the file.
  private static let maximumPatterns = 8

  private static let common = [
    "", "/", "/index.html", "/robots.txt", "/?", "/?p=1", "/search?q=robots.txt", "/a/b/c.pdf", "/wp-admin/",
    "/wp-admin/admin-ajax.php",
    "/wp-includes/js/a.js", "/user/login", "/node/1", "/cgi-bin/x", "/caf\u{e9}/\u{30c4}", "/caf%C3%A9/%e3%83%84",
    "/a%2Fb", "/a b", "/a\\b",
    "/*", "/$", "/~home/;x=1", "/%7Ehome/", "//a", "/a?x=1#fragment",
  ]

  static func urls(for text: String) -> [String] {
    let patterns = patterns(in: text)
    let step = max(1, (patterns.count + maximumPatterns - 1) / maximumPatterns)
    var urls: [String] = common.map { origin + $0 }
    for index in stride(from: 0, to: patterns.count, by: step) {
      urls += paths(for: patterns[index]).map { origin + $0 }
    }
    var seen: Set<String> = []
    return urls.filter { seen.insert($0).inserted }
  }

  private static func patterns(in text: String) -> [String] {
    var seen: Set<String> = []
    return text.split(whereSeparator: \.isNewline).compactMap { line -> String? in
      guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased().contains("allow") else { return nil }
      let value = line[line.index(after: colon)...].prefix { $0 != "#" }.drop { $0.isWhitespace }
      let pattern = String(value.reversed().drop { $0.isWhitespace }.reversed())
      // Long patterns are skipped, because their URLs would be too long.
      guard !pattern.isEmpty, pattern.utf8.count < 300, seen.insert(pattern).inserted else { return nil }
      return pattern
    }
  }

  private static func paths(for pattern: String) -> [String] {
    let rooted = pattern.hasPrefix("/") ? pattern : "/" + pattern
    let anchorless = rooted.hasSuffix("$") ? String(rooted.dropLast()) : rooted
    let filled = anchorless.replacing("*", with: "x")
    let emptied = anchorless.replacing("*", with: "")
    return [
      rooted, filled, emptied, String(filled.dropLast()), filled + "z", filled + "/deep/page.html",
      filled + "?q=1&r=%2F", filled + "?",
      filled.uppercased(), filled.lowercased(), filled + "\u{e9}", filled + "%C3%A9", escapingOneLetter(filled),
      filled + "$", filled + "*",
      "/en" + filled, filled.replacing("%20", with: " "), filled.replacing("/", with: "//"), filled + "%",
      filled.replacing("?", with: "%3F"),
      filled + "\\x",
    ].map { $0.hasPrefix("/") ? $0 : "/" + $0 }
  }

  /// Escapes the last letter in lower case, which means the same octet (RFC 9309, section 2.2.2).
  private static func escapingOneLetter(_ path: String) -> String {
    guard let index = path.lastIndex(where: { $0.isASCII && $0.isLetter }), let byte = path[index].asciiValue else {
      return path
    }
    return path.replacing(path[index...index], with: "%" + String(byte, radix: 16), maxReplacements: 1)
  }
}
