extension MarkdownRenderer {
  /// Renders nodes as one line of Markdown: links, code, bold, emphasis, and text with Markdown syntax escaped.
  func inline(_ nodes: Range<Int>) -> String {
    var output = ""
    var index = nodes.lowerBound
    // Start at inline elements that open right before the first text node, such as `<a><code>text`.
    while index > 0, !document.nodes[index - 1].tag.isBlock, document.nodes[index - 1].tag != .text,
      Int(document.nodes[index - 1].end) > index, Int(document.nodes[index - 1].end) <= nodes.upperBound
    {
      index -= 1
    }
    while index < nodes.upperBound {
      let node = document.nodes[index]
      let end = min(Int(node.end), nodes.upperBound)
      switch node.tag {
      case .a:
        if !document.isPermalink(index) { output += link(index, before: end) }
        index = max(end, index + 1)
        continue
      case .code, .kbd, .samp:
        output += wrapped(index, before: end) { Self.code($0) }
        index = max(end, index + 1)
        continue
      case .strong, .b:
        output += wrapped(index, before: end) { "**\($0)**" }
        index = max(end, index + 1)
        continue
      case .em, .i:
        output += wrapped(index, before: end) { "*\($0)*" }
        index = max(end, index + 1)
        continue
      case .text: output += Self.escapingTags(String(decoding: document.textBytes(of: index), as: UTF8.self))
      case .br: output += " "
      default:
        if node.tag.hasNoVisibleText {
          index = max(end, index + 1)
          continue
        }
      }
      index += 1
    }
    return Self.escapingBlockMarker(output.folded)
  }

  private func link(_ index: Int, before end: Int) -> String {
    let text = document.text(of: index, limit: .max, before: end)
    guard !text.isEmpty else { return "" }
    guard let href = document.value(.href, of: index), !href.hasPrefix("#"),
      let url = try? NormalizedURL(href, relativeTo: base)
    else {
      return Self.escapingTags(text)
    }
    return "[\(text)](\(url))"
  }

  /// Wraps the text of an element in Markdown delimiters, and moves white space at its ends outside, because
  /// delimiters must touch the text.
  private func wrapped(_ index: Int, before end: Int, _ mark: (String) -> String) -> String {
    let text = document.text(of: index, limit: .max, before: end)
    guard !text.isEmpty else { return "" }
    let last = end - 1
    let isSpaceOrEnd = document.nodes[index + 1].tag == .text && (document.textBytes(of: index + 1).first ?? 0) <= 0x20
    let isFollowed = document.nodes[last].tag == .text && (document.textBytes(of: last).last ?? 0) <= 0x20
    return (isSpaceOrEnd ? " " : "") + mark(text) + (isFollowed ? " " : "")
  }

  /// A code span, delimited by more backticks than any run inside it (CommonMark, section 6.1).
  private static func code(_ text: String) -> String {
    let run = longestRun(of: "`", in: text)
    guard run > 0 else { return "`\(text)`" }
    let fence = String(repeating: "`", count: run + 1)
    return fence + (text.hasPrefix("`") ? " " : "") + text + (text.hasSuffix("`") ? " " : "") + fence
  }

  static func longestRun(of sign: Character, in text: String) -> Int {
    var (longest, run) = (0, 0)
    for character in text {
      run = character == sign ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }

  /// Escapes `<` if a tag name could follow.
  private static func escapingTags(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "<")) else { return text }
    var output = ""
    var rest = text[...]
    while let sign = rest.firstIndex(of: "<") {
      let next = rest[rest.index(after: sign)...].first
      let isTag = next.map { $0.isASCII && $0.isLetter || $0 == "/" || $0 == "!" || $0 == "?" } ?? false
      output += rest[..<sign] + (isTag ? "\\<" : "<")
      rest = rest[rest.index(after: sign)...]
    }
    return output + rest
  }

  /// Escapes the start of a line that would begin a heading, list, quotation, rule or fence (CommonMark, sections 4
  /// and 5).
  private static func escapingBlockMarker(_ line: String) -> String {
    let bytes = Array(line.utf8)
    guard let first = bytes.first else { return line }
    func isSpaceOrEnd(_ count: Int) -> Bool { count == bytes.count || bytes[count] == 0x20 }
    switch first {
    case UInt8(ascii: "#"):
      let level = bytes.prefix { $0 == first }.count
      return level <= 6 && isSpaceOrEnd(level) ? "\\" + line : line
    case UInt8(ascii: ">"): return "\\" + line
    case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "="), UInt8(ascii: "_"):
      let isRule = first != UInt8(ascii: "+") && bytes.allSatisfy { $0 == first || $0 == 0x20 }
      let isItem = first != UInt8(ascii: "=") && first != UInt8(ascii: "_") && isSpaceOrEnd(1)
      return isRule || isItem ? "\\" + line : line
    case UInt8(ascii: "~"): return bytes.starts(with: "~~~".utf8) ? "\\" + line : line
    case 0x30...0x39:
      let digits = bytes.prefix { (0x30...0x39).contains($0) }.count
      guard digits <= 9, digits < bytes.count, [UInt8(ascii: "."), UInt8(ascii: ")")].contains(bytes[digits]),
        isSpaceOrEnd(digits + 1)
      else { return line }
      return String(decoding: bytes[..<digits], as: UTF8.self) + "\\"
        + String(decoding: bytes[digits...], as: UTF8.self)
    default: return line
    }
  }
}
