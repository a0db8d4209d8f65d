package import Access
package import Accounts
import Contract
package import Postgres

/// Counts one use of a meter for a piece of work: on the caller's account, and for a Free account also on its network.
///
/// ```swift
/// let (report, quota) = try await uses.metered(call) { use in
///   // … make the report, then in the transaction that stores it:
///   try use.settle(in: &transaction)
/// }
/// ```
package struct MeterUses: Sendable {
  let metering: Metering
  private let access: Access
  private let meter: Meter
  private let networkMeter: Meter?

  /// - Parameter networkMeter: counts the uses of all Free accounts of a network together; nil if the network has no
  ///   limit.
  package init(_ access: Access, _ meter: Meter, network networkMeter: Meter? = nil) {
    metering = Metering(access.database)
    self.access = access
    self.meter = meter
    self.networkMeter = networkMeter
  }

  /// One use that is held for work that is running.
  package struct Use: Sendable {
    fileprivate let metering: Metering
    fileprivate let hold: MeterHold?

    /// Makes the use final, in the transaction that stores the result of the work.
    ///
    /// - Throws: ``HoldLost``; the error rolls the transaction back.
    package func settle(in transaction: inout Transaction) throws {
      if let hold { try metering.settle(hold, in: &transaction) }
    }
  }

  /// The state of the account's meter today; nil if its use is not counted.
  package func quota(_ call: Call) throws -> Quota? {
    try metering.quota(of: meter, for: call.account, by: call.deadline.instant)
  }

  /// Runs `body` while one use is held, which `body` settles. If `body` throws, the use is released.
  ///
  /// - Throws: `quota_exceeded`, before `body` runs.
  package func metered<Made>(_ call: Call, _ body: (Use) async throws -> Made) async throws -> (Made, Quota?) {
    let held = try hold(call)
    do {
      let made = try await body(Use(metering: metering, hold: held.own?.hold))
      // The network's account is another account, so it needs a transaction of its own. If the process dies before it,
      // the hold expires and the network has one use more.
      if let hold = held.network { try? metering.settle(hold, by: call.deadline.instant) }
      return (made, held.own?.quota)
    } catch {
      release([held.own?.hold, held.network])
      throw error
    }
  }

  struct Held {
    let own: (hold: MeterHold, quota: Quota)?
    let network: MeterHold?
  }

  /// Holds one use of the account's meter, and for a Free account one of its network's: both or none.
  ///
  /// - Throws: `quota_exceeded`.
  func hold(_ call: Call) throws -> Held {
    let deadline = call.deadline.instant
    // A process ends itself five seconds after its deadline, so a hold is no longer needed a minute after it.
    let duration = call.deadline.remaining + .seconds(60)
    let own = try metering.hold(meter, of: call.account, for: duration, by: deadline)
    guard call.account.kind == .free, let networkMeter else { return Held(own: own, network: nil) }
    do {
      let network = try access.networkAccount(call)
      return Held(own: own, network: try metering.hold(networkMeter, of: network, for: duration, by: deadline)?.hold)
    } catch {
      release([own?.hold])
      throw error
    }
  }

  func release(_ holds: [MeterHold?]) {
    // If this fails too, the holds expire.
    let soon = ContinuousClock.now.advanced(by: .seconds(2))
    for case let hold? in holds { _ = try? metering.release(hold, by: soon) }
  }
}
