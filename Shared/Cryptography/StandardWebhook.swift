package import FoundationEssentials

/// Signs and verifies webhooks by the Standard Webhooks specification 1.0, which Svix and Clerk use.
///
/// Source: github.com/standard-webhooks/standard-webhooks, "Verifying webhook authenticity".
package enum StandardWebhook {
  /// Verifies that the headers have a recent `v1` signature of this body by one of the secrets.
  ///
  /// - Parameters:
  ///   - headers: the request's headers, with names in lower case: `webhook-id`, `webhook-timestamp` and
  ///   `webhook-signature`, or the same with the prefix `svix-`.
  ///   - body: the received bytes, unchanged.
  ///   - secrets: base64, with or without the prefix `whsec_`; several during a rotation. Blank strings are ignored.
  ///   - tolerance: the maximum difference between the timestamp and `now`, in seconds, in the past and the future.
  /// - Returns: the message id, which is the same on every retry.
  @discardableResult
  package static func verify(
    headers: [String: String], body: [UInt8], secrets: [String], at now: Date, tolerance: Int = 300
  ) throws(SignatureRejection) -> String {
    var keys: [[UInt8]] = []
    for secret in secrets where !secret.utf8.allSatisfy({ $0 <= 0x20 }) { keys.append(try key(secret)) }
    if keys.isEmpty { throw .noSecret }

    // Do not mix the two header families: an id from one is not covered by a signature from the other.
    let family = headers["webhook-signature"] == nil && headers["svix-signature"] != nil ? "svix" : "webhook"
    func value(_ name: String) throws(SignatureRejection) -> String {
      guard let value = headers["\(family)-\(name)"], !value.isEmpty else { throw .missingHeader("\(family)-\(name)") }
      return value
    }
    let id = try value("id")
    let time = try value("timestamp")
    let list = try value("signature")
    guard time.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let timestamp = Int(time) else {
      throw .malformedHeader("\(family)-timestamp")
    }
    // The list may mix versions. `v1a` is an asymmetric signature, which is not supported.
    let signatures = Array(list.utf8).split(separator: UInt8(ascii: " ")).filter { $0.starts(with: "v1,".utf8) }
    if signatures.isEmpty { throw .noSignature }

    var isSigned = false
    for key in keys {
      let expected = Array(signature(of: body, id: id, time: time, key: key).utf8)
      for signature in signatures where ConstantTime.areEqual(Array(signature), expected) { isSigned = true }
    }
    if !isSigned { throw .noMatch }
    try SignatureAge.check(timestamp, at: now, tolerance: tolerance)
    return id
  }

  /// Signs a body and returns the three headers to send with it.
  ///
  /// - Parameters:
  ///   - id: the message id, the same on every retry. It must not contain a dot, which separates the signed parts.
  ///   - timestamp: the time of this attempt, in seconds since 1970.
  package static func sign(
    _ body: [UInt8], id: String, timestamp: Int, secret: String
  ) throws(SignatureRejection) -> [String: String] {
    [
      "webhook-id": id, "webhook-timestamp": String(timestamp),
      "webhook-signature": signature(of: body, id: id, time: String(timestamp), key: try key(secret)),
    ]
  }

  private static func signature(of body: [UInt8], id: String, time: String, key: [UInt8]) -> String {
    "v1," + Data(Digest.hmacSHA256(Array("\(id).\(time).".utf8) + body, key: key)).base64EncodedString()
  }

  private static func key(_ secret: String) throws(SignatureRejection) -> [UInt8] {
    let prefix = "whsec_"
    guard
      let key = Data(base64Encoded: String(secret.hasPrefix(prefix) ? secret.dropFirst(prefix.count) : secret[...])),
      !key.isEmpty
    else {
      throw .unusableSecret
    }
    return Array(key)
  }
}
