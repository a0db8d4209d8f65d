package import Fetch
import FoundationEssentials

/// Sends requests to Stripe, and again where that may help.
///
/// A request to make something has the same idempotency key each time, so that it is made once.
package struct StripeClient: Sendable {
  /// The version of the API that requests and answers are written in, whatever the account's own is
  /// (docs.stripe.com/api/versioning).
  package static let apiVersion = "2025-03-31.basil"
  package static let defaultBase = "https://api.stripe.com"

  /// Larger answers are none of Stripe's.
  private static let maximumBytes = 4 << 20

  private let key: StripeSecretKey
  private let base: String
  private let fetcher: Fetcher
  private let attemptDuration: Duration
  private let breaker: StripeBreaker?
  private let wait: @Sendable (Duration) async throws -> Void
  private let chance: @Sendable () -> Double

  /// - Parameters:
  ///   - base: without the path's `/v1`; for tests another than Stripe's.
  ///   - attemptDuration: how long one request may take; the deadline may leave less.
  ///   - wait: between requests; ends early, with an error, where the task is cancelled.
  ///   - chance: from 0 to 1, for the pauses between requests.
  package init(
    _ fetcher: Fetcher, key: StripeSecretKey, base: String = defaultBase, attemptDuration: Duration = .seconds(20),
    breaker: StripeBreaker? = nil,
    wait: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    chance: @escaping @Sendable () -> Double = { .random(in: 0...1) }
  ) {
    self.fetcher = fetcher
    self.key = key
    self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
    self.attemptDuration = attemptDuration
    self.breaker = breaker
    self.wait = wait
    self.chance = chance
  }

  /// Whether it moves real money.
  package var isLive: Bool { key.isLive }

  /// Sends a request, three times at most, and reads the answer.
  package func send<Answer: Decodable>(
    _ request: StripeRequest, as type: Answer.Type, by deadline: ContinuousClock.Instant
  ) async throws(StripeError) -> Answer {
    try await ask(request, as: type, by: deadline).answer
  }

  /// As ``send(_:as:by:)``, and when that was by Stripe's own clock, which its events are told by.
  ///
  /// - Throws: `malformed` where the answer has no `Date`.
  package func read<Object: Decodable>(
    _ request: StripeRequest, as type: Object.Type, by deadline: ContinuousClock.Instant
  ) async throws(StripeError) -> StripeReading<Object> {
    let start = ContinuousClock.now
    let (object, headers) = try await ask(request, as: type, by: deadline)
    guard let date = headers["date"].flatMap(HTTPDate.read).map({ Int($0.timeIntervalSince1970) }) else {
      throw .malformed("it has no Date")
    }
    let elapsed = Int((start.duration(to: .now) / .seconds(1)).rounded(.up))
    return StripeReading(object: object, askedAt: date - elapsed)
  }

  private func ask<Answer: Decodable>(
    _ request: StripeRequest, as type: Answer.Type, by deadline: ContinuousClock.Instant
  ) async throws(StripeError) -> (answer: Answer, headers: [String: String]) {
    // A deadline that is past says nothing about Stripe.
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
      let isWorthwhile: Bool
      var pause = StripeRetry.pause(after: attempt, chance: chance())
      do throws(FetchError) {
        let response = try await fetcher.fetch(fetchRequest(request, by: deadline))
        if 200..<300 ~= response.status { return response }
        failure = Self.refusal(response)
        isWorthwhile = StripeRetry.isWorthwhile(response)
        if let asked = StripeRetry.retryAfter(response) { pause = max(pause, asked) }
      } catch {
        failure = error.code == .timedOut ? .timedOut : .unreachable(error.code)
        isWorthwhile = StripeRetry.isWorthwhile(error)
      }
      // Sooner than Stripe asks for nobody tries again: what does not fit is left.
      let next = ContinuousClock.now.advanced(by: pause)
      guard isWorthwhile, attempt <= StripeRetry.maximum, pause <= StripeRetry.longestPause, next < deadline else {
        throw failure
      }
      do { try await wait(pause) } catch { throw .unreachable(.cancelled) }
      // A wait that took longer than it should.
      if ContinuousClock.now >= deadline { throw failure }
      attempt += 1
    }
  }

  private func fetchRequest(_ request: StripeRequest, by deadline: ContinuousClock.Instant) -> FetchRequest {
    var headers = ["Authorization": key.authorization, "Stripe-Version": Self.apiVersion, "Accept": "application/json"]
    if request.method == .post { headers["Content-Type"] = "application/x-www-form-urlencoded" }
    if let key = request.idempotencyKey { headers["Idempotency-Key"] = key }
    let left = ContinuousClock.now.duration(to: deadline)
    return FetchRequest(
      base + request.path, kind: .configured, method: request.method.rawValue, headers: headers,
      body: Array(request.form.text.utf8),
      limits: FetchLimits(
        bytes: Self.maximumBytes, duration: min(attemptDuration, max(.milliseconds(1), left)),
        connectDuration: .seconds(5)))
  }

  private static func decode<Answer: Decodable>(_ type: Answer.Type, from response: FetchResponse) throws(StripeError)
    -> Answer
  {
    guard !response.isTruncated else { throw .malformed("it is longer than \(maximumBytes) bytes") }
    // A NUL byte would make the decoder take the text for UTF-16; JSON in UTF-8 never has one.
    guard !response.body.contains(0) else { throw .malformed("it is not JSON") }
    do {
      return try JSONDecoder().decode(type, from: Data(response.body))
    } catch let error as DecodingError {
      throw .malformed(MalformedEvent(describing: error).reason)
    } catch {
      throw .malformed("it cannot be read")
    }
  }

  private static func refusal(_ response: FetchResponse) -> StripeError {
    struct Body: Decodable {
      struct Details: Decodable { let type: String?, code: String?, param: String? }
      let error: Details
    }
    let details =
      response.body.contains(0) ? nil : try? JSONDecoder().decode(Body.self, from: Data(response.body)).error
    // Names, such as `line_items[0][price]`: whatever else comes in their place is not passed on.
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
