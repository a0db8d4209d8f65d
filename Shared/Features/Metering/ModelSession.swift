import Accounts
import Contract
import Fetch
import FoundationEssentials
package import LanguageModel
import Limits
import Postgres
import Synchronization

/// Asks models in one account's name: within its day's money, the providers' minutes and their breakers, and writes
/// down each attempt.
package final class ModelSession: Sendable {
  /// What was asked so far.
  package struct Totals: Sendable, Equatable {
    /// Attempts that reached a provider.
    package var calls = 0
    package var costMicrodollars = 0
    /// Why something is not answered, of the last such: for a report that says so.
    package var refusal: String?
  }

  private let desk: ModelDesk
  private let account: Account
  private let log: Log
  private struct State {
    var totals = Totals()
    /// Holds that are not settled yet.
    var open = 0
  }

  private let state = Mutex(State())

  init(_ desk: ModelDesk, _ account: Account, _ log: Log) { (self.desk, self.account, self.log) = (desk, account, log) }

  package var totals: Totals { state.withLock { $0.totals } }

  /// Asks for a value, of the first model that can be asked; the next where one is away, refuses, or is asked too much.
  ///
  /// - Parameters:
  ///   - purpose: what its calls are listed under.
  ///   - check: as `ModelClient.structured`.
  /// - Returns: the value, and the model that gave it as the operator names it.
  package func ask<Value: Decodable & Sendable>(
    _ request: ModelRequest, for purpose: String, as type: Value.Type, by deadline: ContinuousClock.Instant,
    check: @escaping @Sendable (Value) throws(ModelMismatch) -> Void
  ) async throws(ModelError) -> (value: Value, model: String) {
    var last = ModelError.limited(retryAfter: nil)
    // Who had no time now may have some when the others have failed.
    var waiting: ModelDesk.Seat?
    for (position, seat) in desk.seats.enumerated() {
      let others = desk.seats.count - 1 - position
      // One that hangs leaves the last a third of the time, and several as much each as it takes itself.
      let left = max(.zero, ContinuousClock.now.duration(to: deadline))
      let until =
        switch others {
        case 0: deadline
        case 1: ContinuousClock.now.advanced(by: left * 2 / 3)
        default: ContinuousClock.now.advanced(by: left / (others + 1))
        }
      do throws(ModelError) {
        return (
          try await value(request, of: seat, purpose, type, mayWait: others == 0, by: until, check: check),
          seat.endpoint.model
        )
      } catch {
        last = error
        if case .limited(_?) = error, waiting == nil { waiting = seat }
        guard Self.isAnothersTurn(error) else { break }
      }
    }
    if let seat = waiting, desk.seats.count > 1, Self.isAnothersTurn(last) {
      do throws(ModelError) {
        return (
          try await value(request, of: seat, purpose, type, mayWait: true, by: deadline, check: check),
          seat.endpoint.model
        )
      } catch {
        last = error
      }
    }
    state.withLock { $0.totals.refusal = last.name }
    throw last
  }

  private func value<Value: Decodable & Sendable>(
    _ request: ModelRequest, of seat: ModelDesk.Seat, _ purpose: String, _ type: Value.Type, mayWait: Bool,
    by deadline: ContinuousClock.Instant,
    check: @escaping @Sendable (Value) throws(ModelMismatch) -> Void
  ) async throws(ModelError) -> Value {
    // Where others are left to ask, nobody waits for this one's minute, or until it has less to do.
    let client = ModelClient(
      desk.fetcher, endpoint: seat.endpoint, attemptDuration: Self.attemptDuration,
      gate: gate(seat, purpose, mayWait: mayWait),
      patience: mayWait ? .seconds(60) : Self.shortWait)
    do throws(ModelError) {
      return try await client.structured(request, as: type, by: deadline, check: check).value
    } catch {
      log(
        .warning, "a model gave no answer",
        ["provider": seat.endpoint.name, "model": seat.endpoint.model, "purpose": purpose, "error": error.description])
      throw error
    }
  }

  /// Whether another model may do better: one that answered nonsense shows that the question is hard, and a day's money
  /// is one for all.
  private static func isAnothersTurn(_ error: ModelError) -> Bool {
    switch error {
    case .breakerOpen, .unreachable, .timedOut, .refused, .malformed, .odd, .tooLong: true
    case .limited(let wait): wait != nil
    case .truncated(let answer): answer.stopReason == .cut
    case .declined, .mismatched, .unrecorded: false
    }
  }

  // MARK: The gate

  /// What an answer needs at least.
  private static let leastTime = Duration.seconds(2)
  /// What is waited for where another could be asked instead.
  private static let shortWait = Duration.seconds(2)
  private static let attemptDuration = Duration.seconds(60)
  /// Who did not answer in less was not given the time to.
  private static let leastPatience = Duration.seconds(10)

  private func gate(_ seat: ModelDesk.Seat, _ purpose: String, mayWait: Bool) -> ModelGate {
    let breaker = CircuitBreaker(
      desk.database, name: "model \(seat.endpoint.name)", probeSpan: Self.attemptDuration + .seconds(10))
    let pause = ServicePause(desk.database, name: "model \(seat.endpoint.name)")
    return ModelGate { [self] (estimate, deadline) async throws(ModelError) in
      // What is cut off by our own deadline would count against the provider.
      guard ContinuousClock.now.advanced(by: Self.leastTime) < deadline else { throw .timedOut }
      var permission = try permission(breaker, by: deadline)
      let hold: Hold?
      do throws(ModelError) {
        // Whoever is to probe goes at once, or lets another go.
        let hasWaited = try await takeMinute(
          seat, pause, estimate, mayWait: mayWait && permission == .allowed, by: deadline)
        // What failed for others meanwhile is known by now.
        if hasWaited { permission = try self.permission(breaker, by: deadline) }
        hold = try await holdMoney(seat, estimate, by: deadline)
      } catch {
        try? breaker.giveBack(permission, by: deadline)
        throw error
      }
      let asked = Date()
      let start = ContinuousClock.now
      return { [self, permission] outcome, retryAfter in
        // What is written down must be, also where the deadline passed while the model answered.
        let soon = max(deadline, ContinuousClock.now.advanced(by: .seconds(2)))
        if let retryAfter { try? pause.begin(retryAfter, by: soon) }
        switch outcome {
        case .answered: try? breaker.recordSuccess(permission, by: soon)
        case .failed(.timedOut) where start.duration(to: .now) < Self.leastPatience:
          try? breaker.giveBack(permission, by: soon)
        case .failed(let error) where error.isOutage: try? breaker.recordFailure(permission, by: soon)
        // It is there, and does not do its work: neither.
        case .failed(.refused(status: 429, code: _)), .cancelled: try? breaker.giveBack(permission, by: soon)
        case .failed: try? breaker.recordSuccess(permission, by: soon)
        }
        write(outcome, hold, seat, purpose, asked, by: soon)
      }
    }
  }

  private func permission(_ breaker: CircuitBreaker, by deadline: ContinuousClock.Instant) throws(ModelError)
    -> CircuitBreaker.Permission
  {
    let permission = try database { () throws(DatabaseError) in try breaker.check(by: deadline) }
    if case .refused(let wait) = permission { throw .breakerOpen(retryAfter: wait) }
    return permission
  }

  /// Takes a request and its tokens from the provider's minute, once a pause that it asked for is over; waits where
  /// that is allowed and there is
  /// time.
  ///
  /// - Returns: whether it waited.
  private func takeMinute(
    _ seat: ModelDesk.Seat, _ pause: ServicePause, _ estimate: ModelEstimate, mayWait: Bool,
    by deadline: ContinuousClock.Instant
  ) async throws(ModelError) -> Bool {
    let provider = seat.endpoint.name
    var hasWaited = false
    func sleep(_ wait: Duration) async throws(ModelError) {
      // Whoever kept the pause itself comes a moment before the database's clock says that it is over.
      guard mayWait || wait < .milliseconds(200), ContinuousClock.now.advanced(by: wait + Self.leastTime) < deadline
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
      (desk.limits.requests(desk.database), 1),
      (desk.limits.tokens(desk.database), estimate.inputTokens + estimate.maxOutputTokens),
    ] {
      while true {
        let decision = try database { () throws(DatabaseError) in try limit.take(count, of: provider, by: deadline) }
        if decision.isAllowed { break }
        // More than a minute has at once, which no wait changes.
        guard let wait = decision.retryAfter else { throw .tooLong }
        try await sleep(wait)
      }
    }
    return hasWaited
  }

  /// Holds what the attempt may cost at most; nil where it costs nothing. What other questions of this session hold is
  /// waited for: most
  /// of it comes back.
  private func holdMoney(_ seat: ModelDesk.Seat, _ estimate: ModelEstimate, by deadline: ContinuousClock.Instant)
    async throws(ModelError) -> Hold?
  {
    let most = estimate.maximumCost(seat.price)
    guard most > 0 else { return nil }
    while true {
      let others = state.withLock { $0.open }
      // A process ends itself five seconds past its deadline: what is held a minute longer is held by nobody.
      let duration = max(.zero, ContinuousClock.now.duration(to: deadline)) + .seconds(60)
      do {
        let hold = try Metering(desk.database).hold(
          .modelMicrodollars, amount: most, of: account, for: duration, by: deadline)?.hold
        if hold != nil { state.withLock { $0.open += 1 } }
        return hold
      } catch {
        guard error is Failure else { throw .unrecorded }
        guard others > 0, ContinuousClock.now.advanced(by: Self.leastTime) < deadline else {
          throw .limited(retryAfter: nil)
        }
      }
      do { try await Task.sleep(for: .milliseconds(200)) } catch { throw .unreachable(.cancelled) }
    }
  }

  /// Settles what was held by what it cost, and adds the attempt to the books, both or neither; where neither can be,
  /// the hold expires.
  private func write(
    _ outcome: ModelGate.Outcome, _ hold: Hold?, _ seat: ModelDesk.Seat, _ purpose: String, _ asked: Date,
    by deadline: ContinuousClock.Instant
  ) {
    let (answer, name): (ModelAnswer?, String) =
      switch outcome {
      case .answered(let answer): (answer, "answered")
      case .failed(let error): (error.answer, error.name)
      case .cancelled: (nil, "cancelled")
      }
    // A provider that counts more than it can have taken is paid for no more than was held.
    let cost = min(
      answer.map { seat.price.cost(input: $0.inputTokens, output: $0.outputTokens) } ?? 0, hold?.amount ?? 0)
    state.withLock {
      $0.totals.calls += 1
      $0.totals.costMicrodollars += cost
    }
    // What is given back is there before anybody is told that it is.
    defer { if hold != nil { state.withLock { $0.open -= 1 } } }
    do {
      try desk.database.transaction(by: deadline) { transaction in
        if let hold { try Metering(desk.database).settle(hold, used: cost, in: &transaction) }
        transaction.send(
          """
          INSERT INTO model_calls (account_id, purpose, provider, model, outcome, input_tokens, output_tokens, cost_microdollars, asked_at)
          VALUES (\(account.id), \(purpose), \(seat.endpoint.name), \(seat.endpoint.model), \(name), \(answer?.inputTokens ?? 0),
            \(answer?.outputTokens ?? 0), \(cost), \(asked))
          """)
      }
    } catch {
      log(
        .error, "what a model cost could not be written down",
        ["provider": seat.endpoint.name, "microdollars": String(cost), "error": "\(error)"])
    }
  }

  /// Without the database nobody knows what may be asked.
  private func database<Result>(_ body: () throws(DatabaseError) -> Result) throws(ModelError) -> Result {
    do throws(DatabaseError) { return try body() } catch { throw .unrecorded }
  }
}

extension ModelError {
  /// One word for it, as reports and the books have it.
  package var name: String {
    switch self {
    case .breakerOpen: "breaker_open"
    case .limited(let wait): wait == nil ? "budget_spent" : "rate_limited"
    case .unrecorded: "unrecorded"
    case .unreachable: "unreachable"
    case .timedOut: "timed_out"
    case .refused(let status, _): "refused_\(status)"
    case .tooLong: "too_long"
    case .truncated: "truncated"
    case .declined: "declined"
    case .malformed, .odd: "malformed"
    case .mismatched: "mismatched"
    }
  }
}
