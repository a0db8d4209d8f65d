import Fetch
import Stripe
import Testing

/// The exact HTTP requests of `StripeClient`'s calls.
struct StripeRequestTests {
  private let soon = ContinuousClock.now.advanced(by: .seconds(60))

  private func head(_ line: String, key: String? = nil) -> String {
    let post = key.map { "Content-Type: application/x-www-form-urlencoded\nIdempotency-Key: \($0)\n" } ?? ""
    return "\(line)\nAccept: application/json\nAuthorization: Bearer …\n\(post)Stripe-Version: 2025-03-31.basil\n\n"
  }

  @Test func createCustomer() async throws {
    let stripe = ScriptedStripe(.ok(#"{"id":"cus_1","object":"customer"}"#))
    let id = try await stripe.client().createCustomer(
      email: "ä+b@site.example", metadata: ["plan": "a&b=c d", "account": "0193"], idempotencyKey: "key-1", by: soon)
    #expect(id == "cus_1")
    #expect(
      stripe.text == head("POST https://stripe.example/v1/customers", key: "key-1")
        + "email=%C3%A4%2Bb%40site.example\n&metadata[account]=0193\n&metadata[plan]=a%26b%3Dc+d")
  }

  private func parameters(_ mode: StripeCheckoutSessionRequest.Mode) -> StripeCheckoutSessionRequest {
    StripeCheckoutSessionRequest(
      mode: mode, customer: "cus_1", price: "price_1", successURL: "https://app.example/done?id={CHECKOUT_SESSION_ID}",
      cancelURL: "https://app.example/", clientReferenceID: "0193", metadata: ["account": "0193"],
      expiresAt: 1_800_000_000)
  }

  @Test(arguments: [
    (StripeCheckoutSessionRequest.Mode.payment, "payment_intent_data"), (.subscription, "subscription_data"),
  ])
  func createCheckoutSession(mode: StripeCheckoutSessionRequest.Mode, created: String) async throws {
    let stripe = ScriptedStripe(
      .ok(
        #"{"id":"cs_1","url":"https://pay.example/cs_1","expires_at":1800000000,"amount_total":500,"currency":"usd","livemode":false}"#
      ))
    let session = try await stripe.client().createCheckoutSession(parameters(mode), idempotencyKey: "key-2", by: soon)
    #expect(session.id == "cs_1" && session.url == "https://pay.example/cs_1" && session.expiresAt == 1_800_000_000)
    #expect(session.amountTotal == 500 && session.currency == "usd" && !session.isLive)
    #expect(
      stripe.text == head("POST https://stripe.example/v1/checkout/sessions", key: "key-2") + """
        mode=\(mode.rawValue)
        &customer=cus_1
        &line_items[0][price]=price_1
        &line_items[0][quantity]=1
        &success_url=https%3A%2F%2Fapp.example%2Fdone%3Fid%3D%7BCHECKOUT_SESSION_ID%7D
        &cancel_url=https%3A%2F%2Fapp.example%2F
        &client_reference_id=0193
        &expires_at=1800000000
        &metadata[account]=0193
        &\(created)[metadata][account]=0193
        """)
  }

  @Test func createPortalSession() async throws {
    let stripe = ScriptedStripe(.ok(#"{"id":"bps_1","url":"https://portal.example/1"}"#))
    let url = try await stripe.client().createPortalSession(
      customer: "cus_1", returnURL: "https://app.example/", idempotencyKey: "key-3", by: soon)
    #expect(url == "https://portal.example/1")
    #expect(
      stripe.text == head("POST https://stripe.example/v1/billing_portal/sessions", key: "key-3")
        + "customer=cus_1\n&return_url=https%3A%2F%2Fapp.example%2F")
  }

  @Test func price() async throws {
    let stripe = ScriptedStripe(
      .ok(
        #"{"id":"price_1","unit_amount":1500,"currency":"usd","recurring":{"interval":"month"},"active":true,"livemode":false}"#
      ),
      .ok(#"{"id":"price_2","unit_amount":null,"currency":"usd","recurring":null,"active":false,"livemode":true}"#))
    let client = stripe.client()
    let monthly = try await client.price("price_1", by: soon)
    #expect(stripe.text == head("GET https://stripe.example/v1/prices/price_1"))
    #expect(
      monthly.unitAmount == 1500 && monthly.currency == "usd" && monthly.recurringInterval == "month"
        && monthly.isActive && !monthly.isLive)
    let once = try await client.price("price_2", by: soon)
    #expect(once.unitAmount == nil && once.recurringInterval == nil && !once.isActive && once.isLive)
  }

  private static let subscription = ScriptedStripe.Answer.ok(
    #"""
    {"id":"sub_1","customer":"cus_1","status":"active","cancel_at_period_end":true,
     "items":{"data":[{"price":{"id":"price_1"},"current_period_end":1800000000}]},"metadata":{"account":"0193"}}
    """#)

  @Test func fetchAndCancelSubscription() async throws {
    let stripe = ScriptedStripe(Self.subscription, Self.subscription, Self.subscription)
    let client = stripe.client()
    #expect(try await client.subscription("sub_1", by: soon).currentPeriodEnd == 1_800_000_000)
    #expect(stripe.text == head("GET https://stripe.example/v1/subscriptions/sub_1"))
    #expect(
      try await client.cancelSubscriptionAtPeriodEnd("sub_1", idempotencyKey: "key-4", by: soon).cancelsAtPeriodEnd)
    #expect(
      stripe.text == head("POST https://stripe.example/v1/subscriptions/sub_1", key: "key-4")
        + "cancel_at_period_end=true")
    _ = try await client.cancelSubscription("sub_1", by: soon)
    #expect(stripe.text == head("DELETE https://stripe.example/v1/subscriptions/sub_1"))
  }

  @Test func checkoutSessionAndInvoice() async throws {
    let stripe = ScriptedStripe(
      .ok(#"{"id":"cs_1","payment_status":"paid","mode":"payment"}"#),
      .ok(
        #"{"id":"in_1","amount_paid":1500,"currency":"usd","period_end":1,"lines":{"data":[]},"parent":{"subscription_details":{"subscription":"sub_1"}}}"#
      ))
    let client = stripe.client()
    #expect(try await client.checkoutSession("cs_1", by: soon).paymentStatus == "paid")
    #expect(stripe.text == head("GET https://stripe.example/v1/checkout/sessions/cs_1"))
    #expect(try await client.invoice("in_1", by: soon).subscription == "sub_1")
    #expect(stripe.text == head("GET https://stripe.example/v1/invoices/in_1?expand[]=payments"))
  }

  @Test func idCannotChangeThePath() async throws {
    let stripe = ScriptedStripe(.error(404))
    await #expect(throws: StripeError.refused(status: 404, type: "api_error", code: nil, param: nil)) {
      try await stripe.client().price("a/../b?c#ä", by: soon)
    }
    #expect(stripe.requests.map(\.url) == ["https://stripe.example/v1/prices/a%2F..%2Fb%3Fc%23%C3%A4"])
    for id in ["", ".", ".."] {
      await #expect(throws: StripeError.self) { try await stripe.client().subscription(id, by: soon) }
    }
    #expect(stripe.requests.count == 1)
  }

  @Test func fetchHasTheKindConfigured() async throws {
    let stripe = ScriptedStripe(.ok(#"{"id":"cus_1"}"#))
    _ = try await stripe.client(base: StripeClient.defaultBase).createCustomer(
      email: nil, metadata: [:], idempotencyKey: "k", by: soon)
    let request = try #require(stripe.requests.first)
    #expect(request.kind == .configured)
    #expect(request.url == "https://api.stripe.com/v1/customers")
    #expect(request.body.isEmpty)
    #expect(request.limits.duration == .seconds(7))
  }
}
