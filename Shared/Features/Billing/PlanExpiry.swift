import Accounts
import Contract
import FoundationEssentials
package import Jobs
package import Postgres

/// A background job that sends `plan.changed` when the paid period of a plan ends, because Stripe sends no event then.
package struct PlanExpiry: Sendable {
  /// The job's kind.
  package static let kind: JobKind = "plan_end"

  private let database: Database

  package init(_ database: Database) { self.database = database }

  /// Schedules the job for the end of a paid period.
  ///
  /// If the period is extended before then, the job finds the plan still in effect and sends nothing.
  static func schedule(for account: UUID, at end: Date, in transaction: inout Transaction) {
    let id = account.text
    let time = Int(end.timeIntervalSince1970)
    Jobs.enqueue(
      Job(kind, payload: "{\"account\":\"\(id)\"}", runAt: end, key: "\(id) \(time)", maxAttempts: 100),
      in: &transaction)
  }

  /// Performs one job and completes it in one transaction.
  package func perform(_ lease: Lease, by deadline: ContinuousClock.Instant) throws {
    let account = try JSON.decode(Payload.self, from: lease.payload).account
    try database.transaction(by: deadline) { transaction in
      try Entitlement(locking: account, in: &transaction)?.notifyOfExpiry(in: &transaction)
      try Jobs.complete(lease, in: &transaction)
    }
  }

  private struct Payload: Decodable { let account: UUID }
}
