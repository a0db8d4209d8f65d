package import Fetch
import FoundationEssentials

/// A state of an object at Stripe, with the time of the request that fetched it.
package struct StripeSnapshot<Object> {
  package let object: Object
  /// The time of the request by Stripe's clock, rounded down, in seconds since 1970. An event about a later change has a
  /// later time, or the same second.
  package let requestedAt: Int
}

extension StripeSnapshot: Sendable where Object: Sendable {}

/// Sends requests to Stripe's API, and retries failures that may be temporary.
///
/// All attempts of a POST share one idempotency key, so an object is created only once.
package struct StripeClient: Sendable {
  /// The API version of requests and responses. It overrides the account's default version
  /// (docs.stripe.com/api/versioning).
  package static let apiVersion = "2025-03-31.basil"
  package static let defaultBase = "https://api.stripe.com"

  /// The maximum size of a response. Stripe does not send larger ones.
  private static let maximumBytes = 4 << 20

  private let key: StripeSecretKey
  private let base: String
  private let fetcher: Fetcher
  private let attemptDuration: Duration
  private let breaker: StripeBreaker?
  private let wait: @Sendable (Duration) async throws -> Void
  private let jitter: @Sendable () -> Double

  /// - Parameters:
  ///   - base: the base URL without `/v1`. Tests pass another server's.
  ///   - attemptDuration: the time limit of one attempt; an earlier deadline shortens it.
  ///   - wait: sleeps between attempts; throws if the task is cancelled.
  ///   - jitter: returns a number from 0 to 1 that randomises the pauses.
  package init(
    _ fetcher: Fetcher, key: StripeSecretKey, base: String = defaultBase, attemptDuration: Duration = .seconds(20),
    breaker: StripeBreaker? = nil,
    wait: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) }
  ) {
    self.fetcher = fetcher
    self.key = key
    self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
    self.attemptDuration = attemptDuration
    self.breaker = breaker
    self.wait = wait
    self.jitter = jitter
  }

  /// True if the key is a live-mode key, with which real money is moved.
  package var isLive: Bool { key.isLive }

  /// Sends a request, in up to three attempts, and decodes the response.
  package func send<Answer: Decodable>(
    _ request: StripeRequest, as type: Answer.Type, by deadline: ContinuousClock.Instant
  ) async throws(StripeError) -> Answer {
    try await call(request, as: type, by: deadline).answer
  }

  /// Sends a request like ``send(_:as:by:)``, and also returns its time by Stripe's clock, for comparison with the
  /// times of events.
  ///
  /// - Throws: `malformed` if the response has no `Date` header.
  package func snapshot<Object: Decodable>(
    _ request: StripeRequest, as type: Object.Type, by deadline: ContinuousClock.Instant
  ) async throws(StripeError) -> StripeSnapshot<Object> {
    let start = ContinuousClock.now
    let (object, headers) = try await call(request, as: type, by: deadline)
    guard let date = headers["date"].flatMap(HTTPDate.parse).map({ Int($0.timeIntervalSince1970) }) else {
      throw .malformed("it has no Date header")
    }
    let elapsed = Int((start.duration(to: .now) / .seconds(1)).rounded(.up))
    return StripeSnapshot(object: object, requestedAt: date - elapsed)
  }

  private func call<Answer: Decodable>(
    _ request: StripeRequest, as type: Answer.Type, by deadline: ContinuousClock.Instant
  ) async throws(StripeError) -> (answer: Answer, headers: [String: String]) {
    // An expired deadline is not Stripe's failure, so the breaker is not notified.
    if ContinuousClock.now >= deadline { throw .timedOut }
    let report = try breaker?.before(deadline)
    do throws(StripeError) {
      let response = try await attempt(request, by: deadline)
      let answer = try Self.decode(type, from: response)
      report?(true, deadline)
      return (answer, response.headers)
    } catch {
      if error != .unreachable(.cancelled) { report?(!error.isOutage, deadline) }
      throw error
    }
  }

  private func attempt(_ request: StripeRequest, by deadline: ContinuousClock.Instant) async throws(StripeError)
    -> FetchResponse
  {
    var attempt = 1
    while true {
      let failure: StripeError
      let isRetryable: Bool
      var pause = StripeRetry.pause(after: attempt, jitter: jitter())
      do throws(FetchError) {
        let response = try await fetcher.fetch(fetchRequest(request, by: deadline))
        if 200..<300 ~= response.status { return response }
        failure = Self.error(in: response)
        isRetryable = StripeRetry.isRetryable(response)
        if let retryAfter = StripeRetry.retryAfter(response) { pause = max(pause, retryAfter) }
      } catch {
        failure = error.code == .timedOut ? .timedOut : .unreachable(error.code)
        isRetryable = StripeRetry.isRetryable(error)
      }
      // Never retry earlier than Stripe asks for. If that is too late, give up.
      let next = ContinuousClock.now.advanced(by: pause)
      guard isRetryable, attempt <= StripeRetry.maximumRetries, pause <= StripeRetry.maximumPause, next < deadline
      else {
        throw failure
      }
      do { try await wait(pause) } catch { throw .unreachable(.cancelled) }
      // The wait may have taken longer than requested.
      if ContinuousClock.now >= deadline { throw failure }
      attempt += 1
    }
  }

  private func fetchRequest(_ request: StripeRequest, by deadline: ContinuousClock.Instant) -> FetchRequest {
    var headers = ["Authorization": key.authorization, "Stripe-Version": Self.apiVersion, "Accept": "application/json"]
    if request.method == .post { headers["Content-Type"] = "application/x-www-form-urlencoded" }
    if let key = request.idempotencyKey { headers["Idempotency-Key"] = key }
    let remaining = ContinuousClock.now.duration(to: deadline)
    return FetchRequest(
      base + request.path, kind: .configured, method: request.method.rawValue, headers: headers,
      body: Array(request.form.text.utf8),
      limits: FetchLimits(
        bytes: Self.maximumBytes, duration: min(attemptDuration, max(.milliseconds(1), remaining)),
        connectDuration: .seconds(5)))
  }

  private static func decode<Answer: Decodable>(_ type: Answer.Type, from response: FetchResponse) throws(StripeError)
    -> Answer
  {
    guard !response.isTruncated else { throw .malformed("it is longer than \(maximumBytes) bytes") }
    // A NUL byte would make the decoder treat the text as UTF-16. JSON in UTF-8 never has one.
    guard !response.body.contains(0) else { throw .malformed("it is not JSON") }
    do {
      return try JSONDecoder().decode(type, from: Data(response.body))
    } catch let error as DecodingError {
      throw .malformed(MalformedEvent(describing: error).reason)
    } catch {
      throw .malformed("it cannot be decoded")
    }
  }

  private static func error(in response: FetchResponse) -> StripeError {
    struct Body: Decodable {
      struct Details: Decodable { let type: String?, code: String?, param: String? }
      let error: Details
    }
    let details =
      response.body.contains(0) ? nil : try? JSONDecoder().decode(Body.self, from: Data(response.body)).error
    // Pass on only names, such as `line_items[0][price]`, and no other text.
    func name(_ text: String?) -> String? {
      guard let text, !text.isEmpty, text.utf8.count <= 100, text.utf8.allSatisfy({ isNameByte($0) }) else {
        return nil
      }
      return text
    }
    return .refused(
      status: response.status, type: name(details?.type), code: name(details?.code), param: name(details?.param))
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "_-.[]".utf8.contains(byte)
    }
  }
}

extension StripeClient: CustomStringConvertible, CustomDebugStringConvertible {
  package var description: String { "Stripe at \(base)" }
  package var debugDescription: String { description }
}
