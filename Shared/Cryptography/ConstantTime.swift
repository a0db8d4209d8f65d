import CCrypto

/// Comparisons whose time tells nothing of where two secrets differ.
package enum ConstantTime {
  /// Whether both hold the same bytes; only the lengths show in the time that it takes.
  package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe CRYPTO_memcmp(left, right, left.count) == 0
  }
}
