import Accounts
import Contract
import FoundationEssentials
import Postgres
import RunnerDatabase
import Support
import Testing

/// A cold start of `checkout` with a Stripe that takes two seconds for each request.
@Suite(.serialized) struct SlowStripeTests {
  private static let script = """
    import http.server, json, time
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            time.sleep(2)
            kind = {"/v1/customers": "cus", "/v1/checkout/sessions": "cs"}[self.path]
            session = {"url": "https://pay.example/", "expires_at": 1900000000, "livemode": False}
            body = json.dumps({"id": kind + "_" + self.headers["idempotency-key"], **session}).encode()
            try:
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except BrokenPipeError: pass
        def log_message(self, *_): pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print("http://127.0.0.1:%d" % server.server_address[1])
    server.serve_forever()
    """

  @Test func firstCheckoutTakesLessThanThreeSeconds() async throws {
    let stripe = try Command("python3", ["-u", "-c", Self.script]).start()
    defer { stripe.end() }
    for _ in 0..<400 where stripe.output.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
    let base = String(decoding: stripe.output, as: UTF8.self).split(separator: "\n").joined()
    let url = try TestDatabase.make(Feature.all.migrations)
    let checkout = Command(
      Products.path(of: "checkout"),
      environment: [
        "DATABASE_URL": url, "STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_API_BASE": base,
        "STRIPE_LLM_TXT_COFFEE_PRICE_ID": "price_coffee",
        "CORS_ALLOWED_ORIGINS": "https://shop.example",
      ])
    let body = #"""
      {"email":"ada@example.com","product":"coffee","successUrl":"https://shop.example/",
      "cancelUrl":"https://shop.example/"}
      """#
    let event = try JSON.encode(
      Event(method: "POST", rawPath: "/checkout", headers: [:], body: Array(body.utf8), sourceIP: "192.0.2.1"))
    let start = ContinuousClock.now
    let outcome = try await checkout.run(input: event)
    let elapsed = start.duration(to: .now)
    #expect(try JSON.decode(Response.self, from: outcome.bytes).status == 201, "\(outcome.output) \(outcome.error)")
    #expect(elapsed > .seconds(2) && elapsed < .seconds(3), "\(elapsed)")
    #expect(
      try Database(url: url).rows("SELECT count(*) FROM checkouts", as: Int.self, by: .now.advanced(by: .seconds(10)))
        == [1])
  }
}
