/// The log-odds that the words in an element's classes and ids indicate main content (positive) or not (negative).
struct ClassOdds {
  /// The lowest value among the element's own words; 0 if none is known.
  private(set) var own: Float = 0
  /// The lowest value among the words of the element and its ancestors.
  private(set) var lowest: Float = 0
  /// The sum over the element's own words plus the sum of its parent multiplied by ``decay``.
  private(set) var sum: Float = 0

  static let decay: Float = 0.8

  init(inside parent: ClassOdds?) {
    lowest = parent?.lowest ?? 0
  }

  init(of value: ArraySlice<UInt8>, prefix: UInt8) {
    var odds = ClassOdds(inside: nil)
    ClassWords.forEach(in: value, prefix: prefix) { word in
      guard let value = WordOdds.ofClasses[word] else { return }
      odds.own = min(odds.own, value)
      odds.sum += value
    }
    odds.lowest = odds.own
    self = odds
  }

  mutating func add(_ other: ClassOdds) {
    own = min(own, other.own)
    lowest = min(lowest, other.lowest)
    sum += other.sum
  }

  mutating func addDecayed(from parent: ClassOdds?) {
    sum += Self.decay * (parent?.sum ?? 0)
  }
}

/// A learned table from word hashes to log-odds, with open addressing.
struct WordOdds {
  private let slots: [(hash: UInt32, value: Float)]
  private let mask: Int

  /// - Parameters:
  ///   - hashes: the word hashes; 0 is not allowed.
  ///   - hundredths: the log-odds of each hash, times 100.
  init(hashes: [UInt32], hundredths: [Int16]) {
    var size = 64
    while size < hashes.count * 3 { size *= 2 }
    var slots = [(hash: UInt32, value: Float)](repeating: (0, 0), count: size)
    for (hash, value) in zip(hashes, hundredths) {
      var slot = Int(hash) & (size - 1)
      while slots[slot].hash != 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = (hash, Float(value) / 100)
    }
    self.slots = slots
    mask = size - 1
  }

  subscript(hash: UInt32) -> Float? {
    var slot = Int(hash) & mask
    while slots[slot].hash != 0 {
      if slots[slot].hash == hash { return slots[slot].value }
      slot = (slot + 1) & mask
    }
    return nil
  }

  static let ofClasses = WordOdds(hashes: ContentModel.classWords, hundredths: ContentModel.classOdds)
  static let ofText = WordOdds(hashes: ContentModel.textWords, hundredths: ContentModel.textOdds)
}
