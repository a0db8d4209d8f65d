/// The words that classes, ids and their like are made of: `post-content`, `PostContent` and `post_content` have the
/// same two.
enum ClassWords {
  /// Words of an id, of an item property and of a test id are other words than those of a class.
  static func mark(of name: AttributeName) -> UInt8? {
    switch name {
    case .class: 0x2e
    case .id: 0x23
    case .itemprop: 0x40
    case .testID: 0x25
    default: nil
    }
  }

  /// Calls `body` with the hash of each word of two letters or more, in lower case, its mark before it.
  static func forEach(in value: ArraySlice<UInt8>, mark: UInt8, _ body: (UInt32) -> Void) {
    var hash = WordHash(mark)
    var letters = 0
    var wasLower = false
    for byte in value {
      let lower = byte | 0x20
      guard (0x61...0x7a).contains(lower) else {
        if letters > 1 { body(hash.value) }
        (hash, letters, wasLower) = (WordHash(mark), 0, false)
        continue
      }
      let isLower = byte == lower
      if !isLower, wasLower {
        if letters > 1 { body(hash.value) }
        (hash, letters) = (WordHash(mark), 0)
      }
      hash.add(lower)
      letters += 1
      wasLower = isLower
    }
    if letters > 1 { body(hash.value) }
  }
}

/// FNV-1a, 32 bits: what stands for a word in the learned tables.
struct WordHash {
  private(set) var value: UInt32 = 2_166_136_261

  init() {}

  init(_ mark: UInt8) { add(mark) }

  mutating func add(_ byte: UInt8) { value = (value ^ UInt32(byte)) &* 16_777_619 }
}
