/// A parsed llms.txt: an index of a site's pages in Markdown, in the format of llmstxt.org.
///
/// Any bytes can be parsed, and every non-empty line becomes one element. Lines that violate the format are kept with
/// their line number, so that a validator can report them.
package struct LLMSFile: Sendable {
  /// A non-empty line.
  package struct Element: Sendable, Equatable {
    /// The line number, starting at 1.
    package let line: Int
    package let kind: Kind
  }

  /// The meaning of a line.
  package enum Kind: Sendable, Equatable {
    /// A heading of one or more `#`; `isIndented` is true if white space precedes it.
    case heading(level: Int, name: String, isIndented: Bool)
    /// `>`, with the text after it.
    case quote(String)
    case link(LLMSLink)
    /// A line of an HTML comment.
    case comment
    /// The line that opens or closes a fenced code block.
    case fence
    case code
    case text
  }

  /// A second-level heading with the lines below it.
  package struct Section: Sendable {
    package let name: String
    package let line: Int
    package var elements: [Element] = []

    package var links: [(line: Int, link: LLMSLink)] { LLMSFile.links(in: elements) }
  }

  /// The lines without line endings and without byte order mark.
  package private(set) var lines: [String] = []
  /// The elements before the first section.
  package private(set) var head: [Element] = []
  /// A section begins at each second-level heading that is not indented and not inside code.
  package private(set) var sections: [Section] = []
  package let hasByteOrderMark: Bool
  package let hasCarriageReturns: Bool
  package let isUTF8: Bool
  /// The number of Unicode scalars in the file.
  package let characters: Int
  /// The line number of a code fence that is never closed.
  package private(set) var openFence: Int?
  /// The result of the format's reference parser for the same text.
  package let reference: ReferenceParserResult

  package init(_ bytes: [UInt8]) {
    hasByteOrderMark = bytes.starts(with: [0xef, 0xbb, 0xbf])
    isUTF8 = String(validating: bytes, as: UTF8.self) != nil
    let scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
    characters = scalars.count
    hasCarriageReturns = bytes.contains(0x0d)
    reference = ReferenceParserResult(scalars)
    lines = Self.split(Array(String(decoding: hasByteOrderMark ? bytes.dropFirst(3) : bytes[...], as: UTF8.self).utf8))
    parseElements()
  }

  package init(_ text: String) { self.init(Array(text.utf8)) }

  /// Splits at LF, CRLF and CR.
  private static func split(_ bytes: [UInt8]) -> [String] {
    var lines: [String] = []
    var start = 0
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x0a || bytes[index] == 0x0d {
        lines.append(String(decoding: bytes[start..<index], as: UTF8.self))
        if bytes[index] == 0x0d, index + 1 < bytes.count, bytes[index + 1] == 0x0a { index += 1 }
        start = index + 1
      }
      index += 1
    }
    if start < bytes.count { lines.append(String(decoding: bytes[start...], as: UTF8.self)) }
    return lines
  }

  private mutating func parseElements() {
    var fence: (sign: UInt8, length: Int, line: Int)?
    var isInComment = false
    for (index, text) in lines.enumerated() {
      let line = index + 1
      let trimmed = Array(text.utf8).drop { $0 == 0x20 || $0 == 0x09 }
      let indent = text.utf8.count - trimmed.count
      guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else { continue }
      let kind: Kind
      if let open = fence {
        let run = trimmed.prefix { $0 == open.sign }.count
        let closes = run >= open.length && trimmed.dropFirst(run).allSatisfy { $0 <= 0x20 }
        kind = closes ? .fence : .code
        if closes { fence = nil }
      } else if isInComment {
        kind = .comment
        if text.utf8.firstRange(of: "-->".utf8) != nil { isInComment = false }
      } else if let sign = trimmed.first, sign == UInt8(ascii: "`") || sign == UInt8(ascii: "~"),
        trimmed.prefix(while: { $0 == sign }).count >= 3
      {
        fence = (sign, trimmed.prefix { $0 == sign }.count, line)
        kind = .fence
      } else if trimmed.starts(with: "<!--".utf8) {
        kind = .comment
        isInComment = trimmed.firstRange(of: "-->".utf8) == nil
      } else {
        kind = Self.kind(text, trimmed, indent)
      }
      if case .heading(2, let name, false) = kind {
        sections.append(Section(name: name, line: line))
      } else if sections.isEmpty {
        head.append(Element(line: line, kind: kind))
      } else {
        sections[sections.count - 1].elements.append(Element(line: line, kind: kind))
      }
    }
    openFence = fence?.line
  }

  private static func kind(_ text: String, _ trimmed: ArraySlice<UInt8>, _ indent: Int) -> Kind {
    let level = trimmed.prefix { $0 == UInt8(ascii: "#") }.count
    if (1...6).contains(level) {
      return .heading(
        level: level, name: String(decoding: trimmed.dropFirst(level), as: UTF8.self).folded, isIndented: indent > 0)
    }
    if trimmed.first == UInt8(ascii: ">") { return .quote(String(decoding: trimmed.dropFirst(), as: UTF8.self).folded) }
    return LLMSLink(text).map(Kind.link) ?? .text
  }

  fileprivate static func links(in elements: [Element]) -> [(line: Int, link: LLMSLink)] {
    elements.compactMap { element in if case .link(let link) = element.kind { (element.line, link) } else { nil } }
  }
}

extension LLMSFile {
  /// The first top-level heading.
  package var title: (line: Int, text: String)? {
    for element in head { if case .heading(1, let name, false) = element.kind { return (element.line, name) } }
    return nil
  }

  /// The line that ends the YAML front matter, which begins with `---` on the first line; nil if there is none.
  package var frontMatterEnd: Int? {
    func isRule(_ line: String) -> Bool { line.hasPrefix("---") && line.allSatisfy { $0 == "-" || $0.isWhitespace } }
    guard let first = lines.first, isRule(first) else { return nil }
    return lines.dropFirst().prefix(200).firstIndex(where: isRule).map { $0 + 1 }
  }

  /// The one-line headings that are underlined with `=` or `-` (Setext headings), by line. The format has only headings
  /// that begin with `#`.
  package var underlinedHeadings: [Int: String] {
    var headings: [Int: String] = [:]
    let texts = (head + sections.flatMap(\.elements)).filter { $0.kind == .text }.map(\.line)
    for line in texts where line > frontMatterEnd ?? 0 && line < lines.count {
      let underline = lines[line].filter { !$0.isWhitespace }
      let name = lines[line - 1].folded
      guard underline.utf8.count >= 2, underline.allSatisfy({ $0 == "=" }) || underline.allSatisfy({ $0 == "-" }),
        let first = name.first, !"-*+|<=".contains(first), line == 1 || lines[line - 2].allSatisfy(\.isWhitespace)
      else { continue }
      headings[line] = name
    }
    return headings
  }

  /// The blockquote lines before the first section.
  package var quotes: [(line: Int, text: String)] {
    head.compactMap { element in if case .quote(let text) = element.kind { (element.line, text) } else { nil } }
  }

  /// Links before the first section.
  package var headLinks: [(line: Int, link: LLMSLink)] { Self.links(in: head) }

  /// Links of all sections.
  package var links: [(line: Int, link: LLMSLink)] { sections.flatMap(\.links) }
}
