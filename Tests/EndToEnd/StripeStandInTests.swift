import Contract
import Cryptography
import Fetch
import FetchCurl
import FoundationEssentials
import Stripe
import Support
import Testing

/// The stand-in for Stripe, asked with curl, and what it sends to a little listener.
@Suite(.serialized)
final class StripeStandInTests {
  private let listener: Command.Started
  private let listening: String
  private var standIn: Command.Started?

  /// Answers the first delivery with 503, and prints each as a line of JSON.
  private static let script = """
    import http.server, json
    class Handler(http.server.BaseHTTPRequestHandler):
        count = 0
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            Handler.count += 1
            status = 503 if Handler.count == 1 else 200
            print(json.dumps({"signature": self.headers["stripe-signature"], "body": body, "status": status}))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()
        def log_message(self, *_): pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print("listening on http://127.0.0.1:%d" % server.server_address[1])
    server.serve_forever()
    """

  init() async throws {
    let started = try Command("python3", ["-u", "-c", Self.script]).start()
    listener = started
    listening = try await Self.address { String(decoding: started.output, as: UTF8.self) }
  }

  deinit {
    listener.end()
    standIn?.end()
  }

  private static func address(_ output: () -> String) async throws -> String {
    for _ in 0..<200 {
      if let range = output().firstRange(of: "listening on http://") {
        return "http://" + output()[range.upperBound...].prefix { $0.isNumber || $0 == "." || $0 == ":" }
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw Command.Failed(description: "nothing was served: \(output())")
  }

  private func start(_ options: String...) async throws -> String {
    let started = try Command(
      Products.path(of: "local-runner"),
      ["stripe", "--port", "0", "--webhook", "\(listening)/webhook/stripe"] + options
    ).start()
    standIn = started
    return try await Self.address { started.errorOutput }
  }

  private struct Delivery: Decodable { let signature: String, body: String, status: Int }

  /// What the listener took of a type, once there are as many.
  private func deliveries(_ type: String, count: Int = 1) async throws -> [Delivery] {
    var found: [Delivery] = []
    for _ in 0..<200 {
      found = try listener.output.split(separator: 0x0a).dropFirst().map {
        try JSON.decode(Delivery.self, from: Array($0))
      }
      .filter { delivery in
        delivery.status == 200 && (try? StripeEvent(body: Array(delivery.body.utf8)).type == type) == true
      }
      if found.count >= count { break }
      try await Task.sleep(for: .milliseconds(50))
    }
    return found
  }

  private struct Made: Decodable { let id: String, url: String?, subscription: String? }
  private struct Refused: Decodable {
    struct Details: Decodable { let type: String, code: String?, param: String? }
    let error: Details
  }

  private static let key = ["-H", "Authorization: Bearer sk_test_any"]

  private func curl<Answer: Decodable>(_ type: Answer.Type = Made.self, _ arguments: [String]) async throws -> Answer {
    try JSON.decode(type, from: try await Command("curl", ["-sS"] + arguments).run().bytes)
  }

  private func session(_ base: String, mode: String, price: String, _ more: [String] = []) async throws -> Made {
    let customer: Made = try await curl(arguments: Self.key + ["-d", "email=a@site.example", "\(base)/v1/customers"])
    return try await curl(
      arguments: Self.key + more + [
        "-d", "mode=\(mode)", "-d", "customer=\(customer.id)", "-d", "line_items[0][price]=\(price)", "-d",
        "line_items[0][quantity]=1",
        "-d", "metadata[account]=a+b", "--data-urlencode",
        "success_url=https://app.example/done?session={CHECKOUT_SESSION_ID}",
        "--data-urlencode", "cancel_url=https://app.example/", "\(base)/v1/checkout/sessions",
      ])
  }

  private func curl(arguments: [String]) async throws -> Made { try await curl(Made.self, arguments) }

  @Test func aPaymentArrivesSignedThoughItsFirstDeliveryFailed() async throws {
    let base = try await start()
    let settings = String(decoding: try #require(standIn).output, as: UTF8.self)
    #expect(settings.contains("export STRIPE_API_BASE=\(base)\n"))
    #expect(settings.contains("export STRIPE_LLM_TXT_CREDITS_PRICE_IDS=price_credits_500,price_credits_2500\n"))

    // The first event is the customer's.
    let made = try await session(base, mode: "payment", price: "price_coffee")
    #expect(made.url == "\(base)/pay/\(made.id)")
    let paid = try await Command(
      "curl", ["-sS", "-o", "/dev/null", "-w", "%{redirect_url}", "-d", "action=pay", "\(base)/pay/\(made.id)"]
    ).run().output
    #expect(paid == "https://app.example/done?session=\(made.id)")

    let delivery = try #require(try await deliveries("checkout.session.completed").first)
    let body = Array(delivery.body.utf8)
    #expect(throws: Never.self) {
      try StripeSignature.verify(header: delivery.signature, body: body, secrets: ["whsec_standin"], at: .now)
    }
    #expect(throws: SignatureRejection.noMatch) {
      try StripeSignature.verify(header: delivery.signature, body: body, secrets: ["whsec_another"], at: .now)
    }
    guard case .checkoutSession(let session) = try StripeEvent(body: body).payload else {
      Issue.record("no session")
      return
    }
    #expect(
      session.id == made.id && session.paymentStatus == "paid" && session.amountTotal == 500
        && session.metadata == ["account": "a b"])
    #expect(try await deliveries("customer.created").count == 1, "it was delivered again")

    let payment = try #require(session.paymentIntent)
    _ = try await curl(arguments: ["-X", "POST", "\(base)/_control/payments/\(payment)/refund?amount=200"])
    let refunded = try #require(try await deliveries("charge.refunded").first)
    guard case .charge(let charge) = try StripeEvent(body: Array(refunded.body.utf8)).payload else {
      Issue.record("no charge")
      return
    }
    #expect(charge.amount == 500 && charge.amountRefunded == 200 && charge.paymentIntent == payment)
  }

  @Test(arguments: [[], ["--old-shape", "--duplicates", "1", "--shuffle"]])
  func aSubscriptionIsRenewedInBothShapes(options: [String]) async throws {
    let base = try await options.isEmpty ? start() : start("--old-shape", "--duplicates", "1", "--shuffle")
    let copies = options.isEmpty ? 1 : 2
    let made = try await session(base, mode: "subscription", price: "price_growth")
    let ended = try await curl(arguments: ["-X", "POST", "\(base)/_control/sessions/\(made.id)/complete"])
    let id = try #require(ended.subscription)
    let began = try await deliveries("invoice.paid", count: copies)
    #expect(began.count == copies)
    _ = try await curl(arguments: ["-X", "POST", "\(base)/_control/subscriptions/\(id)/renew"])
    let paid = try await deliveries("invoice.paid", count: 2 * copies)
    #expect(paid.count == 2 * copies)
    var ends: Set<Int> = []
    for delivery in paid {
      guard case .invoice(let invoice) = try StripeEvent(body: Array(delivery.body.utf8)).payload else {
        Issue.record("no invoice")
        return
      }
      #expect(invoice.subscription == id && invoice.amountPaid == 1_500 && invoice.lines.first?.price == "price_growth")
      #expect(invoice.paymentIntents.isEmpty == options.isEmpty)
      ends.insert(invoice.lines.first?.periodEnd ?? 0)
    }
    #expect(ends.count == 2)
    let updated = try #require(try await deliveries("customer.subscription.updated", count: copies).first)
    guard case .subscription(let subscription) = try StripeEvent(body: Array(updated.body.utf8)).payload else {
      Issue.record("no subscription")
      return
    }
    #expect(subscription.status == "active" && subscription.currentPeriodEnd == ends.max())
    #expect(try await deliveries("invoice_payment.paid", count: options.isEmpty ? 2 : 0).isEmpty == !options.isEmpty)
  }

  @Test func keysAndErrorsAreAsStripeHasThem() async throws {
    let base = try await start()
    let keyed = ["-H", "Idempotency-Key: k1"]
    let first = try await curl(arguments: Self.key + keyed + ["-d", "email=a@site.example", "\(base)/v1/customers"])
    let again = try await curl(arguments: Self.key + keyed + ["-d", "email=a@site.example", "\(base)/v1/customers"])
    #expect(first.id == again.id)
    let other = try await curl(Refused.self, Self.key + keyed + ["-d", "email=b@site.example", "\(base)/v1/customers"])
    #expect(other.error.type == "idempotency_error")
    let missing = try await curl(Refused.self, Self.key + ["\(base)/v1/prices/price_none"])
    #expect(missing.error.code == "resource_missing")
    let stranger = try await Command(
      "curl", ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "\(base)/v1/prices/price_coffee"]
    ).run().output
    #expect(stranger == "401")
    let mode = try await curl(
      Refused.self,
      Self.key + ["-d", "mode=subscription", "-d", "line_items[0][price]=price_coffee", "\(base)/v1/checkout/sessions"])
    #expect(mode.error.param == "mode")
  }

  /// The client's requests are such that the stand-in takes them, and its answers such that the client reads them.
  @Test func theClientIsUnderstood() async throws {
    let base = try await start()
    let soon = ContinuousClock.now.advanced(by: .seconds(60))
    let client = StripeClient(
      .curl(guard: AddressGuard(opened: []), userAgent: "test"), key: try #require(StripeSecretKey("sk_test_any")),
      base: base)
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

    // Paid late, and then it arrives.
    _ = try await Command("curl", ["-sS", "-d", "action=pay-late", opened.url]).run()
    let waiting = try await client.checkoutSession(opened.id, by: soon)
    #expect(
      waiting.status == "complete" && waiting.paymentStatus == "unpaid" && waiting.metadata == ["account": "1 & 2"])
    _ = try await Command("curl", ["-sS", "-d", "action=arrive", opened.url]).run()
    #expect(try await client.checkoutSession(opened.id, by: soon).paymentStatus == "paid")
    #expect(try await deliveries("checkout.session.async_payment_succeeded").count == 1)

    let id = try #require(waiting.subscription)
    let subscription = try await client.subscription(id, by: soon)
    #expect(
      subscription.prices == ["price_growth"] && subscription.metadata == ["account": "1 & 2"]
        && subscription.currentPeriodEnd != nil)
    let paid = try #require(try await deliveries("invoice.paid").first)
    guard case .invoice(let invoice) = try StripeEvent(body: Array(paid.body.utf8)).payload else {
      Issue.record("no invoice")
      return
    }
    #expect(try await client.invoice(invoice.id, by: soon).subscription == id)
    #expect(
      try await client.createPortalSession(
        customer: customer, returnURL: "https://app.example/", idempotencyKey: "p1", by: soon
      ).hasPrefix("\(base)/portal/"))
    #expect(try await client.cancelSubscriptionAtPeriodEnd(id, idempotencyKey: "e1", by: soon).cancelsAtPeriodEnd)
    #expect(try await client.cancelSubscription(id, by: soon).status == "canceled")
    await #expect(
      throws: StripeError.refused(status: 404, type: "invalid_request_error", code: "resource_missing", param: "id")
    ) {
      try await client.cancelSubscription(id, by: soon)
    }
  }

  @Test func whatGoesWrongIsToldToo() async throws {
    let base = try await start("--delay", "10")
    func control(_ path: String) async throws -> Made {
      try await curl(arguments: ["-X", "POST", "\(base)/_control/\(path)"])
    }
    let monthly = try await session(base, mode: "subscription", price: "price_scale")
    let id = try #require(try await control("sessions/\(monthly.id)/pay-late").subscription)
    _ = try await control("sessions/\(monthly.id)/fail")
    #expect(try await deliveries("checkout.session.async_payment_failed").count == 1)
    _ = try await control("subscriptions/\(id)/renew")
    _ = try await control("subscriptions/\(id)/fail-renewal")
    #expect(try await deliveries("invoice.payment_failed", count: 2).count == 2)
    _ = try await control("subscriptions/\(id)/cancel")
    #expect(try await deliveries("customer.subscription.deleted").count == 1)
    let once = try await session(base, mode: "payment", price: "price_credits_500")
    _ = try await control("sessions/\(once.id)/fail")
    _ = try await control("sessions/\(once.id)/complete")
    let paid = try #require(try await deliveries("checkout.session.completed", count: 2).last)
    guard case .checkoutSession(let session) = try StripeEvent(body: Array(paid.body.utf8)).payload else {
      Issue.record("no session")
      return
    }
    let payment = try #require(session.paymentIntent)
    _ = try await control("payments/\(payment)/dispute")
    _ = try await control("payments/\(payment)/dispute?status=lost")
    let closed = try #require(try await deliveries("charge.dispute.closed").first)
    guard case .dispute(let dispute) = try StripeEvent(body: Array(closed.body.utf8)).payload else {
      Issue.record("no dispute")
      return
    }
    #expect(dispute.status == "lost" && dispute.amount == 500 && dispute.paymentIntent == payment)
    let left = try await self.session(base, mode: "payment", price: "price_coffee")
    _ = try await control("sessions/\(left.id)/expire")
    #expect(try await deliveries("checkout.session.expired").count == 1)
    let again = try await curl(Refused.self, ["-X", "POST", "\(base)/_control/sessions/\(left.id)/complete"])
    #expect(again.error.type == "invalid_request_error")
  }
}
