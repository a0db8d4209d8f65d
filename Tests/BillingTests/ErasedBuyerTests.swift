import Accounts
import Contract
import Fetch
import FoundationEssentials
import Jobs
import Limits
import Metering
import Postgres
import Stripe
import Support
import Testing

@testable import Billing

/// What Stripe tells late of an account that was erased: it is in the books, and brings nothing back.
@Suite struct ErasedBuyerTests {
  private let url: String
  private let database: Database
  private let stripe: Deliverer
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))
  private static let data = Metering.accountData + Billing.accountData

  init() throws {
    url = try TestDatabase.make(
      Accounts.migrations + Limits.migrations + Metering.migrations + Jobs.migrations + Billing.migrations)
    database = Database(url: url)
    stripe = Deliverer(url: url)
  }

  private static let token = "the claim's token"

  private func sell(
    _ name: String, _ product: String = "coffee", amount: Int = 500, mode: String = "payment", credits: Int = 0
  ) throws -> UUID {
    let account = UUID()
    try database.transaction(by: soon) { transaction in
      try transaction.execute(
        "INSERT INTO accounts (account_id, kind, email) VALUES (\(account), 'customer', 'ada@example.com')")
      try transaction.execute(
        """
        INSERT INTO checkouts (account_id, session_id, product, price_id, amount, currency, mode, customer_id, credits, claim_digest, url)
        VALUES (\(account), \("cs_" + name), \(product), \("price_" + product), \(amount), 'usd', \(mode), \("cus_" + name), \(credits),
          sha256(convert_to(\(Self.token), 'UTF8')), 'https://pay.example/')
        """)
      try transaction.execute(
        "INSERT INTO stripe_references VALUES (\("cs_" + name), \(account), \("cs_" + name)), (\("cus_" + name), \(account), NULL)"
      )
    }
    return account
  }

  private func erase(_ account: UUID) throws {
    try database.transaction(by: soon) { _ = try Accounts.erase(account, and: Self.data, by: "operator", in: &$0) }
  }

  @discardableResult
  private func tell(_ type: String, _ object: String, created: Int = 1_772_366_400) throws -> String {
    try stripe.take(Delivery(id: "evt_\(UUID())", type: type, created: created, object: object).body, by: soon)
  }

  private func pay(_ name: String, amount: Int = 500, mode: String = "payment") throws -> String {
    let link = mode == "payment" ? #""payment_intent":"pi_\#(name)""# : #""subscription":"sub_\#(name)""#
    return try tell(
      "checkout.session.completed",
      #"{"id":"cs_\#(name)","object":"checkout.session","status":"complete","payment_status":"paid","mode":"\#(mode)","amount_total":\#(amount),"currency":"usd","customer":"cus_\#(name)",\#(link)}"#
    )
  }

  private func subscription(_ name: String, _ status: String) -> String {
    #"{"id":"sub_\#(name)","object":"subscription","customer":"cus_\#(name)","status":"\#(status)","cancel_at_period_end":false,"current_period_end":4102444800,"items":{"data":[{"price":{"id":"price_growth"}}]},"metadata":{}}"#
  }

  private func plan(of account: UUID) throws -> String {
    try database.rows(
      "SELECT plan || ' ' || bought_plan || ' ' || subscribed_plan || ' ' || coalesce(email, 'nobody') FROM accounts WHERE account_id = \(account)",
      as: String.self, by: soon)[0]
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

  @Test func aPaymentThatComesAfterwardsIsAuditedAndGrantsNothing() throws {
    let account = try sell("a")
    try erase(account)
    #expect(try pay("a") == "erased")
    #expect(try pay("a") == "duplicate")
    #expect(try plan(of: account) == "free free free nobody")
    #expect(try audit(of: account) == ["operator account_erased ", "stripe payment_after_erasure coffee, 500 usd"])
    #expect(
      try database.rows("SELECT state FROM checkouts", as: String.self, by: soon) == ["paid"], "it is in the books")
    #expect(try database.rows("SELECT count(*) FROM jobs", as: Int.self, by: soon) == [0])
  }

  /// Negative control: the same story grants where nothing was erased.
  @Test func theSamePaymentGrantsWhereNothingWasErased() throws {
    let account = try sell("a")
    #expect(try pay("a") == "applied")
    #expect(try plan(of: account) == "free coffee free ada@example.com")
  }

  @Test func creditsThatComeAfterwardsAreNotAdded() throws {
    let account = try sell("a", "credits_500", credits: 500)
    try erase(account)
    #expect(try pay("a") == "erased")
    #expect(try database.rows("SELECT count(*) FROM credit_entries", as: Int.self, by: soon) == [0])
  }

  @Test func whatWasPaidBackAfterwardsStillLeavesTheLedger() throws {
    let account = try sell("a", "credits_500", credits: 500)
    #expect(try pay("a") == "applied")
    try erase(account)
    #expect(try database.rows("SELECT balance FROM credit_accounts", as: Int.self, by: soon) == [500], "the books stay")
    try tell(
      "refund.created",
      #"{"id":"re_1","object":"refund","charge":"ch_1","payment_intent":"pi_a","amount":500,"currency":"usd","status":"succeeded"}"#
    )
    #expect(try database.rows("SELECT balance FROM credit_accounts", as: Int.self, by: soon) == [0])
    #expect(try plan(of: account) == "free free free nobody")
  }

  @Test func aRunningSubscriptionIsEndedAndStaysWithoutEffect() throws {
    let account = try sell("a", "growth", amount: 1_500, mode: "subscription")
    #expect(try pay("a", amount: 1_500, mode: "subscription") == "applied")
    try tell("customer.subscription.updated", subscription("a", "active"), created: 1_772_366_500)
    #expect(try plan(of: account) == "free free growth ada@example.com")
    try erase(account)
    #expect(try plan(of: account) == "free free free nobody")
    #expect(try jobs("stripe_cancellation") == ["sub_a"])
    #expect(try tell("customer.subscription.updated", subscription("a", "active"), created: 1_772_366_600) == "erased")
    try tell(
      "invoice.paid",
      #"{"id":"in_1","object":"invoice","customer":"cus_a","subscription":"sub_a","payment_intent":"pi_1","amount_paid":1500,"currency":"usd","period_end":4102444800,"lines":{"data":[]}}"#
    )
    #expect(try plan(of: account) == "free free free nobody")
    #expect(try jobs("stripe_cancellation") == ["sub_a"], "once")
    #expect(
      try tell("customer.subscription.deleted", subscription("a", "canceled"), created: 1_772_366_700) == "erased")
    #expect(try database.rows("SELECT status FROM subscriptions", as: String.self, by: soon) == ["canceled"])
  }

  @Test func aSubscriptionThatBeginsAfterwardsIsEndedToo() throws {
    for name in ["a", "b"] { try erase(try sell(name, "growth", amount: 1_500, mode: "subscription")) }
    #expect(try pay("a", amount: 1_500, mode: "subscription") == "erased")
    #expect(
      try tell("customer.subscription.created", subscription("b", "incomplete")) == "erased",
      "of the customer, before its session is paid")
    #expect(try jobs("stripe_cancellation") == ["sub_a", "sub_b"])
    #expect(try tell("customer.subscription.created", subscription("c", "active")) == "unknown")
  }

  @Test func theCancellationIsAskedOfStripeAndFourOhFourIsDone() async throws {
    for (name, status) in [("a", 200), ("b", 404), ("c", 500)] {
      let account = try sell(name, "growth", amount: 1_500, mode: "subscription")
      _ = try pay(name, amount: 1_500, mode: "subscription")
      try tell("customer.subscription.updated", subscription(name, "active"))
      try erase(account)
      let lease = try #require(try Jobs(database).lease([StripeCancellation.kind], for: .seconds(60), by: soon).first)
      let answer =
        status == 200
        ? subscription(name, "canceled") : #"{"error":{"type":"invalid_request_error","code":"resource_missing"}}"#
      let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
        #expect(request.method == "DELETE" && request.url == "https://stripe.example/v1/subscriptions/sub_\(name)")
        return FetchResponse(
          status: status, headers: ["date": "Thu, 01 Jan 2032 00:00:00 GMT"], body: Array(answer.utf8))
      }
      let client = StripeClient(
        fetcher, key: StripeSecretKey("sk_test_x")!, base: "https://stripe.example", wait: { _ in })
      let cancellation = StripeCancellation(
        database: database, settings: BillingSettings(Deliverer.environment), client: client)
      if status == 500 {
        await #expect(throws: StripeError.self) { try await cancellation.perform(lease, by: soon) }
        #expect(try jobs("stripe_cancellation") == ["sub_c"], "to be tried again")
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
      database: database, settings: BillingSettings(Deliverer.environment), client: nil, origins: [])
    let router = Router([checkout.claim], log: Log(threshold: .error) { _ in })
    let body = Array(#"{"sessionId":"\#(session)","claimToken":"\#(Self.token)"}"#.utf8)
    let event = Event(method: "POST", rawPath: "/checkout/claim", body: body, sourceIP: "192.0.2.1")
    return await router.respond(to: event, by: Deadline(after: .seconds(60))).status
  }

  @Test func aClaimIsRefusedBeforeAndAfterThePayment() async throws {
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

  /// Whichever comes first, no key is left, nothing is granted, and every subscription is to end.
  @Test func paymentsClaimsAndErasuresAtOnceLeaveNothing() async throws {
    let (url, soon) = (url, soon)
    let accounts = try (0..<20).map { try sell("s\($0)", "growth", amount: 1_500, mode: "subscription") }
    let outcomes = await Threads.run(8) { thread -> [String] in
      let (database, stripe) = (Database(url: url), Deliverer(url: url))
      return accounts.enumerated().compactMap { number, account in
        do {
          switch (thread + number) % 3 {
          case 0:
            _ = try database.transaction(by: soon) {
              try Accounts.erase(account, and: Self.data, by: "operator", in: &$0)
            }
          case 1:
            let body =
              #"{"id":"cs_s\#(number)","object":"checkout.session","status":"complete","payment_status":"paid","mode":"subscription","amount_total":1500,"currency":"usd","customer":"cus_s\#(number)","subscription":"sub_s\#(number)"}"#
            _ = try stripe.take(
              Delivery(
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
