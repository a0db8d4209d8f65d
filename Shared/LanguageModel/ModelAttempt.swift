import Fetch

/// The outcome of one request to a model, and whether the request may be retried.
struct ModelAttempt: Sendable {
  let outcome: ModelGate.Outcome
  let isRetryable: Bool
  /// Headers of a response that reported an error.
  var headers: [String: String] = [:]

  /// True if the provider is overloaded or rate-limits the caller. Such a response may have a `Retry-After` header.
  var isBusy: Bool {
    if case .failed(.refused(let status, _)) = outcome { [429, 503, 529].contains(status) } else { false }
  }

  /// An attempt that returned an answer. Incomplete and declined answers count as failures.
  init(_ answer: ModelAnswer) {
    switch answer.stopReason {
    case .finished, .stopped: outcome = .answered(answer)
    case .length, .interrupted: outcome = .failed(.truncated(answer))
    case .declined: outcome = .failed(.declined(answer))
    case .unknown: outcome = .failed(.unexpectedStop(answer))
    }
    isRetryable = false
  }

  init(_ error: ModelError, _ headers: [String: String] = [:], isRetryable: Bool = true) {
    outcome = .failed(error)
    self.headers = headers
    self.isRetryable = isRetryable && (ModelRetry.serverAdvice(headers) ?? error.isRetryable)
  }

  init(_ error: FetchError) {
    let failure: ModelError = error.code == .timedOut ? .timedOut : .unreachable(error.code)
    outcome = error.code == .cancelled ? .cancelled : .failed(failure)
    isRetryable = failure.isRetryable
  }
}
