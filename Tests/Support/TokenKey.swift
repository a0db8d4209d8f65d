import CCrypto
import FoundationEssentials

/// A pair of RSA keys that an issuer of tokens has, made for a test.
@safe
package final class TokenKey: @unchecked Sendable {
  private let key: OpaquePointer
  package let id: String
  /// Big-endian; the exponent is 65537.
  package let modulus: [UInt8]

  package init(_ id: String, bits: Int32 = 2048) {
    let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "RSA", nil)
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var made: OpaquePointer?
    var n: OpaquePointer?
    unsafe precondition(
      EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1
        && EVP_PKEY_generate(context, &made) == 1
        && EVP_PKEY_get_bn_param(made, OSSL_PKEY_PARAM_RSA_N, &n) == 1, "libcrypto makes no RSA key")
    defer { unsafe BN_free(n) }
    var bytes = [UInt8](repeating: 0, count: Int(bits) / 8)
    unsafe bytes.withUnsafeMutableBufferPointer { _ = unsafe BN_bn2bin(n, $0.baseAddress) }
    unsafe key = unsafe made!
    modulus = bytes
    self.id = id
  }

  deinit { unsafe EVP_PKEY_free(key) }

  /// RSASSA-PKCS1-v1_5 with SHA-256.
  package func sign(_ message: [UInt8]) -> [UInt8] {
    let context = unsafe EVP_MD_CTX_new()
    defer { unsafe EVP_MD_CTX_free(context) }
    var signature = [UInt8](repeating: 0, count: modulus.count)
    var count = signature.count
    let isMade = unsafe signature.withUnsafeMutableBufferPointer {
      unsafe EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1
        && EVP_DigestSign(context, $0.baseAddress, &count, message, message.count) == 1
    }
    precondition(isMade && count == signature.count, "libcrypto makes no RSA signature")
    return signature
  }

  /// HMAC with SHA-256, with which no token is to be signed.
  package static func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 32)
    let isMade = unsafe code.withUnsafeMutableBufferPointer {
      unsafe HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, $0.baseAddress, nil) != nil
    }
    precondition(isMade, "libcrypto makes no HMAC")
    return code
  }

  /// RFC 7517.
  package var jwk: String {
    #"{"kty":"RSA","use":"sig","alg":"RS256","kid":"\#(id)","n":"\#(Self.base64URL(modulus))","e":"AQAB"}"#
  }

  /// The key set of these keys.
  package static func set(_ keys: TokenKey...) -> [UInt8] {
    Array("{\"keys\":[\(keys.map(\.jwk).joined(separator: ","))]}".utf8)
  }

  /// The public key as PEM (RFC 7468, section 13), of 2048 bits.
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

  /// A token of these claims, a JSON object.
  ///
  /// - Parameter header: nil for the usual one, with the key's id.
  package func token(_ claims: String, header: String? = nil) -> String {
    let signed = Self.unsigned(claims, header: header ?? #"{"alg":"RS256","typ":"JWT","kid":"\#(id)"}"#)
    return "\(signed).\(Self.base64URL(sign(Array(signed.utf8))))"
  }

  /// What a signature would be of.
  package static func unsigned(_ claims: String, header: String) -> String {
    "\(base64URL(Array(header.utf8))).\(base64URL(Array(claims.utf8)))"
  }

  package static func base64URL(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}
