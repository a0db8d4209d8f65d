import Accounts
import Contract
import Fetch
import FoundationEssentials
package import LanguageModel
import Limits
import Postgres
import Synchronization

/// Asks models in one account's name: within its day's money, the providers' minutes and their breakers, and writes down each attempt.
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
  private let state = Mutex(Totals())

  init(_ desk: ModelDesk, _ account: Account, _ log: Log) { (self.desk, self.account, self.log) = (desk, account, log) }

  package var totals: Totals { state.withLock { $0 } }

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
    for (position, seat) in desk.seats.enumerated() {
      // Where others are left to ask, nobody waits for this one's minute, or until it has less to do.
      let isLast = position == desk.seats.count - 1
      let client = ModelClient(desk.fetcher, endpoint: seat.endpoint, gate: gate(seat, purpose, mayWait: isLast), patience: isLast ? .seconds(60) : Self.shortWait)
      // One that hangs leaves the next a third of the time.
      let left = max(.zero, ContinuousClock.now.duration(to: deadline))
      let until = isLast ? deadline : ContinuousClock.now.advanced(by: left * 2 / 3)
      do throws(ModelError) {
        return (try await client.structured(request, as: type, by: until, check: check).value, seat.endpoint.model)
      } catch {
        last = error
        log(.warning, "a model gave no answer", ["provider": seat.endpoint.name, "model": seat.endpoint.model, "purpose": purpose, "error": error.description])
        guard Self.isAnothersTurn(error) else { break }
      }
    }
    state.withLock { $0.refusal = last.name }
    throw last
  }

  /// Whether another model may do better: one that answered nonsense shows that the question is hard, and a day's money is one for all.
  private static func isAnothersTurn(_ error: ModelError) -> Bool {
    switch error {
    case .breakerOpen, .unreachable, .timedOut, .refused, .malformed, .tooLong: true
    case .limited(let wait): wait != nil
    case .truncated(let answer): answer.stopReason == .cut
    case .declined, .mismatched: false
    }
  }

  // MARK: The gate

  /// What an answer needs at least.
  private static let leastTime = Duration.seconds(2)
  /// What is waited for where another could be asked instead.
  private static let shortWait = Duration.seconds(2)

  private func gate(_ seat: ModelDesk.Seat, _ purpose: String, mayWait: Bool) -> ModelGate {
    let breaker = CircuitBreaker(desk.database, name: "model \(seat.endpoint.name)")
    let pause = ServicePause(desk.database, name: "model \(seat.endpoint.name)")
    return ModelGate { [self] (estimate, deadline) async throws(ModelError) in
      // What is cut off by our own deadline would count against the provider.
      guard ContinuousClock.now.advanced(by: Self.leastTime) < deadline else { throw .timedOut }
      var permission = try permission(breaker, by: deadline)
      let hold: Hold?
      do throws(ModelError) {
        // Whoever is to probe goes at once, or lets another go.
        let hasWaited = try await takeMinute(seat, pause, estimate, mayWait: mayWait && permission == .allowed, by: deadline)
        // What failed for others meanwhile is known by now.
        if hasWaited { permission = try self.permission(breaker, by: deadline) }
        hold = try holdMoney(seat, estimate, by: deadline)
      } catch {
        try? breaker.giveBack(permission, by: deadline)
        throw error
      }
      let asked = Date()
      return { [self, permission] outcome, retryAfter in
        // What is written down must be, also where the deadline passed while the model answered.
        let soon = max(deadline, ContinuousClock.now.advanced(by: .seconds(2)))
        if let retryAfter { try? pause.begin(retryAfter, by: soon) }
        switch outcome {
        case .answered: try? breaker.recordSuccess(permission, by: soon)
        case .failed(let error) where error.isOutage: try? breaker.recordFailure(permission, by: soon)
        // It is there, and does not do its work: neither.
        case .failed(.refused(status: 429, code: _)), .cancelled: try? breaker.giveBack(permission, by: soon)
        case .failed: try? breaker.recordSuccess(permission, by: soon)
        }
        write(outcome, hold, seat, purpose, asked, by: soon)
      }
    }
  }

  private func permission(_ breaker: CircuitBreaker, by deadline: ContinuousClock.Instant) throws(ModelError) -> CircuitBreaker.Permission {
    let permission = try database { () throws(DatabaseError) in try breaker.check(by: deadline) }
    if case .refused(let wait) = permission { throw .breakerOpen(retryAfter: wait) }
    return permission
  }

  /// Takes a request and its tokens from the provider's minute, once a pause that it asked for is over; waits where that is allowed and there is
  /// time.
  ///
  /// - Returns: whether it waited.
  private func takeMinute(
    _ seat: ModelDesk.Seat, _ pause: ServicePause, _ estimate: ModelEstimate, mayWait: Bool, by deadline: ContinuousClock.Instant
  ) async throws(ModelError) -> Bool {
    let provider = seat.endpoint.name
    var hasWaited = false
    func sleep(_ wait: Duration) async throws(ModelError) {
      // Whoever kept the pause itself comes a moment before the database's clock says that it is over.
      guard mayWait || wait < .milliseconds(200), ContinuousClock.now.advanced(by: wait + Self.leastTime) < deadline else { throw .limited(retryAfter: wait) }
      do { try await Task.sleep(for: wait + .milliseconds(Int.random(in: 1...100))) } catch { throw .unreachable(.cancelled) }
      hasWaited = true
    }
    while let wait = try database({ () throws(DatabaseError) in try pause.remaining(by: deadline) }) { try await sleep(wait) }
    for (limit, count) in [(desk.limits.requests(desk.database), 1), (desk.limits.tokens(desk.database), estimate.inputTokens + estimate.maxOutputTokens)] {
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

  /// Holds what the attempt may cost at most; nil where it costs nothing.
  private func holdMoney(_ seat: ModelDesk.Seat, _ estimate: ModelEstimate, by deadline: ContinuousClock.Instant) throws(ModelError) -> Hold? {
    let most = estimate.maximumCost(seat.price)
    guard most > 0 else { return nil }
    // A process ends itself five seconds past its deadline: what is held a minute longer is held by nobody.
    let duration = max(.zero, ContinuousClock.now.duration(to: deadline)) + .seconds(60)
    do {
      return try Metering(desk.database).hold(.modelMicrodollars, amount: most, of: account, for: duration, by: deadline)?.hold
    } catch {
      // The day's money is spent, or nobody can tell whether it is.
      throw .limited(retryAfter: nil)
    }
  }

  /// Settles what was held by what it cost, and adds the attempt to the books, both or neither; where neither can be, the hold expires.
  private func write(
    _ outcome: ModelGate.Outcome, _ hold: Hold?, _ seat: ModelDesk.Seat, _ purpose: String, _ asked: Date, by deadline: ContinuousClock.Instant
  ) {
    let (answer, name): (ModelAnswer?, String) =
      switch outcome {
      case .answered(let answer): (answer, "answered")
      case .failed(let error): (error.answer, error.name)
      case .cancelled: (nil, "cancelled")
      }
    // A provider that counts more than it can have taken is paid for no more than was held.
    let cost = min(answer.map { seat.price.cost(input: $0.inputTokens, output: $0.outputTokens) } ?? 0, hold?.amount ?? 0)
    state.withLock {
      $0.calls += 1
      $0.costMicrodollars += cost
    }
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
      log(.error, "what a model cost could not be written down", ["provider": seat.endpoint.name, "microdollars": String(cost), "error": "\(error)"])
    }
  }

  /// Without the database nobody knows what may be asked.
  private func database<Result>(_ body: () throws(DatabaseError) -> Result) throws(ModelError) -> Result {
    do throws(DatabaseError) { return try body() } catch { throw .limited(retryAfter: nil) }
  }
}

extension ModelError {
  /// One word for it, as reports and the books have it.
  package var name: String {
    switch self {
    case .breakerOpen: "breaker_open"
    case .limited(let wait): wait == nil ? "budget_spent" : "rate_limited"
    case .unreachable: "unreachable"
    case .timedOut: "timed_out"
    case .refused(let status, _): "refused_\(status)"
    case .tooLong: "too_long"
    case .truncated: "truncated"
    case .declined: "declined"
    case .malformed: "malformed"
    case .mismatched: "mismatched"
    }
  }
}
