import CCrypto

/// Compares secrets without a timing side channel.
package enum ConstantTime {
  /// Whether both arrays have the same bytes. The time depends only on their lengths, not on their contents.
  package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe CRYPTO_memcmp(left, right, left.count) == 0
  }
}
