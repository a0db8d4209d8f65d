import Web

/// A line that lists pages in a form that clients of the format do not read: a table row, HTML, a blockquote, a reference
/// link or a bare URL.
struct MalformedLine {
  enum Form { case referenceLink, bareURL, html, table, quote, text }

  private(set) var form = Form.text
  /// The same pages as list items that all clients read, one for each link; never empty.
  private(set) var items: [String] = []
  /// The items as lines.
  var fix: String { items.joined(separator: "\n") }

  /// - Parameter definitions: the URLs of the file's reference links by their names in lower case.
  /// - Returns: nil if the line has no link.
  init?(_ line: String, definitions: [String: String] = [:]) {
    var text = Self.trimmed(line)
    guard text.utf8.count <= 20_000, !text.hasPrefix("[^") else { return nil }
    if text.hasPrefix(">") { form = .quote }
    text = Self.withoutMarkers(text)
    if text.contains("<") {
      let plain = HTMLLine.markdown(text)
      if plain != text { form = .html }
      text = Self.withoutMarkers(plain)
    }
    if text.hasPrefix("|") || text.hasSuffix("|"), text.utf8.count > 1 { form = .table }
    if let resolved = ReferenceLinks.resolved(text, definitions) {
      form = .referenceLink
      text = resolved
    }
    items = form == .table || text.hasPrefix("|") ? Self.items(ofRow: text) : Self.items(of: text)
    if items.isEmpty, LLMSLink(text) == nil, let item = Self.item(ofBareURLIn: text.filter { $0 != "|" }) {
      form = .bareURL
      items = [item]
    }
    if items.isEmpty { return nil }
  }

  // MARK: Containers

  private static func trimmed(_ text: some StringProtocol) -> String {
    var text = text[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }

  /// The text after blockquote signs, number signs, list markers and check boxes.
  private static func withoutMarkers(_ text: String) -> String {
    var text = text[...]
    while let first = text.first {
      let next = text.dropFirst().first
      let number = text.prefix { $0.isASCII && $0.isNumber }
      if first.isWhitespace || first == ">" || first == "#" || first == "•" || first == "–" || first == "—" {
        text.removeFirst()
      } else if "-*+".contains(first), next.map({ $0.isWhitespace || $0 == "[" }) ?? true {
        text.removeFirst()
      } else if (1...9).contains(number.count), let sign = text.dropFirst(number.count).first, ".)".contains(sign),
        text.dropFirst(number.count + 1).first?.isWhitespace ?? false
      {
        text = text.dropFirst(number.count + 1)
      } else if ["[ ] ", "[x] ", "[X] "].contains(where: text.hasPrefix) {
        text = text.dropFirst(4)
      } else {
        break
      }
    }
    return trimmed(text)
  }

  // MARK: Links

  /// The items of all links in a text if only punctuation separates them, or else of the first.
  private static func items(of text: String) -> [String] {
    guard let link = LLMSLink(text), !link.url.isEmpty, !link.prefix.hasSuffix("!") else { return [] }
    var following = (link.description ?? "").drop { !$0.isLetter && !$0.isNumber && $0 != "[" && $0 != "(" }
    for word in ["and ", "or "] where following.hasPrefix(word) { following = following.dropFirst(word.count) }
    let others = following.hasPrefix("[") ? items(of: String(following)) : []
    return [LLMSLink.line(link.plainTitle, link.url, others.isEmpty ? link.description : nil)] + others
  }

  /// The items of a table row. If it has one link, the other cells are its description.
  private static func items(ofRow text: String) -> [String] {
    let cells = text.replacing("\\|", with: "\u{0}").split(separator: "|")
      .map { trimmed($0.replacing("\u{0}", with: "|")) }.filter { !$0.isEmpty }
    let found = cells.map { items(of: $0) }
    let all = found.flatMap { $0 }
    guard all.count == 1, let index = found.firstIndex(where: { !$0.isEmpty }), let link = LLMSLink(cells[index]) else {
      return all
    }
    var texts = cells
    texts[index] = link.description ?? ""
    let description = texts.filter { !$0.isEmpty && $0 != link.title }.joined(separator: "; ")
    return [LLMSLink.line(link.plainTitle, link.url, description.isEmpty ? nil : description)]
  }

  /// The item of a URL with perhaps a short title before it and a description after it.
  private static func item(ofBareURLIn text: String) -> String? {
    let starts = ["https://", "http://", "www."].compactMap { text.firstRange(of: $0)?.lowerBound }
    guard let start = starts.min() else { return nil }
    let end = text[start...].firstIndex { $0.isWhitespace || "<>\"`".contains($0) } ?? text.endIndex
    var url = text[start..<end]
    while let last = url.last, ".,;:!?".contains(last) || last == ")" && !url.contains("(") { url.removeLast() }
    let scheme = url.hasPrefix("www.") ? "https://" : ""
    let signs: (Character) -> Bool = { !$0.isLetter && !$0.isNumber && $0 != "\"" }
    let before = text[..<start].drop(while: signs)
    let title = String(before.reversed().drop(while: signs).reversed())
    guard title.split(separator: " ").count <= 6 else { return nil }
    let description = trimmed(text[url.endIndex...].drop { signs($0) && $0 != "(" })
    return LLMSLink.line(
      title.isEmpty ? name(of: scheme + url) : title, scheme + url, description.count < 2 ? nil : description)
  }

  /// A title for a URL: the last part of its path in words, or the host.
  private static func name(of url: String) -> String {
    guard let url = try? NormalizedURL(url) else { return "Title" }
    guard let last = url.segments.last else { return url.host }
    let name = last.split(separator: ".").first ?? last
    return name.humanized
  }
}

extension LLMSLink {
  /// The title; the alternative text if the title is an image.
  var plainTitle: String {
    guard title.hasPrefix("![") else { return title }
    let text = title.dropFirst(2).prefix { $0 != "]" }
    return text.isEmpty ? "Title" : String(text)
  }
}
