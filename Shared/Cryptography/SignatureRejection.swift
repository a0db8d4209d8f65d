/// Why a delivery is not taken for what its signature says; `noSecret` and `unusableSecret` are the operator's to mend,
/// the rest the sender's.
package enum SignatureRejection: Error, Equatable {
  /// No secret is configured, or only blank ones: nothing can be verified, so nothing is let through.
  case noSecret
  /// A secret that is configured is not written as its scheme wants it.
  case unusableSecret
  /// A header that the scheme needs was not sent, or is empty.
  case missingHeader(String)
  /// A header cannot be read.
  case malformedHeader(String)
  /// No signature of the version that is verified was sent.
  case noSignature
  /// No signature is one of this body and time, by any of the secrets.
  case noMatch
  /// Signed longer ago than is tolerated: perhaps a recording that is played again.
  case tooOld(seconds: Int)
  /// Signed further in the future than is tolerated.
  case tooNew(seconds: Int)
}

extension SignatureRejection: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noSecret: "no signing secret is configured"
    case .unusableSecret: "a signing secret that is configured is not whsec_ and base64"
    case .missingHeader(let name): "the header \(name) is missing"
    case .malformedHeader(let name): "the header \(name) cannot be read"
    case .noSignature: "there is no signature of version v1"
    case .noMatch: "no signature matches this body"
    case .tooOld(let seconds): "the signature is \(seconds) seconds old"
    case .tooNew(let seconds): "the signature is \(seconds) seconds in the future"
    }
  }
}
