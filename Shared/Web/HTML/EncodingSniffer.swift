/// Detects the encoding of a page that declares none, from byte patterns: which letters are common, and whether they
/// occur next to each other as in that script.
///
/// Returns nil unless another encoding is clear; the caller then assumes UTF-8 or windows-1252. For valid UTF-8, only
/// UTF-16 (zero bytes) and ISO-2022-JP (escape sequences) are detected.
enum EncodingSniffer {
  /// The number of bytes that are examined.
  private static let sampleSize = 64 << 10
  /// Fewer double-byte characters than this are not enough evidence.
  private static let minimumPairs = 8
  /// Fewer Cyrillic letters than this are not enough evidence.
  private static let minimumLetters = 12

  /// The iconv name of the detected encoding, or nil.
  static func encoding(of bytes: [UInt8], isUTF8: Bool) -> String? {
    let bytes = bytes.prefix(sampleSize)
    if let utf16 = utf16Encoding(bytes) { return utf16 }
    if isUTF8 { return hasJapaneseEscapes(bytes) ? "ISO-2022-JP" : nil }
    return doubleByteEncoding(bytes) ?? cyrillicEncoding(bytes)
  }

  // MARK: UTF-16 without a byte order mark, ISO-2022-JP

  /// In UTF-16, every other byte of ASCII markup is zero.
  private static func utf16Encoding(_ bytes: ArraySlice<UInt8>) -> String? {
    guard bytes.count >= 16 else { return nil }
    var zeros = (even: 0, odd: 0)
    for (index, byte) in bytes.enumerated() where byte == 0 {
      if index & 1 == 0 { zeros.even += 1 } else { zeros.odd += 1 }
    }
    let pairs = bytes.count / 2
    if zeros.odd * 5 > pairs, zeros.even * 50 < pairs { return "UTF-16LE" }
    if zeros.even * 5 > pairs, zeros.odd * 50 < pairs { return "UTF-16BE" }
    return nil
  }

  /// `ESC $ B` and `ESC $ @` switch to Japanese characters, `ESC ( B` and `ESC ( J` back to ASCII.
  private static func hasJapaneseEscapes(_ bytes: ArraySlice<UInt8>) -> Bool {
    var opens = 0
    var closes = 0
    for index in bytes.indices.dropLast(2) where bytes[index] == 0x1b {
      switch (bytes[index + 1], bytes[index + 2]) {
      case (0x24, 0x42), (0x24, 0x40): opens += 1
      case (0x28, 0x42), (0x28, 0x4a): closes += 1
      default: break
      }
    }
    return opens > 0 && closes > 0
  }

  // MARK: Double-byte encodings

  /// The double-byte encodings that can be detected.
  private enum DoubleByteEncoding: CaseIterable {
    case shiftJIS, eucJP, eucKR, gbk, big5

    var name: String {
      switch self {
      case .shiftJIS: "CP932"
      case .eucJP: "EUC-JP"
      case .eucKR: "CP949"
      case .gbk: "GB18030"
      case .big5: "BIG5-HKSCS"
      }
    }

    func isLead(_ byte: UInt8) -> Bool {
      switch self {
      case .shiftJIS: (0x81...0x9f).contains(byte) || (0xe0...0xfc).contains(byte)
      case .eucJP: (0xa1...0xfe).contains(byte) || byte == 0x8e
      case .eucKR, .gbk: (0x81...0xfe).contains(byte)
      case .big5: (0x87...0xfe).contains(byte)
      }
    }

    func isTrail(_ byte: UInt8) -> Bool {
      switch self {
      case .shiftJIS: (0x40...0xfc).contains(byte) && byte != 0x7f
      case .eucJP: (0xa1...0xfe).contains(byte)
      case .eucKR:
        (0xa1...0xfe).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
          || (0x81...0xa0).contains(byte)
      case .gbk: (0x40...0xfe).contains(byte) && byte != 0x7f
      case .big5: (0x40...0x7e).contains(byte) || (0xa1...0xfe).contains(byte)
      }
    }

    /// True for the characters that make up nearly all of a text: kana and level-1 kanji, level-1 hanzi or Hangul, and
    /// punctuation.
    func isCommon(_ lead: UInt8, _ trail: UInt8) -> Bool {
      switch self {
      case .shiftJIS: (0x81...0x83).contains(lead) || (0x88...0x97).contains(lead)
      case .eucJP: [0xa1, 0xa4, 0xa5].contains(lead) || (0xb0...0xcf).contains(lead)
      case .eucKR: trail >= 0xa1 && (lead == 0xa1 || (0xb0...0xc8).contains(lead))
      case .gbk: trail >= 0xa1 && ([0xa1, 0xa3].contains(lead) || (0xb0...0xd7).contains(lead))
      case .big5: [0xa1].contains(lead) || (0xa4...0xc6).contains(lead)
      }
    }

    /// True for characters that distinguish the encoding from similar ones: kana; for Chinese, characters in ranges
    /// that Korean does not use.
    func isDistinctive(_ lead: UInt8, _ trail: UInt8) -> Bool {
      switch self {
      case .shiftJIS: lead == 0x82 && (0x9f...0xf1).contains(trail) || lead == 0x83 && trail <= 0x96
      case .eucJP: lead == 0xa4 || lead == 0xa5
      case .gbk: (0xc9...0xf7).contains(lead)
      case .eucKR: (0xb0...0xc8).contains(lead)
      case .big5: (0xa4...0xc6).contains(lead)
      }
    }

    /// The minimum percentage of distinctive characters.
    var minimumDistinctivePercentage: Int {
      switch self {
      case .shiftJIS, .eucJP, .gbk: 15
      case .eucKR, .big5: 75
      }
    }
  }

  private static func doubleByteEncoding(_ bytes: ArraySlice<UInt8>) -> String? {
    var best: (name: String, share: Int)?
    for encoding in DoubleByteEncoding.allCases {
      guard let share = commonShare(bytes, encoding), share > best?.share ?? 0 else { continue }
      best = (encoding.name, share)
    }
    return best?.name
  }

  /// The number of common characters per thousand; nil if the bytes are unlikely to be text in this encoding.
  private static func commonShare(_ bytes: ArraySlice<UInt8>, _ encoding: DoubleByteEncoding) -> Int? {
    var (pairs, common, distinctive, adjacent, errors) = (0, 0, 0, 0, 0)
    var index = bytes.startIndex
    var followsPair = false
    while index < bytes.endIndex {
      let byte = bytes[index]
      guard byte >= 0x80 else {
        index += 1
        followsPair = false
        continue
      }
      guard index + 1 < bytes.endIndex else { break }
      let next = bytes[index + 1]
      guard encoding.isLead(byte), encoding.isTrail(next) else {
        errors += 1
        index += 1
        followsPair = false
        continue
      }
      pairs += 1
      if encoding.isCommon(byte, next) { common += 1 }
      if encoding.isDistinctive(byte, next) { distinctive += 1 }
      // In windows-1252, a non-ASCII letter and the next byte can look like a pair, but two such pairs rarely follow
      // each other.
      if followsPair { adjacent += 1 }
      followsPair = true
      index += 2
    }
    guard pairs >= minimumPairs, errors * 20 <= pairs, adjacent * 2 >= pairs, common * 4 >= pairs * 3,
      distinctive * 100 >= pairs * encoding.minimumDistinctivePercentage
    else { return nil }
    return common * 1000 / pairs
  }

  // MARK: Cyrillic

  /// The lower-case letters а в е и к л м н о п р с т: three quarters of the letters in Slavic text.
  private static let windows1251 = Set<UInt8>([
    0xe0, 0xe2, 0xe5, 0xe8, 0xea, 0xeb, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf2,
  ])
  private static let koi8 = Set<UInt8>([0xc1, 0xd7, 0xc5, 0xc9, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xd0, 0xd2, 0xd3, 0xd4])

  private static func cyrillicEncoding(_ bytes: ArraySlice<UInt8>) -> String? {
    var counts = [Int](repeating: 0, count: 256)
    var (letters, adjacent) = (0, 0)
    var previous: UInt8 = 0
    for byte in bytes {
      if byte >= 0xc0 {
        letters += 1
        counts[Int(byte)] += 1
        if previous >= 0xc0 { adjacent += 1 }
      }
      previous = byte
    }
    // Cyrillic words consist only of such letters; in Latin scripts two rarely occur next to each other.
    guard letters >= minimumLetters, adjacent * 10 >= letters * 6 else { return nil }
    func share(_ set: Set<UInt8>) -> Int { set.reduce(0) { $0 + counts[Int($1)] } * 100 / letters }
    let (windows, koi) = (share(windows1251), share(koi8))
    return max(windows, koi) < 60 ? nil : windows >= koi ? "windows-1251" : "KOI8-R"
  }
}
