import CCrypto

/// Bytes that nobody can guess, for keys and tokens.
package enum RandomBytes {
  /// As many bytes of libcrypto's generator, which the system seeds (`RAND_bytes(3)`); ends the process rather than to
  /// give weak ones.
  package static func make(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let isRandom = unsafe bytes.withUnsafeMutableBufferPointer { unsafe RAND_bytes($0.baseAddress, Int32(count)) == 1 }
    precondition(isRandom, "libcrypto has no random bytes")
    return bytes
  }
}
