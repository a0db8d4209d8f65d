import Accounts
import Contract
import FoundationEssentials
package import Jobs
package import Postgres

/// Tells the operator's endpoints of a plan that ends because its time is over, of which no event tells.
package struct PlanEnd: Sendable {
  /// The kind of job that it does.
  package static let kind = "plan_end"

  private let database: Database

  package init(_ database: Database) { self.database = database }

  /// Plans it for the moment when something that is paid by the month ends; where that is moved, nothing comes of the
  /// job.
  static func plan(_ account: UUID, at end: Date, in transaction: inout Transaction) {
    let id = account.uuidString.lowercased()
    let time = Int(end.timeIntervalSince1970)
    Jobs.enqueue(
      Job(kind, payload: "{\"account\":\"\(id)\"}", runAt: end, key: "\(id) \(time)", maxAttempts: 100),
      in: &transaction)
  }

  /// Does one job, whole or not at all.
  package func perform(_ lease: Lease, by deadline: ContinuousClock.Instant) throws {
    let account = try JSON.decode(Payload.self, from: Array(lease.payload.utf8)).account
    try database.transaction(by: deadline) { transaction in
      try Entitlement(locking: account, in: &transaction)?.tellOfEnd(in: &transaction)
      try Jobs.complete(lease, in: &transaction)
    }
  }

  private struct Payload: Decodable { let account: UUID }
}
