import Accounts
import Contract
import FoundationEssentials
import Metering
import Postgres
import Support
import Testing

/// Credits of an account: lots, holds and the ledger.
@Suite struct CreditsTests {
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(500))
  private let noon = Date(timeIntervalSince1970: 1_772_366_400)
  private let account: Account

  init() throws {
    database = Database(url: try TestDatabase.make(Accounts.migrations + Metering.migrations))
    account = try Accounts(database).grant(.coffee, to: Email("ada@example.com")!, by: soon)
  }

  private func at<Value>(_ seconds: Double = 0, _ body: (Credits, inout Transaction) throws -> Value) throws -> Value {
    let credits = Credits(of: account.id, at: noon.addingTimeInterval(seconds))
    return try database.transaction(by: soon) { try body(credits, &$0) }
  }

  private func entries() throws -> [String] {
    try database.rows(
      "SELECT kind || ' ' || amount FROM credit_entries ORDER BY created_at, kind, amount", as: String.self, by: soon)
  }

  @Test func sameKeyAddsCreditsOnce() throws {
    #expect(try at { try $0.add(500, .purchase, key: "session", in: &$1) })
    #expect(try at { try !$0.add(500, .purchase, key: "session", in: &$1) })
    #expect(try at { try $0.balance(in: &$1) } == .init(balance: 500, held: 0))
  }

  @Test func holdOverTheBalanceRequiresPayment() throws {
    try at { _ = try $0.add(10, .grant, key: "g", in: &$1) }
    let refusal = #expect(throws: Failure.self) { try at { _ = try $0.hold(11, for: .seconds(60), in: &$1) } }
    #expect(refusal?.code == .paymentRequired)
  }

  @Test func creditsThatExpireFirstAreSpentFirst() throws {
    try at { _ = try $0.add(10, .grant, key: "never", in: &$1) }
    try at { _ = try $0.add(10, .grant, key: "late", expiresAt: noon.addingTimeInterval(200), in: &$1) }
    try at { _ = try $0.add(10, .grant, key: "early", expiresAt: noon.addingTimeInterval(100), in: &$1) }
    let hold = try at { try $0.hold(15, for: .seconds(60), in: &$1) }
    try at(1) { try $0.settle(hold, spending: 15, key: "chat", in: &$1) }
    #expect(
      try database.rows("SELECT key || ' ' || remaining FROM credit_lots ORDER BY key", as: String.self, by: soon)
        == ["early 0", "late 5", "never 10"])
  }

  /// A hold of five minutes, made a minute before midnight UTC, is checked before and after its expiry, after midnight
  /// and with a clock that is set back.
  @Test(arguments: [-3_600.0, 0, 60, 299, 300, 301])
  func holdExpiresAfterItsDuration(seconds: Double) throws {
    let late = 43_140.0
    try at(late) { _ = try $0.add(10, .grant, key: "g", in: &$1) }
    let hold = try at(late) { try $0.hold(6, for: .seconds(300), in: &$1) }
    let isHeld = seconds < 300
    #expect(try at(late + seconds) { try $0.balance(in: &$1) } == .init(balance: 10, held: isHeld ? 6 : 0))
    if isHeld {
      try at(late + seconds) { try $0.settle(hold, spending: 6, key: "chat", in: &$1) }
    } else {
      #expect(throws: HoldLost.self) {
        try at(late + seconds) { try $0.settle(hold, spending: 6, key: "chat", in: &$1) }
      }
    }
    #expect(try at(late + 400) { try $0.balance(in: &$1) } == .init(balance: isHeld ? 4 : 10, held: 0))
  }

  @Test func expiredCreditsDoNotReturnWhenTheClockIsSetBack() throws {
    let midnight = 43_200.0
    try at { _ = try $0.add(10, .grant, key: "g", expiresAt: noon.addingTimeInterval(midnight), in: &$1) }
    #expect(try at(midnight - 1) { try $0.balance(in: &$1) }.balance == 10)
    #expect(try at(midnight) { try $0.balance(in: &$1) }.balance == 0)
    #expect(try at(midnight - 1) { try $0.balance(in: &$1) }.balance == 0)
    #expect(try at { try !$0.add(10, .grant, key: "g", in: &$1) }, "the key of expired credits adds none")
    #expect(try entries().sorted() == ["expiry -10", "grant 10"])
  }

  @Test func heldCreditsExpireOnlyAfterTheirHoldEnds() throws {
    try at { _ = try $0.add(10, .grant, key: "g", expiresAt: noon.addingTimeInterval(30), in: &$1) }
    let hold = try at { try $0.hold(6, for: .seconds(60), in: &$1) }
    #expect(try at(40) { try $0.balance(in: &$1) } == .init(balance: 6, held: 6))
    try at(41) { try $0.settle(hold, spending: 4, key: "chat", in: &$1) }
    #expect(try at(41) { try $0.balance(in: &$1) } == .init(balance: 0, held: 0))
    #expect(try entries().sorted() == ["expiry -2", "expiry -4", "grant 10", "usage -4"])
  }

  @Test func expiredHoldCannotBeSettledOrReleased() throws {
    try at { _ = try $0.add(10, .grant, key: "g", in: &$1) }
    let hold = try at { try $0.hold(10, for: .seconds(60), in: &$1) }
    #expect(throws: HoldLost.self) { try at(60) { try $0.settle(hold, spending: 1, key: "chat", in: &$1) } }
    #expect(try at(60) { try $0.balance(in: &$1) } == .init(balance: 10, held: 0))
    #expect(throws: HoldLost.self) { try at(61) { try $0.release(hold, in: &$1) } }
  }

  @Test func reversalTakesOnlyUnspentCreditsOfItsPurchase() throws {
    try at { _ = try $0.add(100, .purchase, key: "one", in: &$1) }
    try at { _ = try $0.add(100, .purchase, key: "two", in: &$1) }
    let spent = try at { try $0.hold(30, for: .seconds(60), in: &$1) }
    try at { try $0.settle(spent, spending: 30, key: "chat", in: &$1) }
    let held = try at { try $0.hold(150, for: .seconds(60), in: &$1) }
    try at { try $0.reverse(100, key: "one", in: &$1) }
    #expect(try at { try $0.balance(in: &$1) } == .init(balance: 150, held: 150), "held credits are not taken")
    try at { try $0.release(held, in: &$1) }
    #expect(
      try at { try $0.balance(in: &$1) } == .init(balance: 100, held: 0), "30 of the 100 were spent and 70 are taken")
    try at { try $0.reverse(0, key: "one", in: &$1) }
    #expect(
      try at { try $0.balance(in: &$1) } == .init(balance: 170, held: 0),
      "a reversal that is withdrawn returns the credits")
  }
}

/// Invariants of the ledger under random operations.
@Suite struct LedgerTests {
  private static let accounts = 8
  private static let operations = Products.isLongRun ? 12_500 : 2_500

  /// Runs 20,000 random operations (100,000 in a long run) on eight accounts concurrently, and compares each with a simple model of holds.
  @Test func balanceIsTheSumOfEntriesAndLots() async throws {
    let url = try TestDatabase.make(Accounts.migrations + Metering.migrations)
    let soon = ContinuousClock.now.advanced(by: .seconds(600))
    let mismatches = await Threads.run(Self.accounts) { number -> String? in
      do { return try Self.run(UInt64(number), Database(url: url), by: soon) } catch { return "\(error)" }
    }
    #expect(mismatches.compactMap { $0 } == [])
    let database = Database(url: url)
    let wrong = try database.rows(
      """
      SELECT count(*) FROM credit_accounts a
      WHERE balance <> (SELECT sum(amount) FROM credit_entries e WHERE e.account_id = a.account_id)
        OR balance <> (SELECT sum(remaining) FROM credit_lots l WHERE l.account_id = a.account_id)
        OR held <> (
          SELECT coalesce(sum(amount), 0) FROM credit_holds h WHERE h.account_id = a.account_id AND state = 'held')
        OR balance < 0 OR held > balance
      """, as: Int.self, by: soon)
    #expect(wrong == [0])
    let lots = try database.rows(
      """
      SELECT count(*) FROM credit_lots l WHERE remaining <> (SELECT sum(amount) FROM credit_entries e
        WHERE e.account_id = l.account_id AND e.lot_id = l.lot_id) OR remaining < 0 OR taken_back > reversed
      """, as: Int.self, by: soon)
    #expect(lots == [0])
  }

  /// The linear congruential generator MMIX of Knuth.
  private struct Generator {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
  }

  /// - Returns: the first operation whose result differs from the model; nil if all agree.
  private static func run(_ seed: UInt64, _ database: Database, by soon: ContinuousClock.Instant) throws -> String? {
    let account = try Accounts(database).grant(.coffee, to: Email("a\(seed)@example.com")!, by: soon).id
    var generator = Generator(state: seed)
    func random(_ bound: Int) -> Int { generator.next(below: bound) }
    var time = Date(timeIntervalSince1970: 1_772_366_400)
    var open: [(hold: CreditHold, ends: Date)] = []
    var keys = 0
    for step in 0..<operations {
      time += Double(random(4))
      let credits = Credits(of: account, at: time)
      let kind = random(100)
      let pick = random(max(1, open.count))
      let amount = 1 + random(40)
      let duration = 1 + random(30)
      let mismatch: String? = try database.transaction(by: soon) { transaction in
        switch kind {
        case ..<15:
          keys += 1
          let end = random(3) == 0 ? nil : time + Double(random(200))
          let isNew = try credits.add(
            amount * 3, kind < 8 ? .purchase : .grant, key: "k\(keys)", expiresAt: end, in: &transaction)
          let again = try credits.add(amount, .grant, key: "k\(keys)", in: &transaction)
          return isNew && !again ? nil : "the key added credits \(isNew ? "twice" : "never")"
        case ..<50:
          let before = try credits.balance(in: &transaction)
          do {
            open.append((try credits.hold(amount, for: .seconds(duration), in: &transaction), time + Double(duration)))
            return before.available >= amount ? nil : "held \(amount) with \(before.available) available"
          } catch let failure as Failure {
            return before.available < amount && failure.code == .paymentRequired
              ? nil : "refused \(amount) with \(before.available) available"
          }
        case ..<88 where !open.isEmpty:
          let (hold, ends) = open.remove(at: pick)
          // ``HoldLost`` is not an error of a statement, so the transaction can go on.
          do {
            if kind < 75 {
              try credits.settle(hold, spending: random(hold.amount + 1), key: "s\(step)", in: &transaction)
            } else {
              try credits.release(hold, in: &transaction)
            }
            return ends > time ? nil : "a hold ended after its expiry"
          } catch is HoldLost {
            return ends <= time ? nil : "a hold was lost before its expiry"
          }
        case ..<96 where keys > 0:
          try credits.reverse(random(120), key: "k\(1 + random(keys))", in: &transaction)
          return nil
        default:
          let balance = try credits.balance(in: &transaction)
          let held = open.filter { $0.ends > time }.reduce(0) { $0 + $1.hold.amount }
          return balance.held == held && balance.balance >= held ? nil : "\(balance), but \(held) are held"
        }
      }
      if let mismatch { return "seed \(seed), step \(step): \(mismatch)" }
    }
    return nil
  }
}
