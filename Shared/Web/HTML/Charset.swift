#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Converts a page to UTF-8. The encoding is chosen as in browsers (HTML standard, section 13.2.3): from the byte
/// order mark, the header, a meta element near the start, or else detected from the bytes.
enum Charset {
  static func utf8(_ bytes: [UInt8], headerCharset: String?) -> [UInt8] {
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { return replacingInvalidUTF8(Array(bytes.dropFirst(3))) }
    if bytes.starts(with: [0xff, 0xfe]) { return converted(Array(bytes.dropFirst(2)), from: "UTF-16LE") }
    if bytes.starts(with: [0xfe, 0xff]) { return converted(Array(bytes.dropFirst(2)), from: "UTF-16BE") }
    switch headerCharset.flatMap(encoding) ?? metaEncoding(bytes.prefix(4096)) {
    case "utf-8": return replacingInvalidUTF8(bytes)
    case nil:
      let isUTF8 = isValidUTF8(bytes)
      if let name = EncodingSniffer.encoding(of: bytes, isUTF8: isUTF8) { return converted(bytes, from: name) }
      return isUTF8 ? replacingNUL(bytes) : converted(bytes, from: "windows-1252")
    // Valid UTF-8 with non-ASCII characters is almost never Latin-1, even if it is declared so.
    case "windows-1252": return isValidUTF8(bytes) ? replacingNUL(bytes) : converted(bytes, from: "windows-1252")
    case let name?: return converted(bytes, from: name)
    }
  }

  private static func isValidUTF8(_ bytes: [UInt8]) -> Bool {
    String(validating: bytes, as: UTF8.self) != nil
  }

  /// Replaces invalid UTF-8 with U+FFFD.
  private static func replacingInvalidUTF8(_ bytes: [UInt8]) -> [UInt8] {
    replacingNUL(isValidUTF8(bytes) ? bytes : Array(String(decoding: bytes, as: UTF8.self).utf8))
  }

  /// Replaces NUL with a space.
  private static func replacingNUL(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(0) else { return bytes }
    return bytes.map { $0 == 0 ? 0x20 : $0 }
  }

  /// The iconv name of an encoding label (Encoding standard, section 4.2); nil for an unknown label.
  ///
  /// Only these labels are accepted: iconv knows a thousand more, and some of its decoders abort or never end.
  private static func encoding(_ label: String) -> String? {
    let label = label.lowercased()
    switch label {
    case "utf8", "utf-8", "unicode-1-1-utf-8", "x-unicode20utf8": return "utf-8"
    case "latin1", "latin-1", "l1", "ascii", "us-ascii", "ansi_x3.4-1968", "x-user-defined": return "windows-1252"
    case "shift_jis", "shift-jis", "sjis", "x-sjis", "ms932", "ms_kanji", "windows-31j", "csshiftjis": return "CP932"
    case "gb2312", "gb_2312", "gb_2312-80", "csgb2312", "chinese", "gbk", "x-gbk", "gb18030": return "GB18030"
    case "big5", "big5-hkscs", "cn-big5", "x-x-big5", "csbig5": return "BIG5-HKSCS"
    case "euc-kr", "ks_c_5601-1987", "ks_c_5601-1989", "ksc5601", "ksc_5601", "korean", "windows-949": return "CP949"
    case "euc-jp", "x-euc-jp": return "EUC-JP"
    case "iso-2022-jp": return "ISO-2022-JP"
    case "koi8-r", "koi8", "koi": return "KOI8-R"
    case "koi8-u", "koi8-ru": return "KOI8-U"
    case "ibm866", "cp866", "866": return "CP866"
    case "macintosh", "mac", "x-mac-roman": return "MACINTOSH"
    case "x-mac-cyrillic": return "MAC-CYRILLIC"
    case "tis-620", "windows-874", "dos-874": return "CP874"
    case "utf-16", "utf-16le", "unicode", "ucs-2": return "UTF-16LE"
    case "utf-16be": return "UTF-16BE"
    case "latin2", "l2": return "ISO-8859-2"
    case "cyrillic": return "ISO-8859-5"
    case "arabic": return "ISO-8859-6"
    case "greek": return "ISO-8859-7"
    case "hebrew": return "ISO-8859-8"
    case "latin5", "l5": return "windows-1254"
    default: break
    }
    for prefix in ["iso-8859-", "iso8859-", "iso_8859-"] where label.hasPrefix(prefix) {
      switch label.dropFirst(prefix.count) {
      // Decode three of them as their supersets.
      case "1": return "windows-1252"
      case "9": return "windows-1254"
      case "11": return "CP874"
      case let part where ["2", "3", "4", "5", "6", "7", "8", "10", "13", "14", "15", "16"].contains(part):
        return "ISO-8859-" + part
      default: return nil
      }
    }
    for prefix in ["windows-125", "cp125", "x-cp125"] where label.hasPrefix(prefix) {
      let digit = label.dropFirst(prefix.count)
      return ["0", "1", "2", "3", "4", "5", "6", "7", "8"].contains(digit) ? "windows-125" + digit : nil
    }
    return nil
  }

  /// The encoding of the first meta element with a known `charset=`, ignoring comments.
  private static func metaEncoding(_ head: ArraySlice<UInt8>) -> String? {
    let text = String(decoding: head, as: UTF8.self).lowercased()
    var rest = text[...]
    while let mark = rest.firstIndex(of: "<") {
      rest = rest[mark...]
      if rest.hasPrefix("<!--") {
        guard let end = rest.dropFirst(4).firstRange(of: "-->") else { return nil }
        rest = rest[end.upperBound...]
        continue
      }
      defer { rest = rest.dropFirst() }
      guard rest.hasPrefix("<meta") else { continue }
      let element = rest.prefix { $0 != ">" }
      guard let label = element.firstRange(of: "charset") else { continue }
      let assigned = element[label.upperBound...].drop { $0.isWhitespace }
      guard assigned.first == "=" else { continue }
      let value = assigned.dropFirst().drop { " \"'".contains($0) }.prefix {
        $0.isLetter || $0.isNumber || "-_:.".contains($0)
      }
      guard let name = encoding(String(value)) else { continue }
      // A meta element that is readable as ASCII cannot be in UTF-16 (HTML standard, section 13.2.3.2).
      return name.hasPrefix("UTF-16") ? "utf-8" : name
    }
    return nil
  }

  /// Converts from an iconv encoding; each invalid byte becomes one U+FFFD.
  private static func converted(_ bytes: [UInt8], from name: String) -> [UInt8] {
    let converter = unsafe iconv_open("UTF-8", name)
    // On failure iconv_open returns a pointer of -1.
    guard Int(bitPattern: converter) != -1 else { return replacingInvalidUTF8(bytes) }
    defer { unsafe iconv_close(converter) }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + bytes.count / 2)
    var bytes = bytes
    var buffer = [CChar](repeating: 0, count: 1 << 16)
    unsafe bytes.withUnsafeMutableBytes { input in
      var next = unsafe input.baseAddress?.assumingMemoryBound(to: CChar.self)
      var remaining = input.count
      while remaining > 0 {
        let (status, count) = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
          var end = buffer.baseAddress
          var space = buffer.count
          let status = unsafe iconv(converter, &next, &remaining, &end, &space)
          return (status == -1 ? errno : 0, buffer.count - space)
        }
        unsafe buffer.withUnsafeBytes { unsafe output.append(contentsOf: $0[..<count]) }
        guard status == EILSEQ || status == EINVAL else { continue }
        output += [0xef, 0xbf, 0xbd]
        unsafe next = unsafe next?.advanced(by: 1)
        remaining -= 1
      }
    }
    return replacingNUL(output)
  }
}
