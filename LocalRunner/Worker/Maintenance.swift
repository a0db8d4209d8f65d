import Access
import Accounts
import Fetch
import Postgres
import RunnerDatabase

/// Work that is due at regular times: deleting old rows and renewing the key set for tokens.
struct Maintenance: Sendable {
  private let features: [Feature]
  private let database: Database
  private let keySet: KeySetRefresh?
  private let log: @Sendable (String) -> Void

  /// - Throws: a failure that names the setting that is wrong.
  init(_ features: [Feature], _ context: JobContext, log: @escaping @Sendable (String) -> Void) throws {
    self.features = features
    database = context.database
    keySet = try TokenSettings(context.environment).map {
      KeySetRefresh(context.database, $0, fetch: context.fetcher.smallDocument)
    }
    self.log = log
  }

  /// Fetches the key set at `JWT_JWKS_URL` before the stored one is too old, because functions do not fetch it.
  func renewKeys() async throws {
    switch try await keySet?.renew(by: .now.advanced(by: .seconds(30))) {
    case nil, .notDue: break
    case .stored: log("JWT_JWKS_URL: fetched")
    case .notFetched: log("JWT_JWKS_URL: the request failed; the stored keys stay valid for a day")
    case .notReadable: log("JWT_JWKS_URL: the response is not a key set with a key for RS256")
    }
  }

  /// Releases expired holds and deletes rows that are no longer needed.
  func purge() throws {
    try features.purge(database, by: ContinuousClock.now.advanced(by: .seconds(120)))
  }
}
