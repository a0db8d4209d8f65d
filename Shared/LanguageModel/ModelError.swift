package import Fetch

/// Why there is no answer that can be used.
///
/// None says a key, nor anything that the provider said in words, which may quote what was sent. What came of an answer
/// that was
/// paid for lies in ``answer``, and is not printed.
package enum ModelError: Error, Sendable, Equatable {
  /// It failed so often that it is not asked for now: the gate's.
  case breakerOpen(retryAfter: Duration)
  /// Whoever asks has asked too often, or has nothing left to spend: the gate's. Nil where waiting does not help.
  case limited(retryAfter: Duration?)
  /// Where limits and costs are kept cannot be reached, so that nobody knows what may be asked: the gate's.
  case unrecorded
  /// There was no connection, or it broke.
  case unreachable(FetchError.Code)
  /// The deadline, or an attempt's own limit, passed first.
  case timedOut
  /// The provider answered with an error: its status, and the name that it has for it.
  case refused(status: Int, code: String?)
  /// The question and the answer that it may have do not fit the context window.
  case tooLong
  /// The answer was cut: by the tokens that it may have (``ModelAnswer/StopReason/length``), or on the way (`cut`).
  case truncated(ModelAnswer)
  /// The model or a filter would not answer. It would not next time either.
  case declined(ModelAnswer)
  /// The answer is counted, and ends in a way that the provider does not document.
  case odd(ModelAnswer)
  /// What came is not what the provider documents.
  case malformed(String)
  /// The model answered, twice, and neither was what it was asked for; names fields, never what they hold.
  case mismatched(String)

  /// Whether that speaks against the provider rather than against what was asked of it.
  package var isOutage: Bool {
    switch self {
    case .unreachable(let code): code != .cancelled
    case .timedOut, .malformed, .odd: true
    case .refused(let status, _): status >= 500
    case .truncated(let answer): answer.stopReason == .cut
    case .breakerOpen, .limited, .unrecorded, .tooLong, .declined, .mismatched: false
    }
  }

  /// Whether the same question may be answered a moment later.
  package var isWorthwhile: Bool {
    switch self {
    case .unreachable(let code):
      switch code {
      case .connectionFailed, .unresolvedHost, .malformedResponse, .timedOut: true
      case .forbiddenAddress, .tls, .cancelled: false
      }
    case .timedOut: true
    case .refused(let status, let code):
      // Money does not come back within a minute.
      [408, 409, 429, 500, 502, 503, 504, 529].contains(status) && !Self.unpaid.contains(code ?? "")
    case .truncated(let answer): answer.stopReason == .cut
    case .breakerOpen, .limited, .unrecorded, .tooLong, .declined, .malformed, .odd, .mismatched: false
    }
  }

  /// What was generated before it failed, and is paid for.
  package var answer: ModelAnswer? {
    switch self {
    case .truncated(let answer), .declined(let answer), .odd(let answer): answer
    default: nil
    }
  }

  /// Names under which OpenAI and Anthropic refuse, with 429, whoever has spent their budget.
  private static let unpaid: Set<String> = [
    "insufficient_quota", "billing_hard_limit_reached", "enforced_spend_limit_reached",
  ]
}

extension ModelError: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String {
    switch self {
    case .breakerOpen: "the model failed several times in a row, and is not asked for now"
    case .limited: "the model may not be asked now: a limit is reached"
    case .unrecorded: "the model may not be asked now: what it costs could not be written down"
    case .unreachable(let code): "the model is not reached: \(code.rawValue)"
    case .timedOut: "the model did not answer in time"
    case .refused(let status, let code): "the model's provider answered \(status)" + (code.map { ": \($0)" } ?? "")
    case .tooLong: "the question does not fit the model's context window"
    case .truncated(let answer):
      answer.stopReason == .cut ? "the model's answer broke off" : "the model's answer is longer than it may be"
    case .declined: "the model declined to answer"
    case .odd: "the model's answer ends as none should"
    case .malformed(let reason): "the provider's answer cannot be read: \(reason)"
    case .mismatched(let reason): "the model's answer is not what was asked for: \(reason)"
    }
  }

  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
