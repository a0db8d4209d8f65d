extension ModelJSON {
  /// The reason why a text is not exactly one JSON value.
  package struct Malformed: Error, Sendable, Equatable {
    /// A clause such as `a key occurs twice`. It does not quote the text.
    package let reason: String

    package init(reason: String) { self.reason = reason }
  }

  /// Parses a text that holds exactly one JSON value (RFC 8259).
  ///
  /// Stricter than most parsers: rejects comments, NaN, duplicate keys (section 4 leaves their meaning open), unpaired
  /// surrogates, and numbers that do not fit into a double.
  ///
  /// - Parameters:
  ///   - maximumBytes: the maximum size of the text.
  ///   - maximumDepth: the maximum nesting of arrays and objects.
  package init(parsing bytes: [UInt8], maximumBytes: Int = 1 << 20, maximumDepth: Int = 32) throws(Malformed) {
    guard bytes.count <= maximumBytes else { throw Malformed(reason: "it is longer than \(maximumBytes) bytes") }
    // Validate UTF-8 once, so that strings cut from the bytes need no check.
    guard String(validating: bytes, as: UTF8.self) != nil else { throw Malformed(reason: "it is not UTF-8") }
    var parser = ModelJSONParser(bytes: bytes, depthLeft: maximumDepth)
    self = try parser.parseAll()
  }
}

/// A recursive-descent JSON parser over bytes that are valid UTF-8.
private struct ModelJSONParser {
  typealias Malformed = ModelJSON.Malformed

  private let bytes: [UInt8]
  private var position = 0
  private var depthLeft: Int

  init(bytes: [UInt8], depthLeft: Int) {
    self.bytes = bytes
    self.depthLeft = depthLeft
  }

  mutating func parseAll() throws(Malformed) -> ModelJSON {
    let value = try parseValue()
    skipBlanks()
    guard position == bytes.count else { throw Malformed(reason: "text follows the JSON value") }
    return value
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func parseValue() throws(Malformed) -> ModelJSON {
    skipBlanks()
    guard let byte = next else { throw Malformed(reason: "it ends before its JSON does") }
    switch byte {
    case UInt8(ascii: "{"): return try parseObject()
    case UInt8(ascii: "["): return try parseArray()
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", as: .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", as: .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", as: .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    default: throw Malformed(reason: "it is not JSON")
    }
  }

  private mutating func parseWord(_ word: StaticString, as value: ModelJSON) throws(Malformed) -> ModelJSON {
    let word = Array("\(word)".utf8)
    guard bytes[position...].starts(with: word) else { throw Malformed(reason: "it is not JSON") }
    position += word.count
    return value
  }

  private mutating func descend() throws(Malformed) {
    guard depthLeft > 0 else { throw Malformed(reason: "it is nested too deeply") }
    depthLeft -= 1
    position += 1
    skipBlanks()
  }

  private mutating func parseArray() throws(Malformed) -> ModelJSON {
    try descend()
    defer { depthLeft += 1 }
    var items: [ModelJSON] = []
    if take(UInt8(ascii: "]")) { return .array(items) }
    while true {
      items.append(try parseValue())
      skipBlanks()
      if take(UInt8(ascii: "]")) { return .array(items) }
      guard take(UInt8(ascii: ",")) else { throw unexpected("an array") }
    }
  }

  private mutating func parseObject() throws(Malformed) -> ModelJSON {
    try descend()
    defer { depthLeft += 1 }
    var members: [String: ModelJSON] = [:]
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipBlanks()
      guard next == UInt8(ascii: "\"") else { throw unexpected("an object") }
      let name = try parseString()
      skipBlanks()
      guard take(UInt8(ascii: ":")) else { throw unexpected("an object") }
      let value = try parseValue()
      guard members.updateValue(value, forKey: name) == nil else { throw Malformed(reason: "a key occurs twice") }
      skipBlanks()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw unexpected("an object") }
    }
  }

  private func unexpected(_ kind: String) -> Malformed {
    Malformed(reason: next == nil ? "it ends before its JSON does" : "it is not JSON: \(kind) is malformed")
  }

  private mutating func parseNumber() throws(Malformed) -> ModelJSON {
    let start = position
    _ = take(UInt8(ascii: "-"))
    guard let first = next, isDigit(first) else { throw Malformed(reason: "a number is malformed") }
    skipDigits()
    let hasLeadingZero =
      first == UInt8(ascii: "0") && bytes[start..<position].reversed().prefix { isDigit($0) }.count > 1
    if take(UInt8(ascii: ".")), !skipDigits() { throw Malformed(reason: "a number is malformed") }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      if !skipDigits() { throw Malformed(reason: "a number is malformed") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard !hasLeadingZero, let number = Double(text), number.isFinite else {
      throw Malformed(reason: "a number is malformed")
    }
    if let whole = Int(text) { return .integer(whole) }
    // Above 2^53 a double cannot represent every whole number.
    if abs(number) <= 0x1p53, let whole = Int(exactly: number) { return .integer(whole) }
    return .number(number)
  }

  private func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  @discardableResult private mutating func skipDigits() -> Bool {
    let start = position
    while let byte = next, isDigit(byte) { position += 1 }
    return position > start
  }

  private mutating func parseString() throws(Malformed) -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text.append(contentsOf: Array(String(Character(try parseEscape())).utf8))
      case 0..<0x20: throw Malformed(reason: "a string has a control character")
      default: text.append(byte)
      }
    }
    throw Malformed(reason: "it ends before its JSON does")
  }

  private mutating func parseEscape() throws(Malformed) -> Unicode.Scalar {
    guard let byte = next else { throw Malformed(reason: "it ends before its JSON does") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try parseUnicodeEscape()
    default: throw Malformed(reason: "a string has an invalid escape")
    }
  }

  private mutating func parseUnicodeEscape() throws(Malformed) -> Unicode.Scalar {
    let unit = try parseCodeUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard 0xd800...0xdbff ~= unit, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
      throw Malformed(reason: "a string has an unpaired surrogate")
    }
    let low = try parseCodeUnit()
    guard 0xdc00...0xdfff ~= low, let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)) else {
      throw Malformed(reason: "a string has an unpaired surrogate")
    }
    return scalar
  }

  private mutating func parseCodeUnit() throws(Malformed) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw Malformed(reason: "a string has an invalid escape")
      }
      unit = unit << 4 | UInt32(digit)
      position += 1
    }
    return unit
  }
}
