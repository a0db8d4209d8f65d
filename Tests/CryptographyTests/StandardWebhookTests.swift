import Cryptography
import FoundationEssentials
import Testing

/// Standard Webhooks 1.0, "Verifying webhook authenticity", with the test vector of the specification's libraries.
struct StandardWebhookTests {
  private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private static let body = Array(#"{"test": 2432232314}"#.utf8)
  private static let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
  private static let time = 1_614_265_330
  private static let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

  private static func headers(_ signature: String = signature, time: String = "1614265330", family: String = "webhook")
    -> [String: String]
  {
    ["\(family)-id": id, "\(family)-timestamp": time, "\(family)-signature": signature]
  }

  @discardableResult
  private static func verify(
    _ headers: [String: String], secrets: [String] = [secret], age: Double = 0, body: [UInt8] = body
  ) throws(SignatureRejection) -> String {
    try StandardWebhook.verify(
      headers: headers, body: body, secrets: secrets, at: Date(timeIntervalSince1970: Double(time) + age))
  }

  @Test func signatureMatchesTheTestVector() throws {
    #expect(
      try StandardWebhook.sign(Self.body, id: Self.id, timestamp: Self.time, secret: Self.secret) == Self.headers())
  }

  @Test(arguments: ["webhook", "svix"])
  func bothHeaderFamiliesAreAccepted(family: String) throws {
    #expect(try Self.verify(Self.headers(family: family)) == Self.id)
  }

  @Test func headerFamiliesAreNotMixed() {
    var headers = Self.headers()
    headers["webhook-id"] = nil
    headers["svix-id"] = Self.id
    #expect(throws: SignatureRejection.missingHeader("webhook-id")) { try Self.verify(headers) }
  }

  @Test(arguments: [
    "v1,AAAA \(signature)", "\(signature) v1,AAAA", "v1a,AAAA \(signature) v2,BBBB", " \(signature) ",
  ])
  func oneValidSignatureOfAListIsEnough(list: String) throws {
    try Self.verify(Self.headers(list))
  }

  @Test(arguments: [
    (headers("v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="), SignatureRejection.noSignature),
    (headers("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="), .noSignature),
    (headers("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE"), .noMatch),
    (headers("v1,"), .noMatch),
    (headers("v1,é"), .noMatch),
    (headers(time: "1614265331"), .noMatch),
    (headers(time: "01614265330"), .noMatch),
    (headers(time: "+1614265330"), .malformedHeader("webhook-timestamp")),
    (headers(time: "yesterday"), .malformedHeader("webhook-timestamp")),
    (headers(time: "99999999999999999999"), .malformedHeader("webhook-timestamp")),
    (headers(time: ""), .missingHeader("webhook-timestamp")),
    (headers("", family: "svix"), .missingHeader("svix-signature")),
    ([:], .missingHeader("webhook-id")),
  ])
  func invalidHeadersAreRejected(headers: [String: String], reason: SignatureRejection) {
    #expect(throws: reason) { try Self.verify(headers) }
  }

  @Test func changedBodyOrIDIsRejected() {
    #expect(throws: SignatureRejection.noMatch) { try Self.verify(Self.headers(), body: Self.body + [0x20]) }
    var headers = Self.headers()
    headers["webhook-id"] = "msg_other"
    #expect(throws: SignatureRejection.noMatch) { try Self.verify(headers) }
  }

  @Test(
    arguments: [(-301, .tooNew(seconds: 301)), (-300, nil), (300, nil), (301, .tooOld(seconds: 301))]
      as [(Double, SignatureRejection?)])
  func timestampMayDifferBy300Seconds(age: Double, reason: SignatureRejection?) throws {
    if let reason {
      #expect(throws: reason) { try Self.verify(Self.headers(), age: age) }
    } else {
      try Self.verify(Self.headers(), age: age)
    }
  }

  @Test func secretsAreTriedAndValidated() throws {
    try Self.verify(Self.headers(), secrets: ["whsec_AAAA", Self.secret])
    try Self.verify(Self.headers(), secrets: [String(Self.secret.dropFirst(6))])
    #expect(throws: SignatureRejection.noMatch) { try Self.verify(Self.headers(), secrets: ["whsec_AAAA"]) }
    #expect(throws: SignatureRejection.noSecret) { try Self.verify(Self.headers(), secrets: []) }
    #expect(throws: SignatureRejection.noSecret) { try Self.verify(Self.headers(), secrets: [" "]) }
    for unusable in ["whsec_", "whsec_!", "whsec_abc"] {
      #expect(throws: SignatureRejection.unusableSecret) {
        try Self.verify(Self.headers(), secrets: [Self.secret, unusable])
      }
      #expect(throws: SignatureRejection.unusableSecret) {
        try StandardWebhook.sign([], id: "a", timestamp: 1, secret: unusable)
      }
    }
  }
}
