package import Contract
import FoundationEssentials

/// The issuer whose JSON Web Tokens are credentials: the settings `JWT_JWKS_URL`, `JWT_ISSUER` and `JWT_AUDIENCE`.
package struct TokenSettings: Sendable, Equatable {
  /// The URL where the issuer publishes its keys.
  package let keySetURL: String
  /// The required claim `iss`.
  package let issuer: String
  /// The value that the claim `aud` must contain.
  package let audience: String

  /// - Returns: nil if `JWT_JWKS_URL` is not set; then no token is a credential.
  /// - Throws: `unavailable`, naming the setting, if `JWT_ISSUER` or `JWT_AUDIENCE` is missing, or one is malformed.
  package init?(_ environment: Environment) throws(Failure) {
    guard let url = environment["JWT_JWKS_URL"] else { return nil }
    // An attacker who could change the keys in transit could forge any token.
    guard let parsed = URL(string: url), let host = parsed.host(), !host.isEmpty,
      parsed.scheme == "https" || parsed.scheme == "http" && ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host)
    else {
      throw Self.refusal("JWT_JWKS_URL", "must be an https URL (http only on loopback)")
    }
    keySetURL = url
    issuer = try Self.issuer(environment, for: "JWT_JWKS_URL")
    audience = try Self.value("JWT_AUDIENCE", environment, for: "JWT_JWKS_URL")
  }

  /// `JWT_ISSUER`, if another setting needs it.
  ///
  /// - Throws: `unavailable`, naming `JWT_ISSUER`.
  package static func issuer(_ environment: Environment, for setting: String) throws(Failure) -> String {
    let issuer = try value("JWT_ISSUER", environment, for: setting)
    // The stored subject of an account separates its parts by spaces.
    guard issuer.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f && !$0.properties.isWhitespace })
    else {
      throw refusal("JWT_ISSUER", "must have no spaces or control characters")
    }
    return issuer
  }

  private static func value(_ name: String, _ environment: Environment, for setting: String) throws(Failure) -> String {
    guard let value = environment[name] else { throw refusal(name, "must be set if \(setting) is set") }
    return value
  }

  private static func refusal(_ setting: String, _ problem: String) -> Failure {
    Failure(.unavailable, "\(setting) \(problem)", details: ["setting": setting])
  }
}
