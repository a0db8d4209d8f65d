import Accounts
import FoundationEssentials
import Jobs
import Limits
import Metering
import Postgres
import Support
import Testing

@testable import Billing

/// What the worker forgets of sales that came to nothing.
@Suite struct PurgeTests {
  private let url: String
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  init() throws {
    url = try TestDatabase.make(
      Accounts.migrations + Limits.migrations + Metering.migrations + Jobs.migrations + Billing.migrations)
    database = Database(url: url)
  }

  private func purge(afterDays days: Double) throws -> Int {
    try Billing.purge(database, at: Date().addingTimeInterval(days * 86_400), by: soon)
  }

  /// A checkout of an account of its own.
  @discardableResult
  private func sell(_ session: String, state: String) throws -> UUID {
    let account = UUID()
    try database.transaction(by: soon) { transaction in
      try transaction.execute(
        "INSERT INTO accounts (account_id, kind, email) VALUES (\(account), 'customer', 'ada@example.com')")
      try transaction.execute(
        """
        INSERT INTO checkouts (account_id, session_id, product, price_id, amount, currency, mode, customer_id, claim_digest, expires_at, state, payment_intent)
        VALUES (\(account), \(session), 'coffee', 'price_coffee', 500, 'usd', 'payment', \("cus_" + session), '', now() + interval '1 day', \(state),
          \(state == "paid" ? "pi_" + session : nil))
        """)
      try transaction.execute(
        "INSERT INTO stripe_references VALUES (\(session), \(account), \(session)), (\("cus_" + session), \(account), NULL)"
      )
      if state == "paid" {
        try transaction.execute("INSERT INTO stripe_references VALUES (\("pi_" + session), \(account), \(session))")
      }
      Accounts.record("checkout_opened", session, of: account, by: "buyer", in: &transaction)
    }
    return account
  }

  private func references() throws -> [String] {
    try database.rows("SELECT reference FROM stripe_references ORDER BY 1", as: String.self, by: soon)
  }

  @Test func deliveriesGoAfterThirtyDays() throws {
    #expect(
      try Deliverer(url: url).take(Delivery(id: "evt_1", type: "plan.created", created: 1, object: "{}").body, by: soon)
        == "ignored")
    #expect(try purge(afterDays: 29) == 0)
    #expect(try purge(afterDays: 31) == 1)
    #expect(try database.rows("SELECT count(*) FROM webhook_events", as: Int.self, by: soon) == [0])
  }

  @Test func checkoutsThatNobodyPaidGoWithTheirAccounts() throws {
    for state in ["open", "expired", "failed"] { try sell(state, state: state) }
    let kept = Set(try ["paid", "pending"].map { try sell($0, state: $0) })
    #expect(try purge(afterDays: 30) == 0, "they could be paid for a day")
    #expect(
      try Accounts.purge(database, at: Date().addingTimeInterval(40 * 86_400), by: soon) == 0,
      "whoever buys has something")
    #expect(try purge(afterDays: 32) == 9)
    #expect(try references() == ["cus_paid", "cus_pending", "paid", "pending", "pi_paid"])
    #expect(try Accounts.purge(database, at: Date().addingTimeInterval(40 * 86_400), by: soon) == 3)
    #expect(Set(try database.rows("SELECT account_id FROM accounts", as: UUID.self, by: soon)) == kept)
    #expect(try purge(afterDays: 32) == 0)
  }

  @Test func aCheckoutThatASubscriptionCameOfStays() throws {
    let account = try sell("cs", state: "open")
    try database.execute(
      "INSERT INTO subscriptions (account_id, subscription_id, session_id, plan, status, as_of, covered_until) VALUES (\(account), 'sub', 'cs', 'growth', 'active', 1, 1)",
      by: soon)
    #expect(try purge(afterDays: 60) == 0)
  }

  @Test func whatStrangersGotBackIsForgottenAndWhatOursDidIsNot() throws {
    try sell("ours", state: "paid")
    for payment in ["pi_ours", "pi_theirs"] {
      _ = try database.transaction(by: soon) {
        try Reversal(of: payment, id: "re_\(payment)", kind: "refund", amount: 500, rank: 0, counts: true).store(
          in: &$0)
      }
      try database.execute(
        "INSERT INTO invoice_payments VALUES (\("in_" + payment), \(payment == "pi_ours" ? "pi_of_invoice" : payment))",
        by: soon)
    }
    try database.execute("INSERT INTO stripe_references SELECT 'in_pi_ours', account_id, NULL FROM accounts", by: soon)
    #expect(try purge(afterDays: 29) == 0)
    #expect(try purge(afterDays: 31) == 2)
    #expect(try database.rows("SELECT payment_intent FROM payment_reversals", as: String.self, by: soon) == ["pi_ours"])
    #expect(try database.rows("SELECT invoice_id FROM invoice_payments", as: String.self, by: soon) == ["in_pi_ours"])
  }

  @Test func anOperatorFindsTheAccountOfAPaidSessionAlone() throws {
    let paid = try sell("cs_paid", state: "paid")
    try sell("cs_open", state: "open")
    #expect(try Billing.account(ofPaid: "cs_paid", database, by: soon) == paid)
    for session in ["cs_open", "cs_none", ""] {
      #expect(throws: (any Error).self) { try Billing.account(ofPaid: session, database, by: soon) }
    }
    let accounts = Accounts(database)
    let key = try accounts.makeKey(for: .account(paid), by: soon)
    #expect(try accounts.keys(of: .account(paid), by: soon).map(\.beginning) == [String(key.text.prefix(15))])
  }
}
