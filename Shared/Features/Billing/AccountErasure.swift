package import Accounts
import Contract
import FoundationEssentials
package import Jobs
package import Postgres

/// Finishes an erasure with what the program that began it could not reach: functions link only the features that they
/// serve.
package struct AccountErasure: Sendable {
  /// The kind of job that it does.
  package static let kind = "account_erasure"

  private let database: Database
  private let data: [AccountData]

  /// - Parameter data: what every feature keeps.
  package init(_ database: Database, of data: [AccountData]) {
    self.database = database
    self.data = data
  }

  /// Plans it, together with what the transaction erases.
  static func enqueue(_ account: UUID, in transaction: inout Transaction) {
    let id = account.uuidString.lowercased()
    Jobs.enqueue(Job(kind, payload: "{\"id\":\"\(id)\"}", priority: 20, key: id, maxAttempts: 100), in: &transaction)
  }

  /// Does one job, whole or not at all.
  package func perform(_ lease: Lease, by deadline: ContinuousClock.Instant) throws {
    let account = try JSON.decode(Payload.self, from: Array(lease.payload.utf8)).id
    try database.transaction(by: deadline) { transaction in
      try Accounts.erase(account, and: data, by: "worker", in: &transaction)
      try Jobs.complete(lease, in: &transaction)
    }
  }

  private struct Payload: Decodable { let id: UUID }
}
