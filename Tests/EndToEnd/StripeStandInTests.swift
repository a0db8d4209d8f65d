import Contract
import Cryptography
import FoundationEssentials
import Stripe
import Support
import Testing

/// `local-runner stripe` over HTTP, with curl as its client and a small server that receives the events.
///
/// StripeStandInTests covers the API and the events without HTTP.
@Suite(.serialized)
final class StripeStandInTests {
  private let listener: Command.Started
  private let listening: String
  private var standIn: Command.Started?

  /// Responds to the first delivery with 503, and prints each delivery as a line of JSON.
  private static let script = """
    import http.server, json
    class Handler(http.server.BaseHTTPRequestHandler):
        count = 0
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            Handler.count += 1
            status = 503 if Handler.count == 1 else 200
            event = {"signature": self.headers["stripe-signature"], "body": body, "status": status}
            # One write for each line, because several threads write.
            print(json.dumps(event) + "\\n", end="")
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
    throw Command.Failed(description: "the server did not start: \(output())")
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

  /// The deliveries of a type that the listener has accepted; waits until there are `count`.
  private func deliveries(_ type: String, count: Int = 1) async throws -> [Delivery] {
    var found: [Delivery] = []
    for _ in 0..<200 {
      // The last line may be incomplete.
      let lines = listener.output.split(separator: 0x0a, omittingEmptySubsequences: false).dropFirst().dropLast()
      found = try lines.filter { !$0.isEmpty }.map {
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

  @Test("a payment is delivered with a signature, and the first event again after it was refused")
  func payment() async throws {
    let base = try await start()
    let settings = String(decoding: try #require(standIn).output, as: UTF8.self)
    #expect(settings.contains("export STRIPE_API_BASE=\(base)\n"))
    #expect(settings.contains("export STRIPE_LLM_TXT_CREDITS_PRICE_IDS=price_credits_500,price_credits_2500\n"))

    // The first event is customer.created.
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
    #expect(try await deliveries("customer.created").count == 1, "the first event is delivered again")

    let payment = try #require(session.paymentIntent)
    _ = try await curl(arguments: ["-X", "POST", "\(base)/_control/payments/\(payment)/refund?amount=200"])
    let refunded = try #require(try await deliveries("charge.refunded").first)
    guard case .charge(let charge) = try StripeEvent(body: Array(refunded.body.utf8)).payload else {
      Issue.record("no charge")
      return
    }
    #expect(charge.amount == 500 && charge.amountRefunded == 200 && charge.paymentIntent == payment)
  }

  @Test("the options change the shape, the number and the order of events")
  func options() async throws {
    let base = try await start("--old-shape", "--duplicates", "1", "--shuffle", "--delay", "10")
    let copies = 2
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
      #expect(!invoice.paymentIntents.isEmpty)
      ends.insert(invoice.lines.first?.periodEnd ?? 0)
    }
    #expect(ends.count == 2)
    let updated = try #require(try await deliveries("customer.subscription.updated", count: copies).first)
    guard case .subscription(let subscription) = try StripeEvent(body: Array(updated.body.utf8)).payload else {
      Issue.record("no subscription")
      return
    }
    #expect(subscription.status == "active" && subscription.currentPeriodEnd == ends.max())
    #expect(try await deliveries("invoice_payment.paid", count: 0).isEmpty)
  }
}
