/// Percent-encodes and decodes the parts of a URL, so that equivalent parts are equal bytes.
enum URLEncoding {
  /// Normalizes a path as browsers do: adds a leading slash, resolves dot segments (RFC 3986, section 5.2.4), and
  /// turns backslashes into slashes.
  static func path(_ bytes: ArraySlice<UInt8>) -> String {
    let encoded = encode(bytes, .path)
    if encoded.first == UInt8(ascii: "/"), !hasDotSegment(encoded) { return String(decoding: encoded, as: UTF8.self) }
    var output: [UInt8] = []
    output.reserveCapacity(encoded.count + 1)
    var start = encoded.first == UInt8(ascii: "/") ? 1 : 0
    while true {
      let end = encoded[start...].firstIndex(of: UInt8(ascii: "/")) ?? encoded.count
      let isLast = end == encoded.count
      switch dotSegmentLength(encoded[start..<end]) {
      case 1: if isLast { output.append(UInt8(ascii: "/")) }
      case 2:
        output.removeSubrange((output.lastIndex(of: UInt8(ascii: "/")) ?? 0)...)
        if isLast { output.append(UInt8(ascii: "/")) }
      default:
        output.append(UInt8(ascii: "/"))
        output += encoded[start..<end]
      }
      if isLast { break }
      start = end + 1
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// Splits a path and query if ``path(_:)`` and ``query(_:)`` would leave them unchanged; nil if they might change
  /// them.
  static func splitIfNormalized(_ bytes: ArraySlice<UInt8>) -> (path: String, query: String?)? {
    guard bytes.first == UInt8(ascii: "/") else { return nil }
    var questionMark: Int?
    var previous: UInt8 = 0
    for index in bytes.indices {
      let byte = bytes[index]
      if byte == UInt8(ascii: "?") {
        questionMark = questionMark ?? index
      } else if !isAllowedInPath(byte) || byte == UInt8(ascii: ".") && previous == UInt8(ascii: "/") {
        return nil
      }
      previous = byte
    }
    guard let questionMark else { return (String(decoding: bytes, as: UTF8.self), nil) }
    guard questionMark + 1 < bytes.endIndex else { return nil }
    return (
      String(decoding: bytes[..<questionMark], as: UTF8.self),
      String(decoding: bytes[(questionMark + 1)...], as: UTF8.self)
    )
  }

  /// True if any segment begins with a dot. Most paths have none, so the caller can skip the check of each segment.
  private static func hasDotSegment(_ path: [UInt8]) -> Bool {
    for index in path.indices.dropLast() where path[index] == UInt8(ascii: "/") && path[index + 1] == UInt8(ascii: ".")
    { return true }
    return false
  }

  /// 1 for `.`, 2 for `..`, else 0.
  private static func dotSegmentLength(_ segment: ArraySlice<UInt8>) -> Int {
    segment.count <= 2 && segment.allSatisfy { $0 == UInt8(ascii: ".") } ? segment.count : 0
  }

  /// Encodes a query; nil if it is empty.
  static func query(_ bytes: ArraySlice<UInt8>) -> String? {
    bytes.isEmpty ? nil : String(decoding: encode(bytes, .query), as: UTF8.self)
  }

  /// The part of the URL to encode; it decides which characters need an escape.
  enum Part {
    /// `pchar` (RFC 3986, section 3.3) and slashes; backslashes become slashes.
    case path
    /// The characters of a path and question marks.
    case query
  }

  /// Escapes characters that the part must not contain, writes existing escapes in upper case, and decodes escapes of
  /// unreserved characters.
  static func encode(_ bytes: ArraySlice<UInt8>, _ part: Part) -> [UInt8] {
    // Fast path: most parts are already normalized.
    if bytes.allSatisfy({ isAllowedInPath($0) }) { return Array(bytes) }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + 16)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == UInt8(ascii: "%"), index + 2 < bytes.endIndex, let value = hex(bytes[index + 1], bytes[index + 2]) {
        if isUnreserved(value) { output.append(value) } else { appendEscape(value, to: &output) }
        index += 3
        continue
      }
      if isAllowedInPath(byte) || byte == UInt8(ascii: "?") && part == .query {
        output.append(byte)
      } else if byte == UInt8(ascii: "\\"), part == .path {
        output.append(UInt8(ascii: "/"))
      } else {
        appendEscape(byte, to: &output)
      }
      index += 1
    }
    return output
  }

  /// Decodes percent escapes; an incomplete or invalid escape stays as it is.
  static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.endIndex,
        let value = hex(bytes[index + 1], bytes[index + 2])
      {
        output.append(value)
        index += 3
      } else {
        output.append(bytes[index])
        index += 1
      }
    }
    return output
  }

  private static func hex(_ high: UInt8, _ low: UInt8) -> UInt8? {
    guard let high = valueOfHexDigit(high), let low = valueOfHexDigit(low) else { return nil }
    return high << 4 | low
  }

  private static func valueOfHexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }

  private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "%"))
    output.append(hexDigit(byte >> 4))
    output.append(hexDigit(byte & 15))
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x41 + value - 10 }

  /// True for the unreserved characters of RFC 3986, section 2.3, which never need an escape.
  static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
    default: false
    }
  }

  /// True for `pchar` and the slash, without the percent sign, because a lone one is escaped.
  private static func isAllowedInPath(_ byte: UInt8) -> Bool {
    switch byte {
    // Digits, letters and the characters between them: & ' ( ) * + , - . / : ; and @.
    case 0x26...0x3b, 0x40...0x5a, 0x61...0x7a: true
    case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "_"), UInt8(ascii: "~"): true
    default: false
    }
  }
}
