import CCrypto
import FoundationEssentials

/// An RSA key pair of a token issuer, generated for a test.
@safe
package final class TokenKey: @unchecked Sendable {
  private let key: OpaquePointer
  /// The key id (`kid`).
  package let id: String
  /// The modulus, big-endian; the exponent is 65537.
  package let modulus: [UInt8]

  package init(_ id: String, bits: Int32 = 2048) {
    let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "RSA", nil)
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var generated: OpaquePointer?
    var n: OpaquePointer?
    unsafe precondition(
      EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1
        && EVP_PKEY_generate(context, &generated) == 1
        && EVP_PKEY_get_bn_param(generated, OSSL_PKEY_PARAM_RSA_N, &n) == 1, "libcrypto failed to generate an RSA key")
    defer { unsafe BN_free(n) }
    var bytes = [UInt8](repeating: 0, count: Int(bits) / 8)
    unsafe bytes.withUnsafeMutableBufferPointer { _ = unsafe BN_bn2bin(n, $0.baseAddress) }
    unsafe key = unsafe generated!
    modulus = bytes
    self.id = id
  }

  deinit { unsafe EVP_PKEY_free(key) }

  /// Returns an RSASSA-PKCS1-v1_5 signature with SHA-256.
  package func sign(_ message: [UInt8]) -> [UInt8] {
    let context = unsafe EVP_MD_CTX_new()
    defer { unsafe EVP_MD_CTX_free(context) }
    var signature = [UInt8](repeating: 0, count: modulus.count)
    var count = signature.count
    let isDone = unsafe signature.withUnsafeMutableBufferPointer {
      unsafe EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1
        && EVP_DigestSign(context, $0.baseAddress, &count, message, message.count) == 1
    }
    precondition(isDone && count == signature.count, "libcrypto failed to sign")
    return signature
  }

  /// Returns an HMAC-SHA256 code, for tests that forge tokens.
  package static func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 32)
    let isDone = unsafe code.withUnsafeMutableBufferPointer {
      unsafe HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, $0.baseAddress, nil) != nil
    }
    precondition(isDone, "libcrypto failed to compute an HMAC")
    return code
  }

  /// The public key as a JSON Web Key (RFC 7517).
  package var jwk: String {
    #"{"kty":"RSA","use":"sig","alg":"RS256","kid":"\#(id)","n":"\#(Self.base64URL(modulus))","e":"AQAB"}"#
  }

  /// Returns a JSON Web Key Set of these keys.
  package static func set(_ keys: TokenKey...) -> [UInt8] {
    Array("{\"keys\":[\(keys.map(\.jwk).joined(separator: ","))]}".utf8)
  }

  /// The public key as PEM (RFC 7468, section 13); only for keys of 2048 bits.
  package var pem: String {
    let head: [UInt8] = [
      0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
      0x03, 0x82, 0x01, 0x0f,
      0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00,
    ]
    let text = Data(head + modulus + [0x02, 0x03, 0x01, 0x00, 0x01]).base64EncodedString(options: [
      .lineLength64Characters, .endLineWithLineFeed,
    ])
    return "-----BEGIN PUBLIC KEY-----\n\(text)\n-----END PUBLIC KEY-----\n"
  }

  /// Returns a signed token.
  ///
  /// - Parameters:
  ///   - claims: a JSON object.
  ///   - header: a JSON object; nil uses RS256 and the key's id.
  package func token(_ claims: String, header: String? = nil) -> String {
    let signed = Self.unsigned(claims, header: header ?? #"{"alg":"RS256","typ":"JWT","kid":"\#(id)"}"#)
    return "\(signed).\(Self.base64URL(sign(Array(signed.utf8))))"
  }

  /// Returns the signing input of a token: its first two parts.
  package static func unsigned(_ claims: String, header: String) -> String {
    "\(base64URL(Array(header.utf8))).\(base64URL(Array(claims.utf8)))"
  }

  package static func base64URL(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}
