package import Accounts
package import Contract
import FoundationEssentials
import Limits
package import Postgres

/// Lets requests in, or tells their source to wait: each endpoint so many a minute, and nobody who shows wrong
/// credentials again and again.
///
/// What is counted before a credential is verified counts on the client's network, whatever the credential says; what
/// is counted
/// afterwards, on its account. An email, which anybody may name, is never a source. The operator is not limited. Every
/// operation
/// is admitted but those that must answer whoever asks: `/live` and `/health`, and webhooks, whose signature is their
/// admission.
package struct Admission: Sendable {
  package enum Endpoint: String, Sendable {
    case analyze, generate, checkout, claim, usage
    /// Whatever was made before, and the catalog.
    case read

    /// At once, and how long until one more.
    var rule: RateLimit.Rule {
      switch self {
      case .analyze, .generate: .bucket(capacity: 60, interval: .seconds(1))
      case .usage, .read: .bucket(capacity: 120, interval: .milliseconds(500))
      case .checkout: .bucket(capacity: 20, interval: .seconds(10))
      case .claim: .bucket(capacity: 20, interval: .seconds(30))
      }
    }
  }

  /// Credentials that one network may show, at all endpoints together: those of an office full of people.
  private static let door = RateLimit.Rule.bucket(capacity: 300, interval: .milliseconds(100))

  private let database: Database
  private let accounts: Accounts
  private let keySet: KeySetRefresh?
  private let brake: FailureBrake

  /// - Parameter keySet: keeps the keys of tokens fresh, where there is a fetcher.
  package init(_ database: Database, _ accounts: Accounts, keySet: KeySetRefresh? = nil) {
    self.database = database
    self.accounts = accounts
    self.keySet = keySet
    brake = FailureBrake(database, scope: "credentials", tolerance: 10)
  }

  /// Serves an operation to whom it admits, and tells it whose account a credential is of.
  ///
  /// Ten failures as `unauthorized` brake a network: those that follow are `rate_limited`, whether the credential is
  /// unknown, revoked or
  /// expired. A credential that is good is served all the same, or else one guesser would lock out everybody behind one
  /// address.
  package func admit(_ endpoint: Endpoint, _ operation: Operation) -> Operation {
    Operation(operation.method, operation.path) { request in
      if request.event.isOperator { return try await operation.perform(try await verified(request)) }
      let network = Accounts.network(of: request.event.sourceIP)
      let deadline = request.deadline.instant
      if request.event.headers["authorization"] != nil {
        try take(Self.door, "credentials", of: "address " + network, by: deadline)
      }
      do {
        let request = try await verified(request)
        let source =
          (request.caller as? Account).map { "account " + $0.id.uuidString.lowercased() } ?? "address " + network
        try take(endpoint.rule, "endpoint \(endpoint.rawValue)", of: source, by: deadline)
        return try await operation.perform(request)
      } catch let failure as Failure where failure.code == .unauthorized {
        if let wait = try brake.check(network, by: deadline) {
          throw Failure(
            .rateLimited, "too many wrong credentials came from this address; it may try again later",
            retryAfter: wait.wholeSeconds)
        }
        try brake.recordFailure(network, by: deadline)
        throw failure
      }
    }
  }

  /// The request with the account of its credential; as it is where there is none.
  private func verified(_ request: Request) async throws -> Request {
    guard request.event.headers["authorization"] != nil else { return request }
    _ = try await keySet?.refresh(for: request)
    var request = request
    request.caller = try accounts.account(for: request)
    return request
  }

  private func take(_ rule: RateLimit.Rule, _ scope: String, of source: String, by deadline: ContinuousClock.Instant)
    throws
  {
    let decision = try RateLimit(database, scope: scope, rule).take(of: source, by: deadline)
    guard decision.isAllowed else {
      throw Failure(.rateLimited, "too many requests; slow down", retryAfter: decision.retryAfter?.wholeSeconds ?? 1)
    }
  }
}

extension Duration {
  /// Rounded up, as `Retry-After` counts.
  fileprivate var wholeSeconds: Int { max(1, Int((self / .seconds(1)).rounded(.up))) }
}
