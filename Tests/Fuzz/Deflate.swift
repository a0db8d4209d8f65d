/// Builds gzip data without a compressor.
enum Deflate {
  /// Returns a gzip member (RFC 1952) with the first 65,535 bytes of `data` in a stored block (RFC 1951, section 3.2.4)
  /// and a wrong checksum.
  static func stored(_ data: [UInt8]) -> [UInt8] {
    let count = min(data.count, 65_535)
    let sizes = [UInt8(count & 255), UInt8(count >> 8), ~UInt8(count & 255), ~UInt8(count >> 8)]
    return header + [1] + sizes + data.prefix(count) + Array(repeating: 0, count: 8)
  }

  /// Returns a gzip member without a trailer that decompresses to about `count` zeros and is 160 times smaller.
  ///
  /// It has fixed Huffman codes (RFC 1951, section 3.2.6) for one literal, then matches of length 258 and distance 1.
  static func zeros(_ count: Int) -> [UInt8] {
    // A match has 13 bits, so eight matches have 13 bytes.
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
