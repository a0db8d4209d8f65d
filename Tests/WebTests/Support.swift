import Testing
import Web

/// Parses HTML as a page of a test site.
func page(_ html: String, at url: String = "https://example.com/docs/page", charset: String? = nil) throws -> Page {
  PageReader.read(Array(html.utf8), url: try NormalizedURL(url), charset: charset)
}

/// Renders the main content of HTML as Markdown.
func markdown(_ html: String) throws -> String {
  PageReader.readWithMarkdown(Array(html.utf8), url: try NormalizedURL("https://example.com/docs/page")).markdown
}

/// A paragraph that is long enough to be selected as main content, identified by its first word.
func paragraph(_ name: String) -> String {
  "<p>\(name) explains in one long and quiet sentence what a reader came here for, with words enough to be kept.</p>"
}

/// A gzip member (RFC 1952) with stored data (RFC 1951, section 3.2.4), so that no compressor is needed.
func gzipMember(_ data: [UInt8]) -> [UInt8] {
  var member: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
  var rest = data[...]
  repeat {
    let block = rest.prefix(65_535)
    rest = rest.dropFirst(block.count)
    member.append(rest.isEmpty ? 1 : 0)
    member += littleEndian(UInt32(block.count), bytes: 2) + littleEndian(~UInt32(block.count), bytes: 2) + block
  } while !rest.isEmpty
  return member + littleEndian(checksum(data), bytes: 4) + littleEndian(UInt32(data.count), bytes: 4)
}

/// A gzip member of `count` zeros, about 160 times smaller: fixed Huffman codes (RFC 1951, section 3.2.6) of one
/// literal, followed by matches of length 258 and distance 1. It has no trailer.
func gzipBomb(zeros count: Int) -> [UInt8] {
  var bits: [UInt8] = [1, 1, 0] + [0, 0, 1, 1, 0, 0, 0, 0]
  for _ in 0..<(count / 258) { bits += [1, 1, 0, 0, 0, 1, 0, 1] + [0, 0, 0, 0, 0] }
  bits += Array(repeating: 0, count: 7 + 8)
  var bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
  for start in stride(from: 0, to: bits.count - 7, by: 8) {
    var byte: UInt8 = 0
    for offset in 0..<8 { byte |= bits[start + offset] << UInt8(offset) }
    bytes.append(byte)
  }
  return bytes
}

private func littleEndian(_ value: UInt32, bytes: Int) -> [UInt8] {
  (0..<bytes).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
}

/// The CRC-32 checksum (RFC 1952, section 8).
private func checksum(_ data: [UInt8]) -> UInt32 {
  var crc: UInt32 = 0xffff_ffff
  for byte in data {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
  }
  return ~crc
}
