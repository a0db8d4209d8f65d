import CCrypto

extension Digest {
  /// Returns the HMAC-SHA256 code (RFC 2104, FIPS 198-1), which has 32 bytes.
  ///
  /// - Parameter key: the secret, of any length; a key of more than 64 bytes is hashed first.
  package static func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 32)
    let isComputed = unsafe code.withUnsafeMutableBufferPointer {
      unsafe HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, $0.baseAddress, nil) != nil
    }
    // If libcrypto fails, the code is all zeros, which an attacker could guess: stop instead of returning it.
    precondition(isComputed, "libcrypto failed to compute HMAC-SHA256")
    return code
  }
}
