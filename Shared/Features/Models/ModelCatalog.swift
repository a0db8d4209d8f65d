import Contract
import LanguageModel

/// Prices and context windows of known models, by the model's name.
struct ModelCatalog: Sendable {
  struct Entry: Sendable, Equatable {
    let price: ModelPrice
    /// The limit on the tokens of a request and its answer together.
    let contextWindow: Int
    let thinking: ModelEndpoint.Thinking

    /// The credits (one cent each) that an answer costs an account that pays by credits: twice the price of 4,000 input
    /// and 1,000 output tokens, at least 1.
    var credits: Int { max(1, (2 * price.cost(input: 4_000, output: 1_000) + 9_999) / 10_000) }

    /// - Parameters:
    ///   - input: dollars per million input tokens.
    ///   - output: dollars per million output tokens.
    init(_ input: Double, _ output: Double, contextWindow: Int, thinking: ModelEndpoint.Thinking = .never) {
      price = ModelPrice(input: Int((input * 1_000_000).rounded()), output: Int((output * 1_000_000).rounded()))
      self.contextWindow = contextWindow
      self.thinking = thinking
    }
  }

  /// A model on the operator's own machine without a configured price: it is free.
  static let local = Entry(0, 0, contextWindow: defaultContextWindow)
  /// A context window that every model in use supports.
  static let defaultContextWindow = 8_192

  private let configured: [String: Entry]

  /// - Throws: `unavailable` if `MODEL_PRICES` is malformed.
  init(_ environment: Environment) throws(Failure) {
    var configured: [String: Entry] = [:]
    for text in environment.list("MODEL_PRICES") {
      guard let (name, entry) = Self.parse(text) else {
        throw Failure(
          .unavailable,
          """
          MODEL_PRICES contains \(text); write name=0.15/0.60, in dollars per million input and output tokens, or \
          name=0.15/0.60@8192 with the context window in tokens
          """,
          details: ["setting": "MODEL_PRICES"])
      }
      configured[name] = entry
    }
    self.configured = configured
  }

  /// The entry of a model; nil if its price is not known, because its cost could not be limited.
  subscript(model: String) -> Entry? { configured[model] ?? Self.published[model] }

  /// Parses `name=INPUT/OUTPUT` or `name=INPUT/OUTPUT@CONTEXT`.
  private static func parse(_ text: String) -> (String, Entry)? {
    // Names contain slashes, colons and equals signs, so the price is after the last equals sign.
    guard let equals = text.lastIndex(of: "="), equals != text.startIndex else { return nil }
    let halves = text[text.index(after: equals)...].split(separator: "@", omittingEmptySubsequences: false)
    let prices = halves[0].split(separator: "/", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
    // A higher price would overflow the sums of costs.
    guard prices.count == 2, prices.allSatisfy({ (0...1_000_000).contains($0) }), halves.count <= 2 else { return nil }
    let name = String(text[..<equals])
    let published = published[name]
    let window = halves.count == 2 ? Int(halves[1]) : published?.contextWindow ?? defaultContextWindow
    guard let window, (512...10_000_000).contains(window) else { return nil }
    let thinking = published?.thinking ?? (isReasoningModel(name) ? .always : .never)
    return (name, Entry(prices[0], prices[1], contextWindow: window, thinking: thinking))
  }

  /// True for the names of OpenAI's reasoning models, such as `o3`, `o4-mini` and `gpt-5.1`, also with a reseller's
  /// prefix.
  private static func isReasoningModel(_ name: String) -> Bool {
    let base = name.split(separator: "/").last ?? ""
    return base.hasPrefix("gpt-5") || base.first == "o" && base.dropFirst().first?.isNumber ?? false
  }

  /// Dollars per million tokens, as the providers publish them (openai.com/api/pricing, claude.com/pricing,
  /// ai.google.dev/gemini-api/docs/pricing). `MODEL_PRICES` overrides them.
  private static let published: [String: Entry] = [
    "gpt-4o-mini": Entry(0.15, 0.60, contextWindow: 128_000),
    "gpt-4o": Entry(2.50, 10, contextWindow: 128_000),
    "gpt-4.1": Entry(2, 8, contextWindow: 1_000_000),
    "gpt-4.1-mini": Entry(0.40, 1.60, contextWindow: 1_000_000),
    "gpt-4.1-nano": Entry(0.10, 0.40, contextWindow: 1_000_000),
    "gpt-5": Entry(1.25, 10, contextWindow: 400_000, thinking: .always),
    "gpt-5-mini": Entry(0.25, 2, contextWindow: 400_000, thinking: .always),
    "gpt-5-nano": Entry(0.05, 0.40, contextWindow: 400_000, thinking: .always),
    "openai/gpt-4o-mini": Entry(0.15, 0.60, contextWindow: 128_000),
    "openai/gpt-4.1-mini": Entry(0.40, 1.60, contextWindow: 1_000_000),
    "claude-haiku-4-5": Entry(1, 5, contextWindow: 200_000),
    "claude-sonnet-4-5": Entry(3, 15, contextWindow: 200_000),
    "gemini-2.5-flash": Entry(0.30, 2.50, contextWindow: 1_000_000, thinking: .byDefault),
    "gemini-2.5-flash-lite": Entry(0.10, 0.40, contextWindow: 1_000_000),
  ]
}
