import CXML

/// Turns a page's bytes into UTF-8, as browsers choose the encoding (HTML standard, section 13.2.3): the header, a byte
/// order mark, a meta element in the first kilobyte, and then what the bytes themselves look like.
enum Charset {
  static func utf8(_ bytes: [UInt8], headerCharset: String?) -> [UInt8] {
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { return repaired(Array(bytes.dropFirst(3))) }
    if bytes.starts(with: [0xff, 0xfe]) { return converted(bytes, from: "UTF-16LE") ?? bytes }
    if bytes.starts(with: [0xfe, 0xff]) { return converted(bytes, from: "UTF-16BE") ?? bytes }
    let isUTF8 = isValidUTF8(bytes)
    let declared = (headerCharset ?? metaCharset(bytes.prefix(4096))).map(canonical)
    switch declared {
    // Bytes that are valid UTF-8 beyond ASCII are hardly ever anything else, whatever was declared of Latin-1.
    case "utf-8": return repaired(bytes)
    case "windows-1252" where isUTF8: return repaired(bytes)
    case nil where isUTF8: return repaired(bytes)
    case nil: return converted(bytes, from: "windows-1252") ?? repaired(bytes)
    case let name?: return converted(bytes, from: name) ?? repaired(bytes)
    }
  }

  private static func isValidUTF8(_ bytes: [UInt8]) -> Bool {
    String(validating: bytes, as: UTF8.self) != nil
  }

  /// Bytes that are no UTF-8 become U+FFFD, and NUL, which no text has, a space.
  private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = isValidUTF8(bytes) ? bytes : Array(String(decoding: bytes, as: UTF8.self).utf8)
    for index in bytes.indices where bytes[index] == 0 { bytes[index] = 0x20 }
    return bytes
  }

  /// The labels that the web writes and libraries do not know, or mean otherwise (Encoding standard, section 4.2).
  private static func canonical(_ label: String) -> String {
    switch label.lowercased() {
    case "utf8", "utf-8", "unicode-1-1-utf-8": "utf-8"
    case "iso-8859-1", "latin1", "latin-1", "iso8859-1", "ascii", "us-ascii", "windows-1252", "cp1252", "x-cp1252": "windows-1252"
    case "shift_jis", "sjis", "x-sjis", "shift-jis": "CP932"
    case "gb2312", "gbk", "x-gbk": "GB18030"
    case "euc-kr", "ks_c_5601-1987", "korean": "CP949"
    case "iso-8859-9", "latin5": "windows-1254"
    case "x-user-defined", "utf-16", "utf-16le", "utf-16be": "utf-8"
    case let name: name
    }
  }

  /// `charset=` in the first meta element that has one.
  private static func metaCharset(_ head: ArraySlice<UInt8>) -> String? {
    let text = String(decoding: head, as: UTF8.self).lowercased()
    var rest = text[...]
    while let meta = rest.firstRange(of: "<meta") {
      rest = rest[meta.upperBound...]
      let element = rest.prefix { $0 != ">" }
      guard let label = element.firstRange(of: "charset") else { continue }
      let value = element[label.upperBound...].drop { " =\"'".contains($0) }.prefix {
        $0.isLetter || $0.isNumber || "-_:".contains($0)
      }
      if !value.isEmpty { return String(value) }
    }
    return nil
  }

  private static func converted(_ bytes: [UInt8], from name: String) -> [UInt8]? {
    guard let handler = unsafe xmlFindCharEncodingHandler(name) else { return nil }
    defer { unsafe xmlCharEncCloseFunc(handler) }
    guard let input = unsafe xmlBufferCreateSize(bytes.count), let output = unsafe xmlBufferCreateSize(bytes.count * 2)
    else { return nil }
    defer { unsafe xmlBufferFree(input); unsafe xmlBufferFree(output) }
    unsafe xmlBufferAdd(input, bytes, Int32(bytes.count))
    while unsafe xmlBufferLength(input) > 0 {
      let before = unsafe xmlBufferLength(input)
      let result = unsafe xmlCharEncInFunc(handler, output, input)
      if unsafe xmlBufferLength(input) == before || result == -2 {
        // A byte that the encoding does not have: one replacement character, and on.
        unsafe xmlBufferAdd(output, [0xef, 0xbf, 0xbd], 3)
        unsafe xmlBufferShrink(input, 1)
      }
    }
    let content = unsafe UnsafeBufferPointer(start: xmlBufferContent(output), count: Int(xmlBufferLength(output)))
    return unsafe repaired(Array(content))
  }
}
