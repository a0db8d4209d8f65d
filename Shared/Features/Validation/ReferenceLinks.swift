/// Reference links of Markdown: `[Title][name]` with the URL in a line `[name]: https://…`.
enum ReferenceLinks {
  /// The definition in a line; nil if it is none. Footnotes are none.
  static func definition(in line: String) -> (name: String, url: String)? {
    let text = line.drop(while: \.isWhitespace)
    guard text.hasPrefix("["), !text.hasPrefix("[^"), let close = text.firstRange(of: "]:") else { return nil }
    let name = text[text.index(after: text.startIndex)..<close.lowerBound]
    let words = text[close.upperBound...].split(whereSeparator: \.isWhitespace)
    guard let first = words.first, !name.isEmpty, !name.contains("]") else { return nil }
    let url = first.hasPrefix("<") ? first.dropFirst().prefix { $0 != ">" } : first
    guard url.contains("/") || url.contains("."), words.count == 1 || "\"'(".contains(words[1].first ?? " ") else {
      return nil
    }
    return (name.lowercased(), String(url))
  }

  /// The title of a list item that begins with a reference link; nil if it does not.
  static func undefinedTitle(in line: String) -> String? {
    let text = line.drop { $0.isWhitespace || "-*+".contains($0) }
    guard text.first == "[", let middle = text.firstRange(of: "]["), text[middle.upperBound...].contains("]") else {
      return nil
    }
    return String(text[..<middle.lowerBound].dropFirst())
  }

  /// The text with its first reference link as a link with a URL; nil if it has none.
  static func resolved(_ text: String, _ definitions: [String: String]) -> String? {
    guard !definitions.isEmpty, text.firstRange(of: "](") == nil, let open = text.firstIndex(of: "["),
      let close = text[open...].firstIndex(of: "]")
    else { return nil }
    let title = text[text.index(after: open)..<close]
    var rest = text[text.index(after: close)...]
    var name = title
    if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
      let written = rest[rest.index(after: rest.startIndex)..<end]
      name = written.isEmpty ? title : written
      rest = rest[rest.index(after: end)...]
    }
    return definitions[name.lowercased()].map { "\(text[..<open])[\(title)](\($0))\(rest)" }
  }
}
