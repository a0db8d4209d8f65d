import Accounts
import FoundationEssentials
import Metering
import Postgres
import Support
import Testing

/// Deleting old rows, and settling expired credits of accounts without requests.
@Suite struct PurgeTests {
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))
  private let noon = Date(timeIntervalSince1970: 1_772_366_400)
  private let account: Account

  init() throws {
    database = Database(url: try TestDatabase.make(Accounts.migrations + Metering.migrations))
    account = try Accounts(database).grant(.coffee, to: Email("ada@example.com")!, by: soon)
  }

  private func purge(afterDays days: Double) throws {
    try Metering(database, at: noon.addingTimeInterval(days * 86_400)).purge(by: soon)
  }

  private func count(_ table: String) throws -> Int {
    try database.rows("SELECT count(*) FROM \(unsafeSQL: table)", as: Int.self, by: soon)[0]
  }

  @Test func endedHoldsAreDeletedAfter30DaysAndDayCountsAfterAYear() throws {
    let metering = Metering(database, at: noon)
    let settled = try #require(try metering.hold(.analyses, of: account, for: .seconds(60), by: soon)?.hold)
    try metering.settle(settled, by: soon)
    _ = try #require(try metering.hold(.analyses, of: account, for: .seconds(60), by: soon))
    try database.execute("UPDATE meter_holds SET ended_at = \(noon) WHERE ended_at IS NOT NULL", by: soon)
    try purge(afterDays: 29)
    #expect(try count("meter_holds") == 2)
    try purge(afterDays: 31)
    #expect(try count("meter_holds") == 1, "an open hold is not deleted")
    try purge(afterDays: 366)
    #expect(try count("meter_days") == 1)
    try purge(afterDays: 367)
    #expect(try count("meter_days") == 0)
  }

  @Test func creditAccountsWithoutLotsAreDeleted() throws {
    let other = try Accounts(database).grant(.coffee, to: Email("grace@example.com")!, by: soon)
    try database.transaction(by: soon) { transaction in
      try Credits(of: account.id).add(10, .grant, key: "g", in: &transaction)
      let hold = try Credits(of: account.id).hold(10, for: .seconds(60), in: &transaction)
      try Credits(of: account.id).settle(hold, spending: 10, key: "chat", in: &transaction)
      try transaction.execute("INSERT INTO credit_accounts (account_id) VALUES (\(other.id))")
    }
    try purge(afterDays: 0)
    #expect(try database.rows("SELECT account_id FROM credit_accounts", as: UUID.self, by: soon) == [account.id])
    #expect(
      try database.transaction(by: soon) { try Credits(of: other.id).add(5, .grant, key: "g", in: &$0) },
      "a deleted credit account is created again")
  }

  @Test func expiredHoldsAndLotsAreSettled() throws {
    let credits = Credits(of: account.id, at: noon)
    try database.transaction(by: soon) { transaction in
      try credits.add(10, .grant, key: "ends", expiresAt: noon.addingTimeInterval(100), in: &transaction)
      try credits.add(10, .purchase, key: "stays", in: &transaction)
      _ = try credits.hold(15, for: .seconds(50), in: &transaction)
    }
    #expect(try Metering(database, at: noon.addingTimeInterval(49)).settleExpiredCredits(by: soon) == 0)
    #expect(try Metering(database, at: noon.addingTimeInterval(101)).settleExpiredCredits(by: soon) == 1)
    #expect(try database.rows("SELECT balance FROM credit_accounts", as: Int.self, by: soon) == [10])
    #expect(try database.rows("SELECT held FROM credit_accounts", as: Int.self, by: soon) == [0])
    #expect(
      try database.rows("SELECT kind || ' ' || amount FROM credit_entries WHERE amount < 0", as: String.self, by: soon)
        == ["expiry -10"])
    #expect(try Metering(database, at: noon.addingTimeInterval(101)).settleExpiredCredits(by: soon) == 0)
  }
}
