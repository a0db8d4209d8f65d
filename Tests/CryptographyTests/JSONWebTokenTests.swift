import Cryptography
import FoundationEssentials
import Support
import Testing

/// Verification of tokens (RFC 7519, RFC 7515), with the attacks of RFC 8725.
struct JSONWebTokenTests {
  private static let key = TokenKey("one"), other = TokenKey("two")
  private static let now = 1_700_000_000
  private static let good = #""iss":"https://issuer.example","aud":"here","sub":"user_1","exp":1700000100"#

  private static func verify(
    _ token: String, set: [UInt8] = TokenKey.set(key, other), at time: Double = Double(now)
  ) throws(TokenRejection) -> JSONWebToken {
    guard let keys = try? JSONWebKeySet(set) else { throw .unknownKey }
    return try JSONWebToken(
      verifying: token, keys: keys, issuer: "https://issuer.example", audience: "here",
      at: Date(timeIntervalSince1970: time))
  }

  private static func rejection(_ token: String, set: [UInt8] = TokenKey.set(key, other), at time: Double = Double(now))
    -> TokenRejection?
  {
    do throws(TokenRejection) { _ = try verify(token, set: set, at: time) } catch { return error }
    return nil
  }

  @Test func validTokenIsAccepted() throws {
    let token = try Self.verify(Self.key.token("{\(Self.good),\"org_id\":\"org_1\",\"deep\":{\"id\":7}}"))
    #expect(token.subject == "user_1")
    struct StringClaim: Decodable {
      let organization: String
      private enum CodingKeys: String, CodingKey { case organization = "org_id" }
    }
    struct IntegerClaim: Decodable {
      let organization: Int
      private enum CodingKeys: String, CodingKey { case organization = "org_id" }
    }
    #expect(token.claims(StringClaim.self)?.organization == "org_1")
    #expect(token.claims(IntegerClaim.self) == nil)
  }

  // MARK: Claims

  @Test(
    arguments: [
      (#"{"aud":["elsewhere","here"],"iss":"https://issuer.example","sub":"u","exp":1700000100.5}"#, nil),
      (#"{"aud":"here","iss":"https://issuer.example/","sub":"u","exp":1700000100}"#, .wrongIssuer),
      (#"{"aud":"here","sub":"u","exp":1700000100}"#, .wrongIssuer),
      (#"{"aud":"elsewhere","iss":"https://issuer.example","sub":"u","exp":1700000100}"#, .wrongAudience),
      (
        #"{"aud":["elsewhere","her","here "],"iss":"https://issuer.example","sub":"u","exp":1700000100}"#,
        .wrongAudience
      ),
      (#"{"aud":[],"iss":"https://issuer.example","sub":"u","exp":1700000100}"#, .wrongAudience),
      (#"{"iss":"https://issuer.example","sub":"u","exp":1700000100}"#, .wrongAudience),
      (#"{"aud":{"here":1},"iss":"https://issuer.example","sub":"u","exp":1700000100}"#, .malformed),
      (#"{"aud":["here",1],"iss":"https://issuer.example","sub":"u","exp":1700000100}"#, .malformed),
      (#"{"aud":"here","iss":"https://issuer.example","exp":1700000100}"#, .noSubject),
      (#"{"aud":"here","iss":"https://issuer.example","sub":"","exp":1700000100}"#, .noSubject),
      (#"{"aud":"here","iss":"https://issuer.example","sub":1,"exp":1700000100}"#, .malformed),
      (#"{"aud":"here","iss":"https://issuer.example","sub":"u"}"#, .noExpiry),
      (#"{"aud":"here","iss":"https://issuer.example","sub":"u","exp":"1700000100"}"#, .malformed),
      (#"{"aud":"here","iss":"https://issuer.example","sub":"u","exp":1e999}"#, .malformed),
      (#"{"aud":"here","iss":"https://issuer.example","sub":"u","exp":1699999940}"#, .expired),
      (#"{"aud":"here","iss":"https://issuer.example","sub":"u","exp":1699999941}"#, nil),
      (#"{"aud":"here","iss":"https://issuer.example","sub":"u","exp":-1}"#, .expired),
      (#"{"aud":"here","iss":"https://issuer.example","sub":"u","exp":1700000100,"nbf":1700000060}"#, nil),
      (#"{"aud":"here","iss":"https://issuer.example","sub":"u","exp":1700000100,"nbf":1700000061}"#, .notYetValid),
      (#"{"aud":"here","iss":"https://issuer.example","sub":"u","exp":1700000100,"nbf":"1"}"#, .malformed),
      ("[]", .malformed), ("", .malformed), ("null", .malformed), ("{", .malformed), ("\u{0}{\u{0}}", .malformed),
    ] as [(String, TokenRejection?)])
  func claimsAreChecked(claims: String, expected: TokenRejection?) {
    #expect(Self.rejection(Self.key.token(claims)) == expected)
  }

  // MARK: Algorithms (RFC 8725, section 2.1)

  @Test(
    arguments: [
      (#"{"alg":"none"}"#, .unsupportedAlgorithm), (#"{"alg":"None","kid":"one"}"#, .unsupportedAlgorithm),
      (#"{"alg":"rs256","kid":"one"}"#, .unsupportedAlgorithm),
      (#"{"alg":"RS384","kid":"one"}"#, .unsupportedAlgorithm),
      (#"{"alg":"PS256","kid":"one"}"#, .unsupportedAlgorithm),
      (#"{"alg":"","kid":"one"}"#, .unsupportedAlgorithm),
      (#"{"alg":"RS256 ","kid":"one"}"#, .unsupportedAlgorithm), (#"{"kid":"one"}"#, .malformed),
      (#"{"alg":["RS256"],"kid":"one"}"#, .malformed),
      (#"{"alg":"RS256","kid":1}"#, .malformed), (#"{"alg":"RS256","kid":null}"#, .malformed),
      (#"{"alg":"RS256","kid":"One"}"#, .unknownKey),
      (#"{"alg":"RS256","kid":""}"#, .unknownKey), (#"{"alg":"RS256","kid":"two"}"#, .wrongSignature),
      (#"{"alg":"RS256","kid":"one","crit":["exp"]}"#, .criticalExtension),
      (#"{"alg":"RS256","kid":"one","crit":[]}"#, .criticalExtension),
      (#"{"alg":"RS256","kid":"one","crit":["b64"],"b64":false}"#, .criticalExtension),
      (#"{"alg":"RS256","kid":"one","crit":null}"#, .criticalExtension),
      (#"{"alg":"RS256","kid":"one","jku":"https://elsewhere.example/"}"#, nil), (#"{"alg":"RS256"}"#, nil),
      ("", .malformed), ("[]", .malformed),
    ] as [(String, TokenRejection?)])
  func headerIsChecked(header: String, expected: TokenRejection?) {
    #expect(Self.rejection(Self.key.token("{\(Self.good)}", header: header)) == expected)
  }

  @Test func unsignedTokenIsRejected() {
    let unsigned = TokenKey.unsigned("{\(Self.good)}", header: #"{"alg":"none"}"#)
    #expect(Self.rejection(unsigned + ".") == .unsupportedAlgorithm)
    #expect(Self.rejection(unsigned) == .malformed)
    #expect(
      Self.rejection(TokenKey.unsigned("{\(Self.good)}", header: #"{"alg":"RS256","kid":"one"}"#) + ".")
        == .wrongSignature)
  }

  /// Algorithm confusion: a verifier that used the public key as an HMAC secret would let anyone sign.
  @Test func hmacWithThePublicKeyIsRejected() {
    let secrets = [
      Array(Self.key.pem.utf8), Array(Self.key.pem.utf8.dropLast()), Self.key.modulus,
      Array(TokenKey.base64URL(Self.key.modulus).utf8),
      Array(Self.key.jwk.utf8), TokenKey.set(Self.key, Self.other), [],
    ]
    for secret in secrets {
      for (algorithm, expected) in [("HS256", TokenRejection.unsupportedAlgorithm), ("RS256", .wrongSignature)] {
        let signed = TokenKey.unsigned("{\(Self.good)}", header: #"{"alg":"\#(algorithm)","kid":"one"}"#)
        let code = Digest.hmacSHA256(Array(signed.utf8), key: secret)
        #expect(Self.rejection("\(signed).\(TokenKey.base64URL(code))") == expected)
      }
    }
  }

  /// RFC 8725, section 3.10: a key in the header comes from the sender and must not be used.
  @Test func keyInTheHeaderIsIgnored() {
    let attacker = TokenKey("one")
    let header = #"{"alg":"RS256","kid":"one","jwk":\#(attacker.jwk),"x5c":["MII"]}"#
    #expect(Self.rejection(attacker.token("{\(Self.good)}", header: header)) == .wrongSignature)
  }

  // MARK: Keys

  @Test func otherKeyWithTheSameIDIsRejected() {
    let attacker = TokenKey("one")
    #expect(Self.rejection(attacker.token("{\(Self.good)}")) == .wrongSignature)
    #expect(
      Self.rejection(attacker.token("{\(Self.good)}"), set: TokenKey.set(Self.key, attacker)) == nil,
      "the set has both keys with this id")
  }

  @Test func tokenIsAcceptedWhileItsKeyIsInTheSet() {
    let old = Self.key.token("{\(Self.good)}")
    let new = Self.other.token("{\(Self.good)}")
    let sets = [TokenKey.set(Self.key), TokenKey.set(Self.key, Self.other), TokenKey.set(Self.other)]
    #expect(sets.map { Self.rejection(old, set: $0) } == [nil, nil, .unknownKey])
    #expect(sets.map { Self.rejection(new, set: $0) } == [.unknownKey, nil, nil])
  }

  @Test func tokenWithoutKeyIDIsVerifiedWithEveryKey() {
    let header = #"{"alg":"RS256"}"#
    #expect(Self.rejection(Self.other.token("{\(Self.good)}", header: header)) == nil)
    #expect(Self.rejection(TokenKey("three").token("{\(Self.good)}", header: header)) == .wrongSignature)
    #expect(
      Self.rejection(Self.key.token("{\(Self.good)}", header: header), set: Array(#"{"keys":[]}"#.utf8)) == .unknownKey)
  }

  /// "K" and the kelvin sign are equal as Unicode strings, but are different key ids.
  @Test func keyIDsAreComparedByteForByte() {
    let key = TokenKey("K")
    #expect(Self.rejection(key.token("{\(Self.good)}"), set: TokenKey.set(key)) == nil)
    let token = key.token("{\(Self.good)}", header: "{\"alg\":\"RS256\",\"kid\":\"\u{212a}\"}")
    #expect(Self.rejection(token, set: TokenKey.set(key)) == .unknownKey)
  }

  // MARK: Form

  @Test func malformedTokenIsRejected() {
    let token = Self.key.token("{\(Self.good)}")
    let parts = token.split(separator: ".")
    for wrong in [
      "", ".", "..", "...", token + ".", "." + token, "\(parts[0]).\(parts[1])", token + "=", token + "==",
      "\(parts[0])=.\(parts[1]).\(parts[2])",
      token + "\n", " " + token, token.replacing(".", with: ":"), "{\"payload\":\"\(parts[1])\"}", token + ".a.b",
    ] {
      #expect(Self.rejection(wrong) == .malformed, "\(wrong)")
    }
    #expect(Self.rejection("\(parts[0]).\(parts[1]).\(parts[2].dropLast(2))") != nil)
    #expect(Self.rejection("\(parts[0])..\(parts[2])") == .wrongSignature)
    #expect(Self.rejection("\(parts[0]).\(parts[1]).AAAA") == .wrongSignature)
    #expect(
      Self.rejection(
        "\(parts[0]).\(parts[1]).\(TokenKey.base64URL(Array(Self.key.sign(Array("\(parts[0]).\(parts[1])".utf8)).dropLast())))"
      ) == .wrongSignature)
  }

  @Test func tokenMayHaveAtMost8KiB() {
    func token(padding: Int) -> String {
      Self.key.token("{\(Self.good),\"x\":\"\(String(repeating: "x", count: padding))\"}")
    }
    #expect(Self.rejection(token(padding: 5000)) == nil)
    #expect(Self.rejection(token(padding: 6000)) == .tooLong)
    #expect(Self.rejection(String(repeating: "x", count: 1 << 20) + "..") == .tooLong)
  }

  @Test func alteredTokenIsRejected() throws {
    let token = Array(Self.key.token("{\(Self.good)}").utf8)
    let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n{}\"\u{0}".utf8)
    var tried = 0
    var random = SystemRandomNumberGenerator()
    _ = try Self.verify(String(decoding: token, as: UTF8.self))
    while tried < 1000 {
      var mutant = token
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: mutant.indices, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: mutant.remove(at: place)
        case 1: mutant.insert(characters.randomElement(using: &random)!, at: place)
        case 2: mutant.swapAt(place, Int.random(in: mutant.indices, using: &random))
        default: mutant[place] = characters.randomElement(using: &random)!
        }
      }
      if mutant == token { continue }
      tried += 1
      let text = String(decoding: mutant, as: UTF8.self)
      #expect(Self.rejection(text) != nil, "\(text)")
    }
    // The signature's last character has unused bits; other values of them are rejected too.
    for last in characters where last != token.last {
      #expect(Self.rejection(String(decoding: token.dropLast() + [last], as: UTF8.self)) != nil)
    }
  }

  @Test func keyIDIsReadOnlyFromSupportedTokens() throws {
    #expect(try JSONWebToken.keyID(unverified: Self.key.token("{}")) == "one")
    #expect(try JSONWebToken.keyID(unverified: Self.key.token("{}", header: #"{"alg":"RS256"}"#)) == nil)
    #expect(throws: TokenRejection.unsupportedAlgorithm) {
      try JSONWebToken.keyID(unverified: Self.key.token("{}", header: #"{"alg":"HS256"}"#))
    }
    #expect(throws: TokenRejection.malformed) { try JSONWebToken.keyID(unverified: "a.b.c") }
  }
}
