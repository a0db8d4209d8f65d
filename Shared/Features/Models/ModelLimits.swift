import Contract
import Limits
import Postgres

/// Rate limits per provider, which all processes share.
struct ModelLimits: Sendable {
  let requestsPerMinute: Int
  /// Input tokens plus the limit on output tokens.
  let tokensPerMinute: Int

  /// - Throws: `unavailable`, naming the malformed setting.
  init(_ environment: Environment) throws(Failure) {
    requestsPerMinute = try Self.number("MODEL_REQUESTS_PER_MINUTE", environment, default: 20)
    tokensPerMinute = try Self.number("MODEL_TOKENS_PER_MINUTE", environment, default: 200_000)
  }

  private static func number(
    _ setting: String, _ environment: Environment, default defaultNumber: Int
  ) throws(Failure) -> Int {
    guard let text = environment[setting] else { return defaultNumber }
    guard let number = Int(text), (1...1_000_000_000).contains(number) else {
      throw Failure(
        .unavailable, "\(setting) is \(text); set a whole number from 1 to 1000000000", details: ["setting": setting])
    }
    return number
  }

  /// Requests by provider. A scope has one rule, so the scope contains the number.
  func requests(_ database: Database) -> RateLimit {
    RateLimit(database, scope: "model requests \(requestsPerMinute)", Self.rule(requestsPerMinute))
  }

  /// Tokens by provider.
  func tokens(_ database: Database) -> RateLimit {
    RateLimit(database, scope: "model tokens \(tokensPerMinute)", Self.rule(tokensPerMinute))
  }

  /// The limit on the tokens of one request.
  var burstTokens: Int { Self.burst(tokensPerMinute) }

  private static func burst(_ count: Int) -> Int { max(1, count / 4) }

  /// A token bucket that grants at most `count` in any 60 seconds: a quarter at once, and the rest spread over the
  /// minute.
  ///
  /// A bucket with the capacity `count` would grant nearly twice as much in its first minute.
  static func rule(_ count: Int) -> RateLimit.Rule {
    guard count > 1 else { return .bucket(capacity: 1, interval: .seconds(60)) }
    return .bucket(capacity: burst(count), interval: max(.microseconds(1), .seconds(60) / (count - burst(count))))
  }
}
