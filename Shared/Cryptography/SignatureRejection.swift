/// The reason why a webhook's signature is rejected.
///
/// `noSecret` and `unusableSecret` are configuration errors of the operator; all others are faults of the sender.
package enum SignatureRejection: Error, Equatable {
  /// No secret is configured, or all are blank, so every webhook is rejected.
  case noSecret
  /// A configured secret does not have the format of its signature scheme.
  case unusableSecret
  /// A required header is missing or empty.
  case missingHeader(String)
  /// A header cannot be parsed.
  case malformedHeader(String)
  /// The header has no signature of the supported version.
  case noSignature
  /// No signature matches the body and timestamp with any of the secrets.
  case noMatch
  /// The signature is older than the tolerance; it may be a replay.
  case tooOld(seconds: Int)
  /// The timestamp is further in the future than the tolerance.
  case tooNew(seconds: Int)
}

extension SignatureRejection: CustomStringConvertible {
  /// A message for the sender or the operator; it contains no secret.
  package var description: String {
    switch self {
    case .noSecret: "no signing secret is configured"
    case .unusableSecret: "a configured signing secret is not base64, with or without the prefix whsec_"
    case .missingHeader(let name): "the header \(name) is missing"
    case .malformedHeader(let name): "the header \(name) is malformed"
    case .noSignature: "the header has no v1 signature"
    case .noMatch: "no signature matches this body"
    case .tooOld(let seconds): "the signature is \(seconds) seconds old"
    case .tooNew(let seconds): "the signature is \(seconds) seconds in the future"
    }
  }
}
