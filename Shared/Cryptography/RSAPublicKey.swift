import CCrypto

/// An RSA public key that verifies RSASSA-PKCS1-v1_5 signatures with SHA-256 (RFC 8017, section 8.2).
package struct RSAPublicKey: Sendable, Hashable {
  private let modulus: [UInt8]
  private let exponent: [UInt8]

  /// Creates a key, or returns nil if its numbers are not acceptable.
  ///
  /// The modulus must be odd and have 2048 (RFC 7518, section 3.3) to 8192 bits, because verification with longer ones
  /// is slow. The exponent must be odd, greater than 1 and have at most 64 bits.
  ///
  /// - Parameters:
  ///   - modulus: big-endian; leading zeros are ignored.
  ///   - exponent: big-endian; leading zeros are ignored.
  package init?(modulus: [UInt8], exponent: [UInt8]) {
    self.modulus = Array(modulus.drop { $0 == 0 })
    self.exponent = Array(exponent.drop { $0 == 0 })
    guard let first = self.modulus.first, let last = self.modulus.last, let lowest = self.exponent.last else {
      return nil
    }
    guard 2048...8192 ~= self.modulus.count * 8 - first.leadingZeroBitCount, last & 1 == 1,
      self.exponent.count <= 8, lowest & 1 == 1, self.exponent != [1]
    else { return nil }
  }

  /// Whether the owner of the private key signed this message.
  ///
  /// - Parameter signature: must be exactly as long as the modulus, otherwise the result is false.
  package func isValidSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    guard signature.count == modulus.count else { return false }
    // A failed verification leaves errors in the thread's OpenSSL queue. Remove them, because the TLS code of libpq and
    // libcurl would report them as its own.
    ERR_set_mark()
    defer { ERR_pop_to_mark() }
    guard let key = Handle(modulus: modulus, exponent: exponent) else { return false }
    return key.verify(signature, of: message)
  }
}

extension RSAPublicKey {
  /// Owns libcrypto's representation of the key and frees it.
  @safe
  private struct Handle: ~Copyable {
    private let key: OpaquePointer

    init?(modulus: [UInt8], exponent: [UInt8]) {
      let n = unsafe BN_bin2bn(modulus, Int32(modulus.count), nil)
      defer { unsafe BN_free(n) }
      let e = unsafe BN_bin2bn(exponent, Int32(exponent.count), nil)
      defer { unsafe BN_free(e) }
      let builder = unsafe OSSL_PARAM_BLD_new()
      defer { unsafe OSSL_PARAM_BLD_free(builder) }
      guard unsafe n != nil, unsafe e != nil, unsafe builder != nil,
        unsafe OSSL_PARAM_BLD_push_RSA_public(builder, n, e) == 1
      else { return nil }
      let parameters = unsafe OSSL_PARAM_BLD_to_param(builder)
      defer { unsafe OSSL_PARAM_free(parameters) }
      let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "RSA", nil)
      defer { unsafe EVP_PKEY_CTX_free(context) }
      var created: OpaquePointer?
      guard unsafe parameters != nil, unsafe context != nil, unsafe EVP_PKEY_fromdata_init(context) == 1,
        unsafe EVP_PKEY_fromdata_public(context, &created, parameters) == 1, let created = unsafe created
      else { return nil }
      unsafe key = unsafe created
    }

    deinit { unsafe EVP_PKEY_free(key) }

    func verify(_ signature: [UInt8], of message: [UInt8]) -> Bool {
      let context = unsafe EVP_MD_CTX_new()
      defer { unsafe EVP_MD_CTX_free(context) }
      // Owned by `context`, which frees it.
      var keyContext: OpaquePointer?
      guard unsafe context != nil, unsafe EVP_DigestVerifyInit(context, &keyContext, EVP_sha256(), nil, key) == 1,
        unsafe EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PADDING) == 1
      else { return false }
      return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
  }
}
