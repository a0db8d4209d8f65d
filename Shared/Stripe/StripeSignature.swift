package import Cryptography
package import FoundationEssentials

/// Verifies and creates the `Stripe-Signature` header of webhook requests, `t=<seconds>,v1=<hex>[,v1=<hex>…]`
/// (docs.stripe.com/webhooks, "Verify webhook signatures manually").
package enum StripeSignature {
  package static let header = "Stripe-Signature"

  /// Verifies that the header has a `v1` signature of this body by one of the secrets, and that its timestamp is within
  /// the tolerance. Throws otherwise.
  ///
  /// Results match Stripe's own libraries with two exceptions, where this is stricter. A timestamp in the future is
  /// subject to the tolerance too. A header with non-ASCII characters is rejected; Stripe's libraries crash on some of
  /// them and accept others as digits.
  ///
  /// - Parameters:
  ///   - header: the unchanged value of the header; nil if it is missing.
  ///   - body: the unchanged bytes of the body. JSON that was decoded and encoded again has another signature.
  ///   - secrets: the secrets with their prefix `whsec_`; two during a rotation ("Roll endpoint signing secrets"). Blank
  ///     secrets are ignored.
  ///   - tolerance: in seconds.
  package static func verify(
    header: String?, body: [UInt8], secrets: [String], at now: Date, tolerance: Int = 300
  ) throws(SignatureRejection) {
    let secrets = secrets.filter { !$0.utf8.allSatisfy(isBlank) }
    if secrets.isEmpty { throw .noSecret }
    guard let header, !header.isEmpty else { throw .missingHeader(Self.header) }
    let (timestamp, signatures) = try parse(header)
    if signatures.isEmpty { throw .noSignature }

    var isSigned = false
    for secret in secrets {
      let expected = signature(of: body, secret: secret, at: timestamp)
      for signature in signatures where ConstantTime.areEqual(signature, expected) { isSigned = true }
    }
    if !isSigned { throw .noMatch }
    try SignatureAge.check(timestamp, at: now, tolerance: tolerance)
  }

  /// Creates the header's value for a body, as Stripe does.
  ///
  /// - Parameter timestamp: the time of sending, in seconds since 1970.
  package static func sign(_ body: [UInt8], secret: String, timestamp: Int) -> String {
    "t=\(timestamp),v1=\(String(decoding: signature(of: body, secret: secret, at: timestamp), as: UTF8.self))"
  }

  /// The signature in hexadecimal digits.
  private static func signature(of body: [UInt8], secret: String, at timestamp: Int) -> [UInt8] {
    Array(Hex.encode(Digest.hmacSHA256(Array("\(timestamp).".utf8) + body, key: Array(secret.utf8))).utf8)
  }

  /// Parses the first `t` and every `v1`. Other keys are ignored: Stripe may add schemes, and sends `v0` with test
  /// events.
  private static func parse(_ header: String) throws(SignatureRejection) -> (timestamp: Int, signatures: [[UInt8]]) {
    guard header.utf8.allSatisfy({ $0 < 0x80 }) else { throw .malformedHeader(Self.header) }
    var timestamps: [[UInt8]] = []
    var signatures: [[UInt8]] = []
    for item in Array(header.utf8).split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      // As in Stripe's libraries, the value ends at a second equals sign.
      let parts = item.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false).map(Array.init)
      let isTime = parts[0] == Array("t".utf8)
      guard isTime || parts[0] == Array("v1".utf8) else { continue }
      guard parts.count > 1 else { throw .malformedHeader(Self.header) }
      if isTime { timestamps.append(parts[1]) } else { signatures.append(parts[1]) }
    }
    guard let first = timestamps.first, let timestamp = seconds(first) else { throw .malformedHeader(Self.header) }
    return (timestamp, signatures)
  }

  /// Parses a whole number like Python's `int()`, which Stripe's library uses: it allows surrounding whitespace, a sign,
  /// and an underscore between two digits.
  private static func seconds(_ text: [UInt8]) -> Int? {
    let trimmed = text.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
    let unsigned =
      trimmed.first.map { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") } == true
      ? Array(trimmed.dropFirst()) : Array(trimmed)
    let groups = unsigned.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
    guard groups.allSatisfy({ !$0.isEmpty && $0.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } }) else {
      return nil
    }
    return Int(String(decoding: trimmed.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self))
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || 0x09...0x0d ~= byte
  }
}
