import Access
import Accounts
import Contract
import Fetch
import FoundationEssentials
import Jobs
import Metering
import Postgres
import Stripe
import Support
import Testing

@testable import Billing

/// Stripe events about an erased account: they are recorded and grant nothing.
@Suite struct ErasedBuyerTests {
  private let url: String
  private let database: Database
  private let stripe: Deliverer
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))
  private static let data = Metering.personalData + Billing.personalData

  init() throws {
    url = try TestDatabase.makeForBilling()
    database = Database(url: url)
    stripe = Deliverer(url: url)
  }

  private static let token = "claim token"

  /// Opens an account with one checkout.
  private func sell(_ name: String, _ product: String = "coffee") throws -> UUID {
    let account = UUID()
    try database.transaction(by: soon) { transaction in
      Accounts.openForPurchase(account, email: Email("ada@example.com"), in: &transaction)
      StoredCheckout(
        session: "cs_" + name, product: try #require(Product.named(product)), customer: "cus_" + name,
        claimToken: Self.token
      ).insert(for: account, in: &transaction)
    }
    return account
  }

  private func erase(_ account: UUID) throws {
    try database.transaction(by: soon) {
      _ = try Accounts.erase(account, including: Self.data, by: "operator", in: &$0)
    }
  }

  @discardableResult
  private func deliver(_ type: String, _ object: String, created: Int = 1_772_366_400) throws -> String {
    try stripe.outcome(of: Delivery(id: "evt_\(UUID())", type: type, created: created, object: object).body, by: soon)
  }

  private func pay(_ name: String, amount: Int = 500, mode: String = "payment") throws -> String {
    let link = mode == "payment" ? #""payment_intent":"pi_\#(name)""# : #""subscription":"sub_\#(name)""#
    return try deliver(
      "checkout.session.completed",
      #"""
      {"id":"cs_\#(name)","object":"checkout.session","status":"complete","payment_status":"paid",
      "mode":"\#(mode)","amount_total":\#(amount),"currency":"usd","customer":"cus_\#(name)",\#(link)}
      """#
    )
  }

  private func subscription(_ name: String, _ status: String) -> String {
    #"""
    {"id":"sub_\#(name)","object":"subscription","customer":"cus_\#(name)","status":"\#(status)",
    "cancel_at_period_end":false,"current_period_end":4102444800,
    "items":{"data":[{"price":{"id":"price_growth"}}]},"metadata":{}}
    """#
  }

  private struct AccountRow: Decodable, Equatable {
    var plan = Plan.free
    var boughtPlan = Plan.free
    var subscribedPlan = Plan.free
    var email: String?
  }

  private func row(of account: UUID) throws -> AccountRow? {
    try database.rows(
      "SELECT plan, bought_plan, subscribed_plan, email FROM accounts WHERE account_id = \(account)",
      as: AccountRow.self, by: soon
    ).first
  }

  private func audit(of account: UUID) throws -> [String] {
    try database.rows(
      "SELECT actor || ' ' || action || ' ' || details FROM audit_log WHERE account_id = \(account) ORDER BY created_at",
      as: String.self, by: soon)
  }

  private func jobs(_ kind: String) throws -> [String] {
    try database.rows(
      "SELECT key FROM jobs WHERE kind = \(kind) AND state = 'open' ORDER BY key", as: String.self, by: soon)
  }

  @Test func paymentAfterErasureIsAuditedAndGrantsNothing() throws {
    let account = try sell("a")
    try erase(account)
    #expect(try pay("a") == "erased")
    #expect(try pay("a") == "duplicate")
    #expect(try row(of: account) == AccountRow())
    #expect(try audit(of: account) == ["operator account_erased ", "stripe payment_after_erasure coffee, 500 usd"])
    #expect(
      try database.rows("SELECT state FROM checkouts", as: String.self, by: soon) == ["paid"], "the payment is recorded"
    )
    #expect(try database.rows("SELECT count(*) FROM jobs", as: Int.self, by: soon) == [0])
  }

  /// Negative control.
  @Test func paymentWithoutErasureGrantsThePlan() throws {
    let account = try sell("a")
    #expect(try pay("a") == "applied")
    #expect(try row(of: account) == AccountRow(boughtPlan: .coffee, email: "ada@example.com"))
  }

  @Test func creditsPaidAfterErasureAreNotAdded() throws {
    let account = try sell("a", "credits_500")
    try erase(account)
    #expect(try pay("a") == "erased")
    #expect(try database.rows("SELECT count(*) FROM credit_entries", as: Int.self, by: soon) == [0])
  }

  @Test func refundAfterErasureStillTakesBackCredits() throws {
    let account = try sell("a", "credits_500")
    #expect(try pay("a") == "applied")
    try erase(account)
    #expect(
      try database.rows("SELECT balance FROM credit_accounts", as: Int.self, by: soon) == [500],
      "an erasure keeps the ledger")
    try deliver(
      "refund.created",
      #"""
      {"id":"re_1","object":"refund","charge":"ch_1","payment_intent":"pi_a","amount":500,"currency":"usd",
      "status":"succeeded"}
      """#
    )
    #expect(try database.rows("SELECT balance FROM credit_accounts", as: Int.self, by: soon) == [0])
    #expect(try row(of: account) == AccountRow())
  }

  @Test func erasureCancelsTheSubscriptionAndIgnoresItsEvents() throws {
    let account = try sell("a", "growth")
    #expect(try pay("a", amount: 1_500, mode: "subscription") == "applied")
    try deliver("customer.subscription.updated", subscription("a", "active"), created: 1_772_366_500)
    #expect(try row(of: account) == AccountRow(subscribedPlan: .growth, email: "ada@example.com"))
    try erase(account)
    #expect(try row(of: account) == AccountRow())
    #expect(try jobs("stripe_cancellation") == ["sub_a"])
    #expect(
      try deliver("customer.subscription.updated", subscription("a", "active"), created: 1_772_366_600) == "erased")
    try deliver(
      "invoice.paid",
      #"""
      {"id":"in_1","object":"invoice","customer":"cus_a","subscription":"sub_a","payment_intent":"pi_1",
      "amount_paid":1500,"currency":"usd","period_end":4102444800,"lines":{"data":[]}}
      """#
    )
    #expect(try row(of: account) == AccountRow())
    #expect(try jobs("stripe_cancellation") == ["sub_a"], "once")
    #expect(
      try deliver("customer.subscription.deleted", subscription("a", "canceled"), created: 1_772_366_700) == "erased")
    #expect(try database.rows("SELECT status FROM subscriptions", as: String.self, by: soon) == ["canceled"])
  }

  @Test func subscriptionThatStartsAfterErasureIsCancelled() throws {
    for name in ["a", "b"] { try erase(try sell(name, "growth")) }
    #expect(try pay("a", amount: 1_500, mode: "subscription") == "erased")
    #expect(
      try deliver("customer.subscription.created", subscription("b", "incomplete")) == "erased",
      "found by its customer, before its session is paid")
    #expect(try jobs("stripe_cancellation") == ["sub_a", "sub_b"])
    #expect(try deliver("customer.subscription.created", subscription("c", "active")) == "unknown")
  }

  @Test func cancellationJobCompletesOnSuccessAndOn404() async throws {
    for (name, status) in [("a", 200), ("b", 404), ("c", 500)] {
      let account = try sell(name, "growth")
      _ = try pay(name, amount: 1_500, mode: "subscription")
      try deliver("customer.subscription.updated", subscription(name, "active"))
      try erase(account)
      let lease = try #require(try Jobs(database).lease([StripeCancellation.kind], for: .seconds(60), by: soon).first)
      let body =
        status == 200
        ? subscription(name, "canceled") : #"{"error":{"type":"invalid_request_error","code":"resource_missing"}}"#
      let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
        #expect(request.method == "DELETE" && request.url == "https://stripe.example/v1/subscriptions/sub_\(name)")
        return FetchResponse(
          status: status, headers: ["date": "Thu, 01 Jan 2032 00:00:00 GMT"], body: Array(body.utf8))
      }
      let client = StripeClient(
        fetcher, key: StripeSecretKey("sk_test_x")!, base: "https://stripe.example", wait: { _ in })
      let cancellation = StripeCancellation(
        database: database, settings: BillingSettings(Deliverer.environment), client: client)
      if status == 500 {
        await #expect(throws: StripeError.self) { try await cancellation.perform(lease, by: soon) }
        #expect(try jobs("stripe_cancellation") == ["sub_c"], "the job will be retried")
      } else {
        try await cancellation.perform(lease, by: soon)
        #expect(try jobs("stripe_cancellation") == [])
      }
    }
    #expect(
      try database.rows("SELECT status FROM subscriptions ORDER BY subscription_id", as: String.self, by: soon) == [
        "canceled", "active", "active",
      ])
  }

  // MARK: Keys

  private func claim(_ session: String) async -> Int {
    let checkout = Checkout(
      Access(database), settings: BillingSettings(Deliverer.environment), client: nil, origins: [])
    let router = Router([checkout.claim], log: Log(threshold: .error) { _ in })
    let body = Array(#"{"sessionId":"\#(session)","claimToken":"\#(Self.token)"}"#.utf8)
    let event = Event(method: "POST", rawPath: "/checkout/claim", body: body, sourceIP: "192.0.2.1")
    return await router.respond(to: event, by: Deadline(after: .seconds(60))).status
  }

  @Test func claimOfAnErasedAccountIsUnauthorized() async throws {
    _ = try sell("other")
    _ = try pay("other")
    #expect(await claim("cs_other") == 201, "negative control")
    let paid = try sell("a")
    let open = try sell("b")
    _ = try pay("a")
    for account in [paid, open] { try erase(account) }
    _ = try pay("b")
    #expect(await claim("cs_a") == 401)
    #expect(await claim("cs_b") == 401)
    #expect(try database.rows("SELECT count(*) FROM credentials", as: Int.self, by: soon) == [1])
  }

  /// In any order, no API key remains, no plan is granted, and every subscription is cancelled.
  @Test func concurrentPaymentsClaimsAndErasuresLeaveNothing() async throws {
    let (url, soon) = (url, soon)
    let accounts = try (0..<20).map { try sell("s\($0)", "growth") }
    let outcomes = await Threads.run(8) { thread -> [String] in
      let (database, stripe) = (Database(url: url), Deliverer(url: url))
      return accounts.enumerated().compactMap { number, account in
        do {
          switch (thread + number) % 3 {
          case 0:
            _ = try database.transaction(by: soon) {
              try Accounts.erase(account, including: Self.data, by: "operator", in: &$0)
            }
          case 1:
            let body =
              #"""
              {"id":"cs_s\#(number)","object":"checkout.session","status":"complete","payment_status":"paid",
              "mode":"subscription","amount_total":1500,"currency":"usd","customer":"cus_s\#(number)",
              "subscription":"sub_s\#(number)"}
              """#
            _ = try stripe.outcome(
              of: Delivery(
                id: "evt_\(thread)_\(number)", type: "checkout.session.completed", created: 1_772_366_400, object: body
              ).body, by: soon)
          default:
            _ = try database.transaction(by: soon) { try Accounts.replaceKey(nil, of: account, by: "claim", in: &$0) }
          }
        } catch let failure as Failure where failure.code == .unauthorized {
        } catch { return "\(number): \(error)" }
        return nil
      }
    }.joined()
    #expect(Array(outcomes) == [])
    #expect(try database.rows("SELECT count(*) FROM credentials", as: Int.self, by: soon) == [0])
    #expect(
      try database.rows(
        "SELECT count(*) FROM accounts WHERE erased_at IS NULL OR subscribed_plan <> 'free'", as: Int.self, by: soon)
        == [0])
    #expect(try jobs("stripe_cancellation").count == 20)
  }
}
