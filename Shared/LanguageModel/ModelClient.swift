package import Fetch
package import FoundationEssentials

/// Sends requests to a language model, and retries failures that may be temporary.
package struct ModelClient: Sendable {
  /// The maximum size of a response. Models do not send larger ones.
  static let maximumBytes = 8 << 20

  package let endpoint: ModelEndpoint
  let fetcher: Fetcher
  private let attemptDuration: Duration
  private let gate: ModelGate?
  private let maximumPause: Duration
  private let wait: @Sendable (Duration) async throws -> Void
  private let jitter: @Sendable () -> Double
  private let now: @Sendable () -> Date

  /// - Parameters:
  ///   - attemptDuration: the time limit of one attempt; an earlier deadline shortens it.
  ///   - gate: permits each attempt, and receives its outcome.
  ///   - maximumPause: the longest pause before a retry. If the provider asks for a longer one, the client gives up.
  ///   - wait: sleeps between attempts; throws if the task is cancelled.
  ///   - jitter: returns a number from 0 to 1 that randomises the pauses.
  ///   - now: the current time, to compute a pause from a `Retry-After` date.
  package init(
    _ fetcher: Fetcher, endpoint: ModelEndpoint, attemptDuration: Duration = .seconds(60), gate: ModelGate? = nil,
    maximumPause: Duration = .seconds(60),
    wait: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) }, now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.fetcher = fetcher
    self.endpoint = endpoint
    self.attemptDuration = attemptDuration
    self.gate = gate
    self.maximumPause = maximumPause
    self.wait = wait
    self.jitter = jitter
    self.now = now
  }

  /// Sends a request, in up to three attempts, and returns the answer.
  package func answer(_ request: ModelRequest, by deadline: ContinuousClock.Instant) async throws(ModelError)
    -> ModelAnswer
  {
    let estimate = try checkedEstimate(request)
    let call = fetchRequest(request, isStream: false)
    return try await retrying(estimate, by: deadline) { limits in
      var call = call
      call.limits = limits
      do throws(FetchError) {
        let response = try await fetcher.fetch(call)
        return parse(response, estimate)
      } catch {
        return ModelAttempt(error)
      }
    }
  }

  /// Estimates a request's tokens before it is sent.
  ///
  /// - Throws: ``ModelError/tooLong`` if the request does not fit into the context window.
  func checkedEstimate(_ request: ModelRequest) throws(ModelError) -> ModelEstimate {
    let estimate = ModelEstimate(request)
    let (total, overflows) = estimate.inputTokens.addingReportingOverflow(estimate.maxOutputTokens)
    guard !overflows, total <= endpoint.contextWindow else { throw .tooLong }
    return estimate
  }

  func fetchRequest(_ request: ModelRequest, isStream: Bool) -> FetchRequest {
    let dialect = endpoint.dialect
    return FetchRequest(
      dialect.url(endpoint), kind: .configured, method: "POST", headers: dialect.headers(endpoint, isStream: isStream),
      body: Array(dialect.requestBody(request, endpoint, isStream: isStream).text.utf8))
  }

  /// Makes attempts until one succeeds or no retry is allowed.
  ///
  /// - Parameter attempt: makes one attempt within the limits, and returns its outcome instead of throwing.
  func retrying(
    _ estimate: ModelEstimate, by deadline: ContinuousClock.Instant, _ attempt: (FetchLimits) async -> ModelAttempt
  ) async throws(ModelError) -> ModelAnswer {
    var number = 1
    var lastFailure: ModelError?
    while true {
      // An expired deadline is not the provider's failure, so the gate is not notified.
      if ContinuousClock.now >= deadline { throw lastFailure ?? .timedOut }
      let report: ModelGate.Report?
      do throws(ModelError) {
        report = try await gate?.before(estimate, deadline)
      } catch {
        // The previous failure may be the reason why the gate refuses a retry, so report that failure.
        throw lastFailure ?? error
      }
      let remaining = ContinuousClock.now.duration(to: deadline)
      guard remaining > .zero, !Task.isCancelled else {
        report?(.cancelled, nil)
        throw remaining > .zero ? .unreachable(.cancelled) : .timedOut
      }
      let limits = FetchLimits(
        bytes: Self.maximumBytes, duration: min(attemptDuration, remaining), connectDuration: .seconds(10))
      let start = ContinuousClock.now
      let result = await attempt(limits)
      // Do not retry an attempt that used all its time: the next one probably would too, and each may be billed.
      let isSlow = result.outcome == .failed(.timedOut) && start.duration(to: .now) >= limits.duration * 0.9
      let retryAfter = ModelRetry.retryAfter(result.headers, now: now())
      report?(result.outcome, result.isBusy ? retryAfter : nil)
      let failure: ModelError
      switch result.outcome {
      case .answered(let answer): return answer
      case .cancelled: throw .unreachable(.cancelled)
      case .failed(let error): failure = error
      }
      let pause = max(ModelRetry.pause(after: number, jitter: jitter()), retryAfter ?? .zero)
      // Never retry earlier than the provider asks for. If that is too late, give up.
      let next = ContinuousClock.now.advanced(by: pause)
      guard result.isRetryable, !isSlow, number < ModelRetry.maximumAttempts, pause <= maximumPause, next < deadline
      else {
        throw failure
      }
      do { try await wait(pause) } catch { throw .unreachable(.cancelled) }
      lastFailure = failure
      number += 1
    }
  }

  private func parse(_ response: FetchResponse, _ estimate: ModelEstimate) -> ModelAttempt {
    guard 200..<300 ~= response.status else {
      return ModelAttempt(ProviderErrorParser.error(in: response, key: endpoint.key), response.headers)
    }
    if response.isTruncated { return ModelAttempt(.malformed("it is longer than \(Self.maximumBytes) bytes")) }
    do throws(ModelError) {
      let body = try Self.parse(response.body)
      if let error = ProviderErrorParser.error(in: body, key: endpoint.key) {
        return ModelAttempt(error, response.headers)
      }
      let answer = try endpoint.dialect.parseAnswer(body).answer(estimate, endpoint, defaultStopReason: .finished)
      // The text is stored and shown in reports. If it contains the key, drop the text but count its tokens.
      guard !containsKey(answer.text) else {
        var answer = answer
        (answer.text, answer.stopReason) = ("", .unknown)
        return ModelAttempt(answer)
      }
      return ModelAttempt(answer)
    } catch {
      return ModelAttempt(error)
    }
  }

  /// True if the text contains the API key, also if the key is written with JSON escapes.
  private func containsKey(_ text: String) -> Bool {
    guard let key = endpoint.key else { return false }
    if key.occurs(in: text) { return true }
    guard text.contains("\\u"), let value = try? ModelJSON(parsing: Array(text.utf8)) else { return false }
    return value.strings.contains(where: key.occurs)
  }

  private static func parse(_ bytes: [UInt8]) throws(ModelError) -> ModelJSON {
    do throws(ModelJSON.Malformed) {
      // The limit is higher than the default because the answer is nested inside the response.
      return try ModelJSON(parsing: bytes, maximumBytes: maximumBytes, maximumDepth: 64)
    } catch {
      throw .malformed(error.reason)
    }
  }
}

extension ModelClient: CustomStringConvertible, CustomDebugStringConvertible {
  package var description: String { "a client of \(endpoint)" }
  package var debugDescription: String { description }
}
