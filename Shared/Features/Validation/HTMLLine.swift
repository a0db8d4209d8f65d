/// A line of HTML as Markdown.
enum HTMLLine {
  /// The text with links as `[title](url)` and without other tags. `<https://…>` stays.
  static func markdown(_ text: String) -> String {
    var result = ""
    var url: String?
    var rest = text[...]
    while let open = rest.firstIndex(of: "<") {
      result += rest[..<open]
      rest = rest[open...]
      guard let close = rest.firstIndex(of: ">") else { break }
      let tag = rest[rest.index(after: open)..<close]
      rest = rest[rest.index(after: close)...]
      let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }.lowercased()
      if tag.firstRange(of: "://") != nil, name == "http" || name == "https" || name.isEmpty {
        result += "<\(tag)>"
      } else if name == "a", tag.first != "/" {
        url = href(of: tag)
        if url != nil { result += "[" }
      } else if name == "a", let target = url {
        result += "](\(target))"
        url = nil
      } else if name == "br" || name == "td" || name == "th" {
        result += " "
      }
    }
    return result + rest
  }

  private static func href(of tag: Substring) -> String? {
    let lower = tag.lowercased()
    guard let name = lower.firstRange(of: "href=") else { return nil }
    let value = tag.dropFirst(lower.distance(from: lower.startIndex, to: name.upperBound))
    guard let first = value.first else { return nil }
    let url =
      first == "\"" || first == "'"
      ? value.dropFirst().prefix { $0 != first } : value.prefix { !$0.isWhitespace }
    return url.isEmpty ? nil : String(url)
  }
}
