/// Works around two libxml2 parser problems before a page is parsed, by overwriting bytes with spaces:
///
/// - Attributes of a start tag beyond ``maximumAttributes``: libxml2 compares each attribute with all before it, so a
///   tag of a few megabytes would take minutes.
/// - `<!-->` and `<!--->`, which are complete comments (HTML standard, section 13.2.5.43): libxml2 would treat the
///   rest of the page as part of the comment.
///
/// Byte positions do not change. Tags are recognized as in libxml2: comments, scripts and styles contain none.
enum MarkupRepair {
  /// The number of attributes that are kept per element; real pages have been seen with 71.
  static let maximumAttributes = 256

  static func repaired(_ bytes: [UInt8]) -> [UInt8] {
    let blanks = blanks(in: bytes.span)
    guard !blanks.isEmpty else { return bytes }
    var bytes = bytes
    for range in blanks { for index in range { bytes[index] = 0x20 } }
    return bytes
  }

  private static func blanks(in bytes: Span<UInt8>) -> [Range<Int>] {
    var blanks: [Range<Int>] = []
    var index = 0
    while index + 1 < bytes.count {
      guard bytes[index] == UInt8(ascii: "<") else {
        index += 1
        continue
      }
      let start = index
      index += 1
      if isLetter(bytes[index]) {
        let (end, excess) = endOfTag(at: index, in: bytes)
        if let excess { blanks.append(excess..<end) }
        index = end
        for name in [StaticString("script"), "style"] where isWord(name, at: start + 1, in: bytes) {
          let next = start + 1 + name.utf8CodeUnitCount
          guard next == end || isSeparator(bytes[next]) else { continue }
          index = endOfText(of: name, from: end, in: bytes)
        }
      } else if isWord("!--", at: index, in: bytes) {
        index += 3
        let dashes = index < bytes.count && bytes[index] == UInt8(ascii: "-") ? 1 : 0
        if index + dashes < bytes.count, bytes[index + dashes] == UInt8(ascii: ">") {
          index += dashes + 1
          blanks.append(start..<index)
        } else {
          index = endOfComment(from: index, in: bytes)
        }
      }
    }
    return blanks
  }

  /// The end of the tag whose name starts at `start`, and the start of its excess attributes, if any.
  private static func endOfTag(at start: Int, in bytes: Span<UInt8>) -> (end: Int, excess: Int?) {
    var index = start
    // Starts at -1, because the first name is that of the element.
    var names = -1
    var excess: Int?
    while index < bytes.count, bytes[index] != UInt8(ascii: ">") {
      guard !isSeparator(bytes[index]) else {
        index += 1
        continue
      }
      names += 1
      if names > maximumAttributes, excess == nil { excess = index }
      while index < bytes.count, !isSeparator(bytes[index]), bytes[index] != UInt8(ascii: "="),
        bytes[index] != UInt8(ascii: ">")
      { index += 1 }
      while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
      guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else { continue }
      index += 1
      while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
      guard index < bytes.count else { break }
      let quote = bytes[index]
      if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
        index += 1
        while index < bytes.count, bytes[index] != quote { index += 1 }
        index = min(bytes.count, index + 1)
      } else {
        while index < bytes.count, bytes[index] > 0x20, bytes[index] != UInt8(ascii: ">") { index += 1 }
      }
    }
    return (index, excess)
  }

  private static func endOfComment(from start: Int, in bytes: Span<UInt8>) -> Int {
    var index = start
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "-"), isWord("-->", at: index, in: bytes) || isWord("--!>", at: index, in: bytes)
      {
        return index + 3
      }
      index += 1
    }
    return index
  }

  /// The end of a script or style: the position of its end tag.
  private static func endOfText(of name: StaticString, from start: Int, in bytes: Span<UInt8>) -> Int {
    var index = start
    while index + 1 < bytes.count {
      if bytes[index] == UInt8(ascii: "<"), bytes[index + 1] == UInt8(ascii: "/"),
        isWord(name, at: index + 2, in: bytes)
      {
        return index
      }
      index += 1
    }
    return bytes.count
  }

  /// True if the word is at this position, ignoring case.
  private static func isWord(_ word: StaticString, at start: Int, in bytes: Span<UInt8>) -> Bool {
    guard start + word.utf8CodeUnitCount <= bytes.count else { return false }
    for offset in 0..<word.utf8CodeUnitCount {
      let byte = bytes[start + offset]
      guard unsafe (isLetter(byte) ? byte | 0x20 : byte) == word.utf8Start[offset] else { return false }
    }
    return true
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }

  private static func isSeparator(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == UInt8(ascii: "/") }
}
