package import FoundationEssentials
package import Postgres

extension Accounts {
  /// Opens an account for a purchase without a credential.
  ///
  /// - Parameter email: contact data only; it does not identify the account.
  package static func openForPurchase(_ account: UUID, email: Email?, in transaction: inout Transaction) {
    transaction.send(
      "INSERT INTO accounts (account_id, kind, email) VALUES (\(account), 'customer', \(email?.address))")
  }
}
