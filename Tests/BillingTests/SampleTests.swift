import Accounts
import Contract
import FoundationEssentials
import Jobs
import Limits
import Metering
import Postgres
import Stripe
import Support
import Testing

@testable import Billing

/// Whole events as Stripe sent them to somebody: as they are, and where what they are about was sold here.
@Suite(.enabled(if: Samples.folder != nil)) struct SampleTests {
  private let url: String
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))
  private let account = UUID()

  init() throws {
    url = try TestDatabase.make(
      Accounts.migrations + Limits.migrations + Metering.migrations + Jobs.migrations + Billing.migrations)
    database = Database(url: url)
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: URL(filePath: try #require(Samples.folder) + "/\(name).json"), encoding: .utf8)
  }

  /// Takes a sample, some of its words being others.
  ///
  /// - Returns: what became of it.
  private func take(_ name: String, _ words: [String: String] = [:]) throws -> String {
    // Many of them have one id.
    var text = try text(name).replacing("\"evt_", with: "\"evt_\(name)_")
    for (word, other) in words {
      #expect(text.contains(word), "\(name) says \(word)")
      text = text.replacing(word, with: other)
    }
    let isLive = try StripeEvent(body: Array(text.utf8)).isLive
    return try Deliverer(
      url: url,
      Environment([
        "STRIPE_SECRET_KEY": isLive ? "sk_live_x" : "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_new",
        "STRIPE_LLM_TXT_GROWTH_PRICE_ID": Self.price,
      ])
    ).take(text, by: soon)
  }

  private static let price = "price_1IDQm5JDPojXS6LNM31hxKzp"
  /// The customer and the subscription of most samples; those of the others are written as these.
  private static let customer = "cus_IhGfebO16cMIGN", subscription = "sub_JdIzvfy6o5GZRd"

  private func sell(
    _ session: String, _ product: String, amount: Int, currency: String = "usd", mode: String, payment: String? = nil
  ) throws {
    let credits = Product.named(product)!.credits
    try database.transaction(by: soon) { transaction in
      try transaction.execute("INSERT INTO accounts (account_id, kind) VALUES (\(account), 'customer')")
      try transaction.execute(
        """
        INSERT INTO checkouts (account_id, session_id, product, price_id, amount, currency, mode, customer_id, credits, claim_digest)
        VALUES (\(account), \(session), \(product), \(Self.price), \(amount), \(currency), \(mode), \(Self.customer), \(credits), \([UInt8]()))
        """)
      try transaction.execute(
        "INSERT INTO stripe_references VALUES (\(session), \(account), \(session)), (\(Self.customer), \(account), NULL)"
      )
    }
  }

  /// Pays for it by an event of our own, whose ids the samples then name.
  private func pay(_ session: String, amount: Int, mode: String = "payment", _ link: String) throws {
    let object =
      #"{"id":"\#(session)","object":"checkout.session","status":"complete","payment_status":"paid","mode":"\#(mode)","amount_total":\#(amount),"currency":"usd","customer":"\#(Self.customer)",\#(link)}"#
    #expect(
      try Deliverer(url: url).take(
        Delivery(id: "evt_paid", type: "checkout.session.completed", created: 1_600_000_000, object: object).body,
        by: soon)
        == "applied")
  }

  private func found(_ query: Query) throws -> [String] { try database.rows(query, as: String.self, by: soon) }

  @Test func everySampleIsTaken() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: try #require(Samples.folder)).filter {
      $0.hasSuffix(".json")
    }
    #expect(names.count > 20)
    for name in names.map({ String($0.dropLast(5)) }) {
      let outcome = try take(name)
      #expect(["ignored", "unknown", "noted", "queued"].contains(outcome), "\(name): \(outcome)")
    }
  }

  @Test func aSessionBuysItsPlan() throws {
    try sell(
      "cs_live_9RBjcHiy2i5p99Tf1MYM90c3SHK1grU0E6Ae6pKWR2KPA4ZiuKiB2X1Y3X", "coffee", amount: 999, currency: "eur",
      mode: "payment")
    #expect(try take("checkout_session_completed") == "applied")
    #expect(try found("SELECT bought_plan FROM accounts") == ["coffee"])
  }

  @Test func aSubscriptionIsCreatedUpdatedPaidAndDeleted() throws {
    try sell("cs_1", "growth", amount: 1_500, mode: "subscription")
    try pay("cs_1", amount: 1_500, mode: "subscription", #""subscription":"\#(Self.subscription)""#)
    #expect(try take("subscription_created") == "applied")
    #expect(try found("SELECT status || ' ' || plan FROM subscriptions") == ["active growth"])
    // Of the same subscription, and as if it had become due.
    #expect(
      try take(
        "subscription_updated",
        [
          "sub_JLEPMp81LApOJl": Self.subscription, "1619706820": "1623148999",
          "\"status\": \"active\"": "\"status\": \"past_due\"",
        ]) == "applied")
    #expect(try found("SELECT status FROM subscriptions") == ["past_due"])
    let paid = ["cus_JsuO3bmrj0QlAw": Self.customer, "sub_JsuPyCPhXWfZar": Self.subscription]
    #expect(try take("invoice_paid", paid) == "applied")
    #expect(
      try found("SELECT subscribed_plan || ' ' || extract(epoch FROM subscribed_until)::bigint FROM accounts") == [
        "growth \(1_645_323_680 + 7 * 86_400)"
      ])
    #expect(try take("subscription_deleted") == "applied")
    #expect(
      try found("SELECT status || ' ' || subscribed_plan FROM subscriptions JOIN accounts USING (account_id)") == [
        "canceled free"
      ])
  }

  @Test func whatPaidAnInvoiceTakesItBackWithIt() throws {
    try sell("cs_1", "growth", amount: 1_500, mode: "subscription")
    try pay("cs_1", amount: 1_500, mode: "subscription", #""subscription":"\#(Self.subscription)""#)
    let invoice = "in_103Q0w2eZvKYlo2C5PYwf6Wf"
    _ = try take(
      "invoice_paid",
      [
        "cus_JsuO3bmrj0QlAw": Self.customer, "sub_JsuPyCPhXWfZar": Self.subscription,
        "in_1KJqKBJDPojXS6LNJbvLUgEy": invoice,
      ])
    #expect(try take("invoice_payment_paid") == "applied")
    #expect(try found("SELECT subscribed_plan FROM accounts") == ["growth"])
    #expect(try take("charge_refunded", ["pi_3Kl36gJDPojXS6LN02fQVtKR": "pi_103Q0w2eZvKYlo2C364X582Z"]) == "applied")
    #expect(try found("SELECT subscribed_plan FROM accounts") == ["free"])
  }

  @Test func aRefundTakesCreditsAndOneThatFailsGivesThemAgain() throws {
    try sell("cs_1", "credits_500", amount: 2_000, mode: "payment")
    try pay("cs_1", amount: 2_000, #""payment_intent":"pi_1GszsK2eZvKYlo2CfhZyoZLp""#)
    #expect(try take("refund_created") == "applied")
    #expect(try database.rows("SELECT balance FROM credit_accounts", as: Int.self, by: soon) == [250])
    #expect(try take("refund_updated") == "duplicate")
    #expect(try take("refund_failed") == "applied")
    #expect(try database.rows("SELECT balance FROM credit_accounts", as: Int.self, by: soon) == [500])
  }

  @Test func aRefundedChargeTakesItsPlan() throws {
    try sell("cs_1", "coffee", amount: 2_500, mode: "payment")
    try pay("cs_1", amount: 2_500, #""payment_intent":"pi_3Kl36gJDPojXS6LN02fQVtKR""#)
    #expect(try found("SELECT bought_plan FROM accounts") == ["coffee"])
    #expect(try take("charge_refunded") == "applied")
    #expect(try found("SELECT bought_plan FROM accounts") == ["free"])
  }

  /// The samples are inquiries, which take no money; as disputes they do, until they are won.
  @Test func aDisputeHoldsItsMoneyUntilItIsWon() throws {
    try sell("cs_1", "coffee", amount: 1_000, mode: "payment")
    try pay("cs_1", amount: 1_000, #""payment_intent":"pi_1IqtG9JDPojXS6LNOGnYrIqq""#)
    #expect(try take("charge_dispute_created", ["\"warning_needs_response\"": "\"needs_response\""]) == "applied")
    #expect(try found("SELECT bought_plan FROM accounts") == ["free"])
    #expect(try take("charge_dispute_closed", ["\"warning_needs_response\"": "\"won\""]) == "applied")
    #expect(try found("SELECT bought_plan FROM accounts") == ["coffee"])
  }

  @Test func anInquiryTakesNothing() throws {
    try sell("cs_1", "coffee", amount: 1_000, mode: "payment")
    try pay("cs_1", amount: 1_000, #""payment_intent":"pi_1IqtG9JDPojXS6LNOGnYrIqq""#)
    #expect(try take("charge_dispute_created") == "applied")
    #expect(try take("charge_dispute_closed") == "duplicate")
    #expect(try found("SELECT bought_plan FROM accounts") == ["coffee"])
  }
}

private enum Samples {
  static let folder: String? = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().path + "/../../../shared/data/stripe/events"
    return FileManager.default.fileExists(atPath: folder) ? folder : nil
  }()
}
