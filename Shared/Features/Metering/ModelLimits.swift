import Contract
import Limits
import Postgres

/// How much a provider is asked in a minute, by all processes together.
struct ModelLimits: Sendable {
  let requestsPerMinute: Int
  /// Tokens that are sent and may come back.
  let tokensPerMinute: Int

  /// - Throws: `unavailable`, naming the setting that cannot be read.
  init(_ environment: Environment) throws(Failure) {
    requestsPerMinute = try Self.number("MODEL_REQUESTS_PER_MINUTE", environment, usual: 20)
    tokensPerMinute = try Self.number("MODEL_TOKENS_PER_MINUTE", environment, usual: 200_000)
  }

  private static func number(_ setting: String, _ environment: Environment, usual: Int) throws(Failure) -> Int {
    guard let text = environment[setting] else { return usual }
    guard let number = Int(text), (1...1_000_000_000).contains(number) else {
      throw Failure(.unavailable, "\(setting) must be a number from 1 on, not \(text)", details: ["setting": setting])
    }
    return number
  }

  /// By provider. A scope has one rule, so that another number is another scope.
  func requests(_ database: Database) -> RateLimit {
    RateLimit(database, scope: "model requests \(requestsPerMinute)", Self.rule(requestsPerMinute))
  }

  func tokens(_ database: Database) -> RateLimit {
    RateLimit(database, scope: "model tokens \(tokensPerMinute)", Self.rule(tokensPerMinute))
  }

  /// What one request may take.
  var tokensAtOnce: Int { Self.atOnce(tokensPerMinute) }

  private static func atOnce(_ count: Int) -> Int { max(1, count / 4) }

  /// A bucket of which no minute, wherever it begins, can take more than `count`: a quarter at once, and the rest
  /// spread over the minute.
  ///
  /// One filled with a minute's worth would give nearly twice as much in its first.
  static func rule(_ count: Int) -> RateLimit.Rule {
    guard count > 1 else { return .bucket(capacity: 1, interval: .seconds(60)) }
    return .bucket(capacity: atOnce(count), interval: max(.microseconds(1), .seconds(60) / (count - atOnce(count))))
  }
}
