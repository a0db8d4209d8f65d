import Cryptography
import FoundationEssentials
import Stripe
import Testing

/// Creation and verification of signatures (docs.stripe.com/webhooks, "Verify webhook signatures manually"). The
/// expected signatures were computed with PyPI's `stripe`.
struct StripeSignatureTests {
  private static let body = Array(#"{"id":"evt_test"}"#.utf8)
  private static let secret = "whsec_test_secret"
  private static let code = "13941114bb88ac44a76abcfddea5b92aa6182a4b63d8be3aae908a616083bd7e"
  private static let other = String(repeating: "0", count: 64)
  private static let time = 1_700_000_000

  private static func verify(_ header: String?, secrets: [String] = [secret], age: Double = 0, body: [UInt8] = body)
    throws(SignatureRejection)
  {
    try StripeSignature.verify(
      header: header, body: body, secrets: secrets, at: Date(timeIntervalSince1970: Double(time) + age))
  }

  @Test func signatureIsCreated() {
    #expect(
      StripeSignature.sign(Self.body, secret: Self.secret, timestamp: Self.time) == "t=1700000000,v1=\(Self.code)")
  }

  @Test(arguments: [
    "t=1700000000,v1=\(code)",
    "t=1700000000,v1=\(other),v1=\(code)",
    "v1=\(code),t=1700000000",
    "t=1700000000,v0=\(other),v1=\(code)",
    ",t=1700000000,,v1=\(code),",
    "t=1700000000,t=nonsense,v1=\(code)",
    "t= +1_700_000_000 ,v1=\(code)",
    "t=1700000000=1,v1=\(code)=\(other)",
    "unknown,t=1700000000,v1=\(code)",
  ])
  func validHeaderIsAccepted(header: String) throws {
    try Self.verify(header)
  }

  @Test(arguments: [
    ("", SignatureRejection.missingHeader("Stripe-Signature")),
    (" ", .malformedHeader("Stripe-Signature")),
    ("t=1700000000", .noSignature),
    ("t=1700000000,v0=\(code)", .noSignature),
    ("t=1700000000, v1=\(code)", .noSignature),
    ("t=1700000000,V1=\(code)", .noSignature),
    ("t=1700000000,v1=\(code.uppercased())", .noMatch),
    ("t=1700000000,v1=\(code.dropLast())", .noMatch),
    ("t=1700000000,v1=\(code)0", .noMatch),
    ("t=1700000000,v1= \(code)", .noMatch),
    ("t=1700000000,v1=", .noMatch),
    ("t=1700000001,v1=\(code)", .noMatch),
    ("t=01700000000,v1=\(other)", .noMatch),
    ("v1=\(code)", .malformedHeader("Stripe-Signature")),
    ("t=,v1=\(code)", .malformedHeader("Stripe-Signature")),
    ("t,v1=\(code)", .malformedHeader("Stripe-Signature")),
    ("t=1700000000,v1,v1=\(code)", .malformedHeader("Stripe-Signature")),
    ("t=now,v1=\(code)", .malformedHeader("Stripe-Signature")),
    ("t=nonsense,t=1700000000,v1=\(code)", .malformedHeader("Stripe-Signature")),
    ("t=1700000000.0,v1=\(code)", .malformedHeader("Stripe-Signature")),
    ("t=1__700000000,v1=\(code)", .malformedHeader("Stripe-Signature")),
    ("t=+-1700000000,v1=\(code)", .malformedHeader("Stripe-Signature")),
    ("t=99999999999999999999,v1=\(code)", .malformedHeader("Stripe-Signature")),
    ("t=1700000000,v1=é", .malformedHeader("Stripe-Signature")),
    ("t=١٧٠٠٠٠٠٠٠٠,v1=\(code)", .malformedHeader("Stripe-Signature")),
  ])
  func invalidHeaderIsRejected(header: String, reason: SignatureRejection) {
    #expect(throws: reason) { try Self.verify(header) }
  }

  @Test func missingHeaderIsRejected() {
    #expect(throws: SignatureRejection.missingHeader("Stripe-Signature")) { try Self.verify(nil) }
  }

  @Test(arguments: [-300, -299, 0, 299, 300])
  func timestampWithinTheToleranceIsAccepted(age: Double) throws {
    try Self.verify("t=1700000000,v1=\(Self.code)", age: age)
  }

  @Test(
    arguments: [(300.5, .tooOld(seconds: 300)), (301, .tooOld(seconds: 301)), (-301, .tooNew(seconds: 301))]
      as [(Double, SignatureRejection)])
  func timestampBeyondTheToleranceIsRejected(age: Double, reason: SignatureRejection) {
    #expect(throws: reason) { try Self.verify("t=1700000000,v1=\(Self.code)", age: age) }
  }

  /// The age must not overflow for a signed timestamp of any size.
  @Test(arguments: [Int.max, Int.min])
  func extremeTimestampIsRejected(timestamp: Int) {
    let header = StripeSignature.sign(Self.body, secret: Self.secret, timestamp: timestamp)
    let reason =
      timestamp > 0 ? SignatureRejection.tooNew(seconds: 1_000_000_000_000) : .tooOld(seconds: 1_000_000_000_000)
    #expect(throws: reason) { try Self.verify(header) }
  }

  @Test func anySecretCanVerifyDuringARotation() throws {
    let header = "t=1700000000,v1=\(Self.code)"
    try Self.verify(header, secrets: ["whsec_new", Self.secret])
    try Self.verify(header, secrets: [Self.secret, "whsec_new", ""])
    #expect(throws: SignatureRejection.noMatch) { try Self.verify(header, secrets: ["whsec_new", "whsec_newer"]) }
  }

  /// A blank secret is not secret, so it must not verify a signature.
  @Test(arguments: [[], [""], [" ", "\n"]])
  func blankSecretsAreRejected(secrets: [String]) {
    let header = StripeSignature.sign(Self.body, secret: secrets.first ?? "", timestamp: Self.time)
    #expect(throws: SignatureRejection.noSecret) { try Self.verify(header, secrets: secrets) }
  }

  @Test func changedBodyIsRejected() {
    for index in Self.body.indices {
      var body = Self.body
      body[index] ^= 1
      #expect(throws: SignatureRejection.noMatch) { try Self.verify("t=1700000000,v1=\(Self.code)", body: body) }
    }
    #expect(throws: SignatureRejection.noMatch) {
      try Self.verify("t=1700000000,v1=\(Self.code)", body: Self.body + [0x0a])
    }
  }
}
