/// Packed data made without a compressor.
enum Deflate {
  /// A gzip member (RFC 1952) whose data is stored (RFC 1951, section 3.2.4); its checksum is wrong.
  static func stored(_ data: [UInt8]) -> [UInt8] {
    let count = min(data.count, 65_535)
    let sizes = [UInt8(count & 255), UInt8(count >> 8), ~UInt8(count & 255), ~UInt8(count >> 8)]
    return header + [1] + sizes + data.prefix(count) + Array(repeating: 0, count: 8)
  }

  /// A gzip member of so many zeros, a hundred and sixtieth of their size: fixed Huffman codes (section 3.2.6) of one
  /// literal and
  /// then of matches of length 258 and distance 1. It has no trailer.
  static func zeros(_ count: Int) -> [UInt8] {
    // A match is 13 bits, so that eight of them are 13 bytes.
    var bits: [UInt8] = [1, 1, 0] + [0, 0, 1, 1, 0, 0, 0, 0]
    for _ in 0..<8 { bits += match }
    let first = bytes(of: bits.prefix(11 + 5))
    let eight = bytes(of: Array(bits[16...] + match.prefix(5)))
    return header + first + Array(repeating: eight, count: count / 258 / 8).flatMap(\.self) + [0, 0]
  }

  private static let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
  private static let match: [UInt8] = [1, 1, 0, 0, 0, 1, 0, 1] + [0, 0, 0, 0, 0]

  private static func bytes(of bits: some Collection<UInt8>) -> [UInt8] {
    let bits = Array(bits)
    return stride(from: 0, to: bits.count, by: 8).map { start in
      bits[start..<min(start + 8, bits.count)].enumerated().reduce(0) { $0 | $1.element << UInt8($1.offset) }
    }
  }
}
