package import Access
import Contract
package import Postgres

extension MeterUses {
  /// One use that is held for a queued job.
  ///
  /// A queued job may wait for any length of time, so its hold does not expire. The job settles or releases it when it
  /// ends.
  package struct Promise: Sendable, Codable {
    /// Belongs to the caller's account.
    fileprivate let own: MeterHold?
    /// Belongs to the network's account, so it is never changed in the same transaction as `own`.
    fileprivate let address: MeterHold?
  }

  /// Holds a use and runs `body`, which stores the promise and calls ``keep(_:in:)``. If `body` throws, the use is
  /// released.
  ///
  /// If the process dies before `body` commits, the holds expire.
  /// - Throws: `quota_exceeded`, before `body` runs.
  package func promised<Made>(_ call: Call, _ body: (Promise) throws -> Made) throws -> (Made, Quota?) {
    let held = try hold(call)
    do {
      let made = try body(Promise(own: held.own?.hold, address: held.network))
      // If the process dies before this, the network has one use more.
      if let hold = held.network {
        try? metering.database.transaction(by: call.deadline.instant) { try metering.keep(hold, in: &$0) }
      }
      return (made, held.own?.quota)
    } catch {
      release([held.own?.hold, held.network])
      throw error
    }
  }

  /// Removes the expiry of the account's hold.
  ///
  /// - Throws: ``HoldLost``; the error rolls the transaction back.
  package func keep(_ promise: Promise, in transaction: inout Transaction) throws {
    if let own = promise.own { try metering.keep(own, in: &transaction) }
  }

  /// Makes the account's use final. ``settleNetwork(of:by:)`` should follow.
  ///
  /// - Throws: ``HoldLost``; the error rolls the transaction back.
  package func settle(_ promise: Promise, in transaction: inout Transaction) throws {
    if let own = promise.own { try metering.settle(own, in: &transaction) }
  }

  /// Releases the account's hold. ``releaseNetwork(of:by:)`` should follow.
  package func release(_ promise: Promise, in transaction: inout Transaction) throws {
    if let own = promise.own { try metering.release(own, in: &transaction) }
  }

  /// Releases the network's hold; does nothing if that was done before.
  package func releaseNetwork(of promise: Promise, by deadline: ContinuousClock.Instant) throws {
    if let address = promise.address { try metering.release(address, by: deadline) }
  }

  /// Makes the network's use final.
  package func settleNetwork(of promise: Promise, by deadline: ContinuousClock.Instant) throws {
    if let address = promise.address { try metering.settle(address, by: deadline) }
  }
}
