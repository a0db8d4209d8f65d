package import Accounts
package import Contract
package import Postgres

/// What an analysis counts as: one of its account's, and for a Free account also one of its address'.
package struct AnalysisUses: Sendable {
  let metering: Metering
  private let accounts: Accounts

  package init(_ database: Database) {
    metering = Metering(database)
    accounts = Accounts(database)
  }

  /// One analysis that is held.
  package struct Use: Sendable {
    fileprivate let metering: Metering
    fileprivate let hold: Hold?

    /// Counts it for good, together with what else the transaction does.
    ///
    /// - Throws: ``HoldLost``, which rolls back the transaction that it leaves.
    package func settle(in transaction: inout Transaction) throws {
      if let hold { try metering.settle(hold, in: &transaction) }
    }
  }

  /// What is left of the account's analyses today; nil where they are not counted.
  package func quota(for account: Account, _ request: Request) throws -> Quota? {
    try metering.quota(of: .analyses, for: account, by: request.deadline.instant)
  }

  /// Runs `body` while an analysis is held for it, which `body` settles; whatever it throws gives the analysis back.
  ///
  /// - Throws: `quota_exceeded`, before `body` is run.
  package func metered<Made>(
    for account: Account, _ request: Request, _ body: (Use) async throws -> Made
  ) async throws -> (Made, Quota?) {
    let (own, address) = try hold(for: account, request)
    do {
      let made = try await body(Use(metering: metering, hold: own?.hold))
      // Another account's, so in a transaction of its own; where the process dies before it, the address is given one
      // more.
      if let address { try? metering.settle(address, by: request.deadline.instant) }
      return (made, own?.quota)
    } catch {
      giveBack([own?.hold, address])
      throw error
    }
  }

  /// Holds one of the account's analyses, and for a Free account one of its address'; both or none.
  ///
  /// - Throws: `quota_exceeded`.
  func hold(for account: Account, _ request: Request) throws -> (own: (hold: Hold, quota: Quota)?, address: Hold?) {
    let deadline = request.deadline.instant
    // A process ends itself five seconds past its deadline: what is held a minute longer is held by nobody.
    let duration = request.deadline.remaining + .seconds(60)
    let own = try metering.hold(.analyses, of: account, for: duration, by: deadline)
    guard account.kind == .free else { return (own, nil) }
    do {
      return (
        own,
        try metering.hold(
          .freeAnalysesOfAddress, of: accounts.addressAccount(for: request), for: duration, by: deadline)?.hold
      )
    } catch {
      giveBack([own?.hold])
      throw error
    }
  }

  func giveBack(_ holds: [Hold?]) {
    // If this fails too, the holds expire.
    let soon = ContinuousClock.now.advanced(by: .seconds(2))
    for case let hold? in holds { _ = try? metering.release(hold, by: soon) }
  }
}
