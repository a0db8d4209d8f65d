import Accounts
import Contract
import Fetch
import FoundationEssentials
import Jobs
import Postgres
import Stripe
import Support
import Testing

@testable import Billing

/// Objects that the worker fetches from Stripe, and the time of their state.
@Suite struct StripeRefreshTests {
  private let url: String
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  init() throws {
    url = try TestDatabase.makeForBilling()
    database = Database(url: url)
  }

  /// Performs the enqueued jobs with a fake Stripe.
  ///
  /// - Parameters:
  ///   - objects: the responses by path.
  ///   - date: the Date header of the responses.
  private func performJobs(_ objects: [String: String], date: String? = "Sun, 01 Mar 2026 12:00:30 GMT") async throws {
    let fetcher = Fetcher { (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      let path = request.url.dropFirst("https://stripe.example".count)
      let headers = date.map { ["date": $0] } ?? [:]
      guard let object = objects[String(path)] else {
        return FetchResponse(status: 404, headers: headers, body: Array(#"{"error":{}}"#.utf8))
      }
      return FetchResponse(status: 200, headers: headers, body: Array(object.utf8))
    }
    let client = StripeClient(fetcher, key: StripeSecretKey("sk_test_x")!, base: "https://stripe.example")
    let refresh = StripeRefresh(database: database, settings: BillingSettings(Deliverer.environment), client: client)
    while let lease = try Jobs(database).lease([StripeRefresh.kind], for: .seconds(60), by: soon).first {
      try await refresh.perform(lease, by: soon)
    }
  }

  /// Delivers a thin event about an object.
  private func deliverThinEvent(_ id: String) throws {
    #expect(
      try Deliverer(url: url).outcome(
        of: Delivery(id: "evt_\(UUID().uuidString)", type: "some", created: 1, object: id, isThin: true).body, by: soon)
        == "queued")
  }

  /// The time of the default Date header, in seconds since 1970.
  private let now = 1_772_366_430

  @Test func objectsOfThinEventsAreFetchedAndApplied() async throws {
    let buyer = try Buyer(url, "growth", "credits_500")
    let end = now + 30 * 86_400
    let link = buyer.invoicePayment(0)
    var objects = [
      "/v1/checkout/sessions/cs_\(buyer.id)_0": buyer.paidSession(
        amount: 1_500, mode: "subscription", subscription: buyer.subscription),
      "/v1/checkout/sessions/cs_\(buyer.id)_1": buyer.paidSession(1, amount: 500),
      "/v1/subscriptions/\(buyer.subscription)": buyer.subscription("active", until: end),
      "/v1/invoices/in_\(buyer.id)_0?expand[]=payments": buyer.invoice(0, ("price_growth", 1_500, now, end)).dropLast()
        + #","payments":{"data":[\#(link)]}}"#,
    ]
    try deliverThinEvent("cs_\(buyer.id)_1")
    try deliverThinEvent("cs_\(buyer.id)_0")
    try await performJobs(objects)
    #expect(try database.rows("SELECT balance FROM credit_accounts", as: Int.self, by: soon) == [500])
    try deliverThinEvent("in_\(buyer.id)_0")
    try await performJobs(objects)
    #expect(try buyer.subscribedPlans() == ["growth \(end + 7 * 86_400)"])
    // The payment of the invoice is refunded, and the payment of the credits is disputed.
    objects["/v1/refunds/re_\(buyer.id)_0"] = buyer.refund(0, 1_500)
    objects["/v1/disputes/dp_1"] =
      #"""
      {"id":"dp_1","object":"dispute","payment_intent":"pi_\#(buyer.id)_1","charge":"ch_1","amount":500,
      "currency":"usd","status":"needs_response"}
      """#
    try deliverThinEvent("re_\(buyer.id)_0")
    try deliverThinEvent("dp_1")
    try await performJobs(objects)
    #expect(try buyer.subscribedPlans() == [])
    #expect(try database.rows("SELECT balance FROM credit_accounts", as: Int.self, by: soon) == [0])
    objects["/v1/disputes/dp_1"] = objects["/v1/disputes/dp_1"]?.replacing("needs_response", with: "won")
    objects["/v1/charges/ch_\(buyer.id)_1"] =
      #"""
      {"id":"ch_1","object":"charge","payment_intent":"pi_\#(buyer.id)_1","amount":500,"amount_refunded":100,
      "currency":"usd","status":"succeeded"}
      """#
    try deliverThinEvent("dp_1")
    try deliverThinEvent("ch_\(buyer.id)_1")
    try await performJobs(objects)
    #expect(try database.rows("SELECT balance FROM credit_accounts", as: Int.self, by: soon) == [400])
  }

  /// If our clock is fast, later events must not look older than the fetched state.
  @Test func fetchedStateHasTheTimeOfStripesClock() async throws {
    let buyer = try Buyer(url, "growth")
    let end = now + 30 * 86_400
    try buyer.send(
      "checkout.session.completed",
      buyer.paidSession(amount: 1_500, mode: "subscription", subscription: buyer.subscription), at: now - 60)
    try buyer.send("invoice.paid", buyer.invoice(0, ("price_growth", 1_500, now, end)), at: now - 60)
    try await performJobs(["/v1/subscriptions/\(buyer.subscription)": buyer.subscription("past_due", until: end)])
    #expect(try buyer.strings("SELECT status FROM subscriptions") == ["past_due"])
    let asOf = try database.rows("SELECT as_of FROM subscriptions", as: Int.self, by: soon)[0]
    #expect((now - 5..<now).contains(asOf))
    #expect(
      try buyer.send("customer.subscription.updated", buyer.subscription("active", until: end), at: now + 1)
        == "applied")
    #expect(try buyer.strings("SELECT status FROM subscriptions") == ["active"])
    // A state that was fetched no later than the stored state is refused.
    try deliverThinEvent(buyer.subscription)
    await #expect(throws: FetchedTooEarly.self) {
      try await performJobs(["/v1/subscriptions/\(buyer.subscription)": buyer.subscription("past_due", until: end)])
    }
    #expect(try buyer.strings("SELECT status FROM subscriptions") == ["active"])
  }

  @Test func responseWithoutADateIsAnError() async throws {
    try deliverThinEvent("sub_1")
    await #expect(throws: StripeError.malformed("it has no Date header")) {
      try await performJobs(["/v1/subscriptions/sub_1": Buyer(url).subscription("active", until: now)], date: nil)
    }
  }
}
