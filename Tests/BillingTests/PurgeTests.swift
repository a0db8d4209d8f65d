import Accounts
import FoundationEssentials
import Postgres
import Support
import Testing

@testable import Billing

/// The purge of events, unpaid checkouts and unknown payments.
@Suite struct PurgeTests {
  private let url: String
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  init() throws {
    url = try TestDatabase.makeForBilling()
    database = Database(url: url)
  }

  private func purge(afterDays days: Double) throws -> Int {
    try Billing.purge(database, at: Date().addingTimeInterval(days * 86_400), by: soon)
  }

  /// Opens an account with one checkout.
  @discardableResult
  private func sell(_ session: String, state: CheckoutState) throws -> UUID {
    let account = UUID()
    try database.transaction(by: soon) { transaction in
      Accounts.openForPurchase(account, email: Email("ada@example.com"), in: &transaction)
      StoredCheckout(
        session: session, product: try #require(Product.named("coffee")), customer: "cus_" + session, state: state,
        paymentIntent: state == .paid ? "pi_" + session : nil, expiresAt: Date().addingTimeInterval(86_400)
      ).insert(for: account, in: &transaction)
      Accounts.record("checkout_opened", session, of: account, by: "buyer", in: &transaction)
    }
    return account
  }

  private func references() throws -> [String] {
    try database.rows("SELECT reference FROM stripe_references ORDER BY 1", as: String.self, by: soon)
  }

  @Test func eventsArePurgedAfter30Days() throws {
    #expect(
      try Deliverer(url: url).outcome(
        of: Delivery(id: "evt_1", type: "plan.created", created: 1, object: "{}").body, by: soon)
        == "ignored")
    #expect(try purge(afterDays: 29) == 0)
    #expect(try purge(afterDays: 31) == 1)
    #expect(try database.rows("SELECT count(*) FROM webhook_events", as: Int.self, by: soon) == [0])
  }

  @Test func unpaidCheckoutsArePurgedBeforeTheirAccounts() throws {
    for state in [CheckoutState.open, .expired, .failed] { try sell(state.rawValue, state: state) }
    let kept = Set(try [CheckoutState.paid, .pending].map { try sell($0.rawValue, state: $0) })
    #expect(try purge(afterDays: 30) == 0, "the sessions expired after a day")
    #expect(
      try Accounts.purge(database, at: Date().addingTimeInterval(40 * 86_400), by: soon) == 0,
      "accounts with a checkout are not purged")
    #expect(try purge(afterDays: 32) == 9)
    #expect(try references() == ["cus_paid", "cus_pending", "paid", "pending", "pi_paid"])
    #expect(try Accounts.purge(database, at: Date().addingTimeInterval(40 * 86_400), by: soon) == 3)
    #expect(Set(try database.rows("SELECT account_id FROM accounts", as: UUID.self, by: soon)) == kept)
    #expect(try purge(afterDays: 32) == 0)
  }

  @Test func checkoutWithASubscriptionIsNotPurged() throws {
    let account = try sell("cs", state: .open)
    try database.execute(
      """
      INSERT INTO subscriptions (account_id, subscription_id, session_id, plan, status, as_of, covered_until)
      VALUES (\(account), 'sub', 'cs', 'growth', 'active', 1, 1)
      """, by: soon)
    #expect(try purge(afterDays: 60) == 0)
  }

  @Test func onlyReversalsOfUnknownPaymentsArePurged() throws {
    try sell("ours", state: .paid)
    for payment in ["pi_ours", "pi_other"] {
      _ = try database.transaction(by: soon) {
        try Reversal(of: payment, id: "re_\(payment)", kind: .refund, amount: 500, rank: 0, counts: true).store(
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

  @Test func accountIsFoundOnlyByAPaidSession() throws {
    let paid = try sell("cs_paid", state: .paid)
    try sell("cs_open", state: .open)
    #expect(try Billing.account(ofPaid: "cs_paid", database, by: soon) == paid)
    for session in ["cs_open", "cs_none", ""] {
      #expect(throws: (any Error).self) { try Billing.account(ofPaid: session, database, by: soon) }
    }
    let accounts = Accounts(database)
    let key = try accounts.makeKey(for: .account(paid), by: soon)
    #expect(try accounts.keys(of: .account(paid), by: soon).map(\.beginning) == [String(key.text.prefix(15))])
  }
}
