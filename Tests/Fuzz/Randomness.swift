/// A random number generator (SplitMix64) that returns the same numbers for the same seed on all platforms.
struct Randomness: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// Creates the generator for one input of a series, so that each input can be generated without the earlier ones.
  init(seed: UInt64, index: Int) {
    var outer = Randomness(seed: seed)
    state = outer.next() ^ UInt64(bitPattern: Int64(index)) &* 0x9e37_79b9_7f4a_7c15
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Returns a number from 0 to below `bound`, which must be at least 1.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// Returns true with probability 1/`times`.
  mutating func once(in times: Int) -> Bool { below(times) == 0 }

  /// Returns a random element.
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  /// Returns a random range of at most `length` indices within `0..<count`.
  mutating func range(in count: Int, atMost length: Int) -> Range<Int> {
    let start = below(count + 1)
    return start..<min(count, start + below(length + 1))
  }
}
