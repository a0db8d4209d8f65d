/// Changes inputs at random: it cuts, repeats, splices, flips bits and inserts tokens.
struct Mutator {
  /// Tokens of the parser's grammar.
  let dictionary: [[UInt8]]
  /// The maximum size of an input, in bytes.
  let maximumBytes: Int

  /// Bytes with a meaning in many grammars, and bytes that make UTF-8 invalid.
  private static let specialBytes: [UInt8] = [
    0x00, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x23, 0x25, 0x26, 0x2f, 0x3c, 0x3e, 0x3f, 0x7f, 0x80, 0xbf, 0xc2, 0xed, 0xf4,
    0xff,
  ]

  /// Returns a copy of the input with up to six random changes.
  ///
  /// - Parameter other: returns another input, for splicing.
  func mutate(_ input: [UInt8], with other: () -> [UInt8], _ random: inout Randomness) -> [UInt8] {
    var bytes = Array(input.prefix(maximumBytes))
    for _ in 0..<random.below(7) {
      switch random.below(10) {
      case 0: bytes = Array(bytes.prefix(random.below(bytes.count + 1)))
      case 1: bytes.removeFirst(random.below(bytes.count + 1))
      case 2 where !bytes.isEmpty:
        for _ in 0...random.below(8) { bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8)) }
      case 3 where !bytes.isEmpty:
        for _ in 0...random.below(4) { bytes[random.below(bytes.count)] = random.pick(Self.specialBytes) }
      case 4: bytes.removeSubrange(random.range(in: bytes.count, atMost: 200))
      case 5:
        let piece = bytes[random.range(in: bytes.count, atMost: 200)]
        insert(Array(repeating: piece, count: 1 + random.below(20)).flatMap(\.self), in: &bytes, &random)
      case 6:
        let second = other()
        bytes = Array(bytes.prefix(random.below(bytes.count + 1))) + second.suffix(random.below(second.count + 1))
      case 7: insert(random.pick(dictionary), in: &bytes, &random)
      case 8:
        let token = random.pick(dictionary)
        let times = 1 + random.below(max(1, min(2000, maximumBytes / max(1, token.count))))
        insert(Array(repeating: token, count: times).flatMap(\.self), in: &bytes, &random)
      default: insert((0...random.below(16)).map { _ in UInt8(truncatingIfNeeded: random.next()) }, in: &bytes, &random)
      }
    }
    return Array(bytes.prefix(maximumBytes))
  }

  private func insert(_ piece: [UInt8], in bytes: inout [UInt8], _ random: inout Randomness) {
    bytes.insert(contentsOf: piece, at: random.below(bytes.count + 1))
  }
}
