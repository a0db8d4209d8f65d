/// A line of an llms.txt that contains a Markdown link, split into its parts.
package struct LLMSLink: Sendable, Equatable {
  /// The list marker of the line.
  package enum Marker: String, Sendable {
    case dash, star, plus, number, none
  }

  package var marker: Marker
  /// The number of spaces and tabs before the marker.
  package var indent: Int
  /// The text between the marker and the link, such as `**` or words.
  package var prefix: String
  /// The text in brackets, with backslash escapes kept.
  package var title: String
  /// The text in parentheses, without angle brackets and without a title after the URL.
  package var url: String
  /// The text between the link and its description; `:` if the line follows the format.
  package var separator: String
  /// nil if the line has no description.
  package var description: String?
  /// True if the line contains another link after this one, outside a description that follows the format.
  package var hasSecondLink: Bool

  /// Parses a line.
  ///
  /// - Returns: nil if it contains no link.
  package init?(_ line: String) {
    let bytes = Array(line.utf8)
    indent = bytes.prefix { $0 == 0x20 || $0 == 0x09 }.count
    var start = indent
    marker = Self.marker(bytes[start...], &start)
    // Find the first bracket that opens a link. The number of attempts is limited, because each failed attempt scans
    // the rest of the line.
    var attempts = 0
    var position = start
    while position < bytes.count, attempts < 20 {
      guard let open = bytes[position...].firstIndex(of: UInt8(ascii: "[")) else { return nil }
      if open == 0 || bytes[open - 1] != UInt8(ascii: "\\"), let (title, url, end) = Self.link(bytes, at: open) {
        prefix = Self.text(bytes[start..<open])
        self.title = Self.text(title)
        self.url = Self.text(url)
        (separator, description, hasSecondLink) = Self.rest(bytes[end...], closing: prefix)
        return
      }
      attempts += 1
      position = open + 1
    }
    return nil
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: trimmed(bytes), as: UTF8.self) }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes.drop { $0 <= 0x20 }
    while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    return bytes
  }

  private static func marker(_ bytes: ArraySlice<UInt8>, _ start: inout Int) -> Marker {
    let marker: Marker
    switch bytes.first {
    case UInt8(ascii: "-"): marker = .dash
    // `**bold**` is not a list item, `* **bold**` is one.
    case UInt8(ascii: "*") where bytes.dropFirst().first.map { $0 == 0x20 || $0 == UInt8(ascii: "[") } ?? false:
      marker = .star
    case UInt8(ascii: "+"): marker = .plus
    default:
      let digits = bytes.prefix { (0x30...0x39).contains($0) }.count
      guard (1...9).contains(digits), let end = bytes.dropFirst(digits).first,
        end == UInt8(ascii: ".") || end == UInt8(ascii: ")")
      else {
        return .none
      }
      start += digits + 1
      return .number
    }
    start += 1
    return marker
  }

  /// Parses the link whose title opens at `open`. Nested brackets and parentheses are allowed if they are balanced.
  private static func link(_ bytes: [UInt8], at open: Int) -> (
    title: ArraySlice<UInt8>, url: ArraySlice<UInt8>, end: Int
  )? {
    guard let close = closing(bytes, from: open, UInt8(ascii: "["), UInt8(ascii: "]")),
      close + 1 < bytes.count, bytes[close + 1] == UInt8(ascii: "("),
      let end = closing(bytes, from: close + 1, UInt8(ascii: "("), UInt8(ascii: ")"))
        ?? bytes[(close + 1)...].firstIndex(of: UInt8(ascii: ")"))
    else { return nil }
    var url = trimmed(bytes[(close + 2)..<end])
    if url.first == UInt8(ascii: "<"), let bracket = url.firstIndex(of: UInt8(ascii: ">")) {
      url = url[(url.startIndex + 1)..<bracket]
    } else if let space = url.firstIndex(where: { $0 == 0x20 || $0 == 0x09 }), let quote = trimmed(url[space...]).first,
      quote == 0x22 || quote == 0x27 || quote == UInt8(ascii: "(")
    {
      url = url[..<space]
    }
    return (bytes[(open + 1)..<close], url, end + 1)
  }

  private static func closing(_ bytes: [UInt8], from start: Int, _ open: UInt8, _ close: UInt8) -> Int? {
    var depth = 0
    var position = start
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\\"): position += 1
      case open: depth += 1
      case close:
        depth -= 1
        if depth == 0 { return position }
      default: break
      }
      position += 1
    }
    return nil
  }

  /// Splits the text after the link into separator and description.
  private static func rest(_ bytes: ArraySlice<UInt8>, closing prefix: String) -> (String, String?, Bool) {
    var rest = bytes
    // The closing `**` of `**[title](url)**`.
    var closingMarks: ArraySlice<UInt8> = []
    if let sign = prefix.utf8.last, "*_`~".utf8.contains(sign) {
      closingMarks = rest.prefix { $0 == sign }
      rest = rest.dropFirst(closingMarks.count)
    }
    let signs = rest.prefix { byte in
      byte <= 0x20 || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "|")
        || byte >= 0x80
    }
    let separator = Self.separator(signs)
    let text = Self.text(rest.dropFirst(separator.utf8.count))
    let isWellFormed = separator.first == ":" && closingMarks.isEmpty
    let hasSecondLink = !isWellFormed && text.utf8.firstRange(of: "](".utf8) != nil
    let fullSeparator = String(decoding: closingMarks, as: UTF8.self) + Self.text(rest.prefix(separator.utf8.count))
    return (text.isEmpty && closingMarks.isEmpty ? "" : fullSeparator, text.isEmpty ? nil : text, hasSecondLink)
  }

  /// The separator at the start of `signs`: spaces with at most one colon, dash (of any length), arrow or bar among
  /// them.
  private static func separator(_ signs: ArraySlice<UInt8>) -> String {
    var separator = ""
    var sign: Unicode.Scalar?
    for scalar in String(decoding: signs, as: UTF8.self).unicodeScalars {
      if ":-|\u{2013}\u{2014}\u{2192}\u{ff1a}".unicodeScalars.contains(scalar) {
        // Accept "--" as one dash, but stop before the minus sign in ": -1".
        guard sign == nil || sign == "-" && scalar == "-" else { break }
        sign = scalar
      } else if !scalar.properties.isWhitespace {
        break
      }
      separator.unicodeScalars.append(scalar)
    }
    return separator
  }
}

extension LLMSLink {
  /// The line in the form that every parser of the format accepts.
  package var corrected: String { Self.line(title, url, description) }

  /// Formats a line from its parts; brackets, parentheses and spaces in title and URL are replaced or escaped.
  package static func line(_ title: String, _ url: String, _ description: String?) -> String {
    let plain = title.replacing("\\[", with: "[").replacing("\\]", with: "]").replacing("[", with: "(").replacing(
      "]", with: ")")
    let target = url.replacing("(", with: "%28").replacing(")", with: "%29").replacing(" ", with: "%20")
    return "- [\(plain)](\(target))" + (description.map { ": \($0)" } ?? "")
  }

  /// Whether the line is an entry of a list of links, rather than a sentence that contains a link.
  package var isEntry: Bool {
    marker != .none
      || prefix.allSatisfy { "*_`~".contains($0) } && (description == nil || separator.contains { $0 != " " })
  }
}
