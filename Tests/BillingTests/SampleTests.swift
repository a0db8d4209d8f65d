import Accounts
import Contract
import FoundationEssentials
import Metering
import Postgres
import Stripe
import Support
import Testing

@testable import Billing

/// Complete recorded Stripe events: unchanged, and with their object sold here.
@Suite(.enabled(if: Samples.folder != nil)) struct SampleTests {
  private let url: String
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))
  private let account = UUID()

  init() throws {
    url = try TestDatabase.makeForBilling()
    database = Database(url: url)
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: URL(filePath: try #require(Samples.folder) + "/\(name).json"), encoding: .utf8)
  }

  /// Delivers a sample after replacing some of its text.
  ///
  /// - Returns: the outcome.
  private func deliver(_ name: String, _ words: [String: String] = [:]) throws -> String {
    // Many samples share one event id.
    var text = try text(name).replacing("\"evt_", with: "\"evt_\(name)_")
    for (word, other) in words {
      #expect(text.contains(word), "\(name) must contain \(word)")
      text = text.replacing(word, with: other)
    }
    let isLive = try StripeEvent(body: Array(text.utf8)).isLive
    return try Deliverer(
      url: url,
      Environment([
        "STRIPE_SECRET_KEY": isLive ? "sk_live_x" : "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_new",
        "STRIPE_LLM_TXT_GROWTH_PRICE_ID": Self.price,
      ])
    ).outcome(of: text, by: soon)
  }

  private static let price = "price_1IDQm5JDPojXS6LNM31hxKzp"
  /// The customer and the subscription of most samples; other ids are replaced with these.
  private static let customer = "cus_IhGfebO16cMIGN"
  private static let subscription = "sub_JdIzvfy6o5GZRd"

  private func sell(_ session: String, _ product: String, amount: Int, currency: String = "usd") throws {
    try database.transaction(by: soon) { transaction in
      Accounts.openForPurchase(account, email: nil, in: &transaction)
      StoredCheckout(
        session: session, product: try #require(Product.named(product)), price: Self.price, amount: amount,
        currency: currency, customer: Self.customer
      ).insert(for: account, in: &transaction)
    }
  }

  /// Pays the session with an event of our own that has the ids of the samples.
  private func pay(_ session: String, amount: Int, mode: String = "payment", _ link: String) throws {
    let object =
      #"""
      {"id":"\#(session)","object":"checkout.session","status":"complete","payment_status":"paid",
      "mode":"\#(mode)","amount_total":\#(amount),"currency":"usd","customer":"\#(Self.customer)",\#(link)}
      """#
    #expect(
      try Deliverer(url: url).outcome(
        of: Delivery(id: "evt_paid", type: "checkout.session.completed", created: 1_600_000_000, object: object).body,
        by: soon)
        == "applied")
  }

  private func found(_ query: Query) throws -> [String] { try database.rows(query, as: String.self, by: soon) }

  @Test func everySampleIsAccepted() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: try #require(Samples.folder)).filter {
      $0.hasSuffix(".json")
    }
    #expect(names.count > 20)
    for name in names.map({ String($0.dropLast(5)) }) {
      let outcome = try deliver(name)
      #expect(["ignored", "unknown", "noted", "queued"].contains(outcome), "\(name): \(outcome)")
    }
  }

  @Test func sessionBuysItsPlan() throws {
    try sell(
      "cs_live_9RBjcHiy2i5p99Tf1MYM90c3SHK1grU0E6Ae6pKWR2KPA4ZiuKiB2X1Y3X", "coffee", amount: 999, currency: "eur")
    #expect(try deliver("checkout_session_completed") == "applied")
    #expect(try found("SELECT bought_plan FROM accounts") == ["coffee"])
  }

  @Test func subscriptionIsCreatedUpdatedPaidAndDeleted() throws {
    try sell("cs_1", "growth", amount: 1_500)
    try pay("cs_1", amount: 1_500, mode: "subscription", #""subscription":"\#(Self.subscription)""#)
    #expect(try deliver("subscription_created") == "applied")
    #expect(try found("SELECT status || ' ' || plan FROM subscriptions") == ["active growth"])
    // Replace its subscription, and make it past due.
    #expect(
      try deliver(
        "subscription_updated",
        [
          "sub_JLEPMp81LApOJl": Self.subscription, "1619706820": "1623148999",
          "\"status\": \"active\"": "\"status\": \"past_due\"",
        ]) == "applied")
    #expect(try found("SELECT status FROM subscriptions") == ["past_due"])
    let paid = ["cus_JsuO3bmrj0QlAw": Self.customer, "sub_JsuPyCPhXWfZar": Self.subscription]
    #expect(try deliver("invoice_paid", paid) == "applied")
    #expect(
      try found("SELECT subscribed_plan || ' ' || extract(epoch FROM subscribed_until)::bigint FROM accounts") == [
        "growth \(1_645_323_680 + 7 * 86_400)"
      ])
    #expect(try deliver("subscription_deleted") == "applied")
    #expect(
      try found("SELECT status || ' ' || subscribed_plan FROM subscriptions JOIN accounts USING (account_id)") == [
        "canceled free"
      ])
  }

  @Test func refundOfAnInvoicePaymentEndsThePlan() throws {
    try sell("cs_1", "growth", amount: 1_500)
    try pay("cs_1", amount: 1_500, mode: "subscription", #""subscription":"\#(Self.subscription)""#)
    let invoice = "in_103Q0w2eZvKYlo2C5PYwf6Wf"
    _ = try deliver(
      "invoice_paid",
      [
        "cus_JsuO3bmrj0QlAw": Self.customer, "sub_JsuPyCPhXWfZar": Self.subscription,
        "in_1KJqKBJDPojXS6LNJbvLUgEy": invoice,
      ])
    #expect(try deliver("invoice_payment_paid") == "applied")
    #expect(try found("SELECT subscribed_plan FROM accounts") == ["growth"])
    #expect(try deliver("charge_refunded", ["pi_3Kl36gJDPojXS6LN02fQVtKR": "pi_103Q0w2eZvKYlo2C364X582Z"]) == "applied")
    #expect(try found("SELECT subscribed_plan FROM accounts") == ["free"])
  }

  @Test func failedRefundReturnsTheCredits() throws {
    try sell("cs_1", "credits_500", amount: 2_000)
    try pay("cs_1", amount: 2_000, #""payment_intent":"pi_1GszsK2eZvKYlo2CfhZyoZLp""#)
    #expect(try deliver("refund_created") == "applied")
    #expect(try database.rows("SELECT balance FROM credit_accounts", as: Int.self, by: soon) == [250])
    #expect(try deliver("refund_updated") == "duplicate")
    #expect(try deliver("refund_failed") == "applied")
    #expect(try database.rows("SELECT balance FROM credit_accounts", as: Int.self, by: soon) == [500])
  }

  @Test func refundedChargeEndsThePlan() throws {
    try sell("cs_1", "coffee", amount: 2_500)
    try pay("cs_1", amount: 2_500, #""payment_intent":"pi_3Kl36gJDPojXS6LN02fQVtKR""#)
    #expect(try found("SELECT bought_plan FROM accounts") == ["coffee"])
    #expect(try deliver("charge_refunded") == "applied")
    #expect(try found("SELECT bought_plan FROM accounts") == ["free"])
  }

  /// The samples are inquiries, which withdraw no money, so their status is replaced.
  @Test func disputeWithdrawsThePlanUntilItIsWon() throws {
    try sell("cs_1", "coffee", amount: 1_000)
    try pay("cs_1", amount: 1_000, #""payment_intent":"pi_1IqtG9JDPojXS6LNOGnYrIqq""#)
    #expect(try deliver("charge_dispute_created", ["\"warning_needs_response\"": "\"needs_response\""]) == "applied")
    #expect(try found("SELECT bought_plan FROM accounts") == ["free"])
    #expect(try deliver("charge_dispute_closed", ["\"warning_needs_response\"": "\"won\""]) == "applied")
    #expect(try found("SELECT bought_plan FROM accounts") == ["coffee"])
  }

  @Test func inquiryChangesNothing() throws {
    try sell("cs_1", "coffee", amount: 1_000)
    try pay("cs_1", amount: 1_000, #""payment_intent":"pi_1IqtG9JDPojXS6LNOGnYrIqq""#)
    #expect(try deliver("charge_dispute_created") == "applied")
    #expect(try deliver("charge_dispute_closed") == "duplicate")
    #expect(try found("SELECT bought_plan FROM accounts") == ["coffee"])
  }
}

private enum Samples {
  static let folder: String? = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().path + "/../../../shared/data/stripe/events"
    return FileManager.default.fileExists(atPath: folder) ? folder : nil
  }()
}
