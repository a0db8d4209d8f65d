import Contract
import Fetch
import Limits
import Postgres
import Testing

@testable import LanguageModel
@testable import Models

/// Models, prices and rate limits that the settings configure.
@Suite struct ModelPoolTests {
  private func pool(_ settings: [String: String]) throws -> ModelPool? {
    try ModelPool(
      Environment(settings), Database(url: nil),
      Fetcher { (_: FetchRequest) async throws(FetchError) -> FetchResponse in
        throw FetchError(.connectionFailed, "this test fetches nothing")
      })
  }

  @Test func poolIsNilWithoutAKeyOrBaseURL() throws {
    #expect(try pool([:]) == nil)
    #expect(try pool(["OPENAI_MODEL": "gpt-4o", "OPENAI_API_KEY": "", "MODEL_REQUESTS_PER_MINUTE": "5"]) == nil)
  }

  @Test func providerHasItsDefaultURLAndModel() throws {
    let pool = try #require(
      try pool(["GEMINI_API_KEY": "g", "ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": "o", "OPENROUTER_API_KEY": "r"]))
    #expect(
      pool.offers.map {
        let endpoint = $0.endpoint
        return """
          \(endpoint.name) \(endpoint.dialect) \(endpoint.base) \(endpoint.model) \($0.price.input) \($0.price.output)
          """
      } == [
        "openai openAI https://api.openai.com/v1 gpt-4.1-mini 400000 1600000",
        "openrouter openAI https://openrouter.ai/api/v1 openai/gpt-4.1-mini 400000 1600000",
        "anthropic anthropic https://api.anthropic.com/v1 claude-haiku-4-5 1000000 5000000",
        "gemini openAI https://generativelanguage.googleapis.com/v1beta/openai gemini-2.5-flash-lite 100000 400000",
      ])
    #expect(pool.modelNames.count == 4 && pool.limits.requestsPerMinute == 20)
    // A quarter of the tokens per minute.
    #expect(pool.requestTokens == 50_000)
    #expect(!"\(pool.offers.map(\.endpoint))".contains("key"))
  }

  @Test func localModelIsFreeUnlessItsPriceIsSet() throws {
    for base in ["http://127.0.0.1:8080/v1", "http://localhost:1/v1/", "http://[::1]:1/v1"] {
      let offer = try #require(try pool(["OPENAI_BASE_URL": base, "OPENAI_MODEL": "mine"])?.offers.first)
      #expect(
        offer.price == ModelPrice(input: 0, output: 0) && offer.endpoint.contextWindow == 8_192
          && !offer.endpoint.base.hasSuffix("/"))
    }
    let priced = try #require(
      try pool([
        "OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_MODEL": "mine",
        "MODEL_PRICES": "other=1/2, mine=0.15/0.6@2048",
      ]))
    #expect(
      priced.offers[0].price == ModelPrice(input: 150_000, output: 600_000)
        && priced.offers[0].endpoint.contextWindow == 2_048)
    #expect(priced.requestTokens == 2_048)
  }

  @Test func modelNameCanContainColonsSlashesAndSigns() throws {
    let pool = try #require(
      try pool(["OPENROUTER_API_KEY": "r", "OPENROUTER_MODEL": "a/b=c:free@x", "MODEL_PRICES": "a/b=c:free@x=1/2"]))
    #expect(
      pool.modelNames == ["a/b=c:free@x"] && pool.offers[0].price == ModelPrice(input: 1_000_000, output: 2_000_000))
  }

  @Test(arguments: [
    ("MODEL_PRICES", "x"), ("MODEL_PRICES", "x="), ("MODEL_PRICES", "=1/2"), ("MODEL_PRICES", "x=1"),
    ("MODEL_PRICES", "x=1/2/3"), ("MODEL_PRICES", "x=1//2"),
    ("MODEL_PRICES", "x=a/1/2"), ("MODEL_PRICES", "x=-1/2"), ("MODEL_PRICES", "x=nan/2"), ("MODEL_PRICES", "x=inf/2"),
    ("MODEL_PRICES", "x=1e9/2"),
    ("MODEL_PRICES", "x=1/2@"), ("MODEL_PRICES", "x=1/2@many"), ("MODEL_PRICES", "x=1/2@511"),
    ("MODEL_PRICES", "x=1/2@-5"), ("MODEL_PRICES", "x=1/2@4096@4096"),
    ("MODEL_PRICES", "gpt-4o=1/2,nonsense"),
    ("MODEL_REQUESTS_PER_MINUTE", "0"), ("MODEL_REQUESTS_PER_MINUTE", "-1"), ("MODEL_REQUESTS_PER_MINUTE", "many"),
    ("MODEL_REQUESTS_PER_MINUTE", "1.5"),
    ("MODEL_REQUESTS_PER_MINUTE", "99999999999999999999"), ("MODEL_TOKENS_PER_MINUTE", "0"),
    ("MODEL_TOKENS_PER_MINUTE", "1e6"),
    ("OPENAI_API_KEY", "two words"), ("OPENAI_API_KEY", "k\u{e9}y"), ("OPENAI_API_KEY", "k\r\nX: y"),
    ("OPENAI_BASE_URL", "api.openai.com"), ("OPENAI_BASE_URL", "ftp://x/v1"),
    ("OPENAI_BASE_URL", "https://u:p@x.example/v1"), ("OPENAI_BASE_URL", "https://x.example/v1?key=1"),
    ("OPENAI_BASE_URL", "https://"), ("OPENAI_BASE_URL", "https://x .example"),
  ])
  func malformedSettingIsNamed(setting: String, value: String) throws {
    let failure = #expect(throws: Failure.self) {
      try pool(["OPENAI_API_KEY": "sk-fine"].merging([setting: value]) { $1 })
    }
    #expect(failure?.code == .unavailable && failure?.details["setting"] == setting, "\(failure as Any)")
    #expect(failure?.message.contains(setting) == true)
    if setting == "OPENAI_API_KEY" { #expect(failure?.message.contains(value) == false) }
  }

  @Test func modelWithoutAPriceIsRefused() throws {
    let failure = #expect(throws: Failure.self) { try pool(["OPENAI_API_KEY": "sk-fine", "OPENAI_MODEL": "gpt-99"]) }
    #expect(failure?.details["setting"] == "MODEL_PRICES" && failure?.message.contains("gpt-99") == true)
    let name = #expect(throws: Failure.self) {
      try pool(["OPENAI_API_KEY": "sk-fine", "OPENAI_MODEL": "g\u{e9}", "MODEL_PRICES": "g\u{e9}=1/1"])
    }
    #expect(name?.details["setting"] == "OPENAI_MODEL")
  }

  /// A bucket grants at most its capacity plus the refill of 60 seconds.
  @Test(arguments: [1, 2, 3, 4, 5, 7, 20, 59, 60, 61, 1_000]) func anyMinuteGrantsAtMostTheLimit(count: Int) {
    guard case .bucket(capacity: let capacity, interval: let interval) = ModelLimits.rule(count) else {
      Issue.record("the rule is not a bucket")
      return
    }
    #expect(
      capacity >= 1 && Duration.seconds(60) / interval + Double(capacity) <= Double(count) + (count == 1 ? 1 : 0.001))
    #expect(Duration.seconds(60) / interval + Double(capacity) > Double(count) - 1.001)
  }

  @Test func configuredPriceKeepsTheKnownContextWindow() throws {
    let known = try #require(
      try pool(["OPENAI_API_KEY": "o", "OPENAI_MODEL": "gpt-5-mini", "MODEL_PRICES": "gpt-5-mini=0.2/1"])?.offers.first)
    #expect(
      known.price == ModelPrice(input: 200_000, output: 1_000_000) && known.endpoint.contextWindow == 400_000
        && known.endpoint.thinking == .always)
    let new = try #require(
      try pool(["OPENAI_API_KEY": "o", "OPENAI_MODEL": "o9-mini", "MODEL_PRICES": "o9-mini=0.2/1@64000"])?.offers.first)
    #expect(new.endpoint.contextWindow == 64_000 && new.endpoint.thinking == .always)
  }

  @Test func unusableProviderIsSkippedIfAnotherIsUsable() throws {
    let settings = ["OPENAI_API_KEY": "o", "OPENAI_MODEL": "unpriced", "ANTHROPIC_API_KEY": "a"]
    let pool = try #require(try pool(settings))
    #expect(
      pool.modelNames == ["claude-haiku-4-5"]
        && pool.unusableProviders.map { $0.details["setting"] } == ["MODEL_PRICES"])
    #expect(throws: Failure.self) { try self.pool(settings.filter { $0.key != "ANTHROPIC_API_KEY" }) }
  }

  @Test(arguments: [
    ("gpt-4.1-nano", 1), ("gpt-4.1-mini", 1), ("claude-haiku-4-5", 2), ("gpt-4.1", 4), ("claude-sonnet-4-5", 6),
  ])
  func creditsOfAnAnswerFollowItsPrice(model: String, credits: Int) throws {
    let pool = try #require(try pool(["OPENAI_API_KEY": "o", "OPENAI_MODEL": model]))
    #expect(pool.offerDescriptions == ["\(model) (\(credits) credit\(credits == 1 ? "" : "s") an answer)"])
  }
}
