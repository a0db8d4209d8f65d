import CCrypto

extension Digest {
  /// HMAC with SHA-256 (RFC 2104, FIPS 198-1): 32 bytes.
  ///
  /// - Parameter key: of any length; more than 64 bytes are digested first.
  package static func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 32)
    let isMade = unsafe code.withUnsafeMutableBufferPointer {
      unsafe HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, $0.baseAddress, nil) != nil
    }
    // Thirty-two zeros would be a code that anybody can make.
    precondition(isMade, "libcrypto makes no HMAC-SHA256")
    return code
  }
}
