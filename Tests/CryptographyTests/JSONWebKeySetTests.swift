import Cryptography
import Support
import Testing

/// Decoding of key sets (RFC 7517).
struct JSONWebKeySetTests {
  private static let key = TokenKey("one")

  private static func set(_ keys: String...) throws(JSONWebKeySet.Rejection) -> JSONWebKeySet {
    try JSONWebKeySet(Array("{\"keys\":[\(keys.joined(separator: ","))]}".utf8))
  }

  @Test func unsupportedKeysAreSkipped() throws {
    let set = try Self.set(
      #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"ec"}"#, #"{"kty":"oct","k":"AA","kid":"oct"}"#, "{}", "7",
      "null", "[]", #""text""#,
      #"{"kty":"RSA","kid":"short","n":"AQAB","e":"AQAB"}"#, #"{"kty":"RSA","kid":"none"}"#, Self.key.jwk)
    #expect(!set.isEmpty)
    #expect(set.hasKey("one"))
    #expect(!["ec", "oct", "short", "none", ""].contains(where: set.hasKey))
  }

  @Test(arguments: [
    (#""use":"sig""#, true), (#""use":"enc""#, false), (#""use":null"#, true), (#""use":1"#, false),
    (#""alg":"RS256""#, true),
    (#""alg":"RS512""#, false), (#""alg":"RSA-OAEP""#, false), (#""key_ops":["verify"]"#, true),
    (#""key_ops":["encrypt"]"#, false),
    (#""key_ops":[]"#, false), (#""x5t":"AA","more":{}"#, true), (#""kid":1"#, false),
  ])
  func keysForOtherUsesOrAlgorithmsAreSkipped(member: String, isAccepted: Bool) throws {
    let set = try Self.set(#"{"kty":"RSA","n":"\#(TokenKey.base64URL(Self.key.modulus))","e":"AQAB",\#(member)}"#)
    #expect(set.isEmpty != isAccepted)
  }

  @Test func keysWithPaddedBase64AreSkipped() throws {
    #expect(try Self.set(#"{"kty":"RSA","n":"\#(TokenKey.base64URL(Self.key.modulus))==","e":"AQAB"}"#).isEmpty)
    #expect(try Self.set(#"{"kty":"RSA","n":"\#(TokenKey.base64URL(Self.key.modulus))","e":"AQAB=="}"#).isEmpty)
  }

  @Test func setMayHaveAtMost50Keys() throws {
    #expect(
      try JSONWebKeySet(Array("{\"keys\":[\(Array(repeating: "{}", count: 50).joined(separator: ","))]}".utf8)).isEmpty)
    #expect(throws: JSONWebKeySet.Rejection.tooManyKeys) {
      try JSONWebKeySet(Array("{\"keys\":[\(Array(repeating: "{}", count: 51).joined(separator: ","))]}".utf8))
    }
  }

  @Test func setMayHaveAtMost64KiB() throws {
    let set = TokenKey.set(Self.key)
    #expect(try JSONWebKeySet(set + [UInt8](repeating: 0x20, count: (64 << 10) - set.count)).hasKey("one"))
    #expect(throws: JSONWebKeySet.Rejection.tooLong) {
      try JSONWebKeySet(set + [UInt8](repeating: 0x20, count: (64 << 10) - set.count + 1))
    }
  }

  @Test(arguments: [
    "", "{}", "[]", "null", #"{"keys":{}}"#, #"{"keys":null}"#, "<html>", #"{"keys":[}"#, "\u{0}{\u{0}}",
  ])
  func malformedSetIsRejected(text: String) {
    #expect(throws: JSONWebKeySet.Rejection.malformed) { try JSONWebKeySet(Array(text.utf8)) }
  }
}
