import Accounts
package import Contract
import Cryptography
import Limits
package import Postgres

/// Lets requests in, or tells their source to wait: each endpoint so many a minute, and nobody who shows wrong credentials again and again.
///
/// A source is a credential, else the client's address; never an email, which anybody may name. The operator is not limited.
package struct Admission: Sendable {
  package enum Endpoint: String, Sendable {
    case analyze, generate, checkout, claim, usage

    /// At once, and how long until one more.
    var rule: RateLimit.Rule {
      switch self {
      case .analyze, .generate: .bucket(capacity: 60, interval: .seconds(1))
      case .usage: .bucket(capacity: 120, interval: .milliseconds(500))
      case .checkout: .bucket(capacity: 20, interval: .seconds(10))
      case .claim: .bucket(capacity: 20, interval: .seconds(30))
      }
    }
  }

  private let database: Database
  private let brake: FailureBrake

  package init(_ database: Database) {
    self.database = database
    brake = FailureBrake(database, scope: "credentials", tolerance: 10)
  }

  /// Serves an operation to whom it admits; a request that is refused as `unauthorized` counts against its address.
  package func admit(_ endpoint: Endpoint, _ operation: Operation) -> Operation {
    Operation(operation.method, operation.path) { request in
      guard !request.event.isOperator else { return try await operation.perform(request) }
      let address = Accounts.network(of: request.event.sourceIP), deadline = request.deadline.instant
      let credential = request.event.headers["authorization"]
      if credential != nil || endpoint == .claim, let wait = try brake.check(address, by: deadline) {
        throw Failure(
          .rateLimited, "too many wrong credentials came from this address; it may try again later", retryAfter: wait.wholeSeconds)
      }
      let source = credential.map { "credential " + Hex.encode(Digest.sha256(Array($0.utf8))) } ?? "address " + address
      let decision = try RateLimit(database, scope: "endpoint \(endpoint.rawValue)", endpoint.rule).take(of: source, by: deadline)
      guard decision.isAllowed else {
        throw Failure(.rateLimited, "too many requests; slow down", retryAfter: decision.retryAfter?.wholeSeconds ?? 1)
      }
      do {
        return try await operation.perform(request)
      } catch let failure as Failure where failure.code == .unauthorized {
        try brake.recordFailure(address, by: deadline)
        throw failure
      }
    }
  }
}

extension Duration {
  /// Rounded up, as `Retry-After` counts.
  fileprivate var wholeSeconds: Int { max(1, Int((self / .seconds(1)).rounded(.up))) }
}
