import Accounts
import Contract
import Fetch
import FoundationEssentials
package import LanguageModel
import Limits
import Metering
import Postgres
import Synchronization

/// Asks language models for one account, and falls back to the next model of the ``ModelPool`` if one fails.
///
/// Every attempt is limited by the account's daily budget, the provider's rate limits and its circuit breaker, and is
/// recorded with its cost.
package final class ModelSession: Sendable {
  /// Sums over the session so far.
  package struct Totals: Sendable, Equatable {
    /// Attempts that were sent to a provider.
    package var calls = 0
    package var costMicrodollars = 0
    /// The name of the error of the last request that got no answer; nil if all got one.
    package var refusal: String?
  }

  private struct State {
    var totals = Totals()
    /// Holds on the budget that are not settled yet.
    var openHolds = 0
  }

  private let pool: ModelPool
  private let account: Account
  private let log: Log
  private let state = Mutex(State())

  init(_ pool: ModelPool, _ account: Account, _ log: Log) {
    self.pool = pool
    self.account = account
    self.log = log
  }

  package var totals: Totals { state.withLock { $0.totals } }

  /// Asks for a value: from the first model, or from the next one if that is unreachable, fails or is rate-limited.
  ///
  /// - Parameters:
  ///   - purpose: the name under which the calls are recorded, such as `scoring`.
  ///   - check: validates the value, as in `ModelClient.structured`.
  /// - Returns: the value, and the name of the model that answered.
  package func ask<Value: Decodable & Sendable>(
    _ request: ModelRequest, for purpose: String, as type: Value.Type, by deadline: ContinuousClock.Instant,
    check: @escaping @Sendable (Value) throws(ModelMismatch) -> Void
  ) async throws(ModelError) -> (value: Value, model: String) {
    var lastError = ModelError.limited(retryAfter: nil)
    // The first rate-limited offer is tried again if all others failed.
    var rateLimited: ModelOffer?
    for (position, offer) in pool.offers.enumerated() {
      let remainingOffers = pool.offers.count - 1 - position
      // A model that hangs leaves a third of the time for one other, or an equal share for each of several.
      let remaining = max(.zero, ContinuousClock.now.duration(to: deadline))
      let offerDeadline =
        switch remainingOffers {
        case 0: deadline
        case 1: ContinuousClock.now.advanced(by: remaining * 2 / 3)
        default: ContinuousClock.now.advanced(by: remaining / (remainingOffers + 1))
        }
      do throws(ModelError) {
        let value = try await value(
          request, of: offer, purpose, type, mayWait: remainingOffers == 0, by: offerDeadline, check: check)
        return (value, offer.endpoint.model)
      } catch {
        lastError = error
        if case .limited(_?) = error, rateLimited == nil { rateLimited = offer }
        guard Self.isWorthTryingAnother(error) else { break }
      }
    }
    if let offer = rateLimited, pool.offers.count > 1, Self.isWorthTryingAnother(lastError) {
      do throws(ModelError) {
        let value = try await value(request, of: offer, purpose, type, mayWait: true, by: deadline, check: check)
        return (value, offer.endpoint.model)
      } catch {
        lastError = error
      }
    }
    state.withLock { $0.totals.refusal = lastError.name }
    throw lastError
  }

  /// Asks one model.
  ///
  /// - Parameter mayWait: false if another model can be asked instead of waiting for a rate limit.
  private func value<Value: Decodable & Sendable>(
    _ request: ModelRequest, of offer: ModelOffer, _ purpose: String, _ type: Value.Type, mayWait: Bool,
    by deadline: ContinuousClock.Instant,
    check: @escaping @Sendable (Value) throws(ModelMismatch) -> Void
  ) async throws(ModelError) -> Value {
    let client = ModelClient(
      pool.fetcher, endpoint: offer.endpoint, attemptDuration: Self.attemptDuration,
      gate: gate(offer, purpose, mayWait: mayWait), maximumPause: mayWait ? .seconds(60) : .seconds(2))
    do throws(ModelError) {
      return try await client.structured(request, as: type, by: deadline, check: check).value
    } catch {
      log(
        .warning, "a model request failed",
        [
          "provider": offer.endpoint.name, "model": offer.endpoint.model, "purpose": purpose,
          "error": error.description,
        ])
      throw error
    }
  }

  /// True if another model may answer. A wrong answer means that the request is hard for every model, and all models
  /// share the daily budget.
  private static func isWorthTryingAnother(_ error: ModelError) -> Bool {
    switch error {
    case .breakerOpen, .unreachable, .timedOut, .refused, .malformed, .unexpectedStop, .tooLong: true
    case .limited(let wait): wait != nil
    case .truncated(let answer): answer.stopReason == .interrupted
    case .declined, .mismatched, .accountingUnavailable: false
    }
  }

  // MARK: Limits of an attempt

  /// No attempt starts with less time than this.
  private static let minimumDuration = Duration.seconds(2)
  private static let attemptDuration = Duration.seconds(60)
  /// An attempt that was cut off earlier does not count as an outage of the provider.
  private static let minimumOutageDuration = Duration.seconds(10)

  /// Checks the limits before each attempt, and records its outcome afterwards.
  private func gate(_ offer: ModelOffer, _ purpose: String, mayWait: Bool) -> ModelGate {
    let breaker = CircuitBreaker(
      pool.database, name: "model \(offer.endpoint.name)", probeTimeout: Self.attemptDuration + .seconds(10))
    let pause = ServicePause(pool.database, name: "model \(offer.endpoint.name)")
    return ModelGate { [self] (estimate, deadline) async throws(ModelError) in
      guard ContinuousClock.now.advanced(by: Self.minimumDuration) < deadline else { throw .timedOut }
      var permission = try permission(breaker, by: deadline)
      let hold: MeterHold?
      do throws(ModelError) {
        // A probe of the breaker does not wait, because other processes wait for it.
        let hasWaited = try await takeFromRateLimits(
          offer, pause, estimate, mayWait: mayWait && permission == .allowed, by: deadline)
        // The breaker may have opened while this attempt waited.
        if hasWaited { permission = try self.permission(breaker, by: deadline) }
        hold = try await holdBudget(offer, estimate, by: deadline)
      } catch {
        try? breaker.release(permission, by: deadline)
        throw error
      }
      let askedAt = Date()
      let start = ContinuousClock.now
      return { [self, permission] outcome, retryAfter in
        // The outcome is recorded even if the deadline passed during the attempt.
        let recordDeadline = max(deadline, ContinuousClock.now.advanced(by: .seconds(2)))
        if let retryAfter { try? pause.begin(retryAfter, by: recordDeadline) }
        switch outcome {
        case .answered: try? breaker.recordSuccess(permission, by: recordDeadline)
        case .failed(.timedOut) where start.duration(to: .now) < Self.minimumOutageDuration:
          try? breaker.release(permission, by: recordDeadline)
        case .failed(let error) where error.isOutage: try? breaker.recordFailure(permission, by: recordDeadline)
        // The provider is reachable but did not do the work, so this is neither a success nor an outage.
        case .failed(.refused(status: 429, code: _)), .cancelled:
          try? breaker.release(permission, by: recordDeadline)
        case .failed: try? breaker.recordSuccess(permission, by: recordDeadline)
        }
        record(outcome, hold, offer, purpose, askedAt, by: recordDeadline)
      }
    }
  }

  private func permission(
    _ breaker: CircuitBreaker, by deadline: ContinuousClock.Instant
  ) throws(ModelError) -> CircuitBreaker.Permission {
    let permission = try database { () throws(DatabaseError) in try breaker.check(by: deadline) }
    if case .refused(let wait) = permission { throw .breakerOpen(retryAfter: wait) }
    return permission
  }

  /// Waits for a pause that the provider asked for, and takes one request and its tokens from the provider's rate
  /// limits.
  ///
  /// - Returns: true if it waited.
  /// - Throws: `limited` if it would have to wait and may not, or if there is not enough time; `tooLong` if the request
  ///   has more tokens than the rate limit ever grants at once.
  private func takeFromRateLimits(
    _ offer: ModelOffer, _ pause: ServicePause, _ estimate: ModelEstimate, mayWait: Bool,
    by deadline: ContinuousClock.Instant
  ) async throws(ModelError) -> Bool {
    let provider = offer.endpoint.name
    var hasWaited = false
    func sleep(_ wait: Duration) async throws(ModelError) {
      // A session that waited for a pause itself may wake up shortly before the pause ends by the database's clock.
      guard mayWait || wait < .milliseconds(200),
        ContinuousClock.now.advanced(by: wait + Self.minimumDuration) < deadline
      else { throw .limited(retryAfter: wait) }
      do { try await Task.sleep(for: wait + .milliseconds(Int.random(in: 1...100))) } catch {
        throw .unreachable(.cancelled)
      }
      hasWaited = true
    }
    while let wait = try database({ () throws(DatabaseError) in try pause.remaining(by: deadline) }) {
      try await sleep(wait)
    }
    for (limit, count) in [
      (pool.limits.requests(pool.database), 1),
      (pool.limits.tokens(pool.database), estimate.inputTokens + estimate.maxOutputTokens),
    ] {
      while true {
        let decision = try database { () throws(DatabaseError) in try limit.take(count, of: provider, by: deadline) }
        if decision.isAllowed { break }
        guard let wait = decision.retryAfter else { throw .tooLong }
        try await sleep(wait)
      }
    }
    return hasWaited
  }

  /// Holds the highest possible cost of an attempt on the account's daily budget; nil if the model is free.
  ///
  /// If the budget is used up while other requests of this session hold some of it, this waits, because most of a hold
  /// is released when it is settled.
  private func holdBudget(
    _ offer: ModelOffer, _ estimate: ModelEstimate, by deadline: ContinuousClock.Instant
  ) async throws(ModelError) -> MeterHold? {
    let maximumCost = estimate.maximumCost(offer.price)
    guard maximumCost > 0 else { return nil }
    while true {
      let otherHolds = state.withLock { $0.openHolds }
      // A process ends itself five seconds after its deadline, so a hold is no longer needed a minute after it.
      let duration = max(.zero, ContinuousClock.now.duration(to: deadline)) + .seconds(60)
      do {
        let hold = try Metering(pool.database).hold(
          .modelMicrodollars, amount: maximumCost, of: account, for: duration, by: deadline)?.hold
        if hold != nil { state.withLock { $0.openHolds += 1 } }
        return hold
      } catch {
        guard error is Failure else { throw .accountingUnavailable }
        guard otherHolds > 0, ContinuousClock.now.advanced(by: Self.minimumDuration) < deadline else {
          throw .limited(retryAfter: nil)
        }
      }
      do { try await Task.sleep(for: .milliseconds(200)) } catch { throw .unreachable(.cancelled) }
    }
  }

  /// Settles the hold at the cost of the attempt and records the attempt, in one transaction. If that fails, the hold
  /// expires.
  private func record(
    _ outcome: ModelGate.Outcome, _ hold: MeterHold?, _ offer: ModelOffer, _ purpose: String, _ askedAt: Date,
    by deadline: ContinuousClock.Instant
  ) {
    let (answer, name): (ModelAnswer?, String) =
      switch outcome {
      case .answered(let answer): (answer, "answered")
      case .failed(let error): (error.answer, error.name)
      case .cancelled: (nil, "cancelled")
      }
    // If a provider reports more tokens than the request can have used, the cost is limited to the hold.
    let cost = min(
      answer.map { offer.price.cost(input: $0.inputTokens, output: $0.outputTokens) } ?? 0, hold?.amount ?? 0)
    state.withLock {
      $0.totals.calls += 1
      $0.totals.costMicrodollars += cost
    }
    // Counted down after the hold is settled, so that a waiting request finds the released budget.
    defer { if hold != nil { state.withLock { $0.openHolds -= 1 } } }
    do {
      let call = ModelCall(
        accountID: account.id, purpose: purpose, provider: offer.endpoint.name, model: offer.endpoint.model,
        outcome: name, inputTokens: answer?.inputTokens ?? 0, outputTokens: answer?.outputTokens ?? 0, cost: cost,
        askedAt: askedAt)
      try Metering(pool.database).record(call, settling: hold, by: deadline)
    } catch {
      log(
        .error, "a model call could not be recorded",
        ["provider": offer.endpoint.name, "microdollars": String(cost), "error": "\(error)"])
    }
  }

  /// Runs a database operation; without the database the limits are unknown, so the model is not asked.
  private func database<Result>(_ body: () throws(DatabaseError) -> Result) throws(ModelError) -> Result {
    do throws(DatabaseError) { return try body() } catch { throw .accountingUnavailable }
  }
}

extension ModelError {
  /// The error in one word, for reports and the record of model calls.
  package var name: String {
    switch self {
    case .breakerOpen: "breaker_open"
    case .limited(let wait): wait == nil ? "budget_spent" : "rate_limited"
    case .accountingUnavailable: "unrecorded"
    case .unreachable: "unreachable"
    case .timedOut: "timed_out"
    case .refused(let status, _): "refused_\(status)"
    case .tooLong: "too_long"
    case .truncated: "truncated"
    case .declined: "declined"
    case .malformed, .unexpectedStop: "malformed"
    case .mismatched: "mismatched"
    }
  }
}
