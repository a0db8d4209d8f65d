import FoundationEssentials
import JSONValues
import Stripe
import Testing

@testable import StripeStandIn

/// The stand-in's ledger, driven by Stripe's API and by `/_control`.
struct StripeLedgerTests {
  @Test("a payment produces events that a client decodes")
  func payment() async throws {
    let ledger = LedgerHarness()
    let session = try await ledger.session(mode: "payment", price: "price_coffee")
    let id = try #require(session["id"].text)
    #expect(session["url"].text == "\(LedgerHarness.origin)/pay/\(id)")
    let page = await ledger.send("POST", "/pay/\(id)", ["action": "pay"])
    #expect(page.status == 303)
    #expect(page.headers["location"] == "https://app.example/done?session=\(id)")
    let event = try #require(try ledger.events("checkout.session.completed").first)
    guard case .checkoutSession(let completed) = event.payload else {
      Issue.record("not a session")
      return
    }
    #expect(completed.id == id && completed.paymentStatus == "paid" && completed.amountTotal == 500)
    #expect(completed.metadata == ["account": "a b"])

    let payment = try #require(completed.paymentIntent)
    try await ledger.control("payments/\(payment)/refund?amount=200")
    guard case .charge(let charge) = try ledger.events("charge.refunded").first?.payload else {
      Issue.record("not a charge")
      return
    }
    #expect(charge.amount == 500 && charge.amountRefunded == 200 && charge.paymentIntent == payment)
    let tooMuch = await ledger.send("POST", "/_control/payments/\(payment)/refund?amount=400")
    #expect(tooMuch.status == 400)
  }

  @Test("a subscription is renewed in both event shapes", arguments: [false, true])
  func renewal(hasOldShape: Bool) async throws {
    let ledger = LedgerHarness(hasOldShape: hasOldShape)
    let session = try await ledger.session(mode: "subscription", price: "price_growth")
    let completed = try await ledger.control("sessions/\(session["id"].text ?? "")/complete")
    let id = try #require(completed["subscription"].text)
    try await ledger.control("subscriptions/\(id)/renew")
    let invoices = try ledger.events("invoice.paid").map { event -> StripeInvoice in
      guard case .invoice(let invoice) = event.payload else { throw Unexpected() }
      return invoice
    }
    #expect(invoices.count == 2)
    for invoice in invoices {
      #expect(invoice.subscription == id && invoice.amountPaid == 1_500 && invoice.lines.first?.price == "price_growth")
      #expect(invoice.paymentIntents.isEmpty == !hasOldShape)
    }
    let ends = Set(invoices.map { $0.lines.first?.periodEnd ?? 0 })
    #expect(ends.count == 2)
    guard case .subscription(let updated) = try ledger.events("customer.subscription.updated").first?.payload else {
      Issue.record("not a subscription")
      return
    }
    #expect(updated.status == "active" && updated.currentPeriodEnd == ends.max())
    #expect(try ledger.events("invoice_payment.paid").count == (hasOldShape ? 0 : 2))
  }

  private struct Unexpected: Error {}

  @Test("events come in Stripe's order: the new period, then the invoice, then the status")
  func orderOfEvents() async throws {
    let ledger = LedgerHarness()
    let session = try await ledger.session(mode: "subscription", price: "price_growth")
    let id = try #require(
      try await ledger.control("sessions/\(session["id"].text ?? "")/complete")["subscription"].text)
    let count = ledger.types.count
    try await ledger.control("subscriptions/\(id)/fail-renewal")
    #expect(
      Array(ledger.types.dropFirst(count)) == [
        "customer.subscription.updated", "invoice.payment_failed", "customer.subscription.updated",
      ])
  }

  @Test("a late payment fails, a subscription is canceled, a dispute is lost, a session expires")
  func failures() async throws {
    let ledger = LedgerHarness()
    let monthly = try await ledger.session(mode: "subscription", price: "price_scale")
    let monthlyID = monthly["id"].text ?? ""
    let id = try #require(try await ledger.control("sessions/\(monthlyID)/pay-late")["subscription"].text)
    try await ledger.control("sessions/\(monthlyID)/fail")
    #expect(try ledger.events("checkout.session.async_payment_failed").count == 1)
    #expect(try ledger.events("invoice.payment_failed").count == 1)
    try await ledger.control("subscriptions/\(id)/cancel")
    #expect(try ledger.events("customer.subscription.deleted").count == 1)
    #expect(await ledger.send("POST", "/_control/subscriptions/\(id)/renew").status == 404)

    let once = try await ledger.session(mode: "payment", price: "price_credits_500")
    try await ledger.control("sessions/\(once["id"].text ?? "")/fail")
    let paid = try await ledger.control("sessions/\(once["id"].text ?? "")/complete")
    let payment = try #require(paid["payment_intent"].text)
    try await ledger.control("payments/\(payment)/dispute")
    #expect(await ledger.send("POST", "/_control/payments/\(payment)/dispute").status == 400, "there is one already")
    try await ledger.control("payments/\(payment)/dispute?status=lost")
    guard case .dispute(let dispute) = try ledger.events("charge.dispute.closed").first?.payload else {
      Issue.record("not a dispute")
      return
    }
    #expect(dispute.status == "lost" && dispute.amount == 500 && dispute.paymentIntent == payment)

    let left = try await ledger.session(mode: "payment", price: "price_coffee")
    try await ledger.control("sessions/\(left["id"].text ?? "")/expire")
    #expect(try ledger.events("checkout.session.expired").count == 1)
    #expect(await ledger.send("POST", "/_control/sessions/\(left["id"].text ?? "")/complete").status == 400)
  }

  private static func error(_ response: StandInResponse) -> JSONValue {
    guard case .json(let value) = response.body else { return .null }
    return value["error"]
  }

  @Test("an idempotency key returns the first response, and is refused with other parameters")
  func idempotency() async throws {
    let ledger = LedgerHarness()
    let headers = ["authorization": "Bearer sk_test_any", "idempotency-key": "k1"]
    let first = await ledger.send("POST", "/v1/customers", ["email": "a@site.example"], headers: headers)
    let second = await ledger.send("POST", "/v1/customers", ["email": "a@site.example"], headers: headers)
    #expect(first.body == second.body)
    #expect(first.headers["idempotent-replayed"] == nil && second.headers["idempotent-replayed"] == "true")
    let other = await ledger.send("POST", "/v1/customers", ["email": "b@site.example"], headers: headers)
    #expect(Self.error(other)["type"] == "idempotency_error")
    // Negative control: without a key each request creates a customer.
    let third = await ledger.send("POST", "/v1/customers", ["email": "a@site.example"])
    #expect(third.body != first.body)
  }

  @Test("errors have Stripe's statuses and codes")
  func errors() async throws {
    let ledger = LedgerHarness()
    let missing = await ledger.send("GET", "/v1/prices/price_none")
    #expect(missing.status == 404 && Self.error(missing)["code"] == "resource_missing")
    for headers in [[:], ["authorization": "Bearer sk_live_any"]] {
      #expect(await ledger.send("GET", "/v1/prices/price_coffee", headers: headers).status == 401)
    }
    let mode = await ledger.send(
      "POST", "/v1/checkout/sessions", ["mode": "subscription", "line_items[0][price]": "price_coffee"])
    #expect(Self.error(mode)["param"] == "mode")
    let unknown = await ledger.send("POST", "/v1/checkout/sessions", ["mode": "payment", "colour": "red"])
    #expect(Self.error(unknown)["code"] == "parameter_unknown")
    #expect(await ledger.send("GET", "/v1/nothing").status == 404)
    #expect(await ledger.send("GET", "/nothing").status == 404)
    #expect(await ledger.send("POST", "/_control/nothing").status == 404)
  }

  @Test("a customer cancels in the portal, and only their own subscription")
  func portal() async throws {
    let ledger = LedgerHarness()
    let session = try await ledger.session(mode: "subscription", price: "price_growth")
    let completed = try await ledger.control("sessions/\(session["id"].text ?? "")/complete")
    let id = try #require(completed["subscription"].text)
    let stranger = try await ledger.json("POST", "/v1/customers", ["email": "b@site.example"])
    func portal(_ customer: JSONValue) async throws -> String {
      let fields = ["customer": customer.text ?? "", "return_url": "https://app.example/"]
      let portal = try await ledger.json("POST", "/v1/billing_portal/sessions", fields)
      return String((portal["url"].text ?? "").dropFirst(LedgerHarness.origin.count))
    }
    let theirs = await ledger.send("POST", try await portal(stranger["id"]), ["cancel": id])
    #expect(theirs.status == 404)
    #expect(try ledger.events("customer.subscription.deleted").isEmpty)
    let own = await ledger.send("POST", try await portal(completed["customer"]), ["cancel": id])
    #expect(own.status == 200)
    #expect(try ledger.events("customer.subscription.deleted").count == 1)
  }

  /// The stand-in accepts the requests of the product's client, and the client decodes its responses.
  @Test("the product's Stripe client works with the stand-in")
  func client() async throws {
    let ledger = LedgerHarness()
    let soon = ContinuousClock.now.advanced(by: .seconds(60))
    let client = StripeClient(
      ledger.fetcher, key: try #require(StripeSecretKey("sk_test_any")), base: LedgerHarness.origin)
    let price = try await client.price("price_growth", by: soon)
    #expect(price.unitAmount == 1_500 && price.recurringInterval == "month" && price.isActive && !price.isLive)

    let customer = try await client.createCustomer(
      email: "ä+b@site.example", metadata: ["account": "1"], idempotencyKey: "c1", by: soon)
    var order = StripeCheckoutSessionRequest(
      mode: .subscription, customer: customer, price: price.id,
      successURL: "https://app.example/?a=b&session={CHECKOUT_SESSION_ID}",
      cancelURL: "https://app.example/", clientReferenceID: "1", metadata: ["account": "1 & 2"],
      expiresAt: Int(Date.now.timeIntervalSince1970) + 3_600)
    let opened = try await client.createCheckoutSession(order, idempotencyKey: "s1", by: soon)
    #expect(opened.amountTotal == 1_500 && opened.expiresAt == order.expiresAt)
    #expect(try await client.createCheckoutSession(order, idempotencyKey: "s1", by: soon) == opened)
    order.price = "price_scale"
    await #expect(throws: StripeError.refused(status: 400, type: "idempotency_error", code: nil, param: nil)) {
      try await client.createCheckoutSession(order, idempotencyKey: "s1", by: soon)
    }

    // The payment is pending at first, and then succeeds.
    _ = await ledger.send("POST", "/pay/\(opened.id)", ["action": "pay-late"])
    let waiting = try await client.checkoutSession(opened.id, by: soon)
    #expect(
      waiting.status == "complete" && waiting.paymentStatus == "unpaid" && waiting.metadata == ["account": "1 & 2"])
    _ = await ledger.send("POST", "/pay/\(opened.id)", ["action": "arrive"])
    #expect(try await client.checkoutSession(opened.id, by: soon).paymentStatus == "paid")
    #expect(try ledger.events("checkout.session.async_payment_succeeded").count == 1)

    let id = try #require(waiting.subscription)
    let subscription = try await client.subscription(id, by: soon)
    #expect(
      subscription.prices == ["price_growth"] && subscription.metadata == ["account": "1 & 2"]
        && subscription.currentPeriodEnd != nil)
    guard case .invoice(let invoice) = try ledger.events("invoice.paid").first?.payload else {
      Issue.record("not an invoice")
      return
    }
    #expect(try await client.invoice(invoice.id, by: soon).subscription == id)
    #expect(
      try await client.createPortalSession(
        customer: customer, returnURL: "https://app.example/", idempotencyKey: "p1", by: soon
      ).hasPrefix("\(LedgerHarness.origin)/portal/"))
    #expect(try await client.cancelSubscriptionAtPeriodEnd(id, idempotencyKey: "e1", by: soon).cancelsAtPeriodEnd)
    #expect(try await client.cancelSubscription(id, by: soon).status == "canceled")
    await #expect(
      throws: StripeError.refused(status: 404, type: "invalid_request_error", code: "resource_missing", param: "id")
    ) {
      try await client.cancelSubscription(id, by: soon)
    }
  }
}
