package import Contract
import Cryptography
package import FoundationEssentials
package import Postgres

/// Keeps the key set with which tokens are verified as the issuer publishes it, for whoever can fetch.
///
/// It is asked before ``Accounts/account(for:email:)``, which reads only what is stored: so functions that link no
/// fetcher verify
/// tokens too, as long as others, or the worker, fetch. Of any number of processes that find a set old at once, one
/// fetches; the others go on with what there is.
package struct KeySetRefresh: Sendable {
  /// How old a set may get before it is fetched again, in seconds.
  package static let maximumAge = 600
  /// How long after one fetch, whatever came of it, there is no other, in seconds.
  package static let shortestInterval = 60
  /// How old a set may get, for want of a newer one, before tokens are not verified with it any more, in seconds: a
  /// day. An issuer that takes
  /// a key back has to be heard of some time.
  package static let longestBelief = 86_400

  /// Gives the bytes at a URL, of a response with a status from 200 to 299 alone; it ends in time by itself.
  package typealias Fetch = @Sendable (_ url: String) async throws -> [UInt8]

  package enum Outcome: Sendable, Equatable {
    /// The stored set is recent and has the key, or somebody fetches it or did so a moment ago.
    case notDue
    case stored
    /// It could not be fetched. What was stored stays.
    case notFetched
    /// What came cannot be read as a key set, or has no key for RS256. What was stored stays.
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

  /// Fetches the set if the request shows a token and the set is not known, is old, or lacks the token's key.
  ///
  /// - Throws: only what the database throws: where the set cannot be renewed, the one that is stored goes on to be
  ///   used.
  @discardableResult
  package func refresh(for request: Request) async throws -> Outcome {
    guard let header = request.event.headers["authorization"] else { return .notDue }
    let outcome = try await refresh(authorization: header, by: request.deadline.instant)
    switch outcome {
    case .notDue, .stored: break
    case .notFetched: request.log(.warning, "the key set of JWT_JWKS_URL could not be fetched")
    case .notReadable: request.log(.warning, "what JWT_JWKS_URL gives is no key set with a key for RS256")
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
    guard words.count == 2, words[0].lowercased() == "bearer", Accounts.isToken(words[1]) else { return .notDue }
    let keyID: String?
    // What no key would make a token is nobody's reason to fetch.
    do { keyID = try JSONWebToken.keyID(unverified: String(words[1])) } catch { return .notDue }
    return try await renew(toHave: keyID, at: now, by: deadline)
  }

  /// Fetches the set if it is not known or is old, whoever asks: for the worker, so that it never grows old.
  ///
  /// - Parameters:
  ///   - keyID: of a key that it must have besides.
  ///   - now: nil for the database's clock.
  @discardableResult
  package func renew(toHave keyID: String? = nil, at now: Date? = nil, by deadline: ContinuousClock.Instant)
    async throws -> Outcome
  {
    guard let asked = try claim(keyID, at: now, by: deadline) else { return .notDue }
    let bytes: [UInt8]
    do { bytes = try await fetch(settings.keySetURL) } catch { return .notFetched }
    // A good set is worth more than whatever an issuer's error page says.
    guard let keys = try? JSONWebKeySet(bytes), !keys.isEmpty, let text = String(validating: bytes, as: UTF8.self)
    else {
      return .notReadable
    }
    try database.execute(
      """
      UPDATE token_key_sets SET jwks = \(text), fetched_at = \(asked)
      WHERE url = \(settings.keySetURL) AND (fetched_at IS NULL OR fetched_at < \(asked))
      """, by: deadline)
    return .stored
  }

  /// Takes it upon this process to fetch the set.
  ///
  /// - Returns: the moment that counts as the fetch's; nil where there is nothing to do, or somebody else does it.
  private func claim(_ keyID: String?, at now: Date?, by deadline: ContinuousClock.Instant) throws -> Date? {
    let stored = try database.rows(
      """
      SELECT jwks, fetched_at > coalesce(\(now), statement_timestamp()) - \(Self.maximumAge) * interval '1 second'
      FROM token_key_sets WHERE url = \(settings.keySetURL)
      """, as: String?.self, Bool?.self, by: deadline)
    let isUnknown = keyID.map { !Self.has($0, stored.first?.0) } ?? false
    if let (_, isRecent) = stored.first, isRecent == true, !isUnknown { return nil }
    // One statement decides: of those that come at once, the later wait for the first one's row, and then find it just
    // asked for.
    return try database.rows(
      """
      INSERT INTO token_key_sets AS known (url, asked_at) VALUES (\(settings.keySetURL), coalesce(\(now), statement_timestamp()))
      ON CONFLICT (url) DO UPDATE SET asked_at = excluded.asked_at
      WHERE known.asked_at <= excluded.asked_at - \(Self.shortestInterval) * interval '1 second'
        AND (\(isUnknown) OR known.fetched_at IS NULL
          OR known.fetched_at <= excluded.asked_at - \(Self.maximumAge) * interval '1 second')
      RETURNING asked_at
      """, as: Date.self, by: deadline
    ).first
  }

  private static func has(_ keyID: String, _ jwks: String??) -> Bool {
    guard let text = jwks ?? nil, let keys = try? JSONWebKeySet(Array(text.utf8)) else { return false }
    return keys.hasKey(keyID)
  }
}
