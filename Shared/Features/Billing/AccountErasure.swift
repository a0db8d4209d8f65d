package import Accounts
import Contract
import FoundationEssentials
package import Jobs
package import Postgres

/// A background job that finishes an account's erasure.
///
/// The function that starts the erasure links only its own features; the worker knows the data of all features.
package struct AccountErasure: Sendable {
  /// The job's kind.
  package static let kind: JobKind = "account_erasure"

  private let database: Database
  private let data: [PersonalData]

  /// - Parameter data: the account data of all features.
  package init(_ database: Database, of data: [PersonalData]) {
    self.database = database
    self.data = data
  }

  /// Enqueues the job in the transaction that starts the erasure.
  static func enqueue(_ account: UUID, in transaction: inout Transaction) {
    let id = account.text
    Jobs.enqueue(Job(kind, payload: IDPayload.text(id), priority: 20, key: id, maxAttempts: 100), in: &transaction)
  }

  /// Performs one job and completes it in one transaction.
  package func perform(_ lease: Lease, by deadline: ContinuousClock.Instant) throws {
    let account = try JSON.decode(IDPayload<UUID>.self, from: lease.payload).id
    try database.transaction(by: deadline) { transaction in
      try Accounts.erase(account, including: data, by: "worker", in: &transaction)
      try Jobs.complete(lease, in: &transaction)
    }
  }
}
