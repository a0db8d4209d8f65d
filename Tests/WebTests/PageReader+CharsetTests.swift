import Testing
import Web

/// Decoding of a page's bytes (HTML standard, section 13.2.3; Encoding standard, section 4.2).
@Suite struct PageCharsets {
  private static let shiftJIS: [UInt8] = [0x93, 0xfa, 0x96, 0x7b]  // 日本
  private static let gbk: [UInt8] = [0xd6, 0xd0, 0xb9, 0xfa]  // 中国
  private static let eucKR: [UInt8] = [0xc7, 0xd1, 0xb1, 0xb9]  // 한국
  private static let big5: [UInt8] = [0xa4, 0xa4, 0xb0, 0xea]  // 中國
  private static let cyrillic: [UInt8] = [0xcc, 0xe8, 0xf0]  // Мир
  private static let western: [UInt8] = [0x63, 0x61, 0x66, 0xe9, 0x80]  // café€, in windows-1252

  @Test(
    "the header declares the encoding by any label of the Encoding standard",
    arguments: [
      ("Shift_JIS", shiftJIS, "日本"), ("x-sjis", shiftJIS, "日本"), ("windows-31j", shiftJIS, "日本"),
      ("gb2312", gbk, "中国"), ("GBK", gbk, "中国"), ("gb18030", gbk, "中国"),
      ("euc-kr", eucKR, "한국"), ("ks_c_5601-1987", eucKR, "한국"), ("big5", big5, "中國"),
      ("windows-1251", cyrillic, "Мир"), ("cp1251", cyrillic, "Мир"), ("koi8-r", [0xed, 0xc9, 0xd2], "Мир"),
      ("iso-8859-1", western, "café€"), ("latin1", western, "café€"), ("us-ascii", western, "café€"),
      ("iso-8859-15", [0xa4], "€"), ("ISO8859-2", [0xb3], "ł"), ("iso-8859-9", [0xfd], "ı"),
      ("euc-jp", [0xc6, 0xfc], "日"), ("utf8", Array("日本".utf8), "日本"),
    ])
  func header(label: String, bytes: [UInt8], expected: String) throws {
    #expect(try title(bytes, header: label) == expected)
  }

  @Test(
    "a meta element declares the encoding if the header does not",
    arguments: [
      "<meta charset=shift_jis>", "<META CHARSET = \"Shift_JIS\" />",
      "<meta http-equiv=Content-Type content='text/html; charset=Shift_JIS'>",
      "<!-- <meta charset=gbk> --><meta charset=shift_jis>",
      "<meta name=description content='How charset detection works'><meta charset=shift_jis>",
      "<meta charset=nonsense><meta charset=shift_jis>",
    ])
  func meta(element: String) throws {
    #expect(try title(Self.shiftJIS, head: element) == "日本")
  }

  @Test("the header takes precedence over the meta element")
  func precedence() throws {
    #expect(try title(Self.shiftJIS, head: "<meta charset=gbk>", header: "shift_jis") == "日本")
    #expect(try title(Self.gbk, head: "<meta charset=gbk>", header: "nonsense") == "中国")
  }

  @Test("a byte order mark takes precedence over header and meta element (Encoding standard, section 6)")
  func byteOrderMark() throws {
    let text = "\u{feff}<title>日本</title>"
    let littleEndian = text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let bigEndian = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    for bytes in [Array(text.utf8), littleEndian, bigEndian] {
      #expect(
        PageReader.read(bytes, url: try NormalizedURL("https://example.com/"), charset: "shift_jis").title == "日本")
    }
  }

  @Test("UTF-16 is accepted from the header, but not from a meta element that is readable as ASCII")
  func utf16() throws {
    let bytes = "<title>日本</title>".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    for label in ["utf-16", "UTF-16LE"] {
      #expect(PageReader.read(bytes, url: try NormalizedURL("https://example.com/"), charset: label).title == "日本")
    }
    #expect(try title(Array("日本".utf8), head: "<meta charset=utf-16>") == "日本")
  }

  @Test("without a declaration the encoding is UTF-8 if the bytes are valid, else windows-1252")
  func sniffed() throws {
    #expect(try title(Array("日本 café".utf8)) == "日本 café")
    #expect(try title(Self.western) == "café€")
    #expect(try title([0x93, 0x61, 0x94, 0x96, 0x85]) == "“a”–…")
  }

  @Test("valid UTF-8 that is declared as Latin-1 is decoded as UTF-8")
  func mislabelled() throws {
    #expect(try title(Array("日本".utf8), header: "iso-8859-1") == "日本")
  }

  @Test("invalid bytes of declared UTF-8 become replacement characters")
  func invalidUTF8() throws {
    #expect(try title([0x61, 0xe9, 0x62], header: "utf-8") == "a\u{fffd}b")
    #expect(try title(Self.shiftJIS + [0xff, 0x61], header: "shift_jis") == "日本\u{fffd}a")
  }

  private func title(_ bytes: [UInt8], head: String = "", header: String? = nil) throws -> String? {
    let page = Array("<html><head>\(head)<title>".utf8) + bytes + Array("</title></head>".utf8)
    return PageReader.read(page, url: try NormalizedURL("https://example.com/"), charset: header).title
  }
}
