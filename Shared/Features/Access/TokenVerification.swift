import Accounts
import Contract
import Cryptography
import FoundationEssentials
import Postgres

/// Verifies JSON Web Tokens (RFC 7519) with the issuer's stored key set.
struct TokenVerification: Sendable {
  let database: Database
  /// Nil if no issuer is configured; then every token is refused.
  let settings: TokenSettings?

  /// True if a credential is a token; any other credential is looked up as an API key.
  static func isToken(_ credential: some StringProtocol) -> Bool {
    !credential.hasPrefix(APIKey.prefix) && JSONWebToken.looksLikeToken(Substring(credential))
  }

  /// The organisation that a token speaks for; its subject if it names no organisation.
  ///
  /// An email in the token is ignored, because issuers differ in whether they verified it.
  /// - Throws: `unauthorized` for an invalid token; `unavailable` without a usable key set.
  func subject(of token: String, by deadline: ContinuousClock.Instant) throws -> TokenSubject {
    guard let settings else {
      throw Failure(
        .unauthorized,
        "JSON Web Tokens are not configured (JWT_JWKS_URL); send an API key (llmtxt_…) or no credential")
    }
    let verified: JSONWebToken
    let keys = try keySet(settings, by: deadline)
    do throws(TokenRejection) {
      verified = try JSONWebToken(
        verifying: token, keys: keys, issuer: settings.issuer, audience: settings.audience, at: .now)
    } catch {
      throw Failure(.unauthorized, error.description)
    }
    guard let claims = verified.claims(OrganizationClaims.self) else {
      throw Failure(.unauthorized, "the token's organisation cannot be decoded")
    }
    do {
      if let organization = claims.organization {
        return try TokenSubject(.organization, issuer: settings.issuer, name: organization)
      }
      return try TokenSubject(.user, issuer: settings.issuer, name: verified.subject)
    } catch {
      throw Failure(.unauthorized, "the token has no usable subject: \(error.message)")
    }
  }

  private func keySet(_ settings: TokenSettings, by deadline: ContinuousClock.Instant) throws -> JSONWebKeySet {
    let stored = try database.rows(
      """
      SELECT jwks FROM token_key_sets
      WHERE url = \(settings.keySetURL)
        AND fetched_at > statement_timestamp() - \(KeySetRefresh.longestUse) * interval '1 second'
      """, as: String?.self, by: deadline)
    // The token may be valid, so this is not `unauthorized` and does not count as a wrong credential.
    guard let text = stored.first ?? nil, let keys = try? JSONWebKeySet(Array(text.utf8)) else {
      throw Failure(
        .unavailable, "the key set of JWT_JWKS_URL could not be fetched for a day, or never; retry in a minute",
        retryAfter: KeySetRefresh.shortestInterval)
    }
    return keys
  }

  /// Clerk's claim of the active organisation: `org_id` in version 1 of its session tokens, `o.id` in version 2
  /// (clerk.com/docs/guides/sessions/session-tokens).
  private struct OrganizationClaims: Decodable {
    struct Organization: Decodable { let id: String }
    let firstVersion: String?
    let secondVersion: Organization?

    private enum CodingKeys: String, CodingKey {
      case firstVersion = "org_id"
      case secondVersion = "o"
    }

    var organization: String? { firstVersion ?? secondVersion?.id }
  }
}
