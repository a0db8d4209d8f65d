import Contract
import Cryptography
import FoundationEssentials
import Postgres

/// JSON Web Tokens as credentials.
extension Accounts {
  /// Whether a credential is to be read as a token: everything else is looked up as a key.
  static func isToken(_ credential: Substring) -> Bool {
    !credential.hasPrefix(APIKey.prefix) && JSONWebToken.isLike(credential)
  }

  /// The account of the organisation that a token speaks for, else of its subject; made where it is seen for the first
  /// time.
  ///
  /// An email in the token finds nothing and is not kept: issuers differ in whether they verified it.
  /// - Throws: `unauthorized` for a token that is not to be believed; it is never taken for none.
  func account(token: String, by deadline: ContinuousClock.Instant) throws -> Account {
    guard let tokens else {
      throw Failure(
        .unauthorized, "JSON Web Tokens are not configured here (JWT_JWKS_URL); show an API key, llmtxt_…, or nothing")
    }
    let stored = try database.rows(
      """
      SELECT jwks FROM token_key_sets
      WHERE url = \(tokens.keySetURL) AND fetched_at > statement_timestamp() - \(KeySetRefresh.longestBelief) * interval '1 second'
      """, as: String?.self, by: deadline)
    // Not the token's fault: it may be a good one, so it is neither refused for good nor counted as a wrong one.
    guard let text = stored.first ?? nil, let keys = try? JSONWebKeySet(Array(text.utf8)) else {
      throw Failure(
        .unavailable,
        "the keys that tokens are signed with could not be fetched for a day, or never; try again in a minute",
        retryAfter: KeySetRefresh.shortestInterval)
    }
    let verified: JSONWebToken
    do throws(TokenRejection) {
      verified = try JSONWebToken(
        verifying: token, keys: keys, issuer: tokens.issuer, audience: tokens.audience, at: .now)
    } catch {
      throw Failure(.unauthorized, error.description)
    }
    return try account(tokenSubject: try Self.subject(of: verified, issuer: tokens.issuer), by: deadline)
  }

  /// Whom a token speaks for.
  private static func subject(of token: JSONWebToken, issuer: String) throws(Failure) -> TokenSubject {
    guard let claims = token.claims(OrganizationClaims.self) else {
      throw Failure(.unauthorized, "the token's organisation cannot be read")
    }
    do {
      if let organization = claims.organization {
        return try TokenSubject(.organization, issuer: issuer, name: organization)
      }
      return try TokenSubject(.user, issuer: issuer, name: token.subject)
    } catch {
      throw Failure(.unauthorized, "the token is of nobody: \(error.message)")
    }
  }

  /// Clerk's claims of the organisation that is active: `org_id` in its first version of session tokens, `o.id` in its
  /// second
  /// (clerk.com/docs/guides/sessions/session-tokens).
  private struct OrganizationClaims: Decodable {
    struct Organization: Decodable { let id: String }
    // swift-format-ignore: AlwaysUseLowerCamelCase
    let org_id: String?
    let o: Organization?

    var organization: String? { org_id ?? o?.id }
  }

  private func account(tokenSubject subject: TokenSubject, by deadline: ContinuousClock.Instant) throws -> Account {
    let look: Query = """
      SELECT account_id, \(unsafeSQL: Self.planColumns), erased_at IS NOT NULL
      FROM account_identities AS identity JOIN accounts USING (account_id)
      WHERE identity.kind = 'token' AND subject IN (\(subject.text), \(subject.erased))
      """
    let known = try database.rows(look, as: UUID.self, String.self, String.self, String.self, Bool.self, by: deadline)
    if let known = known.first { return try Self.customer(known) }
    return try database.transaction(by: deadline) { transaction in
      // Another request with the same subject, or the news that it was deleted, may come first.
      subject.lock(in: &transaction)
      if let known = try transaction.rows(look, as: UUID.self, String.self, String.self, String.self, Bool.self).first {
        return try Self.customer(known)
      }
      let id = Self.open(subject, in: &transaction)
      Self.record("account_opened", "by the first token of its subject", of: id, by: "token", in: &transaction)
      return Account(id: id, kind: .customer)
    }
  }

  private static func customer(
    _ row: (id: UUID, granted: String, bought: String, subscribed: String, isErased: Bool)
  ) throws(Failure) -> Account {
    if row.isErased { throw Failure(.unauthorized, "the account of this token's subject was erased") }
    return Account(id: row.id, kind: .customer, plan: Plan.greatest(of: [row.granted, row.bought, row.subscribed]))
  }
}
