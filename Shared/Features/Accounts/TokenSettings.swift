package import Contract
import FoundationEssentials

/// Whose JSON Web Tokens are credentials here.
package struct TokenSettings: Sendable, Equatable {
  /// Where the issuer publishes its keys.
  package let keySetURL: String
  /// What `iss` must be.
  package let issuer: String
  /// What `aud` must hold.
  package let audience: String

  /// - Returns: nil where `JWT_JWKS_URL` is not set: then no token is a credential.
  /// - Throws: `unavailable`, naming the setting, where `JWT_ISSUER` or `JWT_AUDIENCE` is missing, or one of them
  ///   cannot be meant.
  package init?(_ environment: Environment) throws(Failure) {
    guard let url = environment["JWT_JWKS_URL"] else { return nil }
    // Whoever could change the keys on their way would be anybody.
    guard let parsed = URL(string: url), let host = parsed.host(), !host.isEmpty,
      parsed.scheme == "https" || parsed.scheme == "http" && ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host)
    else {
      throw Self.refusal("JWT_JWKS_URL", "must be an https URL (http only on loopback)")
    }
    keySetURL = url
    issuer = try Self.issuer(environment, for: "JWT_JWKS_URL")
    audience = try Self.value("JWT_AUDIENCE", environment, for: "JWT_JWKS_URL")
  }

  /// Whose users and organisations accounts are of, where `JWT_ISSUER` is needed for another setting's sake.
  ///
  /// - Throws: `unavailable`, naming `JWT_ISSUER`.
  package static func issuer(_ environment: Environment, for setting: String) throws(Failure) -> String {
    let issuer = try value("JWT_ISSUER", environment, for: setting)
    // It stands between spaces where accounts are looked up.
    guard issuer.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f && !$0.properties.isWhitespace })
    else {
      throw refusal("JWT_ISSUER", "must have no spaces or control characters")
    }
    return issuer
  }

  private static func value(_ name: String, _ environment: Environment, for setting: String) throws(Failure) -> String {
    guard let value = environment[name] else { throw refusal(name, "must be set where \(setting) is") }
    return value
  }

  private static func refusal(_ setting: String, _ what: String) -> Failure {
    Failure(.unavailable, "\(setting) \(what)", details: ["setting": setting])
  }
}
