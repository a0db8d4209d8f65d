/// The reason why ``JSONWebToken`` rejects a token.
package enum TokenRejection: Error, Equatable {
  /// The token is longer than ``JSONWebToken/maximumBytes``.
  case tooLong
  /// The token does not have three base64url parts, its header or claims are not a JSON object, or a member has the
  /// wrong type.
  case malformed
  /// The header names an algorithm other than RS256, such as `none`.
  case unsupportedAlgorithm
  /// The header has `crit`, which requires extensions; none is supported.
  case criticalExtension
  /// No key of the set matches the header's `kid`. A newer key set may have the key.
  case unknownKey
  /// The signature does not verify with any of the matching keys.
  case wrongSignature
  case wrongIssuer
  case wrongAudience
  /// The claim `sub` is missing or empty.
  case noSubject
  case noExpiry
  case expired
  case notYetValid
}

extension TokenRejection: CustomStringConvertible {
  /// A message for the client; it contains nothing from the token.
  package var description: String {
    switch self {
    case .tooLong: "the token has more than \(JSONWebToken.maximumBytes) bytes"
    case .malformed: "the token is not a JSON Web Token in compact form"
    case .unsupportedAlgorithm: "the token is not signed with RS256"
    case .criticalExtension: "the token requires extensions that are not supported"
    case .unknownKey: "the token is signed with an unknown key"
    case .wrongSignature: "the token's signature is invalid"
    case .wrongIssuer: "the token is from a different issuer"
    case .wrongAudience: "the token is for a different audience"
    case .noSubject: "the token has no subject"
    case .noExpiry: "the token has no expiry"
    case .expired: "the token has expired"
    case .notYetValid: "the token is not valid yet"
    }
  }
}
