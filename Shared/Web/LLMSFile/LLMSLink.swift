/// A line of an index that holds a Markdown link, and how it is written.
package struct LLMSLink: Sendable, Equatable {
  /// What stands before the link.
  package enum Marker: String, Sendable {
    case dash, star, plus, number, none
  }

  package var marker: Marker
  /// Spaces and tabs before the marker.
  package var indent: Int
  /// What stands between the marker and the link, such as `**` or words.
  package var prefix: String
  /// Between the brackets, escapes kept.
  package var title: String
  /// Between the parentheses, without a title in quotes or angle brackets around it.
  package var url: String
  /// What stands between the link and its description: `:` where it is well written.
  package var separator: String
  /// nil where there is none.
  package var description: String?
  /// Whether the line holds another link after this one, outside a well written description.
  package var hasSecondLink: Bool

  /// Reads a line.
  ///
  /// - Returns: nil where it holds no link.
  package init?(_ line: String) {
    let bytes = Array(line.utf8)
    indent = bytes.prefix { $0 == 0x20 || $0 == 0x09 }.count
    var start = indent
    marker = Self.marker(bytes[start...], &start)
    // The first bracket that opens a link; each attempt costs its own length only, and there are few that fail.
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
    // `**bold**` is no item, `* **bold**` is one.
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

  /// The link whose title opens at `open`: brackets and parentheses may be nested where they are balanced.
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
      quote == 0x22 || quote == 0x27
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

  /// What follows the link: the sign that parts it from the description, and the description.
  private static func rest(_ bytes: ArraySlice<UInt8>, closing prefix: String) -> (String, String?, Bool) {
    var rest = bytes
    // The other half of `**[title](url)**`.
    var decoration: ArraySlice<UInt8> = []
    if let sign = prefix.utf8.last, "*_`~".utf8.contains(sign) {
      decoration = rest.prefix { $0 == sign }
      rest = rest.dropFirst(decoration.count)
    }
    let signs = rest.prefix { byte in
      byte <= 0x20 || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "|")
        || byte >= 0x80
    }
    let separator = Self.separator(signs)
    let text = Self.text(rest.dropFirst(separator.utf8.count))
    let isWell = separator.first == ":" && decoration.isEmpty
    let hasSecond = !isWell && text.utf8.firstRange(of: "](".utf8) != nil
    let spelled = String(decoding: decoration, as: UTF8.self) + Self.text(rest.prefix(separator.utf8.count))
    return (text.isEmpty && decoration.isEmpty ? "" : spelled, text.isEmpty ? nil : text, hasSecond)
  }

  /// Of the signs after a link, those that part: spaces, and one colon, dash of any length or bar among them.
  private static func separator(_ signs: ArraySlice<UInt8>) -> String {
    var separator = ""
    var sign: Unicode.Scalar?
    for scalar in String(decoding: signs, as: UTF8.self).unicodeScalars {
      if ":-|\u{2013}\u{2014}\u{2192}\u{ff1a}".unicodeScalars.contains(scalar) {
        // "--" is a dash, ": -1" a colon.
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
  /// The line as every reader of the format reads it whole.
  package var corrected: String { Self.line(title, url, description) }

  /// A line with these parts, whatever they hold.
  package static func line(_ title: String, _ url: String, _ description: String?) -> String {
    let plain = title.replacing("\\[", with: "[").replacing("\\]", with: "]").replacing("[", with: "(").replacing(
      "]", with: ")")
    let target = url.replacing("(", with: "%28").replacing(")", with: "%29").replacing(" ", with: "%20")
    return "- [\(plain)](\(target))" + (description.map { ": \($0)" } ?? "")
  }
}
