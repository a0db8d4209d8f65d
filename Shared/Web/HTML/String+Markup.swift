extension String {
  /// The text without HTML, for metadata that a site escaped twice: `Marks &amp; Spencer` becomes `Marks & Spencer`, and
  /// `<p>Some text</p>` becomes `Some text`.
  ///
  /// A tag that the text mentions, as in `The <a> element`, is kept: tags are removed only if one of them is an end tag
  /// or a line break.
  package var withoutMarkup: String {
    let hasTags = containsTag
    guard hasTags || containsCharacterReference else { return self }
    let source = hasTags ? self : replacing("<", with: "&lt;")
    let document = HTMLParser.parse(Array(source.utf8))
    return document.text(of: 0)
  }

  private var containsTag: Bool {
    guard utf8.contains(UInt8(ascii: "<")) else { return false }
    let text = Array(lowercased().utf8)
    return text.indices.contains { position in
      guard text[position] == UInt8(ascii: "<"), position + 2 < text.count else { return false }
      if text[position + 1] == UInt8(ascii: "/") { return isLetter(text[position + 2]) }
      return text.hasPhrase(Array("<br".utf8), at: position)
        || text.hasPhrase(Array("<p>".utf8), at: position)
          && position == 0
    }
  }

  /// Whether the text has a reference such as `&amp;`, `&#8211;` or `&#x2013;`.
  private var containsCharacterReference: Bool {
    var rest = self[...]
    while let ampersand = rest.firstIndex(of: "&") {
      rest = rest[rest.index(after: ampersand)...]
      let name = rest.utf8.prefix { $0 != UInt8(ascii: ";") && $0 > 0x20 && $0 < 0x7f }
      guard (2...8).contains(name.count), rest.utf8.dropFirst(name.count).first == UInt8(ascii: ";") else { continue }
      if name.allSatisfy(isLetter) { return true }
      if name.first == UInt8(ascii: "#"), name.dropFirst().allSatisfy({ isLetter($0) || (0x30...0x39).contains($0) }) {
        return true
      }
    }
    return false
  }
}

private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }
