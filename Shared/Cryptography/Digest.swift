import CCrypto

/// Hash functions, computed by libcrypto.
package enum Digest {
  /// Returns the SHA-256 digest (FIPS 180-4), which has 32 bytes.
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    unsafe digest.withUnsafeMutableBufferPointer { _ = unsafe SHA256(bytes, bytes.count, $0.baseAddress) }
    return digest
  }
}
