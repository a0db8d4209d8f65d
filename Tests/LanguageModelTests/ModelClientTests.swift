import Fetch
import LanguageModel
import Synchronization
import Testing

/// Retries, deadlines, cancellation and gate calls of `ModelClient`.
struct ModelClientTests {
  private static let good = ScriptedModel.Answer.ok(Sample.openAI)

  private func answerError(
    _ model: ScriptedModel, _ gate: ModelGate? = nil, by deadline: ContinuousClock.Instant = .soon
  )
    async throws -> ModelError
  {
    try await failure { _ = try await model.client(gate: gate).answer(Sample.question, by: deadline) }
  }

  // MARK: Retries

  @Test(
    arguments: [
      .failure(.connectionFailed), .failure(.unresolvedHost), .failure(.timedOut), .failure(.malformedResponse),
      .error(408), .error(409), .error(429),
      .error(500), .error(502), .error(503), .error(504), .error(529), .error(400, ["x-should-retry": "true"]),
      .ok(#"{"error":{"code":502,"message":"upstream provider failed"}}"#),
      .ok(#"{"choices":[{"message":{"content":"a"},"finish_reason":"error"}]}"#),
    ] as [ScriptedModel.Answer])
  func temporaryFailureIsRetried(first: ScriptedModel.Answer) async throws {
    let model = ScriptedModel(first, first, Self.good)
    #expect(try await model.client().answer(Sample.question, by: .soon).text == "Hällo")
    #expect(model.requests.count == 3 && Set(model.requests.map(\.body)).count == 1)
    #expect(model.outcomes.map(\.count) == [1, 1, 1])
  }

  @Test(
    arguments: [
      .failure(.tls), .failure(.forbiddenAddress), .failure(.cancelled), .error(400), .error(401), .error(402),
      .error(403), .error(404), .error(422),
      .error(302), .error(501), .error(503, ["x-should-retry": "false"]), .ok("{"), .ok("{}"),
      .response(429, #"{"error":{"type":"insufficient_quota","code":"insufficient_quota"}}"#),
      .response(
        429,
        #"{"type":"error","error":{"type":"rate_limit_error","details":{"error_code":"enforced_spend_limit_reached"}}}"#
      ),
    ] as [ScriptedModel.Answer])
  func permanentFailureIsNotRetried(answer: ScriptedModel.Answer) async throws {
    let model = ScriptedModel(answer, Self.good)
    _ = try await answerError(model)
    #expect(model.requests.count == 1 && model.pauses.isEmpty && model.outcomes.map(\.count) == [1])
  }

  @Test func requestFailsAfterThreeAttempts() async throws {
    let model = ScriptedModel(.error(500), .failure(.timedOut), .error(503), Self.good)
    #expect(try await answerError(model) == .refused(status: 503, code: "some_error"))
    #expect(model.requests.count == 3)
    #expect(
      model.outcomes == [
        [.failed(.refused(status: 500, code: "some_error"))], [.failed(.timedOut)],
        [.failed(.refused(status: 503, code: "some_error"))],
      ])
  }

  @Test func pausesDoubleAndHaveJitter() async throws {
    for (jitter, pauses) in [(0.0, [500, 1000]), (1.0, [1000, 2000])] {
      let model = ScriptedModel(.error(500), .error(500), .error(500))
      _ = try? await model.client(jitter: jitter).answer(Sample.question, by: .soon)
      #expect(model.pauses == pauses.map { .milliseconds($0) })
    }
  }

  /// The clock says Sun, 06 Nov 1994 08:49:37 GMT.
  @Test(
    arguments: [
      (["retry-after": "3"], 3000), (["retry-after": "0"], 500), (["retry-after": "2.7"], 3000),
      (["retry-after": "2.0"], 2000), (["retry-after-ms": "1234"], 1234),
      (["retry-after-ms": "700.5", "retry-after": "9"], 701),
      (["retry-after": "Sun, 06 Nov 1994 08:49:50 GMT"], 13_000),
      (["retry-after": "Sun, 06 Nov 1994 08:49:00 GMT"], 500), (["retry-after": "Sunday, 06-Nov-94 08:49:50 GMT"], 500),
      (["retry-after": "-5"], 500), (["retry-after": "soon"], 500), (["retry-after": ""], 500),
      (["retry-after-ms": "x", "retry-after": "2"], 2000),
    ] as [([String: String], Int)])
  func retryAfterHeaderSetsThePause(headers: [String: String], milliseconds: Int) async throws {
    let model = ScriptedModel(.error(429, headers), Self.good)
    _ = try await model.client().answer(Sample.question, by: .soon)
    #expect(model.pauses == [.milliseconds(milliseconds)])
  }

  @Test(arguments: ["61", "99999999999999999999", "Sun, 06 Nov 1994 08:51:00 GMT", "Tue, 01 Jan 9999 00:00:00 GMT"])
  func retryAfterBeyondTheMaximumPauseIsNotRetried(retryAfter: String) async throws {
    let model = ScriptedModel(.error(429, ["retry-after": retryAfter]), Self.good)
    #expect(try await answerError(model) == .refused(status: 429, code: "some_error"))
    #expect(model.requests.count == 1 && model.pauses.isEmpty)
  }

  // MARK: Deadlines

  @Test func retryBeyondTheDeadlineIsNotMade() async throws {
    let model = ScriptedModel(.error(429, ["retry-after": "30"]), Self.good)
    #expect(
      try await answerError(model, by: .now.advanced(by: .seconds(20))) == .refused(status: 429, code: "some_error"))
    #expect(model.requests.count == 1 && model.pauses.isEmpty)
  }

  @Test func attemptTimeLimitEndsAtTheDeadline() async throws {
    let model = ScriptedModel(Self.good)
    _ = try await model.client().answer(Sample.question, by: .now.advanced(by: .seconds(2)))
    let limit = try #require(model.requests.first).limits.duration
    #expect(limit > .seconds(1) && limit <= .seconds(2))
  }

  @Test func expiredDeadlineSendsNoRequest() async throws {
    let model = ScriptedModel(Self.good)
    #expect(try await answerError(model, by: .now) == .timedOut)
    #expect(model.requests.isEmpty && model.outcomes.isEmpty)
  }

  @Test func timeoutAtTheDeadlineIsNotRetried() async throws {
    let count = Mutex(0)
    let fetcher = Fetcher { (_: FetchRequest) async throws(FetchError) -> FetchResponse in
      count.withLock { $0 += 1 }
      try? await Task.sleep(for: .milliseconds(30))
      throw FetchError(.timedOut, "")
    }
    let client = ModelClient(fetcher, endpoint: try ScriptedModel.endpoint(), wait: { _ in })
    let error = try await failure {
      _ = try await client.answer(Sample.question, by: .now.advanced(by: .milliseconds(20)))
    }
    #expect(error == .timedOut && count.withLock { $0 } == 1)
  }

  @Test func requestLargerThanTheContextWindowIsNotSent() async throws {
    for (limit, window) in [(64, 65), (Int.max, Int.max), (8001, 8000)] {
      let model = ScriptedModel(Self.good)
      var request = Sample.question
      request.maxOutputTokens = limit
      let client = try model.client(ScriptedModel.endpoint(contextWindow: window))
      let error = try await failure { _ = try await client.answer(request, by: .soon) }
      #expect(error == .tooLong && model.requests.isEmpty && model.outcomes.isEmpty)
    }
  }

  @Test func requestOfExactlyTheContextWindowIsSent() async throws {
    let estimate = ModelEstimate(Sample.question)
    let model = ScriptedModel(Self.good)
    _ = try await model.client(ScriptedModel.endpoint(contextWindow: estimate.inputTokens + 64)).answer(
      Sample.question, by: .soon)
    #expect(model.requests.count == 1)
  }

  // MARK: Gate

  @Test func gateReceivesTheAnswer() async throws {
    let model = ScriptedModel(Self.good)
    let answer = try await model.client().answer(Sample.question, by: .soon)
    #expect(model.outcomes == [[.answered(answer)]])
  }

  @Test func gateReceivesTheEstimateBeforeEachAttempt() async throws {
    let seen = Mutex<[ModelEstimate]>([])
    let gate = ModelGate {
      (estimate: ModelEstimate, _: ContinuousClock.Instant) async throws(ModelError) -> ModelGate.Report in
      seen.withLock { $0.append(estimate) }
      return { _, _ in }
    }
    _ = try await ScriptedModel(.error(500), Self.good).client(gate: gate).answer(Sample.question, by: .soon)
    #expect(seen.withLock { $0 } == [ModelEstimate(Sample.question), ModelEstimate(Sample.question)])
  }

  @Test(arguments: [ModelError.breakerOpen(retryAfter: .seconds(42)), .limited(retryAfter: nil)])
  func closedGateSendsNoRequest(error: ModelError) async throws {
    let model = ScriptedModel(Self.good)
    let gate = ModelGate {
      (_: ModelEstimate, _: ContinuousClock.Instant) async throws(ModelError) -> ModelGate.Report in throw error
    }
    #expect(try await answerError(model, gate) == error)
    #expect(model.requests.isEmpty && !error.isOutage && !error.isRetryable)
  }

  /// The gate may have closed because of the first failure, so that failure is the more useful error.
  @Test func gateThatClosesBeforeARetryThrowsTheFirstFailure() async throws {
    let model = ScriptedModel(.error(500), Self.good)
    let count = Mutex(0)
    let gate = ModelGate {
      (_: ModelEstimate, _: ContinuousClock.Instant) async throws(ModelError) -> ModelGate.Report in
      if count.withLock({
        $0 += 1
        return $0
      }) == 2 {
        throw .limited(retryAfter: .seconds(1))
      }
      return { _, _ in }
    }
    #expect(try await answerError(model, gate) == .refused(status: 500, code: "some_error"))
    #expect(model.requests.count == 1)
  }

  @Test func gateThatOutlastsTheDeadlineReceivesACancellation() async throws {
    let model = ScriptedModel(Self.good)
    let reported = Mutex<[ModelGate.Outcome]>([])
    let gate = ModelGate {
      (_: ModelEstimate, _: ContinuousClock.Instant) async throws(ModelError) -> ModelGate.Report in
      try? await Task.sleep(for: .milliseconds(30))
      return { outcome, _ in reported.withLock { $0.append(outcome) } }
    }
    #expect(try await answerError(model, gate, by: .now.advanced(by: .milliseconds(20))) == .timedOut)
    #expect(model.requests.isEmpty && reported.withLock { $0 } == [.cancelled])
  }

  /// The gate shares the pause with all processes. The header is ignored on a 400, which does not mean overload.
  @Test(
    arguments: [(429, Duration.seconds(7)), (503, .seconds(7)), (529, .seconds(7)), (400, nil)] as [(Int, Duration?)])
  func gateReceivesRetryAfterOfABusyProvider(status: Int, retryAfter: Duration?) async throws {
    let model = ScriptedModel(.error(status, ["retry-after": "7"]))
    let reported = Mutex<[Duration?]>([])
    let gate = ModelGate {
      (_: ModelEstimate, _: ContinuousClock.Instant) async throws(ModelError) -> ModelGate.Report in
      { _, retryAfter in reported.withLock { $0.append(retryAfter) } }
    }
    let client = ModelClient(
      model.fetcher, endpoint: try ScriptedModel.endpoint(), gate: gate, maximumPause: .seconds(2))
    // The provider asks for a longer pause than the client's maximum.
    let error = try await failure { _ = try await client.answer(Sample.question, by: .soon) }
    #expect(error == .refused(status: status, code: "some_error"))
    #expect(model.requests.count == 1 && reported.withLock { $0 } == [retryAfter])
  }

  // MARK: Cancellation

  @Test func cancelledAttemptIsReportedOnce() async throws {
    let model = ScriptedModel(.failure(.cancelled), Self.good)
    #expect(try await answerError(model) == .unreachable(.cancelled))
    #expect(model.outcomes == [[.cancelled]])
  }

  @Test func cancelledTaskSendsNoRequest() async throws {
    let model = ScriptedModel(Self.good)
    let client = try model.client()
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await failure { _ = try await client.answer(Sample.question, by: .soon) }
    }
    task.cancel()
    #expect(try await task.value == .unreachable(.cancelled))
    #expect(model.requests.isEmpty && model.outcomes == [[.cancelled]])
  }

  @Test func cancelledPauseEndsTheCall() async throws {
    let model = ScriptedModel(.error(500), Self.good)
    let client = ModelClient(
      model.fetcher, endpoint: try ScriptedModel.endpoint(), gate: model.gate, wait: { _ in throw CancellationError() })
    let error = try await failure { _ = try await client.answer(Sample.question, by: .soon) }
    #expect(error == .unreachable(.cancelled) && model.requests.count == 1)
    #expect(model.outcomes == [[.failed(.refused(status: 500, code: "some_error"))]])
  }

  // MARK: Outages

  @Test(
    arguments: [
      (.unreachable(.connectionFailed), true), (.unreachable(.tls), true), (.unreachable(.cancelled), false),
      (.timedOut, true),
      (.refused(status: 500, code: nil), true), (.refused(status: 529, code: nil), true),
      (.refused(status: 429, code: nil), false),
      (.refused(status: 401, code: nil), false), (.malformed(""), true), (.mismatched(""), false), (.tooLong, false),
    ] as [(ModelError, Bool)])
  func errorIsOutage(error: ModelError, isOutage: Bool) {
    #expect(error.isOutage == isOutage)
  }
}
