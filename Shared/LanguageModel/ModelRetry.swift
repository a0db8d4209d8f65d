import Fetch
import FoundationEssentials

/// When a question is asked again, and how long after.
struct ModelRetry {
  /// Attempts in all.
  static let maximum = 3

  /// A second, doubled with each attempt, of which half is left to chance.
  ///
  /// - Parameters:
  ///   - attempt: 1 after the first.
  ///   - chance: from 0 to 1.
  static func pause(after attempt: Int, chance: Double) -> Duration {
    .milliseconds(500 << (attempt - 1)) * (1 + chance)
  }

  /// What the provider asks for: `retry-after-ms`, which OpenAI sends and means more exactly, else `Retry-After` in
  /// seconds or as a
  /// date (RFC 9110, section 10.2.3). Nil where it asks for nothing that can be read; never negative.
  static func asked(_ headers: [String: String], now: Date) -> Duration? {
    if let milliseconds = number(headers["retry-after-ms"]) { return .milliseconds(milliseconds) }
    guard let text = headers["retry-after"] else { return nil }
    if let seconds = number(text) { return .seconds(seconds) }
    return HTTPDate.read(text).map { .seconds(max(0, Int($0.timeIntervalSince(now).rounded(.up)))) }
  }

  /// What the provider says about it itself, as OpenAI's and Anthropic's own libraries heed; nil where it says nothing.
  static func isAdvised(_ headers: [String: String]) -> Bool? {
    switch headers["x-should-retry"] {
    case "true": true
    case "false": false
    default: nil
    }
  }

  /// Digits, and one more where they have a fraction; a day at most.
  private static func number(_ text: String?) -> Int? {
    guard let text, let whole = text.split(separator: ".", omittingEmptySubsequences: false).first, !whole.isEmpty,
      text.utf8.allSatisfy({ 0x30...0x39 ~= $0 || $0 == UInt8(ascii: ".") })
    else { return nil }
    let hasRest = text.dropFirst(whole.count).contains { $0 != "." && $0 != "0" }
    return min((Int(whole) ?? 86_400_000) + (hasRest ? 1 : 0), 86_400_000)
  }
}
