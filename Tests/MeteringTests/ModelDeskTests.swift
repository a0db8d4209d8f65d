import Accounts
import Contract
import Fetch
import Limits
import Postgres
import Support
import Testing

@testable import LanguageModel
@testable import Metering

/// Which models the settings name, at what price, and how often they may be asked.
@Suite struct ModelDeskTests {
  private func desk(_ settings: [String: String]) throws -> ModelDesk? {
    try ModelDesk(
      Environment(settings), Database(url: nil),
      Fetcher { (_: FetchRequest) async throws(FetchError) -> FetchResponse in
        throw FetchError(.connectionFailed, "nobody")
      })
  }

  @Test func withoutAKeyThereIsNone() throws {
    #expect(try desk([:]) == nil)
    #expect(try desk(["OPENAI_MODEL": "gpt-4o", "OPENAI_API_KEY": "", "MODEL_REQUESTS_PER_MINUTE": "5"]) == nil)
  }

  @Test func everyProviderHasItsAddressAndItsUsualModel() throws {
    let desk = try #require(
      try desk(["GEMINI_API_KEY": "g", "ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": "o", "OPENROUTER_API_KEY": "r"]))
    #expect(
      desk.seats.map {
        "\($0.endpoint.name) \($0.endpoint.dialect) \($0.endpoint.base) \($0.endpoint.model) \($0.price.input) \($0.price.output)"
      } == [
        "openai openAI https://api.openai.com/v1 gpt-4.1-mini 400000 1600000",
        "openrouter openAI https://openrouter.ai/api/v1 openai/gpt-4.1-mini 400000 1600000",
        "anthropic anthropic https://api.anthropic.com/v1 claude-haiku-4-5 1000000 5000000",
        "gemini openAI https://generativelanguage.googleapis.com/v1beta/openai gemini-2.5-flash-lite 100000 400000",
      ])
    #expect(desk.models.count == 4 && desk.limits.requestsPerMinute == 20)
    // A quarter of a minute's tokens.
    #expect(desk.requestTokens == 50_000)
    #expect(!"\(desk.seats.map(\.endpoint))".contains("key"))
  }

  @Test func aModelOfOnesOwnCostsNothingUnlessSaid() throws {
    for base in ["http://127.0.0.1:8080/v1", "http://localhost:1/v1/", "http://[::1]:1/v1"] {
      let seat = try #require(try desk(["OPENAI_BASE_URL": base, "OPENAI_MODEL": "mine"])?.seats.first)
      #expect(
        seat.price == ModelPrice(input: 0, output: 0) && seat.endpoint.contextWindow == 8_192
          && !seat.endpoint.base.hasSuffix("/"))
    }
    let said = try #require(
      try desk([
        "OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_MODEL": "mine",
        "MODEL_PRICES": "other=1/2, mine=0.15/0.6@2048",
      ]))
    #expect(
      said.seats[0].price == ModelPrice(input: 150_000, output: 600_000)
        && said.seats[0].endpoint.contextWindow == 2_048)
    #expect(said.requestTokens == 2_048)
  }

  @Test func namesMayHoldColonsSlashesAndSigns() throws {
    let desk = try #require(
      try desk(["OPENROUTER_API_KEY": "r", "OPENROUTER_MODEL": "a/b=c:free@x", "MODEL_PRICES": "a/b=c:free@x=1/2"]))
    #expect(desk.models == ["a/b=c:free@x"] && desk.seats[0].price == ModelPrice(input: 1_000_000, output: 2_000_000))
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
  func aSettingThatCannotBeUsedIsNamed(setting: String, value: String) throws {
    let failure = #expect(throws: Failure.self) {
      try desk(["OPENAI_API_KEY": "sk-fine"].merging([setting: value]) { $1 })
    }
    #expect(failure?.code == .unavailable && failure?.details["setting"] == setting, "\(failure as Any)")
    #expect(failure?.message.contains(setting) == true)
    if setting == "OPENAI_API_KEY" { #expect(failure?.message.contains(value) == false) }
  }

  @Test func aModelWithoutAPriceIsRefused() throws {
    let failure = #expect(throws: Failure.self) { try desk(["OPENAI_API_KEY": "sk-fine", "OPENAI_MODEL": "gpt-99"]) }
    #expect(failure?.details["setting"] == "MODEL_PRICES" && failure?.message.contains("gpt-99") == true)
    let name = #expect(throws: Failure.self) {
      try desk(["OPENAI_API_KEY": "sk-fine", "OPENAI_MODEL": "g\u{e9}", "MODEL_PRICES": "g\u{e9}=1/1"])
    }
    #expect(name?.details["setting"] == "OPENAI_MODEL")
  }

  /// No sixty seconds, wherever they begin, have more than a minute's worth.
  @Test(arguments: [1, 2, 3, 4, 5, 7, 20, 59, 60, 61, 1_000]) func noMinuteHasMoreThanIsSaid(count: Int) {
    guard case .bucket(capacity: let capacity, interval: let interval) = ModelLimits.rule(count) else {
      Issue.record("no bucket")
      return
    }
    #expect(
      capacity >= 1 && Duration.seconds(60) / interval + Double(capacity) <= Double(count) + (count == 1 ? 1 : 0.001))
    #expect(Duration.seconds(60) / interval + Double(capacity) > Double(count) - 1.001)
  }

  @Test func aStatedPriceKeepsWhatIsKnownOfAModel() throws {
    let known = try #require(
      try desk(["OPENAI_API_KEY": "o", "OPENAI_MODEL": "gpt-5-mini", "MODEL_PRICES": "gpt-5-mini=0.2/1"])?.seats.first)
    #expect(
      known.price == ModelPrice(input: 200_000, output: 1_000_000) && known.endpoint.contextWindow == 400_000
        && known.endpoint.thinking == .always)
    let new = try #require(
      try desk(["OPENAI_API_KEY": "o", "OPENAI_MODEL": "o9-mini", "MODEL_PRICES": "o9-mini=0.2/1@64000"])?.seats.first)
    #expect(new.endpoint.contextWindow == 64_000 && new.endpoint.thinking == .always)
  }

  @Test func aProviderThatCannotBeUsedIsLeftOutWhereAnotherCan() throws {
    let settings = ["OPENAI_API_KEY": "o", "OPENAI_MODEL": "unpriced", "ANTHROPIC_API_KEY": "a"]
    let desk = try #require(try desk(settings))
    #expect(desk.models == ["claude-haiku-4-5"] && desk.leftOut.map { $0.details["setting"] } == ["MODEL_PRICES"])
    #expect(throws: Failure.self) { try self.desk(settings.filter { $0.key != "ANTHROPIC_API_KEY" }) }
  }

  @Test(arguments: [
    ("gpt-4.1-nano", 1), ("gpt-4.1-mini", 1), ("claude-haiku-4-5", 2), ("gpt-4.1", 4), ("claude-sonnet-4-5", 6),
  ])
  func whatAnAnswerCostsInCreditsFollowsItsPrice(model: String, credits: Int) throws {
    let desk = try #require(try desk(["OPENAI_API_KEY": "o", "OPENAI_MODEL": model]))
    #expect(desk.offers == ["\(model) (\(credits) credit\(credits == 1 ? "" : "s") an answer)"])
  }
}
