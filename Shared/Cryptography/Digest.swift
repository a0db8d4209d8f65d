import CCrypto

/// Digests of libcrypto.
package enum Digest {
  /// SHA-256 (FIPS 180-4): 32 bytes.
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    unsafe digest.withUnsafeMutableBufferPointer { _ = unsafe SHA256(bytes, bytes.count, $0.baseAddress) }
    return digest
  }
}
