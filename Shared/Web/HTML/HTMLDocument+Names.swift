extension HTMLDocument {
  /// The text of a heading without its decorations: badges, version numbers, section numbers, buttons, permalinks and
  /// text that only some readers see.
  ///
  /// A decoration is an inline element that its class, its tag or an attribute marks as one. An element at the beginning
  /// or the end of the heading is one, too, if the page's title has the rest of the heading but not the element. If
  /// nothing remains without decorations, they are the heading.
  ///
  /// - Parameters:
  ///   - nodes: the text nodes of the heading and the elements between them.
  ///   - element: the heading.
  ///   - title: the text of the page's `title` element.
  func headingText(in nodes: Range<Int>, of element: Int, title: String?) -> String? {
    guard hasElements(in: element) else { return nil }
    let parts = parts(in: element + 1, nodes.upperBound, from: nodes.lowerBound, strongOnly: false)
    var plain = Self.trimmed(parts.filter { $0.kind != .decoration }, weak: [.weak])
    if let title = title?.lowercased() {
      plain = Self.trimmed(plain, weak: [.element]) { plain, rest in
        title.contains(rest.lowercased()) && !title.contains(plain.lowercased())
      }
    }
    let text = Self.text(of: plain)
    if text.contains(where: { $0.isLetter || $0.isNumber }) { return text }
    // A heading may show its letters one by one and have its full text for screen readers.
    let visible = Self.text(of: parts.filter { !$0.isHidden })
    return visible.isEmpty ? nil : visible
  }

  /// The text of a link without badges and hidden text.
  func linkText(of link: Int, limit: Int) -> String {
    let full = text(of: link, limit: limit)
    guard hasElements(in: link) else { return full }
    let parts = parts(in: link + 1, Int(nodes[link].end), from: link, strongOnly: true)
    guard parts.contains(where: { $0.kind == .decoration }) else { return full }
    let plain = Self.text(of: parts.filter { $0.kind != .decoration })
    return plain.contains(where: \.isLetter) ? plain : full
  }

  /// An element with more nodes is never closed and contains the rest of the page.
  private static let maximumNodes = 100

  /// True if an element contains other elements and is small enough to be a heading or a link.
  private func hasElements(in root: Int) -> Bool {
    guard Int(nodes[root].end) - root <= Self.maximumNodes else { return false }
    return (root + 1..<Int(nodes[root].end)).contains { nodes[$0].tag != .text && nodes[$0].tag != .br }
  }

  /// A piece of text in a heading.
  private struct Part {
    enum Kind {
      case text
      /// An inline element without a sign that it is a decoration.
      case element
      /// A decoration at the beginning or end of a heading.
      case weak
      case decoration
    }
    var kind: Kind
    var text: String
    /// True if screen readers skip the part.
    var isHidden = false
  }

  private func parts(in first: Int, _ end: Int, from start: Int, strongOnly: Bool) -> [Part] {
    var parts: [Part] = []
    var index = first
    while index < end {
      let node = nodes[index]
      if node.tag.hasNoVisibleText {
        index = Int(node.end)
        continue
      }
      if node.tag == .text {
        if index >= start, !isPermalink(parent(of: index)) {
          parts.append(Part(kind: .text, text: String(decoding: textBytes(of: index), as: UTF8.self)))
        }
      } else if node.tag == .br {
        parts.append(Part(kind: .text, text: " "))
      } else if node.tag.isBlock {
        parts.append(Part(kind: .text, text: " "))
      } else if let kind = decoration(index, strongOnly: strongOnly) {
        parts.append(Part(kind: kind, text: spacedText(of: index), isHidden: isHidden(index)))
        index = Int(node.end)
        continue
      } else if !strongOnly, Int(node.end) == index + 2, index + 1 >= start, nodes[index + 1].tag == .text,
        !isPermalink(index)
      {
        parts.append(Part(kind: .element, text: spacedText(of: index)))
        index = Int(node.end)
        continue
      }
      index += 1
    }
    return parts
  }

  /// The text of an inline element with the white space around it.
  private func spacedText(of element: Int) -> String {
    var text = ""
    forEachVisible(in: element) { node in
      if nodes[node].tag == .text { text += String(decoding: textBytes(of: node), as: UTF8.self) }
      return text.utf8.count < Self.maximumLineBytes
    }
    return text
  }

  private static func text(of parts: [Part]) -> String { parts.map(\.text).joined().folded }

  /// Removes parts of the given kinds from the beginning and the end, as long as text remains and `isExtra` returns true
  /// for the text with and without the part.
  private static func trimmed(
    _ parts: [Part], weak kinds: Set<Part.Kind>, if isExtra: (_ full: String, _ rest: String) -> Bool = { _, _ in true }
  ) -> [Part] {
    var parts = parts
    for fromEnd in [true, false] {
      while let index = fromEnd
        ? parts.lastIndex(where: { !$0.text.allSatisfy(\.isWhitespace) })
        : parts.firstIndex(where: { !$0.text.allSatisfy(\.isWhitespace) }), kinds.contains(parts[index].kind)
      {
        let rest = fromEnd ? Array(parts[..<index]) : Array(parts[(index + 1)...])
        let text = text(of: rest)
        guard text.count(where: { $0.isLetter || $0.isNumber }) >= 2, isExtra(Self.text(of: parts), text) else { break }
        parts = rest
      }
    }
    return parts
  }

  private func isHidden(_ node: Int) -> Bool {
    attributeBytes(.hidden, of: node) != nil
      || attributeBytes(.ariaHidden, of: node).map { $0.elementsEqual("true".utf8) } ?? false
  }

  /// The kind of decoration that an inline element is; nil if it is none.
  private func decoration(_ node: Int, strongOnly: Bool) -> Part.Kind? {
    if isHidden(node) { return .decoration }
    switch nodes[node].tag {
    case .small: return strongOnly ? .decoration : .weak
    case .sup where !strongOnly:
      let hasLink = (node..<Int(nodes[node].end)).contains { nodes[$0].tag == .a }
      if hasLink || spacedText(of: node).count(where: \.isLetter) >= 3 { return .decoration }
    default: break
    }
    for name in [AttributeName.class, .id] {
      guard let value = attributeBytes(name, of: node) else { continue }
      let words = String(decoding: value, as: UTF8.self).lowercased().split { !$0.isLetter && !$0.isNumber }
      if words.contains(where: { word in
        Self.decorationWords.contains(word)
          || Self.decorationStems.contains { word.hasPrefix($0) || word.hasSuffix($0) }
      }) {
        return isShort(node) || !strongOnly && name == .class ? .decoration : nil
      }
      if !strongOnly, isShort(node), words.contains(where: Self.weakWords.contains) { return .weak }
    }
    return nil
  }

  /// True if an element has at most three words.
  private func isShort(_ node: Int) -> Bool { spacedText(of: node).split(whereSeparator: \.isWhitespace).count <= 3 }

  /// Words in the classes of badges, buttons, permalinks, numbers and hidden texts.
  private static let decorationWords: Set<Substring> = [
    "chip", "chips", "pill", "pills", "lozenge", "ribbon", "secno", "secnum", "sectnum", "sectno", "number", "sr",
    "copy",
  ]
  private static let decorationStems = [
    "badge", "permalink", "headerlink", "hashlink", "editsection", "visuallyhidden", "tooltip", "copybutton",
  ]
  /// Words in the classes of texts that are decorations at the beginning or end of a heading.
  private static let weakWords: Set<Substring> = [
    "label", "tag", "status", "stability", "version", "beta", "new", "since", "deprecated", "count", "counter",
    "anchor",
    "hash", "rounded", "hidden", "muted", "date",
  ]
}
