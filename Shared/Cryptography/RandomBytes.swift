import CCrypto

/// Generates random bytes for keys and tokens.
package enum RandomBytes {
  /// Returns `count` bytes from libcrypto's cryptographic generator, which the system seeds (`RAND_bytes(3)`).
  ///
  /// It stops the process if the generator fails, rather than return weak bytes.
  package static func make(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let isRandom = unsafe bytes.withUnsafeMutableBufferPointer { unsafe RAND_bytes($0.baseAddress, Int32(count)) == 1 }
    precondition(isRandom, "libcrypto's random generator failed")
    return bytes
  }
}
