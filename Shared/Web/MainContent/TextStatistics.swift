/// Statistics of a block's text, computed in one pass over its bytes.
struct TextStatistics {
  /// The number of runs of letters, digits and underscores; the model uses this count.
  var words = 0
  /// The number of words as a reader would count them: like ``words``, except that in scripts without spaces between
  /// words (Han, kana, Thai, Lao, Khmer, Burmese) two characters count as one word, the average length of a Chinese or
  /// Japanese word.
  var adjustedWords: Int { words - unspacedRuns + (unspaced + 1) / 2 }
  /// The number of characters of such scripts, and of runs that contain any.
  private var unspaced = 0, unspacedRuns = 0
  var sentences = 0
  var commas = 0
  var hasPrice = false
  var hasDate = false
  var endsSentence = false
  /// The hashes of the first words in lower case, at most ``maximumWords``.
  var firstWords: [UInt32] = []

  static let maximumWords = 12

  /// Counts only words: as ``words`` and as ``adjustedWords``, and the characters of scripts without spaces.
  static func countWords(_ bytes: ArraySlice<UInt8>) -> (words: Int, read: Int, unspaced: Int) {
    var (count, unspaced, runs) = (0, 0, 0)
    var (isInWord, isUnspaced) = (false, false)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let (isWord, length) = classify(bytes, index)
      if isWord, !isInWord { (count, isUnspaced) = (count + 1, false) }
      if isWord, bytes[index] >= 0xe0, isUnspacedScript(bytes, index) {
        unspaced += 1
        if !isUnspaced { (runs, isUnspaced) = (runs + 1, true) }
      }
      isInWord = isWord
      index += length
    }
    return (count, count - runs + (unspaced + 1) / 2, unspaced)
  }

  /// True if the character at `index` belongs to a script that does not separate words by spaces.
  @inline(__always)
  private static func isUnspacedScript(_ bytes: ArraySlice<UInt8>, _ index: Int) -> Bool {
    let next = index + 1 < bytes.endIndex ? bytes[index + 1] : 0
    switch bytes[index] {
    case 0xe0: return (0xb8...0xbb).contains(next)
    case 0xe1: return (0x80...0x82).contains(next) || (0x9e...0x9f).contains(next)
    case 0xe3: return next >= 0x81
    case 0xe4...0xe9: return true
    case 0xf0: return (0xa0...0xb3).contains(next)
    default: return false
    }
  }

  /// Returns whether the character at `index` is part of a word, and how many bytes to advance. Non-ASCII characters
  /// count as letters, except in the blocks of punctuation, symbols and emoji.
  @inline(__always)
  private static func classify(_ bytes: ArraySlice<UInt8>, _ index: Int) -> (isWord: Bool, length: Int) {
    let byte = bytes[index]
    if byte < 0x80 { return (isASCIIWord(byte), 1) }
    guard index + 1 < bytes.endIndex else { return (true, 1) }
    let next = bytes[index + 1]
    switch byte {
    case 0xc2: return (next == 0xaa || next == 0xb5 || next == 0xba, 2)
    case 0xe2: return (!(0x80...0xaf).contains(next), 3)
    case 0xe3: return (!(next == 0x80 && index + 2 < bytes.endIndex && bytes[index + 2] <= 0x84), 3)
    case 0xef: return (next != 0xbc && next != 0xb8, 3)
    case 0xf0: return (next != 0x9f, 4)
    default: return (true, 1)
    }
  }

  @inline(__always)
  private static func isASCIIWord(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x5f
  }

  init(_ bytes: ArraySlice<UInt8>) {
    guard !bytes.isEmpty else { return }
    var hash = WordHash()
    var length = 0
    var head: UInt32 = 0
    var isNumber = true
    var isUnspaced = false
    var index = bytes.startIndex

    func endWord(_ text: inout TextStatistics) {
      guard length > 0 else { return }
      text.words += 1
      if text.firstWords.count < Self.maximumWords { text.firstWords.append(hash.value) }
      if text.words <= 20, !text.hasDate {
        text.hasDate =
          isNumber ? length == 4 && (head >> 16 == 0x3139 || head >> 16 == 0x3230) : Self.isMonthOrAgo(head, length)
      }
      if isUnspaced { text.unspacedRuns += 1 }
      (hash, length, head, isNumber, isUnspaced) = (WordHash(), 0, 0, true, false)
    }

    while index < bytes.endIndex {
      let byte = bytes[index]
      let (isWord, step) = Self.classify(bytes, index)
      if isWord {
        if byte < 0x80 {
          let isDigit = byte < 0x3a
          let lower = isDigit || byte == 0x5f ? byte : byte | 0x20
          hash.add(lower)
          if length < 4 { head = head << 8 | UInt32(lower) }
          length += 1
          if !isDigit { isNumber = false }
        } else {
          for position in index..<min(index + step, bytes.endIndex) { hash.add(bytes[position]) }
          length += 1
          isNumber = false
          if byte >= 0xe0, Self.isUnspacedScript(bytes, index) {
            unspaced += 1
            isUnspaced = true
          }
        }
      } else {
        endWord(&self)
        readSign(bytes, index)
      }
      index += step
    }
    endWord(&self)
    if words >= 20 { hasDate = false }
    endsSentence = Self.endsSentence(bytes)
  }

  private mutating func readSign(_ bytes: ArraySlice<UInt8>, _ index: Int) {
    switch bytes[index] {
    case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"):
      var next = index + 1
      if next < bytes.endIndex, [0x22, 0x27, 0x29, 0x5d].contains(bytes[next]) { next += 1 }
      if next >= bytes.endIndex || bytes[next] == 0x20 { sentences += 1 }
    case UInt8(ascii: ","): commas += 1
    case UInt8(ascii: "$"): readPrice(bytes, index, 1)
    case 0xc2 where index + 1 < bytes.endIndex:
      switch bytes[index + 1] {
      case 0xa3, 0xa5: readPrice(bytes, index, 2)
      default: break
      }
    case 0xe2 where index + 2 < bytes.endIndex:
      switch (bytes[index + 1], bytes[index + 2]) {
      case (0x82, 0xac), (0x82, 0xb9): readPrice(bytes, index, 3)
      default: break
      }
    default: break
    }
  }

  /// A currency sign is a price only next to a digit.
  private mutating func readPrice(_ bytes: ArraySlice<UInt8>, _ index: Int, _ length: Int) {
    func isDigit(_ at: Int) -> Bool { bytes.indices.contains(at) && (0x30...0x39).contains(bytes[at]) }
    let end = index + length
    if isDigit(end) || isDigit(end + 1) || isDigit(index - 1) || isDigit(index - 2) { hasPrice = true }
  }

  private static func endsSentence(_ bytes: ArraySlice<UInt8>) -> Bool {
    switch bytes[bytes.endIndex - 1] {
    case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: ";"), 0x22, 0x29:
      return true
    case let byte where byte >= 0x80:
      // 。 ！ ？ ”
      return [[0xe3, 0x80, 0x82], [0xef, 0xbc, 0x81], [0xef, 0xbc, 0x9f], [0xe2, 0x80, 0x9d]].contains {
        bytes.suffix(3).elementsEqual($0)
      }
    default: return false
    }
  }

  private static func isMonthOrAgo(_ head: UInt32, _ length: Int) -> Bool {
    let prefix = length <= 3 ? head : head >> 8
    return length == 3 && prefix == 0x61676f || length >= 3 && months.contains(prefix)
  }

  /// The first three letters of the English month names.
  private static let months: Set<UInt32> = Set(
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"].map { name in
      name.utf8.reduce(0) { $0 << 8 | UInt32($1) }
    })
}

extension String {
  /// The number of words as a reader would count them, in any script; see ``TextStatistics/adjustedWords``.
  package var wordCount: Int { TextStatistics.countWords(Array(utf8)[...]).read }

  /// True if the text is mostly in a script without spaces between words, such as Chinese or Japanese.
  package var isUnspaced: Bool {
    let count = TextStatistics.countWords(Array(utf8)[...])
    return count.unspaced > count.words
  }
}
