import FoundationEssentials
import Support

/// The text of a Swift file, split into the tokens of its code and its string literals. Comments are dropped.
struct SwiftSource: Sendable {
  struct Token: Sendable {
    /// An identifier, a number, or one punctuation character. A string literal is the token `"`.
    let text: String
    let line: Int
  }

  struct Literal: Sendable {
    /// The text of the literal, with `?` in the place of each interpolation.
    let text: String
    let line: Int
  }

  /// Relative to the root of the package.
  let path: String
  let lineCount: Int
  let tokens: [Token]
  let literals: [Literal]

  init(_ path: String, _ text: String) {
    var lexer = SwiftLexer(text)
    lexer.readCode()
    self.path = path
    lineCount = text.utf8.count { $0 == UInt8(ascii: "\n") }
    tokens = lexer.tokens
    literals = lexer.literals
  }

  /// Reads the Swift files of a folder of the package.
  static func all(below folder: String) throws -> [SwiftSource] {
    try Products.files(below: folder, extension: ".swift").map { SwiftSource($0, try Products.text(of: $0)) }
  }

  /// The places where the code contains these tokens in a row.
  func lines(of sequence: [String]) -> [Int] {
    tokens.indices.filter { tokens[$0...].starts(with: sequence) { $0.text == $1 } }.map { tokens[$0].line }
  }
}

extension Products {
  /// The paths of the files below a folder of the package, sorted. The paths are relative to the root of the package.
  static func files(below folder: String, extension suffix: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: "\(package)/\(folder)").filter { $0.hasSuffix(suffix) }
      .map { "\(folder)/\($0)" }.sorted()
  }
}

/// Splits Swift code into tokens. It supports nested comments, raw and multi-line strings, interpolations, and regex
/// literals in slashes on one line.
private struct SwiftLexer {
  private let bytes: [UInt8]
  private var index = 0
  private var line = 1
  private(set) var tokens: [SwiftSource.Token] = []
  private(set) var literals: [SwiftSource.Literal] = []

  init(_ text: String) { bytes = Array(text.utf8) }

  private func byte(_ offset: Int = 0) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }

  private func has(_ text: StaticString, at offset: Int = 0) -> Bool {
    let expected = "\(text)".utf8
    return bytes.dropFirst(index + offset).starts(with: expected)
  }

  private mutating func advance(_ count: Int = 1) {
    for _ in 0..<count where index < bytes.count {
      if bytes[index] == UInt8(ascii: "\n") { line += 1 }
      index += 1
    }
  }

  /// Reads code until the end of the text or, in an interpolation, until the closing parenthesis.
  mutating func readCode(inInterpolation: Bool = false) {
    var depth = 0
    while index < bytes.count {
      let first = byte()
      if has("//") {
        while index < bytes.count, byte() != UInt8(ascii: "\n") { advance() }
      } else if has("/*") {
        skipBlockComment()
      } else if let pounds = poundsBeforeQuote() {
        readString(pounds: pounds)
      } else if let length = regexLength() {
        append("/")
        advance(length)
      } else if Self.isIdentifier(first) {
        let start = index
        while Self.isIdentifier(byte()) { index += 1 }
        append(String(decoding: bytes[start..<index], as: UTF8.self))
      } else if first <= UInt8(ascii: " ") {
        advance()
      } else {
        if first == UInt8(ascii: "(") { depth += 1 }
        if first == UInt8(ascii: ")") {
          if inInterpolation, depth == 0 { return advance() }
          depth -= 1
        }
        append(String(UnicodeScalar(first)))
        advance()
      }
    }
  }

  private mutating func append(_ text: String) { tokens.append(.init(text: text, line: line)) }

  private mutating func skipBlockComment() {
    var depth = 0
    repeat {
      if has("/*") {
        depth += 1
        advance(2)
      } else if has("*/") {
        depth -= 1
        advance(2)
      } else {
        advance()
      }
    } while depth > 0 && index < bytes.count
  }

  /// The length of the regex literal that begins here, or nil if none begins here.
  ///
  /// After one of these tokens a slash cannot be the operator of a division.
  private func regexLength() -> Int? {
    let before: Set = ["(", ",", ":", "=", "[", "{", "return", "in", "!", "&", "|"]
    let space = UInt8(ascii: " ")
    guard byte() == UInt8(ascii: "/"), let last = tokens.last, before.contains(last.text), byte(1) > space else {
      return nil
    }
    var length = 1
    while byte(length) != UInt8(ascii: "/") {
      if byte(length) == UInt8(ascii: "\n") || byte(length) == 0 { return nil }
      length += byte(length) == UInt8(ascii: "\\") ? 2 : 1
    }
    return length + 1
  }

  /// The number of `#` before the quote of a string literal that begins here, or nil if none begins here.
  private func poundsBeforeQuote() -> Int? {
    var pounds = 0
    while byte(pounds) == UInt8(ascii: "#") { pounds += 1 }
    return byte(pounds) == UInt8(ascii: "\"") ? pounds : nil
  }

  private mutating func readString(pounds: Int) {
    append("\"")
    let startLine = line
    let quotes = has("\"\"\"", at: pounds) ? 3 : 1
    advance(pounds + quotes)
    var text: [UInt8] = []
    while index < bytes.count, !isClosing(quotes: quotes, pounds: pounds) {
      if byte() == UInt8(ascii: "\\"), (0..<pounds).allSatisfy({ byte(1 + $0) == UInt8(ascii: "#") }) {
        let escaped = byte(1 + pounds)
        advance(2 + pounds)
        if escaped == UInt8(ascii: "(") {
          text.append(UInt8(ascii: "?"))
          readCode(inInterpolation: true)
        } else if escaped != UInt8(ascii: "\n") {
          text.append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
        }
      } else {
        text.append(byte())
        advance()
      }
    }
    advance(quotes + pounds)
    literals.append(.init(text: String(decoding: text, as: UTF8.self), line: startLine))
  }

  private func isClosing(quotes: Int, pounds: Int) -> Bool {
    (0..<quotes).allSatisfy { byte($0) == UInt8(ascii: "\"") }
      && (0..<pounds).allSatisfy { byte(quotes + $0) == UInt8(ascii: "#") }
  }

  private static func isIdentifier(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...: true
    default: false
    }
  }
}
