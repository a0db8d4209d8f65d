import Fetch
import FoundationEssentials

/// The retry policy of ``ModelClient``: the number of attempts, and the pauses between them.
enum ModelRetry {
  /// The maximum number of attempts, including the first.
  static let maximumAttempts = 3

  /// The pause after a failed attempt: 0.5 to 1 second, doubled after each further attempt.
  ///
  /// - Parameters:
  ///   - attempt: 1 after the first.
  ///   - jitter: from 0 for the shortest pause to 1 for the longest.
  static func pause(after attempt: Int, jitter: Double) -> Duration {
    .milliseconds(500 << (attempt - 1)) * (1 + jitter)
  }

  /// The pause that the provider asks for: `retry-after-ms`, a more precise header from OpenAI, or else `Retry-After` in
  /// seconds or as a date (RFC 9110, section 10.2.3). Nil if neither header is valid; never negative.
  static func retryAfter(_ headers: [String: String], now: Date) -> Duration? {
    if let milliseconds = number(headers["retry-after-ms"]) { return .milliseconds(milliseconds) }
    guard let text = headers["retry-after"] else { return nil }
    if let seconds = number(text) { return .seconds(seconds) }
    return HTTPDate.parse(text).map { .seconds(max(0, Int($0.timeIntervalSince(now).rounded(.up)))) }
  }

  /// The `x-should-retry` header, which the client libraries of OpenAI and Anthropic obey too. Nil if it is not sent.
  static func serverAdvice(_ headers: [String: String]) -> Bool? {
    switch headers["x-should-retry"] {
    case "true": true
    case "false": false
    default: nil
    }
  }

  /// Parses a decimal number, rounded up to a whole number, and at most 86,400,000 (a day in milliseconds).
  private static func number(_ text: String?) -> Int? {
    guard let text, let whole = text.split(separator: ".", omittingEmptySubsequences: false).first, !whole.isEmpty,
      text.utf8.allSatisfy({ 0x30...0x39 ~= $0 || $0 == UInt8(ascii: ".") })
    else { return nil }
    let hasFraction = text.dropFirst(whole.count).contains { $0 != "." && $0 != "0" }
    return min((Int(whole) ?? 86_400_000) + (hasFraction ? 1 : 0), 86_400_000)
  }
}
