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
import Synchronization
import Testing

@testable import Billing

/// Buying, paying and claiming, and what nobody gets who did not.
@Suite struct CheckoutTests {
  private let url: String
  private let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))
  private let stripe = ScriptedStripe()

  init() throws {
    url = try TestDatabase.make(
      Accounts.migrations + Limits.migrations + Metering.migrations + Jobs.migrations + Billing.migrations)
    database = Database(url: url)
  }

  private struct Opened: Decodable { let id: String, url: String, claimToken: String }

  private func send(
    _ method: String = "POST", _ path: String, _ body: String = "", key: String? = nil, headers: [String: String] = [:],
    address: String = "192.0.2.1",
    secretKey: String? = nil, patience: Duration = .seconds(200)
  ) async -> Response {
    let settings =
      secretKey.map { BillingSettings(Environment(["STRIPE_SECRET_KEY": $0])) }
      ?? BillingSettings(Deliverer.environment)
    let client = StripeClient(
      stripe.fetcher, key: StripeSecretKey("sk_test_x")!, base: "https://stripe.example", wait: { _ in })
    let checkout = Checkout(
      database: database, settings: settings, client: client, origins: ["https://shop.example"], patience: patience)
    let accounts = Accounts(database)
    let who = Operation("GET", "/who") { request in
      let account = try accounts.account(for: request)
      return Response.json(["plan": account.plan.rawValue, "kind": account.kind.rawValue, "id": account.id.uuidString])
    }
    let router = Router(
      [checkout.start, checkout.catalog, checkout.portal, checkout.claim, who], log: Log(threshold: .error) { _ in })
    var headers = headers
    if let key { headers["authorization"] = "Bearer \(key)" }
    let event = Event(method: method, rawPath: path, headers: headers, body: Array(body.utf8), sourceIP: address)
    return await router.respond(to: event, by: Deadline(after: .seconds(300)))
  }

  private func order(
    _ product: String = "coffee", success: String = "https://shop.example/thanks", email: String = "ada@example.com"
  ) -> String {
    #"{"email":"\#(email)","product":"\#(product)","successUrl":"\#(success)","cancelUrl":"https://shop.example/"}"#
  }

  private func open(_ product: String = "coffee", key: String? = nil) async throws -> Opened {
    let response = await send("POST", "/checkout", order(product), key: key)
    try #require(response.status == 201, "\(String(decoding: response.body, as: UTF8.self))")
    return try JSON.decode(Opened.self, from: response.body)
  }

  private func pay(
    _ session: String, amount: Int = 500, customer: String? = nil, mode: String = "payment",
    event: String = UUID().uuidString
  ) throws -> String {
    let customer =
      try customer ?? database.rows(
        "SELECT customer_id FROM checkouts WHERE session_id = \(session)", as: String.self, by: soon
      ).first ?? "cus_x"
    let object =
      #"{"id":"\#(session)","object":"checkout.session","status":"complete","payment_status":"paid","mode":"\#(mode)","amount_total":\#(amount),"currency":"usd","customer":"\#(customer)","payment_intent":"pi_\#(session)"}"#
    return try Deliverer(url: url).take(
      Delivery(
        id: event, type: "checkout.session.completed", created: Int(Date().timeIntervalSince1970), object: object
      ).body, by: soon)
  }

  private func claim(_ session: String, _ token: String) async throws -> (status: Int, key: String?) {
    let response = await send("POST", "/checkout/claim", #"{"sessionId":"\#(session)","claimToken":"\#(token)"}"#)
    return (response.status, try? JSON.decode([String: String].self, from: response.body)["apiKey"])
  }

  private func text(_ response: Response) -> String { String(decoding: response.body, as: UTF8.self) }

  @Test func whatIsPaidForIsClaimedAndUsed() async throws {
    let opened = try await open()
    #expect(try await claim(opened.id, opened.claimToken).status == 402, "not before it is paid")
    #expect(try pay(opened.id) == "applied")
    let first = try await claim(opened.id, opened.claimToken)
    let second = try await claim(opened.id, opened.claimToken)
    #expect(first.status == 201 && second.status == 201 && first.key != second.key)
    #expect(await send("GET", "/who", key: first.key).status == 401, "replaced, for it was never used")
    #expect(text(await send("GET", "/who", key: second.key)).contains(#""plan":"coffee""#))
    #expect(try await claim(opened.id, opened.claimToken).status == 409, "it was used")
    #expect(text(await send("GET", "/who", key: second.key)).contains(#""plan":"coffee""#))
  }

  @Test func whatIsAskedOfStripeIsExact() async throws {
    let opened = try await open("growth")
    let account = try database.rows("SELECT account_id FROM checkouts", as: UUID.self, by: soon)[0].uuidString
      .lowercased()
    let requests = stripe.requests.withLock { $0 }
    #expect(
      requests.map(\.url) == ["https://stripe.example/v1/customers", "https://stripe.example/v1/checkout/sessions"])
    #expect(String(decoding: requests[0].body, as: UTF8.self) == "email=ada%40example.com&metadata[account]=\(account)")
    let checkout = try database.rows(
      "SELECT reference FROM stripe_references WHERE reference LIKE '%-%'", as: String.self, by: soon)[0]
    let metadata = { (at: String) in "\(at)[account]=\(account)&\(at)[checkout]=\(checkout)&\(at)[product]=growth" }
    #expect(
      String(decoding: requests[1].body, as: UTF8.self)
        == "mode=subscription&customer=cus_1&line_items[0][price]=price_growth&line_items[0][quantity]=1&success_url=https%3A%2F%2Fshop.example%2Fthanks&cancel_url=https%3A%2F%2Fshop.example%2F&client_reference_id=\(account)&\(metadata("metadata"))&\(metadata("subscription_data[metadata]"))"
    )
    for request in requests {
      #expect(request.headers["Stripe-Version"] == "2025-03-31.basil")
      #expect(request.headers["Idempotency-Key"]?.hasPrefix(checkout) == true)
      #expect(request.kind == .configured)
    }
    #expect(opened.url == "https://pay.example/cs_1")
  }

  @Test func aRetryHasTheSameKeyAndMakesOneThing() async throws {
    stripe.failures.withLock { $0 = 2 }
    _ = try await open()
    let keys = stripe.requests.withLock { $0.map { $0.headers["Idempotency-Key"] } }
    #expect(keys.count == 4 && keys[0] == keys[1] && keys[1] == keys[2] && keys[3] != keys[2])
  }

  @Test func aStripeThatIsGoneIsUpstreamFailedAndTellsNoKey() async throws {
    stripe.failures.withLock { $0 = 100 }
    let response = await send("POST", "/checkout", order())
    #expect(response.status == 502)
    #expect(!text(response).contains("sk_test"))
    #expect(try database.rows("SELECT count(*) FROM checkouts", as: Int.self, by: soon) == [0])
  }

  @Test func withACredentialItAddsToThatAccountAndItsCustomer() async throws {
    let opened = try await open()
    _ = try pay(opened.id)
    let key = try #require(try await claim(opened.id, opened.claimToken).key)
    let more = try await open("credits_2500", key: key)
    #expect(try pay(more.id, amount: 2_000) == "applied")
    #expect(try database.rows("SELECT DISTINCT customer_id FROM checkouts", as: String.self, by: soon) == ["cus_1"])
    #expect(try database.rows("SELECT balance FROM credit_accounts", as: Int.self, by: soon) == [2_500])
    #expect(try database.rows("SELECT count(*) FROM accounts WHERE kind = 'customer'", as: Int.self, by: soon) == [1])
    #expect(
      text(await send("POST", "/checkout/portal", #"{"returnUrl":"https://shop.example/"}"#, key: key)).contains(
        "https://pay.example/"))
  }

  @Test func oneKeyOpensOneCheckout() async throws {
    let headers = ["idempotency-key": "k1"]
    let first = try JSON.decode(Opened.self, from: await send("POST", "/checkout", order(), headers: headers).body)
    let again = try JSON.decode(Opened.self, from: await send("POST", "/checkout", order(), headers: headers).body)
    #expect(first.id == again.id && first.claimToken == again.claimToken && first.url == again.url)
    #expect(await send("POST", "/checkout", order("growth"), headers: headers).status == 409)
    // The key of a stranger is another key.
    let stranger = try JSON.decode(
      Opened.self, from: await send("POST", "/checkout", order(), headers: headers, address: "198.51.100.7").body)
    #expect(stranger.id != first.id && stranger.claimToken != first.claimToken)
  }

  /// What was made with a credential is told to none that is not valid any more.
  @Test func aRevokedKeyIsToldNothingOfWhatItMade() async throws {
    let opened = try await open()
    _ = try pay(opened.id)
    let key = try #require(try await claim(opened.id, opened.claimToken).key)
    let headers = ["idempotency-key": "k1"]
    #expect(await send("POST", "/checkout", order(), key: key, headers: headers).status == 201)
    #expect(await send("POST", "/checkout", order(), key: key, headers: headers).status == 201)
    try database.execute("UPDATE credentials SET revoked_at = now()", by: soon)
    let response = await send("POST", "/checkout", order(), key: key, headers: headers)
    #expect(response.status == 401 && !text(response).contains("claimToken"))
  }

  /// The token follows from the secret key: with another one, a wrong token is worse than none.
  @Test func afterTheSecretKeyChangedAReplayIsAConflict() async throws {
    let headers = ["idempotency-key": "k1"]
    let opened = try JSON.decode(Opened.self, from: await send("POST", "/checkout", order(), headers: headers).body)
    let response = await send("POST", "/checkout", order(), headers: headers, secretKey: "sk_test_y")
    #expect(response.status == 409 && text(response).contains("STRIPE_SECRET_KEY"))
    _ = try pay(opened.id)
    #expect(try await claim(opened.id, opened.claimToken).status == 201, "the token that was told is good")
  }

  @Test func oneKeyClaimsOneKeyAndOpensOnePortal() async throws {
    let opened = try await open()
    _ = try pay(opened.id)
    let body = #"{"sessionId":"\#(opened.id)","claimToken":"\#(opened.claimToken)"}"#
    let headers = ["idempotency-key": "k1"]
    let first = await send("POST", "/checkout/claim", body, headers: headers)
    let again = await send("POST", "/checkout/claim", body, headers: headers)
    #expect(first.status == 201 && first.body == again.body)
    let key = try #require(try JSON.decode([String: String].self, from: first.body)["apiKey"])
    #expect(text(await send("GET", "/who", key: key)).contains(#""plan":"coffee""#))
    #expect(await send("POST", "/checkout/claim", body, headers: headers).body == first.body, "also where it was used")
    #expect(
      try database.rows("SELECT count(*) FROM idempotency_keys WHERE resource LIKE '%llmtxt_%'", as: Int.self, by: soon)
        == [0])
    try database.execute("UPDATE credentials SET revoked_at = now()", by: soon)
    #expect(await send("POST", "/checkout/claim", body, headers: headers).status == 409)
    try database.execute("UPDATE credentials SET revoked_at = NULL", by: soon)

    for _ in 0..<2 {
      #expect(await send("POST", "/checkout/portal", "{}", key: key, headers: ["idempotency-key": "p1"]).status == 200)
    }
    #expect(await send("POST", "/checkout/portal", "{}", key: key).status == 200)
    let asked = stripe.requests.withLock {
      $0.filter { $0.url.contains("portal") }.map { $0.headers["Idempotency-Key"] ?? "" }
    }
    #expect(asked.count == 3 && asked[0] == asked[1] && asked[1] != asked[2])
    #expect(
      await send(
        "POST", "/checkout/portal", #"{"returnUrl":"https://shop.example/"}"#, key: key,
        headers: ["idempotency-key": "p1"]
      ).status == 409)
  }

  /// Nobody waits for two slow answers one after the other: the page makes its own customer, who then is the account's.
  @Test func aSlowStripeMakesTheCustomerWithThePage() async throws {
    stripe.customersTake.withLock { $0 = .seconds(20) }
    let opened = try JSON.decode(
      Opened.self, from: await send("POST", "/checkout", order(), patience: .milliseconds(10)).body)
    let asked = stripe.requests.withLock { String(decoding: $0.last?.body ?? [], as: UTF8.self) }
    #expect(
      asked.hasPrefix("mode=payment&customer_email=ada%40example.com&customer_creation=always&")
        && !asked.contains("customer="))
    #expect(
      try database.rows("SELECT count(*) FROM checkouts WHERE customer_id IS NULL", as: Int.self, by: soon) == [1])
    #expect(try pay(opened.id, amount: 499, customer: "cus_new") == "mismatch")
    #expect(try pay(opened.id, customer: "cus_new") == "applied")
    let key = try #require(try await claim(opened.id, opened.claimToken).key)
    let more = try await open("credits_500", key: key)
    let askedAgain = stripe.requests.withLock { String(decoding: $0.last?.body ?? [], as: UTF8.self) }
    #expect(askedAgain.contains("customer=cus_new"))
    #expect(try pay(more.id, customer: "cus_other") == "mismatch")
    #expect(try pay(more.id) == "applied")
    #expect(await send("POST", "/checkout/portal", "{}", key: key).status == 200)
  }

  @Test(arguments: [
    "https://evil.example/", "https://shop.example.evil.example/", "https://shop.example@evil.example/",
    "//evil.example", "javascript:alert(1)",
    "https://shop.example\\\\@evil.example/", "http://shop.example/", "https://shop.example:8443/", "",
  ]) func nobodyIsSentElsewhere(target: String) async throws {
    let response = await send("POST", "/checkout", order(success: target))
    #expect(response.status == 400 && text(response).contains("successUrl"))
    #expect(stripe.requests.withLock { $0.isEmpty })
  }

  @Test func aMissingPriceIsNamed() async throws {
    let settings = BillingSettings(Environment(["STRIPE_SECRET_KEY": "sk_test_x"]))
    for (product, setting) in [
      ("coffee", "STRIPE_LLM_TXT_COFFEE_PRICE_ID"), ("credits_500", "STRIPE_LLM_TXT_CREDITS_PRICE_IDS"),
    ] {
      let failure = #expect(throws: Failure.self) { try settings.price(of: Product.named(product)!) }
      #expect(failure?.details["setting"] == setting)
    }
  }

  // MARK: Attacks

  @Test func anothersSessionOrAGuessedTokenClaimsNothing() async throws {
    let mine = try await open()
    let other = try await open()
    _ = try pay(mine.id)
    _ = try pay(other.id)
    for (session, token) in [
      (mine.id, other.claimToken), (mine.id, ""), (mine.id, "0"), ("cs_guess", mine.claimToken),
      ("cus_1", mine.claimToken),
    ] {
      #expect(try await claim(session, token).status == 401)
    }
    #expect(try database.rows("SELECT count(*) FROM credentials", as: Int.self, by: soon) == [0])
  }

  @Test func guessingIsSlowedDown() async throws {
    var statuses: [Int] = []
    for _ in 0..<12 { statuses.append(try await claim("cs_guess", "x").status) }
    #expect(statuses.first == 401 && statuses.last == 429)
  }

  @Test func payingForAVictimsAddressChangesNothingOfTheirs() async throws {
    let victim = try await open()
    _ = try pay(victim.id)
    let key = try #require(try await claim(victim.id, victim.claimToken).key)
    let before = text(await send("GET", "/who", key: key))
    let attacker = try await open("scale")
    #expect(try pay(attacker.id, amount: 5_000, mode: "subscription") == "applied")
    #expect(text(await send("GET", "/who", key: key)) == before)
    #expect(try database.rows("SELECT count(DISTINCT account_id) FROM checkouts", as: Int.self, by: soon) == [2])
  }

  @Test func aForeignSessionGrantsNothing() async throws {
    #expect(try pay("cs_of_somebody_else") == "unknown")
    // A payment link at our price, by a customer that we never made.
    #expect(try pay("cs_payment_link", customer: "cus_link") == "unknown")
    #expect(try database.rows("SELECT count(*) FROM accounts", as: Int.self, by: soon) == [0])
  }

  /// Somebody who bought here once has a customer's id of ours, and may meet a payment link of ours at the same price.
  @Test func aPaymentLinkWithOurPriceAndOurCustomerGrantsNothing() async throws {
    let opened = try await open()
    #expect(try pay(opened.id) == "applied")
    let key = try #require(try await claim(opened.id, opened.claimToken).key)
    let more = try await open("credits_500", key: key)
    #expect(try pay("cs_payment_link", customer: "cus_1") == "unknown")
    #expect(try database.rows("SELECT count(*) FROM credit_entries", as: Int.self, by: soon) == [0])
    #expect(
      try database.rows("SELECT state FROM checkouts WHERE session_id = \(more.id)", as: String.self, by: soon) == [
        "open"
      ])
    #expect(try pay(more.id) == "applied", "and the session that was opened is paid as ever")
  }

  /// Whoever shows random credentials is let to do so ten times, whatever the body holds.
  @Test func madeUpCredentialsAreBrakedBeforeAnythingIsBought() async throws {
    var statuses: [Int] = []
    for number in 0..<60 { statuses.append(await send("POST", "/checkout", order(), key: "llmtxt_\(number)").status) }
    #expect(statuses == Array(repeating: 401, count: 10) + Array(repeating: 429, count: 50))
    #expect(await send("GET", "/checkout", key: "llmtxt_x").status == 429)
    #expect(stripe.requests.withLock { $0.isEmpty })
    #expect(try database.rows("SELECT count(*) FROM rate_buckets", as: Int.self, by: soon) == [1])
  }

  @Test func theAuditLogNamesTheKeyThatBought() async throws {
    let opened = try await open()
    _ = try pay(opened.id)
    let key = try #require(try await claim(opened.id, opened.claimToken).key)
    _ = try await open("credits_500", key: key)
    let actors = try database.rows(
      "SELECT actor FROM audit_log WHERE action = 'checkout_opened' ORDER BY created_at", as: String.self, by: soon)
    let keyID = try database.rows("SELECT key_id FROM credentials", as: UUID.self, by: soon)[0].uuidString.lowercased()
    #expect(actors == ["buyer", keyID])
  }

  @Test(arguments: [(499, nil), (50, nil), (500, "cus_other")] as [(Int, String?)])
  func anotherAmountOrCustomerGrantsNothing(amount: Int, customer: String?) async throws {
    let opened = try await open()
    #expect(try pay(opened.id, amount: amount, customer: customer) == "mismatch")
    #expect(try await claim(opened.id, opened.claimToken).status == 402)
  }

  @Test func aForgedForwardedHeaderIsNotBelieved() async throws {
    // The function looks at the event's own sourceIp alone.
    for number in 0..<25 {
      _ = await send("POST", "/checkout/claim", "{}", headers: ["x-forwarded-for": "203.0.113.\(number)"])
    }
    #expect(await send("POST", "/checkout/claim", "{}", headers: ["x-forwarded-for": "203.0.113.99"]).status == 429)
    #expect(await send("POST", "/checkout/claim", "{}", address: "198.51.100.8").status == 400)
  }

  @Test func anExpiredKeyIsRefused() async throws {
    let opened = try await open()
    _ = try pay(opened.id)
    let key = try #require(try await claim(opened.id, opened.claimToken).key)
    try database.execute("UPDATE credentials SET expires_at = now() - interval '1 second'", by: soon)
    #expect(await send("GET", "/who", key: key).status == 401)
  }
}

/// Answers as Stripe does, and remembers what it was asked.
final class ScriptedStripe: Sendable {
  let requests = Mutex<[FetchRequest]>([])
  let failures = Mutex(0)
  /// How long it takes to make a customer.
  let customersTake = Mutex(Duration.zero)

  var fetcher: Fetcher {
    Fetcher { [self] (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      let number = requests.withLock {
        $0.append(request)
        return $0.count
      }
      let fails = failures.withLock { count in
        defer { count = max(0, count - 1) }
        return count > 0
      }
      if request.url.hasSuffix("/customers") {
        do { try await Task.sleep(for: customersTake.withLock { $0 }) } catch {
          throw FetchError(.cancelled, "nobody waits")
        }
      }
      if fails {
        if number.isMultiple(of: 2) { throw FetchError(.connectionFailed, "gone") }
        return FetchResponse(status: 503)
      }
      let path = request.url.dropFirst("https://stripe.example".count)
      let made = requests.withLock { all in
        Set(all.filter { $0.url == request.url }.map { $0.headers["Idempotency-Key"] ?? "" }).count
      }
      let body =
        switch path {
        case "/v1/customers": #"{"id":"cus_\#(made)"}"#
        case "/v1/checkout/sessions":
          #"{"id":"cs_\#(made)","url":"https://pay.example/cs_\#(made)","expires_at":1800000000,"livemode":false}"#
        default: #"{"id":"bps_1","url":"https://pay.example/portal"}"#
        }
      return FetchResponse(status: 200, body: Array(body.utf8))
    }
  }
}
