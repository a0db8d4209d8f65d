import Accounts
import Contract
import FoundationEssentials
import Limits
import Postgres

/// A group of routes that share one rate limit.
package enum Endpoint: String, Sendable, CaseIterable {
  case analyze, generate, checkout, claim, usage
  /// Reading stored resources and the catalog.
  case read

  /// The burst, and the time until one more request is allowed.
  var rule: RateLimit.Rule {
    switch self {
    case .analyze, .generate: .bucket(capacity: 60, interval: .seconds(1))
    case .usage, .read: .bucket(capacity: 120, interval: .milliseconds(500))
    case .checkout: .bucket(capacity: 20, interval: .seconds(10))
    case .claim: .bucket(capacity: 20, interval: .seconds(30))
    }
  }
}

/// Rate-limits requests per endpoint, and blocks networks that keep sending invalid credentials.
///
/// Before a credential is verified, a request counts for the client's network; afterwards for its account. An email is
/// never a source, because it is not verified. The operator is not limited. Every route is limited except `/live` and
/// `/health`, which must always answer, and webhooks, which are authenticated by their signature.
struct Admission: Sendable {
  /// The limit on requests with a credential from one network, at all endpoints together; enough for an office.
  private static let credentialRule = RateLimit.Rule.bucket(capacity: 300, interval: .milliseconds(100))

  private let database: Database
  private let credentialFailures: FailureLimiter

  init(_ database: Database) {
    self.database = database
    credentialFailures = FailureLimiter(database, scope: "credentials", threshold: 10)
  }

  /// Authenticates a request and takes one request from the rate limit of its source.
  ///
  /// After ten `unauthorized` failures from one network, further ones are `rate_limited`, whether the credential is
  /// unknown, revoked or expired. A valid credential is always served; otherwise one guesser could lock out all clients
  /// behind the same address.
  /// - Parameter authenticate: finds the account of the request's credential; it runs only if there is a credential.
  /// - Throws: `rate_limited`; the failures of `authenticate`.
  func admit(
    _ endpoint: Endpoint, _ request: Request, authenticate: () async throws -> Account
  ) async throws -> Account? {
    let hasCredential = request.event.headers["authorization"] != nil
    if request.event.isOperator { return hasCredential ? try await authenticate() : nil }
    let network = Accounts.network(of: request.event.sourceIP)
    if hasCredential { try take(Self.credentialRule, "credentials", of: .network(network), request) }
    let account = hasCredential ? try await authenticate() : nil
    try take(
      endpoint.rule, "endpoint \(endpoint.rawValue)", of: account.map { .account($0.id) } ?? .network(network), request)
    return account
  }

  /// Counts an `unauthorized` failure of a network.
  ///
  /// - Throws: `rate_limited` if the network sent too many wrong credentials.
  func recordUnauthorized(_ request: Request) throws {
    if request.event.isOperator { return }
    let network = Accounts.network(of: request.event.sourceIP)
    if let wait = try credentialFailures.check(network, by: request.deadline.instant) {
      throw Failure(
        .rateLimited, "too many wrong credentials from this address; retry later", retryAfter: wait.wholeSeconds)
    }
    try credentialFailures.recordFailure(network, by: request.deadline.instant)
  }

  private func take(_ rule: RateLimit.Rule, _ scope: String, of source: Source, _ request: Request) throws {
    let decision = try RateLimit(database, scope: scope, rule).take(of: source.text, by: request.deadline.instant)
    guard decision.isAllowed else {
      throw Failure(
        .rateLimited, "too many requests; slow down", retryAfter: decision.retryAfter?.wholeSeconds ?? 1)
    }
  }
}

extension Duration {
  /// Seconds rounded up, as `Retry-After` counts them; at least 1.
  fileprivate var wholeSeconds: Int { max(1, Int((self / .seconds(1)).rounded(.up))) }
}
