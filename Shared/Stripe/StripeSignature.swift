package import Cryptography
package import FoundationEssentials

/// The `Stripe-Signature` header (docs.stripe.com/webhooks, "Verify webhook signatures manually"):
/// `t=<seconds>,v1=<hex>[,v1=<hex>…]`.
package enum StripeSignature {
  package static let header = "Stripe-Signature"

  /// Returns only if the header holds a `v1` signature of this body, by one of the secrets, no further from now than
  /// tolerated.
  ///
  /// Gives the verdicts of Stripe's own libraries, but for two where it is stricter: a time in the future is refused
  /// like one in the
  /// past, and so is whatever is not ASCII, which those trip over or read as digits.
  /// - Parameters:
  ///   - header: the header's value as it came; nil where there was none.
  ///   - body: the bytes as they came: JSON that was read and written again has another signature.
  ///   - secrets: whole, with their `whsec_`; two while one replaces the other ("Roll endpoint signing secrets"). Blank
  ///   ones count as none.
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
      let expected = code(of: body, secret: secret, at: timestamp)
      for signature in signatures where ConstantTime.areEqual(signature, expected) { isSigned = true }
    }
    if !isSigned { throw .noMatch }
    try SignatureAge.check(timestamp, at: now, tolerance: tolerance)
  }

  /// The header's value that Stripe would send with this body.
  ///
  /// - Parameter timestamp: when it is sent, in seconds since 1970.
  package static func sign(_ body: [UInt8], secret: String, timestamp: Int) -> String {
    "t=\(timestamp),v1=\(String(decoding: code(of: body, secret: secret, at: timestamp), as: UTF8.self))"
  }

  /// The code's hex digits.
  private static func code(of body: [UInt8], secret: String, at timestamp: Int) -> [UInt8] {
    Array(Hex.encode(Digest.hmacSHA256(Array("\(timestamp).".utf8) + body, key: Array(secret.utf8))).utf8)
  }

  /// The first `t`, and every `v1`. Other keys are ignored: Stripe adds schemes, and sends `v0` with test events.
  private static func parse(_ header: String) throws(SignatureRejection) -> (timestamp: Int, signatures: [[UInt8]]) {
    guard header.utf8.allSatisfy({ $0 < 0x80 }) else { throw .malformedHeader(Self.header) }
    var timestamps: [[UInt8]] = []
    var signatures: [[UInt8]] = []
    for item in Array(header.utf8).split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      // What follows a second equals sign is no part of the value, as Stripe's libraries read it.
      let parts = item.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false).map(Array.init)
      let isTime = parts[0] == Array("t".utf8)
      guard isTime || parts[0] == Array("v1".utf8) else { continue }
      guard parts.count > 1 else { throw .malformedHeader(Self.header) }
      if isTime { timestamps.append(parts[1]) } else { signatures.append(parts[1]) }
    }
    guard let first = timestamps.first, let timestamp = seconds(first) else { throw .malformedHeader(Self.header) }
    return (timestamp, signatures)
  }

  /// A whole number as Python's `int()` takes it, which Stripe's library gives the text to: blanks around it, a sign,
  /// and an
  /// underscore between two digits.
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
