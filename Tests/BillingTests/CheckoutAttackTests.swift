import Contract
import FoundationEssentials
import Postgres
import Synchronization
import Testing

@testable import Billing

/// Requests and payments that must not grant, reveal or change anything.
@Suite struct CheckoutAttackTests {
  private let shop: Shop

  init() throws { shop = try Shop() }

  @Test func revokedKeyCannotRepeatItsCheckout() async throws {
    let opened = try await shop.open()
    _ = try shop.pay(opened.id)
    let key = try #require(try await shop.claim(opened.id, opened.claimToken).key)
    let headers = ["idempotency-key": "k1"]
    #expect(await shop.send("POST", "/checkout", shop.order(), key: key, headers: headers).status == 201)
    #expect(await shop.send("POST", "/checkout", shop.order(), key: key, headers: headers).status == 201)
    try shop.database.execute("UPDATE credentials SET revoked_at = now()", by: shop.soon)
    let response = await shop.send("POST", "/checkout", shop.order(), key: key, headers: headers)
    #expect(response.status == 401 && !shop.text(response).contains("claimToken"))
  }

  @Test(arguments: [
    "https://evil.example/", "https://shop.example.evil.example/", "https://shop.example@evil.example/",
    "//evil.example", "javascript:alert(1)",
    "https://shop.example\\\\@evil.example/", "http://shop.example/", "https://shop.example:8443/", "",
  ]) func redirectToAnotherOriginIsRefused(target: String) async throws {
    let response = await shop.send("POST", "/checkout", shop.order(success: target))
    #expect(response.status == 400 && shop.text(response).contains("successUrl"))
    #expect(shop.stripe.requests.withLock { $0.isEmpty })
  }

  @Test func wrongSessionOrTokenClaimsNothing() async throws {
    let mine = try await shop.open()
    let other = try await shop.open()
    _ = try shop.pay(mine.id)
    _ = try shop.pay(other.id)
    for (session, token) in [
      (mine.id, other.claimToken), (mine.id, ""), (mine.id, "0"), ("cs_guess", mine.claimToken),
      ("cus_1", mine.claimToken),
    ] {
      #expect(try await shop.claim(session, token).status == 401)
    }
    #expect(try shop.integers("SELECT count(*) FROM credentials") == [0])
  }

  @Test func guessedClaimsAreRateLimited() async throws {
    var statuses: [Int] = []
    for _ in 0..<12 { statuses.append(try await shop.claim("cs_guess", "x").status) }
    #expect(statuses.first == 401 && statuses.last == 429)
  }

  @Test func purchaseWithAnotherPersonsEmailChangesNothingOfTheirs() async throws {
    let victim = try await shop.open()
    _ = try shop.pay(victim.id)
    let key = try #require(try await shop.claim(victim.id, victim.claimToken).key)
    let before = shop.text(await shop.send("GET", "/who", key: key))
    let attacker = try await shop.open("scale")
    #expect(try shop.pay(attacker.id, amount: 5_000, mode: "subscription") == "applied")
    #expect(shop.text(await shop.send("GET", "/who", key: key)) == before)
    #expect(try shop.integers("SELECT count(DISTINCT account_id) FROM checkouts") == [2])
  }

  @Test func unknownSessionGrantsNothing() async throws {
    #expect(try shop.pay("cs_of_another_seller") == "unknown")
    // A payment link with our price, and a customer that was not created here.
    #expect(try shop.pay("cs_payment_link", customer: "cus_link") == "unknown")
    #expect(try shop.integers("SELECT count(*) FROM accounts") == [0])
  }

  /// A customer of an earlier purchase may pay a payment link with the same price.
  @Test func paymentLinkWithKnownPriceAndCustomerGrantsNothing() async throws {
    let opened = try await shop.open()
    #expect(try shop.pay(opened.id) == "applied")
    let key = try #require(try await shop.claim(opened.id, opened.claimToken).key)
    let more = try await shop.open("credits_500", key: key)
    #expect(try shop.pay("cs_payment_link", customer: "cus_1") == "unknown")
    #expect(try shop.integers("SELECT count(*) FROM credit_entries") == [0])
    #expect(
      try shop.strings("SELECT state FROM checkouts WHERE session_id = \(more.id)") == [
        "open"
      ])
    #expect(try shop.pay(more.id) == "applied", "the session that was opened here can still be paid")
  }

  /// A network may send ten invalid credentials.
  @Test func randomCredentialsAreBlockedBeforeStripeIsCalled() async throws {
    var statuses: [Int] = []
    for number in 0..<60 {
      statuses.append(await shop.send("POST", "/checkout", shop.order(), key: "llmtxt_\(number)").status)
    }
    #expect(statuses == Array(repeating: 401, count: 10) + Array(repeating: 429, count: 50))
    #expect(await shop.send("GET", "/checkout", key: "llmtxt_x").status == 429)
    #expect(shop.stripe.requests.withLock { $0.isEmpty })
    #expect(try shop.integers("SELECT count(*) FROM rate_buckets") == [1])
  }

  @Test(arguments: [(499, nil), (50, nil), (500, "cus_other")] as [(Int, String?)])
  func differentAmountOrCustomerGrantsNothing(amount: Int, customer: String?) async throws {
    let opened = try await shop.open()
    #expect(try shop.pay(opened.id, amount: amount, customer: customer) == "mismatch")
    #expect(try await shop.claim(opened.id, opened.claimToken).status == 402)
  }

  @Test func forwardedForHeaderDoesNotAvoidTheRateLimit() async throws {
    // Only the event's sourceIp counts.
    for number in 0..<25 {
      _ = await shop.send("POST", "/checkout/claim", "{}", headers: ["x-forwarded-for": "203.0.113.\(number)"])
    }
    #expect(
      await shop.send("POST", "/checkout/claim", "{}", headers: ["x-forwarded-for": "203.0.113.99"]).status == 429)
    #expect(await shop.send("POST", "/checkout/claim", "{}", address: "198.51.100.8").status == 400)
  }
}
