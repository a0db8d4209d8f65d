import Accounts
package import Contract
import Cryptography
package import FoundationEssentials
package import Postgres

/// Fetches and stores the issuer's key set (RFC 7517), with which tokens are verified.
///
/// ``TokenVerification`` reads only the stored set. So functions that link no HTTP client verify tokens too, as long as
/// other functions or the worker fetch. If several processes find the set old at once, one fetches and the others use
/// the stored set.
package struct KeySetRefresh: Sendable {
  /// Age in seconds after which a set is fetched again.
  package static let maximumAge = 600
  /// Seconds between two fetches, successful or not.
  package static let shortestInterval = 60
  /// Age in seconds after which a set is no longer used, if fetching fails: a day. Otherwise a key that the issuer
  /// withdrew would stay valid.
  package static let longestUse = 86_400

  /// Fetches the bytes of a URL; throws unless the status is 200 to 299. It has a timeout of its own.
  package typealias Fetch = @Sendable (_ url: String) async throws -> [UInt8]

  package enum Outcome: Sendable, Equatable {
    /// The stored set is recent and has the key, or another process fetches it or has just fetched it.
    case notDue
    case stored
    /// The fetch failed. The stored set stays.
    case notFetched
    /// The response is not a key set, or it has no key for RS256. The stored set stays.
    case notReadable
  }

  private let database: Database
  private let settings: TokenSettings
  private let fetch: Fetch

  package init(_ database: Database, _ settings: TokenSettings, fetch: @escaping Fetch) {
    self.database = database
    self.settings = settings
    self.fetch = fetch
  }

  /// Fetches the set if the request has a token and the stored set is missing, old, or lacks the token's key.
  /// - Throws: database errors only. If the set cannot be fetched, the stored one stays in use.
  @discardableResult
  package func refresh(for request: Request) async throws -> Outcome {
    guard let header = request.event.headers["authorization"] else { return .notDue }
    let outcome = try await refresh(authorization: header, by: request.deadline.instant)
    switch outcome {
    case .notDue, .stored: break
    case .notFetched: request.log(.warning, "the key set of JWT_JWKS_URL could not be fetched")
    case .notReadable: request.log(.warning, "the response of JWT_JWKS_URL is not a key set with a key for RS256")
    }
    return outcome
  }

  /// - Parameters:
  ///   - header: the value of `Authorization`.
  ///   - now: nil for the database's clock.
  package func refresh(
    authorization header: String, at now: Date? = nil, by deadline: ContinuousClock.Instant
  ) async throws -> Outcome {
    let words = header.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer", TokenVerification.isToken(words[1]) else {
      return .notDue
    }
    let keyID: String?
    // A token that no key can verify does not cause a fetch.
    do { keyID = try JSONWebToken.keyID(unverified: String(words[1])) } catch { return .notDue }
    return try await renew(toHave: keyID, at: now, by: deadline)
  }

  /// Fetches the set if it is missing or old; the worker calls this so that the set never gets old.
  ///
  /// - Parameters:
  ///   - keyID: a key that the set must contain; nil for any.
  ///   - now: nil for the database's clock.
  @discardableResult
  package func renew(toHave keyID: String? = nil, at now: Date? = nil, by deadline: ContinuousClock.Instant)
    async throws -> Outcome
  {
    guard let claimedAt = try claim(keyID, at: now, by: deadline) else { return .notDue }
    let bytes: [UInt8]
    do { bytes = try await fetch(settings.keySetURL) } catch { return .notFetched }
    // Do not replace a valid set with an error page.
    guard let keys = try? JSONWebKeySet(bytes), !keys.isEmpty, let text = String(validating: bytes, as: UTF8.self)
    else {
      return .notReadable
    }
    try database.execute(
      """
      UPDATE token_key_sets SET jwks = \(text), fetched_at = \(claimedAt)
      WHERE url = \(settings.keySetURL) AND (fetched_at IS NULL OR fetched_at < \(claimedAt))
      """, by: deadline)
    return .stored
  }

  /// Claims the fetch for this process.
  ///
  /// - Returns: the time of the fetch; nil if none is due or another process fetches.
  private func claim(_ keyID: String?, at now: Date?, by deadline: ContinuousClock.Instant) throws -> Date? {
    let stored = try database.rows(
      """
      SELECT jwks, coalesce(
        fetched_at > coalesce(\(now), statement_timestamp()) - \(Self.maximumAge) * interval '1 second', false
      ) AS is_recent
      FROM token_key_sets WHERE url = \(settings.keySetURL)
      """, as: StoredSet.self, by: deadline
    ).first
    let isUnknown = keyID.map { !(stored?.hasKey($0) ?? false) } ?? false
    if let stored, stored.isRecent, !isUnknown { return nil }
    // If several processes run this statement at once, the later ones wait for the row of the first one and then see
    // that it has just claimed the fetch.
    return try database.rows(
      """
      INSERT INTO token_key_sets AS known (url, asked_at)
      VALUES (\(settings.keySetURL), coalesce(\(now), statement_timestamp()))
      ON CONFLICT (url) DO UPDATE SET asked_at = excluded.asked_at
      WHERE known.asked_at <= excluded.asked_at - \(Self.shortestInterval) * interval '1 second'
        AND (\(isUnknown) OR known.fetched_at IS NULL
          OR known.fetched_at <= excluded.asked_at - \(Self.maximumAge) * interval '1 second')
      RETURNING asked_at
      """, as: Date.self, by: deadline
    ).first
  }

  private struct StoredSet: Decodable {
    let jwks: String?
    let isRecent: Bool

    func hasKey(_ id: String) -> Bool {
      guard let jwks, let keys = try? JSONWebKeySet(Array(jwks.utf8)) else { return false }
      return keys.hasKey(id)
    }
  }
}
