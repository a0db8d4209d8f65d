extension ModelJSON {
  /// Why a text is not one JSON value.
  package struct Malformed: Error, Sendable, Equatable {
    /// Such as `a key occurs twice`; quotes nothing.
    package let reason: String

    package init(reason: String) { self.reason = reason }
  }

  /// Reads one value and nothing else, as RFC 8259 writes it: no comments, no NaN, no key twice (section 4 leaves open
  /// what
  /// that would mean), no half of a surrogate pair, no number beyond a double's.
  ///
  /// - Parameters:
  ///   - maximumBytes: of the text.
  ///   - maximumDepth: of arrays and objects in one another.
  package init(parsing bytes: [UInt8], maximumBytes: Int = 1 << 20, maximumDepth: Int = 32) throws(Malformed) {
    guard bytes.count <= maximumBytes else { throw Malformed(reason: "it is longer than \(maximumBytes) bytes") }
    // What is checked once need not be where strings are cut out of it.
    guard String(validating: bytes, as: UTF8.self) != nil else { throw Malformed(reason: "it is not UTF-8") }
    var reader = ModelJSONReader(bytes: bytes, depthLeft: maximumDepth)
    self = try reader.readAll()
  }
}

/// A cursor over the bytes of a JSON text that is valid UTF-8.
private struct ModelJSONReader {
  typealias Malformed = ModelJSON.Malformed

  private let bytes: [UInt8]
  private var position = 0
  private var depthLeft: Int

  init(bytes: [UInt8], depthLeft: Int) {
    self.bytes = bytes
    self.depthLeft = depthLeft
  }

  mutating func readAll() throws(Malformed) -> ModelJSON {
    let value = try readValue()
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

  private mutating func readValue() throws(Malformed) -> ModelJSON {
    skipBlanks()
    guard let byte = next else { throw Malformed(reason: "it ends before its JSON does") }
    switch byte {
    case UInt8(ascii: "{"): return try readObject()
    case UInt8(ascii: "["): return try readArray()
    case UInt8(ascii: "\""): return .string(try readString())
    case UInt8(ascii: "t"): return try read("true", as: .bool(true))
    case UInt8(ascii: "f"): return try read("false", as: .bool(false))
    case UInt8(ascii: "n"): return try read("null", as: .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
    default: throw Malformed(reason: "it is not JSON")
    }
  }

  private mutating func read(_ word: StaticString, as value: ModelJSON) throws(Malformed) -> ModelJSON {
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

  private mutating func readArray() throws(Malformed) -> ModelJSON {
    try descend()
    defer { depthLeft += 1 }
    var items: [ModelJSON] = []
    if take(UInt8(ascii: "]")) { return .array(items) }
    while true {
      items.append(try readValue())
      skipBlanks()
      if take(UInt8(ascii: "]")) { return .array(items) }
      guard take(UInt8(ascii: ",")) else { throw unexpected("an array") }
    }
  }

  private mutating func readObject() throws(Malformed) -> ModelJSON {
    try descend()
    defer { depthLeft += 1 }
    var members: [String: ModelJSON] = [:]
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipBlanks()
      guard next == UInt8(ascii: "\"") else { throw unexpected("an object") }
      let name = try readString()
      skipBlanks()
      guard take(UInt8(ascii: ":")) else { throw unexpected("an object") }
      let value = try readValue()
      guard members.updateValue(value, forKey: name) == nil else { throw Malformed(reason: "a key occurs twice") }
      skipBlanks()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw unexpected("an object") }
    }
  }

  private func unexpected(_ what: String) -> Malformed {
    Malformed(reason: next == nil ? "it ends before its JSON does" : "it is not JSON: \(what) is malformed")
  }

  private mutating func readNumber() throws(Malformed) -> ModelJSON {
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
    // Beyond 2^53 a double no longer tells which whole number was meant.
    if abs(number) <= 0x1p53, let whole = Int(exactly: number) { return .integer(whole) }
    return .number(number)
  }

  private func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  @discardableResult private mutating func skipDigits() -> Bool {
    let start = position
    while let byte = next, isDigit(byte) { position += 1 }
    return position > start
  }

  private mutating func readString() throws(Malformed) -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text.append(contentsOf: Array(String(Character(try readEscape())).utf8))
      case 0..<0x20: throw Malformed(reason: "a string holds a control character")
      default: text.append(byte)
      }
    }
    throw Malformed(reason: "it ends before its JSON does")
  }

  private mutating func readEscape() throws(Malformed) -> Unicode.Scalar {
    guard let byte = next else { throw Malformed(reason: "it ends before its JSON does") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try readUnicodeEscape()
    default: throw Malformed(reason: "a string holds an escape that is none")
    }
  }

  private mutating func readUnicodeEscape() throws(Malformed) -> Unicode.Scalar {
    let unit = try readCodeUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard 0xd800...0xdbff ~= unit, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
      throw Malformed(reason: "a string holds half of a character")
    }
    let low = try readCodeUnit()
    guard 0xdc00...0xdfff ~= low, let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)) else {
      throw Malformed(reason: "a string holds half of a character")
    }
    return scalar
  }

  private mutating func readCodeUnit() throws(Malformed) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw Malformed(reason: "a string holds an escape that is none")
      }
      unit = unit << 4 | UInt32(digit)
      position += 1
    }
    return unit
  }
}
