import Cryptography
import Support
import Testing

struct RSAPublicKeyTests {
  private static let key = TokenKey("one")
  private static let exponent65537: [UInt8] = [1, 0, 1]
  private static let message = Array("the signed message".utf8)

  /// RFC 7515, appendix A.2.
  @Test func rfcExampleIsVerified() throws {
    let n = try #require(
      Base64URL.decode(
        """
        ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b\
        32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5\
        IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ
        """.utf8))
    let signature = try #require(
      Base64URL.decode(
        """
        cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAyn\
        RFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv\
        Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw
        """.utf8))
    let signed =
      "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    let key = try #require(RSAPublicKey(modulus: n, exponent: Self.exponent65537))
    #expect(key.isValidSignature(signature, of: Array(signed.utf8)))
    #expect(!key.isValidSignature(signature, of: Array(signed.utf8.dropLast())))
  }

  @Test func signatureIsValidForOneMessageAndOneKey() throws {
    let signature = Self.key.sign(Self.message)
    let key = try #require(RSAPublicKey(modulus: [0] + Self.key.modulus, exponent: [0] + Self.exponent65537))
    #expect(key.isValidSignature(signature, of: Self.message))
    #expect(!key.isValidSignature(signature, of: Self.message + [0]))
    #expect(!key.isValidSignature(signature, of: []))
    #expect(!key.isValidSignature(TokenKey("other").sign(Self.message), of: Self.message))
  }

  /// RFC 8017, section 8.2.2, step 1.
  @Test func signatureMustBeAsLongAsTheModulus() throws {
    let key = try #require(RSAPublicKey(modulus: Self.key.modulus, exponent: Self.exponent65537))
    let signature = Self.key.sign(Self.message)
    for wrong in [[], Array(signature.dropLast()), Array(signature.dropFirst()), signature + [0], [0] + signature] {
      #expect(!key.isValidSignature(wrong, of: Self.message))
    }
    #expect(!key.isValidSignature([UInt8](repeating: 0, count: 256), of: Self.message))
    #expect(!key.isValidSignature([UInt8](repeating: 0xff, count: 256), of: Self.message))
  }

  @Test func weakOrInvalidKeyIsRejected() {
    let odd = [UInt8](repeating: 0xff, count: 256)
    #expect(RSAPublicKey(modulus: odd, exponent: [3]) != nil)
    #expect(RSAPublicKey(modulus: TokenKey("weak", bits: 1024).modulus, exponent: Self.exponent65537) == nil)
    #expect(RSAPublicKey(modulus: [0x7f] + odd.dropFirst(), exponent: Self.exponent65537) == nil, "2047 bits")
    #expect(RSAPublicKey(modulus: odd.dropLast() + [0xfe], exponent: Self.exponent65537) == nil)
    #expect(RSAPublicKey(modulus: [UInt8](repeating: 0xff, count: 1025), exponent: Self.exponent65537) == nil)
    for exponent in [[], [0], [1], [0, 1], [2], [UInt8](repeating: 0xff, count: 9)] as [[UInt8]] {
      #expect(RSAPublicKey(modulus: odd, exponent: exponent) == nil)
    }
  }
}
