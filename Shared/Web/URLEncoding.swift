/// How the parts of a URL are written so that equal ones are equal bytes.
enum URLEncoding {
  /// A path with a leading slash, dot segments resolved (RFC 3986, section 5.2.4) and backslashes turned, as browsers do.
  static func path(_ bytes: ArraySlice<UInt8>) -> String {
    var output: [[UInt8]] = []
    let slashed = bytes.map { $0 == UInt8(ascii: "\\") ? UInt8(ascii: "/") : $0 }
    let segments = slashed.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let relative = slashed.first == UInt8(ascii: "/") ? segments.dropFirst() : segments[...]
    for (index, segment) in relative.enumerated() {
      let isLast = index == relative.count - 1
      let encoded = encode(segment[...], keeping: isPathByte)
      switch encoded {
      case [UInt8(ascii: ".")]: if isLast { output.append([]) }
      case [UInt8(ascii: "."), UInt8(ascii: ".")]:
        if !output.isEmpty { output.removeLast() }
        if isLast { output.append([]) }
      default: output.append(encoded)
      }
    }
    var joined: [UInt8] = []
    for segment in output { joined.append(UInt8(ascii: "/")); joined += segment }
    return joined.isEmpty ? "/" : String(decoding: joined, as: UTF8.self)
  }

  /// A query, or nil where it is empty.
  static func query(_ bytes: ArraySlice<UInt8>) -> String? {
    bytes.isEmpty ? nil : String(decoding: encode(bytes, keeping: isQueryByte), as: UTF8.self)
  }

  /// Escapes what is not kept, spells existing escapes in upper case, and undoes those of unreserved characters.
  static func encode(_ bytes: ArraySlice<UInt8>, keeping keep: (UInt8) -> Bool) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == UInt8(ascii: "%"), index + 2 < bytes.endIndex, let value = hex(bytes[index + 1], bytes[index + 2]) {
        if isUnreserved(value) { output.append(value) } else { appendEscape(value, to: &output) }
        index += 3
        continue
      }
      if keep(byte) { output.append(byte) } else { appendEscape(byte, to: &output) }
      index += 1
    }
    return output
  }

  static func hex(_ high: UInt8, _ low: UInt8) -> UInt8? {
    guard let high = hexDigit(high), let low = hexDigit(low) else { return nil }
    return high << 4 | low
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }

  static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
    let digits = Array("0123456789ABCDEF".utf8)
    output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }

  /// RFC 3986, section 2.3.
  static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
    default: false
    }
  }

  /// `pchar` of RFC 3986, section 3.3, without the percent sign; a lone one is escaped.
  private static func isPathByte(_ byte: UInt8) -> Bool {
    isUnreserved(byte) || "!$&'()*+,;=:@".utf8.contains(byte)
  }

  private static func isQueryByte(_ byte: UInt8) -> Bool { isPathByte(byte) || byte == 0x2f || byte == 0x3f }
}
