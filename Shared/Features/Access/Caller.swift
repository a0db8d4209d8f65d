package import Accounts
import Contract
package import FoundationEssentials

/// The authenticated sender of a request, and the account that owns what the request makes.
package struct Caller: Sendable {
  package enum Role: Sendable {
    /// The request came from a bare body on stdin or an SQS message, not over HTTP.
    case `operator`
    /// The request has a valid API key or token.
    case customer
    /// The request has no credential.
    case anonymous
  }

  package let account: Account
  package let source: Source
  /// The client's network, as ``Accounts/network(of:)`` writes it.
  package let network: String

  package init(account: Account, source: Source, network: String) {
    self.account = account
    self.source = source
    self.network = network
  }

  package var role: Role {
    switch source {
    case .operator: .operator
    case .account: .customer
    case .network: .anonymous
    }
  }

  /// The name under which the audit log records what the request does.
  package var actor: String { account.actor }
}

/// The sender for whom rate limits and idempotency keys count a request.
package enum Source: Sendable, Hashable {
  case account(UUID)
  /// A client's network, for requests without a credential.
  case network(String)
  case `operator`

  /// The source as the database stores it.
  package var text: String {
    switch self {
    case .account(let id): "account \(id.text)"
    case .network(let network): "address \(network)"
    case .operator: "operator"
    }
  }
}
