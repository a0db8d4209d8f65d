import Contract
import Fetch
import FoundationEssentials
import Postgres
import Synchronization
import Testing

@testable import Billing

/// `POST /checkout`: requests to Stripe, idempotency and settings.
@Suite struct CheckoutTests {
  private let shop: Shop

  init() throws { shop = try Shop() }

  @Test func requestsToStripeHaveTheDocumentedForm() async throws {
    let opened = try await shop.open("growth")
    let account = try shop.database.rows("SELECT account_id FROM checkouts", as: UUID.self, by: shop.soon)[0].uuidString
      .lowercased()
    let requests = shop.stripe.requests.withLock { $0 }
    #expect(
      requests.map(\.url) == ["https://stripe.example/v1/customers", "https://stripe.example/v1/checkout/sessions"])
    #expect(String(decoding: requests[0].body, as: UTF8.self) == "email=ada%40example.com&metadata[account]=\(account)")
    let checkout = try shop.strings("SELECT reference FROM stripe_references WHERE reference LIKE '%-%'")[0]
    let metadata = { (at: String) in "\(at)[account]=\(account)&\(at)[checkout]=\(checkout)&\(at)[product]=growth" }
    #expect(
      String(decoding: requests[1].body, as: UTF8.self)
        == """
        mode=subscription&customer=cus_1&line_items[0][price]=price_growth&line_items[0][quantity]=1\
        &success_url=https%3A%2F%2Fshop.example%2Fthanks&cancel_url=https%3A%2F%2Fshop.example%2F\
        &client_reference_id=\(account)&\(metadata("metadata"))&\(metadata("subscription_data[metadata]"))
        """
    )
    for request in requests {
      #expect(request.headers["Stripe-Version"] == "2025-03-31.basil")
      #expect(request.headers["Idempotency-Key"]?.hasPrefix(checkout) == true)
      #expect(request.kind == .configured)
    }
    #expect(opened.url == "https://pay.example/cs_1")
  }

  @Test func retryReusesTheIdempotencyKey() async throws {
    shop.stripe.failures.withLock { $0 = 2 }
    _ = try await shop.open()
    let keys = shop.stripe.requests.withLock { $0.map { $0.headers["Idempotency-Key"] } }
    #expect(keys.count == 4 && keys[0] == keys[1] && keys[1] == keys[2] && keys[3] != keys[2])
  }

  @Test func unreachableStripeIsUpstreamFailedWithoutTheSecretKey() async throws {
    shop.stripe.failures.withLock { $0 = 100 }
    let response = await shop.send("POST", "/checkout", shop.order())
    #expect(response.status == 502)
    #expect(!shop.text(response).contains("sk_test"))
    #expect(try shop.integers("SELECT count(*) FROM checkouts") == [0])
  }

  @Test func credentialAddsThePurchaseToItsAccountAndCustomer() async throws {
    let opened = try await shop.open()
    _ = try shop.pay(opened.id)
    let key = try #require(try await shop.claim(opened.id, opened.claimToken).key)
    let more = try await shop.open("credits_2500", key: key)
    #expect(try shop.pay(more.id, amount: 2_000) == "applied")
    #expect(try shop.strings("SELECT DISTINCT customer_id FROM checkouts") == ["cus_1"])
    #expect(try shop.integers("SELECT balance FROM credit_accounts") == [2_500])
    #expect(try shop.integers("SELECT count(*) FROM accounts WHERE kind = 'customer'") == [1])
    let portal = await shop.send("POST", "/checkout/portal", #"{"returnUrl":"https://shop.example/"}"#, key: key)
    #expect(shop.text(portal).contains("https://pay.example/"))
  }

  @Test func repeatedIdempotencyKeyReturnsTheSameCheckout() async throws {
    let headers = ["idempotency-key": "k1"]
    let first = try await shop.open(headers: headers)
    let second = try await shop.open(headers: headers)
    #expect(first.id == second.id && first.claimToken == second.claimToken && first.url == second.url)
    #expect(await shop.send("POST", "/checkout", shop.order("growth"), headers: headers).status == 409)
    // Another network has its own idempotency keys.
    let other = try await shop.open(headers: headers, address: "198.51.100.7")
    #expect(other.id != first.id && other.claimToken != first.claimToken)
  }

  /// The claim token is derived from the secret key, so it cannot be derived again.
  @Test func repeatAfterAChangeOfTheSecretKeyIsAConflict() async throws {
    let headers = ["idempotency-key": "k1"]
    let opened = try await shop.open(headers: headers)
    let response = await shop.send("POST", "/checkout", shop.order(), headers: headers, secretKey: "sk_test_y")
    #expect(response.status == 409 && shop.text(response).contains("STRIPE_SECRET_KEY"))
    _ = try shop.pay(opened.id)
    #expect(try await shop.claim(opened.id, opened.claimToken).status == 201, "the first token is still valid")
  }

  /// The buyer does not wait for two slow requests: Stripe creates the customer with the session.
  @Test func slowStripeCreatesTheCustomerWithTheSession() async throws {
    shop.stripe.customerDelay.withLock { $0 = .seconds(20) }
    let opened = try await shop.open(patience: .milliseconds(10))
    let body = shop.stripe.requests.withLock { String(decoding: $0.last?.body ?? [], as: UTF8.self) }
    #expect(
      body.hasPrefix("mode=payment&customer_email=ada%40example.com&customer_creation=always&")
        && !body.contains("customer="))
    #expect(
      try shop.integers("SELECT count(*) FROM checkouts WHERE customer_id IS NULL") == [1])
    #expect(try shop.pay(opened.id, amount: 499, customer: "cus_new") == "mismatch")
    #expect(try shop.pay(opened.id, customer: "cus_new") == "applied")
    let key = try #require(try await shop.claim(opened.id, opened.claimToken).key)
    let more = try await shop.open("credits_500", key: key)
    let nextBody = shop.stripe.requests.withLock { String(decoding: $0.last?.body ?? [], as: UTF8.self) }
    #expect(nextBody.contains("customer=cus_new"))
    #expect(try shop.pay(more.id, customer: "cus_other") == "mismatch")
    #expect(try shop.pay(more.id) == "applied")
    #expect(await shop.send("POST", "/checkout/portal", "{}", key: key).status == 200)
  }

  @Test func missingPriceNamesItsSetting() async throws {
    let settings = BillingSettings(Environment(["STRIPE_SECRET_KEY": "sk_test_x"]))
    for (product, setting) in [
      ("coffee", "STRIPE_LLM_TXT_COFFEE_PRICE_ID"), ("credits_500", "STRIPE_LLM_TXT_CREDITS_PRICE_IDS"),
    ] {
      let failure = #expect(throws: Failure.self) { try settings.price(of: Product.named(product)!) }
      #expect(failure?.details["setting"] == setting)
    }
  }

  @Test func auditLogNamesTheKeyOfThePurchase() async throws {
    let opened = try await shop.open()
    _ = try shop.pay(opened.id)
    let key = try #require(try await shop.claim(opened.id, opened.claimToken).key)
    _ = try await shop.open("credits_500", key: key)
    let actors = try shop.strings("SELECT actor FROM audit_log WHERE action = 'checkout_opened' ORDER BY created_at")
    let keyID = try shop.database.rows("SELECT key_id FROM credentials", as: UUID.self, by: shop.soon)[0].uuidString
      .lowercased()
    #expect(actors == ["buyer", keyID])
  }
}
