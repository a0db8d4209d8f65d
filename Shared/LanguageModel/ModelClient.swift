package import Fetch
package import FoundationEssentials

/// Asks a model, and again where that may help.
package struct ModelClient: Sendable {
  /// Larger answers are none of a model's.
  static let maximumBytes = 8 << 20

  package let endpoint: ModelEndpoint
  let fetcher: Fetcher
  private let attemptDuration: Duration
  private let gate: ModelGate?
  private let patience: Duration
  private let wait: @Sendable (Duration) async throws -> Void
  private let chance: @Sendable () -> Double
  private let now: @Sendable () -> Date

  /// - Parameters:
  ///   - attemptDuration: how long one attempt may take; the deadline may leave less.
  ///   - gate: asked before each attempt, and told of each.
  ///   - patience: the longest pause between attempts that is waited for, whatever the provider asks for.
  ///   - wait: between attempts; ends early, with an error, where the task is cancelled.
  ///   - chance: from 0 to 1, for the pauses between attempts.
  ///   - now: for pauses that a provider asks for by a date.
  package init(
    _ fetcher: Fetcher, endpoint: ModelEndpoint, attemptDuration: Duration = .seconds(60), gate: ModelGate? = nil,
    patience: Duration = .seconds(60),
    wait: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    chance: @escaping @Sendable () -> Double = { .random(in: 0...1) }, now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.fetcher = fetcher
    self.endpoint = endpoint
    self.attemptDuration = attemptDuration
    self.gate = gate
    self.patience = patience
    self.wait = wait
    self.chance = chance
    self.now = now
  }

  /// Asks three times at most, and reads the answer.
  package func answer(_ request: ModelRequest, by deadline: ContinuousClock.Instant) async throws(ModelError)
    -> ModelAnswer
  {
    let estimate = try admit(request)
    let call = fetchRequest(request, isStream: false)
    return try await repeated(estimate, by: deadline) { limits in
      var call = call
      call.limits = limits
      do throws(FetchError) {
        let response = try await fetcher.fetch(call)
        return read(response, estimate)
      } catch {
        return ModelAttempt(error)
      }
    }
  }

  /// - Throws: ``ModelError/tooLong`` before anything is sent.
  func admit(_ request: ModelRequest) throws(ModelError) -> ModelEstimate {
    let estimate = ModelEstimate(request)
    // Numbers that would overflow do not fit either.
    let (total, isTooMuch) = estimate.inputTokens.addingReportingOverflow(estimate.maxOutputTokens)
    guard !isTooMuch, total <= endpoint.contextWindow else { throw .tooLong }
    return estimate
  }

  func fetchRequest(_ request: ModelRequest, isStream: Bool) -> FetchRequest {
    let dialect = endpoint.dialect
    return FetchRequest(
      dialect.url(endpoint), kind: .configured, method: "POST", headers: dialect.headers(endpoint, isStream: isStream),
      body: Array(dialect.body(request, endpoint, isStream: isStream).text.utf8))
  }

  /// Makes attempts until one is answered, or none more is worthwhile.
  ///
  /// - Parameter attempt: makes one within the limits, and says how it went rather than throw.
  func repeated(
    _ estimate: ModelEstimate, by deadline: ContinuousClock.Instant, _ attempt: (FetchLimits) async -> ModelAttempt
  ) async throws(ModelError) -> ModelAnswer {
    var number = 1
    var last: ModelError?
    while true {
      // A deadline that is past says nothing about the provider.
      if ContinuousClock.now >= deadline { throw last ?? .timedOut }
      let report: ModelGate.Report?
      do throws(ModelError) {
        report = try await gate?.before(estimate, deadline)
      } catch {
        // What closes the gate to another attempt may be the failure of the one before, which is then what happened.
        throw last ?? error
      }
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero, !Task.isCancelled else {
        report?(.cancelled, nil)
        throw left > .zero ? .unreachable(.cancelled) : .timedOut
      }
      let limits = FetchLimits(
        bytes: Self.maximumBytes, duration: min(attemptDuration, left), connectDuration: .seconds(10))
      let start = ContinuousClock.now
      let result = await attempt(limits)
      // Who used up its time would again, and may be paid for each.
      let isSlow = result.outcome == .failed(.timedOut) && start.duration(to: .now) >= limits.duration * 0.9
      let asked = ModelRetry.asked(result.headers, now: now())
      report?(result.outcome, result.isBusy ? asked : nil)
      let failure: ModelError
      switch result.outcome {
      case .answered(let answer): return answer
      case .cancelled: throw .unreachable(.cancelled)
      case .failed(let error): failure = error
      }
      let pause = max(ModelRetry.pause(after: number, chance: chance()), asked ?? .zero)
      // Sooner than the provider asks for nobody tries again: what does not fit is left.
      let next = ContinuousClock.now.advanced(by: pause)
      guard result.mayRepeat, !isSlow, number < ModelRetry.maximum, pause <= patience, next < deadline else {
        throw failure
      }
      do { try await wait(pause) } catch { throw .unreachable(.cancelled) }
      last = failure
      number += 1
    }
  }

  private func read(_ response: FetchResponse, _ estimate: ModelEstimate) -> ModelAttempt {
    guard 200..<300 ~= response.status else {
      return ModelAttempt(ModelFault.read(response, key: endpoint.key), response.headers)
    }
    if response.isTruncated { return ModelAttempt(.malformed("it is longer than \(Self.maximumBytes) bytes")) }
    do throws(ModelError) {
      let body = try Self.parse(response.body)
      if let fault = ModelFault.read(body, key: endpoint.key) { return ModelAttempt(fault, response.headers) }
      let answer = try endpoint.dialect.read(body).answer(estimate, endpoint, else: .finished)
      // Its words go into reports and rows. A provider that quotes the key is paid, and not heard.
      guard !isKeyQuoted(in: answer.text) else {
        var answer = answer
        (answer.text, answer.stopReason) = ("", .odd)
        return ModelAttempt(answer)
      }
      return ModelAttempt(answer)
    } catch {
      return ModelAttempt(error)
    }
  }

  /// Also where it is escaped in JSON, as it will be read.
  private func isKeyQuoted(in text: String) -> Bool {
    guard let key = endpoint.key else { return false }
    if key.occurs(in: text) { return true }
    guard text.contains("\\u"), let value = try? ModelJSON(parsing: Array(text.utf8)) else { return false }
    return value.strings.contains(where: key.occurs)
  }

  private static func parse(_ bytes: [UInt8]) throws(ModelError) -> ModelJSON {
    do throws(ModelJSON.Malformed) {
      // Deeper than an answer may be, which lies in it.
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
