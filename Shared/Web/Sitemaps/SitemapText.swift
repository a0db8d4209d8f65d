/// Cleans text values of a sitemap.
enum SitemapText {
  /// The value on one line without surrounding white space; nil if it is empty.
  static func line(_ bytes: ArraySlice<UInt8>) -> String? {
    var bytes = bytes.drop { $0 <= 0x20 }
    while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    guard !bytes.isEmpty else { return nil }
    // Fast path: most values are one ASCII word.
    let text = String(decoding: bytes, as: UTF8.self)
    if bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) { return text }
    let folded = text.folded
    return folded.isEmpty ? nil : folded
  }
}

/// Escapes ampersands that do not begin a reference, as in `?a=1&b=2`. Many sitemaps contain such URLs, and an XML
/// parser drops the text after the ampersand.
struct BareAmpersands {
  /// An ampersand and the text after it, kept until more text shows whether it begins a reference.
  private var pending: [UInt8] = []
  /// The maximum length of the name or number of a reference.
  private static let maximumReference = 12

  mutating func escape(_ piece: ArraySlice<UInt8>, isLast: Bool = false) -> ArraySlice<UInt8> {
    let text = pending.isEmpty ? piece : pending + piece
    guard var next = text.firstIndex(of: UInt8(ascii: "&")) else {
      pending = []
      return text
    }
    pending = []
    var output: [UInt8] = []
    output.reserveCapacity(text.count + 64)
    var start = text.startIndex
    while true {
      let rest = text[(next + 1)...]
      let name = rest.prefix(Self.maximumReference).prefix {
        $0 == UInt8(ascii: "#") || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || (0x30...0x39).contains($0)
      }
      if !isLast, name.count == rest.count, name.count < Self.maximumReference {
        output += text[start..<next]
        pending = Array(text[next...])
        return output[...]
      }
      output += text[start...next]
      if name.isEmpty || rest.count == name.count || rest[name.endIndex] != UInt8(ascii: ";") { output += "amp;".utf8 }
      start = next + 1
      guard let following = rest.firstIndex(of: UInt8(ascii: "&")) else { break }
      next = following
    }
    output += text[start...]
    return output[...]
  }
}
