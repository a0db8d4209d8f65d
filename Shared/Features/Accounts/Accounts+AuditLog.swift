package import FoundationEssentials
package import Postgres

extension Accounts {
  /// Adds an entry to the audit log.
  ///
  /// - Parameters:
  ///   - details: must not contain a key, a digest or a secret.
  ///   - actor: the name of the person or program that acted, such as ``Account/actor``.
  package static func record(
    _ action: String, _ details: String, of account: UUID, by actor: String, in transaction: inout Transaction
  ) {
    transaction.send(
      "INSERT INTO audit_log (account_id, actor, action, details) VALUES (\(account), \(actor), \(action), \(details))")
  }
}
