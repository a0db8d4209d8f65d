/// Why a token is not taken for what it says.
package enum TokenRejection: Error, Equatable {
  /// It has more bytes than a token may have.
  case tooLong
  /// It is not three parts of base64url, the first two of them JSON objects, or a member that is read has another type
  /// than it should.
  case malformed
  /// It is signed by another algorithm than RS256, or by none.
  case algorithm
  /// It demands extensions (`crit`), of which none is known here.
  case criticalExtension
  /// No key that could have signed it is in the set; a newer set may have it.
  case unknownKey
  /// No key of the set signed it.
  case wrongSignature
  case wrongIssuer
  case wrongAudience
  /// It names nobody.
  case noSubject
  case noExpiry
  case expired
  case notYetValid
}

extension TokenRejection: CustomStringConvertible {
  /// Tells nothing of what the token holds.
  package var description: String {
    switch self {
    case .tooLong: "the token has more than \(JSONWebToken.maximumBytes) bytes"
    case .malformed: "the token is not a JSON Web Token in compact form"
    case .algorithm: "the token is not signed with RS256"
    case .criticalExtension: "the token demands extensions that are not known here"
    case .unknownKey: "the token is signed with a key that is not known here"
    case .wrongSignature: "the token's signature is not right"
    case .wrongIssuer: "the token is of another issuer"
    case .wrongAudience: "the token is for another audience"
    case .noSubject: "the token has no subject"
    case .noExpiry: "the token does not say when it expires"
    case .expired: "the token has expired"
    case .notYetValid: "the token is not valid yet"
    }
  }
}
