/// Splits classes, ids and similar attributes into words: `post-content`, `PostContent` and `post_content` all contain
/// the same two words.
enum ClassWords {
  /// The prefix byte that distinguishes words of classes, ids, item properties and test ids; nil for other attributes.
  static func prefix(of name: AttributeName) -> UInt8? {
    switch name {
    case .class: 0x2e
    case .id: 0x23
    case .itemprop: 0x40
    case .testID: 0x25
    default: nil
    }
  }

  /// Calls `body` with the hash of the prefix byte and each lower-case word of two letters or more.
  static func forEach(in value: ArraySlice<UInt8>, prefix: UInt8, _ body: (UInt32) -> Void) {
    var hash = WordHash(prefix)
    var letters = 0
    var wasLower = false
    for byte in value {
      let lower = byte | 0x20
      guard (0x61...0x7a).contains(lower) else {
        if letters > 1 { body(hash.value) }
        (hash, letters, wasLower) = (WordHash(prefix), 0, false)
        continue
      }
      let isLower = byte == lower
      if !isLower, wasLower {
        if letters > 1 { body(hash.value) }
        (hash, letters) = (WordHash(prefix), 0)
      }
      hash.add(lower)
      letters += 1
      wasLower = isLower
    }
    if letters > 1 { body(hash.value) }
  }
}

/// A 32-bit FNV-1a hash, which identifies a word in the learned tables.
struct WordHash {
  private(set) var value: UInt32 = 2_166_136_261

  init() {}

  init(_ prefix: UInt8) { add(prefix) }

  mutating func add(_ byte: UInt8) { value = (value ^ UInt32(byte)) &* 16_777_619 }
}
