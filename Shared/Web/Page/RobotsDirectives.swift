/// The robots directives of a page, from `meta` elements and `X-Robots-Tag` headers.
package struct RobotsDirectives: Sendable, Equatable {
  /// The directives without a value, in lower case: `noindex`, `nofollow`, `none`, …
  package private(set) var words: Set<String> = []
  /// The date of `unavailable_after` as a number from ``SitemapDate/day(_:)``.
  package private(set) var unavailableAfter: Int?

  /// Parses the content of a `meta` element.
  package init(meta content: String) {
    for part in Self.parts(content) { add(part) }
  }

  /// Parses `X-Robots-Tag` headers, one per line.
  ///
  /// `agent: directive, directive` applies only to that agent, up to the end of its header.
  package init(header value: String, agent: String) {
    for line in value.split(whereSeparator: \.isNewline) {
      var applies = true
      for part in Self.parts(String(line)) {
        guard let colon = part.firstIndex(of: ":"),
          !Self.namesWithValue.contains(String(part[..<colon]).folded.lowercased())
        else {
          if applies { add(part) }
          continue
        }
        applies = String(part[..<colon]).folded.lowercased() == agent.lowercased()
        if applies { add(part[part.index(after: colon)...]) }
      }
    }
  }

  /// The directives with a value after a colon.
  private static let namesWithValue: Set<String> = [
    "unavailable_after", "max-snippet", "max-image-preview", "max-video-preview",
  ]

  /// Splits at commas, except inside the date of `unavailable_after` (`unavailable_after: Sunday, 6 Jun 2027`).
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

  private mutating func add(_ part: Substring) {
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
