package import Fetch

/// The reason why a model call returned no usable answer.
///
/// Descriptions contain neither keys nor text from the provider, which may quote the request. If an incomplete or
/// rejected answer is billed, ``answer`` returns it; it is not printed either.
package enum ModelError: Error, Sendable, Equatable {
  /// Thrown by the gate: the endpoint failed repeatedly and is blocked for this time.
  case breakerOpen(retryAfter: Duration)
  /// Thrown by the gate: the caller reached a rate limit or has no budget left. Nil if waiting does not help.
  case limited(retryAfter: Duration?)
  /// Thrown by the gate: the store of limits and costs is unavailable, so the request cannot be permitted.
  case accountingUnavailable
  /// The connection failed or broke.
  case unreachable(FetchError.Code)
  /// The deadline or the time limit of an attempt expired.
  case timedOut
  /// The provider returned an error with this HTTP status and this error name.
  case refused(status: Int, code: String?)
  /// The request and its maximum answer do not fit into the context window.
  case tooLong
  /// The answer is incomplete: it reached the output limit (``ModelAnswer/StopReason/length``), or the connection broke
  /// (``ModelAnswer/StopReason/interrupted``).
  case truncated(ModelAnswer)
  /// The model or a content filter refused to answer. A retry would be refused too.
  case declined(ModelAnswer)
  /// The answer has token counts, but ended for a reason that the provider does not document.
  case unexpectedStop(ModelAnswer)
  /// The response does not follow the provider's documentation.
  case malformed(String)
  /// The model's answer was invalid twice. The reason contains names of fields, not their values.
  case mismatched(String)

  /// True if the error is a failure of the provider rather than of the request.
  package var isOutage: Bool {
    switch self {
    case .unreachable(let code): code != .cancelled
    case .timedOut, .malformed, .unexpectedStop: true
    case .refused(let status, _): status >= 500
    case .truncated(let answer): answer.stopReason == .interrupted
    case .breakerOpen, .limited, .accountingUnavailable, .tooLong, .declined, .mismatched: false
    }
  }

  /// True if a retry of the same request after a short pause may succeed.
  package var isRetryable: Bool {
    switch self {
    case .unreachable(let code):
      switch code {
      case .connectionFailed, .unresolvedHost, .malformedResponse, .timedOut: true
      case .forbiddenAddress, .tls, .cancelled: false
      }
    case .timedOut: true
    case .refused(let status, let code):
      // An exhausted budget does not recover within a minute.
      [408, 409, 429, 500, 502, 503, 504, 529].contains(status) && !Self.budgetCodes.contains(code ?? "")
    case .truncated(let answer): answer.stopReason == .interrupted
    case .breakerOpen, .limited, .accountingUnavailable, .tooLong, .declined, .malformed, .unexpectedStop, .mismatched:
      false
    }
  }

  /// The answer that was generated before the failure. It is billed.
  package var answer: ModelAnswer? {
    switch self {
    case .truncated(let answer), .declined(let answer), .unexpectedStop(let answer): answer
    default: nil
    }
  }

  /// Error names that OpenAI and Anthropic send with 429 when the account has no budget left.
  private static let budgetCodes: Set<String> = [
    "insufficient_quota", "billing_hard_limit_reached", "enforced_spend_limit_reached",
  ]
}

extension ModelError: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String {
    switch self {
    case .breakerOpen: "the model failed repeatedly and is blocked for now; retry later"
    case .limited: "the model cannot be called now: a limit is reached"
    case .accountingUnavailable: "the model cannot be called now: its cost could not be recorded"
    case .unreachable(let code): "the model is unreachable: \(code.rawValue)"
    case .timedOut: "the model did not answer in time"
    case .refused(let status, let code): "the model's provider returned \(status)" + (code.map { ": \($0)" } ?? "")
    case .tooLong: "the request does not fit into the model's context window"
    case .truncated(let answer):
      answer.stopReason == .interrupted
        ? "the connection ended during the model's answer" : "the model's answer reached the output limit"
    case .declined: "the model declined to answer"
    case .unexpectedStop: "the model's answer ended for an unknown reason"
    case .malformed(let reason): "the provider's response is malformed: \(reason)"
    case .mismatched(let reason): "the model's answer is invalid: \(reason)"
    }
  }

  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
