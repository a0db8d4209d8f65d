import Accounts
import Postgres

extension Access {
  /// Idempotency keys name their source, not an account, so they are erased with the account's networks.
  static let personalData = [
    PersonalData("idempotency_keys", as: "idempotencyKeys", export: nil) { account, transaction in
      for network in try Accounts.networks(of: account, in: &transaction) {
        transaction.send("DELETE FROM idempotency_keys WHERE caller = \(Source.network(network).text)")
      }
    }
  ]
}
