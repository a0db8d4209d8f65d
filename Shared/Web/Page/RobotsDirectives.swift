/// What a page asks of crawlers, in `meta` elements and `X-Robots-Tag` headers.
///
/// Source: Google Search Central, "Robots meta tag, data-nosnippet, and X-Robots-Tag specifications".
package struct RobotsDirectives: Sendable, Equatable {
  /// In lower case, those without a value: `noindex`, `nofollow`, `none`, …
  package private(set) var words: Set<String> = []
  /// The date of `unavailable_after`, as ``SitemapDate/day(_:)`` counts days.
  package private(set) var unavailableAfter: Int?

  /// The content of a `meta` element.
  package init(meta content: String) {
    for part in Self.parts(content) { read(part) }
  }

  /// The header's value; of several headers, each in a line of its own.
  ///
  /// `agent: directive, directive` is meant for that agent alone, to the end of its header.
  package init(header value: String, agent: String) {
    for line in value.split(whereSeparator: \.isNewline) {
      var isOurs = true
      for part in Self.parts(String(line)) {
        guard let colon = part.firstIndex(of: ":"), !Self.valued.contains(String(part[..<colon]).folded.lowercased())
        else {
          if isOurs { read(part) }
          continue
        }
        isOurs = String(part[..<colon]).folded.lowercased() == agent.lowercased()
        if isOurs { read(part[part.index(after: colon)...]) }
      }
    }
  }

  /// Directives that have a value behind a colon.
  private static let valued: Set<String> = [
    "unavailable_after", "max-snippet", "max-image-preview", "max-video-preview",
  ]

  /// The parts between commas; a date that holds a comma (`unavailable_after: Sunday, 6 Jun 2027`) is one.
  private static func parts(_ text: String) -> [Substring] {
    var parts: [Substring] = []
    for part in text.split(separator: ",") {
      if let last = parts.last, last.lowercased().firstRange(of: "unavailable_after") != nil,
        !last.contains(where: \.isNumber)
      {
        parts[parts.count - 1] = text[last.startIndex..<part.endIndex]
      } else {
        parts.append(part)
      }
    }
    return parts
  }

  private mutating func read(_ part: Substring) {
    let text = String(part).folded.lowercased()
    guard let colon = text.firstIndex(of: ":") else {
      words.formUnion(text.split(separator: " ").map(String.init))
      return
    }
    guard text[..<colon] == "unavailable_after" else { return }
    let day = SitemapDate.day(String(text[text.index(after: colon)...]).folded)
    if day > 0 { unavailableAfter = min(day, unavailableAfter ?? day) }
  }
}
