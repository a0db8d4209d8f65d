import Fetch
import Stripe
import Synchronization
import Testing

/// Retries, deadlines, errors and breaker calls of `StripeClient`.
struct StripeClientTests {
  private let soon = ContinuousClock.now.advanced(by: .seconds(60))
  private static let created = ScriptedStripe.Answer.ok(#"{"id":"cus_1"}"#)

  private func create(_ client: StripeClient, by deadline: ContinuousClock.Instant? = nil) async throws -> String {
    try await client.createCustomer(email: nil, metadata: ["a": "b"], idempotencyKey: "key-1", by: deadline ?? soon)
  }

  /// Returns the error of a call that must fail.
  private func failure(_ client: StripeClient, by deadline: ContinuousClock.Instant? = nil) async throws -> StripeError
  {
    do {
      _ = try await create(client, by: deadline)
    } catch let error as StripeError {
      return error
    }
    throw StripeError.malformed("no error was thrown")
  }

  // MARK: Retries

  @Test(
    arguments: [
      .failure(.connectionFailed), .failure(.unresolvedHost), .failure(.timedOut), .failure(.malformedResponse),
      .error(409), .error(429),
      .error(500), .error(503), .error(400, ["stripe-should-retry": "true"]),
    ] as [ScriptedStripe.Answer])
  func retriedRequestIsIdentical(first: ScriptedStripe.Answer) async throws {
    let stripe = ScriptedStripe(first, first, Self.created)
    #expect(try await create(stripe.client()) == "cus_1")
    #expect(stripe.requests.count == 3)
    #expect(Set(stripe.requests.map { $0.headers["Idempotency-Key"] }) == ["key-1"])
    #expect(Set(stripe.requests.map(\.body)).count == 1)
  }

  @Test(
    arguments: [
      .failure(.tls), .failure(.forbiddenAddress), .failure(.cancelled), .error(400), .error(401), .error(402),
      .error(404), .error(302),
      .error(409, ["stripe-should-retry": "false"]), .error(500, ["stripe-should-retry": "false"]),
    ] as [ScriptedStripe.Answer])
  func permanentFailureIsNotRetried(answer: ScriptedStripe.Answer) async throws {
    let stripe = ScriptedStripe(answer, Self.created)
    _ = try await failure(stripe.client())
    #expect(stripe.requests.count == 1 && stripe.pauses.isEmpty)
  }

  @Test func requestFailsAfterThreeAttempts() async throws {
    let stripe = ScriptedStripe(.error(500), .failure(.timedOut), .error(503), Self.created)
    #expect(try await failure(stripe.client()) == .refused(status: 503, type: "api_error", code: nil, param: nil))
    #expect(stripe.requests.count == 3)
  }

  @Test func pausesDoubleAndHaveJitter() async throws {
    for (jitter, pauses) in [(0.0, [250, 500]), (1.0, [500, 1000])] {
      let stripe = ScriptedStripe(.error(500), .error(500), .error(500))
      _ = try await failure(stripe.client(jitter: jitter))
      #expect(stripe.pauses == pauses.map { .milliseconds($0) })
    }
  }

  @Test func retryAfterHeaderSetsThePauseUpToTheMaximum() async throws {
    let stripe = ScriptedStripe(
      .error(429, ["retry-after": "3"]), .error(429, ["retry-after": "Tue, 24 Nov 2026 00:00:00 GMT"]), Self.created)
    #expect(try await create(stripe.client()) == "cus_1")
    #expect(stripe.pauses == [.seconds(3), .milliseconds(500)])
    for answer in [
      ScriptedStripe.Answer.error(429, ["retry-after": "61"]), .error(503, ["retry-after": "99999999999999999999"]),
    ] {
      let stripe = ScriptedStripe(answer, Self.created)
      _ = try await failure(stripe.client())
      #expect(stripe.requests.count == 1 && stripe.pauses.isEmpty)
    }
  }

  // MARK: Deadlines

  @Test func retryBeyondTheDeadlineIsNotMade() async throws {
    let stripe = ScriptedStripe(.error(429, ["retry-after": "30"]), Self.created)
    #expect(
      try await failure(stripe.client(), by: .now.advanced(by: .seconds(20)))
        == .refused(status: 429, type: "api_error", code: nil, param: nil))
    #expect(stripe.requests.count == 1 && stripe.pauses.isEmpty)
  }

  @Test func attemptTimeLimitEndsAtTheDeadline() async throws {
    let stripe = ScriptedStripe(Self.created)
    _ = try await create(stripe.client(), by: .now.advanced(by: .seconds(2)))
    let limit = try #require(stripe.requests.first).limits.duration
    #expect(limit > .seconds(1) && limit <= .seconds(2))
  }

  @Test func expiredDeadlineSendsNoRequest() async throws {
    let stripe = ScriptedStripe(Self.created)
    let breakerLog = BreakerLog()
    #expect(try await failure(stripe.client(breaker: breakerLog.breaker), by: .now) == .timedOut)
    #expect(stripe.requests.isEmpty && breakerLog.entries.isEmpty)
  }

  @Test func cancelledPauseEndsTheCall() async throws {
    let client = StripeClient(
      Fetcher { (_: FetchRequest) async throws(FetchError) -> FetchResponse in throw FetchError(.connectionFailed, "")
      },
      key: StripeSecretKey("sk_test_1")!, wait: { _ in throw CancellationError() })
    #expect(try await failure(client) == .unreachable(.cancelled))
  }

  // MARK: Errors

  @Test func errorHasStripesNamesButNotItsMessage() async throws {
    let body = #"""
      {"error":{"type":"invalid_request_error","code":"resource_missing","param":"line_items[0][price]","message":"No such price: 'SECRET'"}}
      """#
    let stripe = ScriptedStripe(.response(404, body))
    let error = try await failure(stripe.client())
    #expect(
      error
        == .refused(status: 404, type: "invalid_request_error", code: "resource_missing", param: "line_items[0][price]")
    )
    #expect(
      "\(error)"
        == "Stripe returned 404: type invalid_request_error, code resource_missing, parameter line_items[0][price]")
  }

  @Test(arguments: [
    "", "<html>", "[]", #"{"error":"no"}"#, #"{"error":{"type":7}}"#, "{\"error\":{\"type\":\"a\u{0}b\"}}",
    #"{"error":{"type":"two words"}}"#,
  ])
  func unknownErrorBodyHasOnlyTheStatus(body: String) async throws {
    let stripe = ScriptedStripe(.response(402, body))
    #expect(try await failure(stripe.client()) == .refused(status: 402, type: nil, code: nil, param: nil))
  }

  @Test(arguments: [
    ("", "JSON"), ("{}", "id"), (#"{"id":7}"#, "id"), ("[]", "JSON object"), ("{\"id\":\"\u{0}\"}", "JSON"),
  ])
  func malformedResponseNamesTheField(body: String, named: String) async throws {
    let stripe = ScriptedStripe(.ok(body))
    guard case .malformed(let reason) = try await failure(stripe.client()) else {
      Issue.record("not malformed")
      return
    }
    #expect(reason.contains(named))
  }

  @Test func keyIsNeverPrinted() async throws {
    var texts: [String] = []
    let answers: [ScriptedStripe.Answer] = [
      .failure(.tls), .failure(.connectionFailed), .failure(.timedOut), .error(401), .error(500),
      .ok(#"{"id":{"a":"\#(ScriptedStripe.secret)"}}"#),
      .response(400, #"{"error":{"type":"a","code":"b","message":"Invalid API Key: \#(ScriptedStripe.secret)"}}"#),
    ]
    for answer in answers {
      let client = ScriptedStripe(answer, answer, answer).client()
      let error = try await failure(client)
      var dumped = ""
      dump(error, to: &dumped)
      dump(client, to: &dumped)
      texts += ["\(error)", String(reflecting: error), "\(client)", String(reflecting: client), dumped]
    }
    let key = try #require(StripeSecretKey(ScriptedStripe.secret))
    texts += ["\(key)", String(reflecting: key)]
    for text in texts { #expect(!text.contains(ScriptedStripe.secret)) }
  }

  @Test func keyMustFitIntoAHeader() {
    for text in ["", "sk_test_\r\nX: y", "sk test", "sk_tést"] { #expect(StripeSecretKey(text) == nil) }
    #expect(StripeSecretKey("sk_live_1")?.isLive == true)
    #expect(StripeSecretKey("rk_live_1")?.isLive == true)
    #expect(StripeSecretKey("sk_test_1")?.isLive == false)
  }

  // MARK: Breaker

  private final class BreakerLog: Sendable {
    private let lines = Mutex<[String]>([])
    var entries: [String] { lines.withLock { $0 } }

    var breaker: StripeBreaker {
      StripeBreaker { [self] (_: ContinuousClock.Instant) throws(StripeError) -> StripeBreaker.Report in
        lines.withLock { $0.append("before") }
        return { [self] isSuccess, _ in lines.withLock { $0.append(isSuccess ? "success" : "failure") } }
      }
    }
  }

  @Test(
    arguments: [
      (Self.created, "success"), (.error(400), "success"), (.error(429), "success"), (.ok("{}"), "success"),
      (.error(500), "failure"),
      (.failure(.connectionFailed), "failure"), (.failure(.timedOut), "failure"), (.failure(.tls), "failure"),
      (.failure(.cancelled), nil),
    ] as [(ScriptedStripe.Answer, String?)])
  func callReportsItsOutcomeOnce(answer: ScriptedStripe.Answer, outcome: String?) async throws {
    let breakerLog = BreakerLog()
    _ = try? await create(ScriptedStripe(answer, answer, answer).client(breaker: breakerLog.breaker))
    #expect(breakerLog.entries == ["before"] + (outcome.map { [$0] } ?? []))
  }

  @Test func openBreakerSendsNoRequest() async throws {
    let stripe = ScriptedStripe(Self.created)
    let breaker = StripeBreaker { (_: ContinuousClock.Instant) throws(StripeError) -> StripeBreaker.Report in
      throw .breakerOpen(retryAfter: .seconds(42))
    }
    #expect(try await failure(stripe.client(breaker: breaker)) == .breakerOpen(retryAfter: .seconds(42)))
    #expect(stripe.requests.isEmpty)
  }
}
