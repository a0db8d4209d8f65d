package import Accounts
package import Contract
package import Postgres

extension AnalysisUses {
  /// One analysis that is held for as long as its work takes.
  ///
  /// No expiry would fit: how long a queue is, nobody knows when something is put into it, and a use that was given
  /// back before its
  /// analysis came would count for nothing. So it does not expire: whoever keeps it ends it with the work that it is
  /// for.
  package struct Promise: Sendable, Codable {
    fileprivate let own: Hold?
    /// Another account's, so never touched in the same transaction.
    fileprivate let address: Hold?
  }

  /// Runs `body`, which stores the promise and calls ``keep(_:in:)``; whatever it throws gives the analysis back.
  ///
  /// A process that dies before `body` committed leaves holds that expire.
  /// - Throws: `quota_exceeded`, before `body` is run.
  package func promised<Made>(
    for account: Account, _ request: Request, _ body: (Promise) throws -> Made
  ) throws -> (Made, Quota?) {
    let (own, address) = try hold(for: account, request)
    do {
      let made = try body(Promise(own: own?.hold, address: address))
      // Where the process dies before it, the address is given one more.
      if let address {
        try? metering.database.transaction(by: request.deadline.instant) { try metering.keep(address, in: &$0) }
      }
      return (made, own?.quota)
    } catch {
      giveBack([own?.hold, address])
      throw error
    }
  }

  /// Lets what is held last until it is settled or given back, if the transaction commits.
  ///
  /// - Throws: ``HoldLost``, which rolls back the transaction that it leaves.
  package func keep(_ promise: Promise, in transaction: inout Transaction) throws {
    if let own = promise.own { try metering.keep(own, in: &transaction) }
  }

  /// Counts it for good, together with what else the transaction does.
  ///
  /// The address' use is counted already, and stays so.
  /// - Throws: ``HoldLost``, which rolls back the transaction that it leaves.
  package func settle(_ promise: Promise, in transaction: inout Transaction) throws {
    if let own = promise.own { try metering.settle(own, in: &transaction) }
  }

  /// Gives it back, together with what else the transaction does; ``releaseAddress(of:by:)`` is to follow.
  package func release(_ promise: Promise, in transaction: inout Transaction) throws {
    if let own = promise.own { try metering.release(own, in: &transaction) }
  }

  /// Gives back what is held of the address, once: a second time there is nothing to give.
  package func releaseAddress(of promise: Promise, by deadline: ContinuousClock.Instant) throws {
    if let address = promise.address { try metering.release(address, by: deadline) }
  }

  /// Makes the address' use final, as far as its own bookkeeping goes.
  package func settleAddress(of promise: Promise, by deadline: ContinuousClock.Instant) throws {
    if let address = promise.address { try metering.settle(address, by: deadline) }
  }
}
