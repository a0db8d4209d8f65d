import Fetch

/// When a request is sent again, and how long after (docs.stripe.com/error-low-level).
struct StripeRetry {
  /// Requests after the first.
  static let maximum = 2
  /// Longer than this nobody waits, whatever Stripe asks for.
  static let longestPause = Duration.seconds(60)

  /// Half a second, doubled with each request, of which half is left to chance.
  ///
  /// - Parameters:
  ///   - attempt: 1 after the first request.
  ///   - chance: from 0 to 1.
  static func pause(after attempt: Int, chance: Double) -> Duration {
    .milliseconds(250 << (attempt - 1)) * (1 + chance)
  }

  static func isWorthwhile(_ error: FetchError) -> Bool {
    switch error.code {
    case .connectionFailed, .unresolvedHost, .timedOut, .malformedResponse: true
    case .forbiddenAddress, .tls, .cancelled: false
    }
  }

  static func isWorthwhile(_ response: FetchResponse) -> Bool {
    switch response.headers["stripe-should-retry"] {
    case "true": true
    case "false": false
    default: response.status == 409 || response.status == 429 || response.status >= 500
    }
  }

  /// What `Retry-After` asks for, in seconds; nil where it was not sent, or is a date, which Stripe does not send.
  static func retryAfter(_ response: FetchResponse) -> Duration? {
    guard let text = response.headers["retry-after"], !text.isEmpty, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
      return nil
    }
    return .seconds(min(Int(text) ?? .max, 86_400))
  }
}
