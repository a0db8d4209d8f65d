import Fetch

/// The retry policy of ``StripeClient``: which failures to retry, and after which pauses
/// (docs.stripe.com/error-low-level).
enum StripeRetry {
  /// The maximum number of attempts after the first.
  static let maximumRetries = 2
  /// The longest pause before a retry. If Stripe asks for a longer one, the client gives up.
  static let maximumPause = Duration.seconds(60)

  /// The pause after a failed attempt: 0.25 to 0.5 seconds, doubled after each further attempt.
  ///
  /// - Parameters:
  ///   - attempt: 1 after the first attempt.
  ///   - jitter: from 0 for the shortest pause to 1 for the longest.
  static func pause(after attempt: Int, jitter: Double) -> Duration {
    .milliseconds(250 << (attempt - 1)) * (1 + jitter)
  }

  static func isRetryable(_ error: FetchError) -> Bool {
    switch error.code {
    case .connectionFailed, .unresolvedHost, .timedOut, .malformedResponse: true
    case .forbiddenAddress, .tls, .cancelled: false
    }
  }

  static func isRetryable(_ response: FetchResponse) -> Bool {
    switch response.headers["stripe-should-retry"] {
    case "true": true
    case "false": false
    default: response.status == 409 || response.status == 429 || response.status >= 500
    }
  }

  /// The pause from a `Retry-After` header in seconds, at most a day. Nil if it is missing or a date, which Stripe does
  /// not send.
  static func retryAfter(_ response: FetchResponse) -> Duration? {
    guard let text = response.headers["retry-after"], !text.isEmpty, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
      return nil
    }
    return .seconds(min(Int(text) ?? .max, 86_400))
  }
}
