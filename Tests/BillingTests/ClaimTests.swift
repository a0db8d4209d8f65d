import Contract
import Fetch
import FoundationEssentials
import Postgres
import Synchronization
import Testing

@testable import Billing

/// `POST /checkout/claim` and `POST /checkout/portal` after a payment.
@Suite struct ClaimTests {
  private let shop: Shop

  init() throws { shop = try Shop() }

  @Test func paidSessionIsClaimedUntilTheKeyIsUsed() async throws {
    let opened = try await shop.open()
    #expect(try await shop.claim(opened.id, opened.claimToken).status == 402, "before the payment")
    #expect(try shop.pay(opened.id) == "applied")
    let first = try await shop.claim(opened.id, opened.claimToken)
    let second = try await shop.claim(opened.id, opened.claimToken)
    #expect(first.status == 201 && second.status == 201 && first.key != second.key)
    #expect(await shop.send("GET", "/who", key: first.key).status == 401, "an unused key is replaced")
    #expect(shop.text(await shop.send("GET", "/who", key: second.key)).contains(#""plan":"coffee""#))
    #expect(try await shop.claim(opened.id, opened.claimToken).status == 409, "the key was used")
    #expect(shop.text(await shop.send("GET", "/who", key: second.key)).contains(#""plan":"coffee""#))
  }

  @Test func repeatedIdempotencyKeyReturnsTheSameAPIKeyAndPortal() async throws {
    let opened = try await shop.open()
    _ = try shop.pay(opened.id)
    let body = #"{"sessionId":"\#(opened.id)","claimToken":"\#(opened.claimToken)"}"#
    let headers = ["idempotency-key": "k1"]
    let first = await shop.send("POST", "/checkout/claim", body, headers: headers)
    let second = await shop.send("POST", "/checkout/claim", body, headers: headers)
    #expect(first.status == 201 && first.bytes == second.bytes)
    let key = try #require(try JSON.decode([String: String].self, from: first.bytes)["apiKey"])
    #expect(shop.text(await shop.send("GET", "/who", key: key)).contains(#""plan":"coffee""#))
    #expect(
      await shop.send("POST", "/checkout/claim", body, headers: headers).bytes == first.bytes,
      "also after the key was used")
    #expect(
      try shop.integers("SELECT count(*) FROM idempotency_keys WHERE resource LIKE '%llmtxt_%'")
        == [0])
    try shop.database.execute("UPDATE credentials SET revoked_at = now()", by: shop.soon)
    #expect(await shop.send("POST", "/checkout/claim", body, headers: headers).status == 409)
    try shop.database.execute("UPDATE credentials SET revoked_at = NULL", by: shop.soon)

    for _ in 0..<2 {
      #expect(
        await shop.send("POST", "/checkout/portal", "{}", key: key, headers: ["idempotency-key": "p1"]).status == 200)
    }
    #expect(await shop.send("POST", "/checkout/portal", "{}", key: key).status == 200)
    let portalKeys = shop.stripe.requests.withLock {
      $0.filter { $0.url.contains("portal") }.map { $0.headers["Idempotency-Key"] ?? "" }
    }
    #expect(portalKeys.count == 3 && portalKeys[0] == portalKeys[1] && portalKeys[1] != portalKeys[2])
    #expect(
      await shop.send(
        "POST", "/checkout/portal", #"{"returnUrl":"https://shop.example/"}"#, key: key,
        headers: ["idempotency-key": "p1"]
      ).status == 409)
  }

  @Test func expiredKeyIsUnauthorized() async throws {
    let opened = try await shop.open()
    _ = try shop.pay(opened.id)
    let key = try #require(try await shop.claim(opened.id, opened.claimToken).key)
    try shop.database.execute("UPDATE credentials SET expires_at = now() - interval '1 second'", by: shop.soon)
    #expect(await shop.send("GET", "/who", key: key).status == 401)
  }
}
