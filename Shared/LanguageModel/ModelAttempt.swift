import Fetch

/// How one attempt went, and whether another may follow.
struct ModelAttempt: Sendable {
  let outcome: ModelGate.Outcome
  let mayRepeat: Bool
  /// Of the response that failed.
  var headers: [String: String] = [:]

  /// Whether the provider has too much to do, or is asked too much, and may say for how long.
  var isBusy: Bool {
    if case .failed(.refused(let status, _)) = outcome { [429, 503, 529].contains(status) } else { false }
  }

  /// An answer, which is none where it was cut or declined.
  init(_ answer: ModelAnswer) {
    switch answer.stopReason {
    case .finished, .stopped: outcome = .answered(answer)
    case .length, .cut: outcome = .failed(.truncated(answer))
    case .declined: outcome = .failed(.declined(answer))
    case .odd: outcome = .failed(.odd(answer))
    }
    mayRepeat = false
  }

  init(_ error: ModelError, _ headers: [String: String] = [:], mayRepeat: Bool = true) {
    outcome = .failed(error)
    self.headers = headers
    self.mayRepeat = mayRepeat && (ModelRetry.isAdvised(headers) ?? error.isWorthwhile)
  }

  init(_ error: FetchError) {
    let failure: ModelError = error.code == .timedOut ? .timedOut : .unreachable(error.code)
    outcome = error.code == .cancelled ? .cancelled : .failed(failure)
    mayRepeat = failure.isWorthwhile
  }
}
