import Contract
import LanguageModel

/// What is known of models: the one table of what they cost, in money and in credits, and how much they take at once.
struct ModelCatalog: Sendable {
  struct Entry: Sendable, Equatable {
    let price: ModelPrice
    /// Tokens of question and answer together.
    let contextWindow: Int
    let thinking: ModelEndpoint.Thinking

    /// Credits, a cent each, that an answer costs whoever pays by credits: twice what one of 1,000 tokens to a question
    /// of 4,000 costs, one at least.
    var credits: Int { max(1, (2 * price.cost(input: 4_000, output: 1_000) + 9_999) / 10_000) }

    init(_ input: Double, _ output: Double, contextWindow: Int, thinking: ModelEndpoint.Thinking = .never) {
      price = ModelPrice(input: Int((input * 1_000_000).rounded()), output: Int((output * 1_000_000).rounded()))
      self.contextWindow = contextWindow
      self.thinking = thinking
    }
  }

  /// Where a model is of the operator's own, and no price is said.
  static let local = Entry(0, 0, contextWindow: smallestWindow)
  /// What any model that is served today takes.
  static let smallestWindow = 8_192

  private let stated: [String: Entry]

  /// - Throws: `unavailable` where `MODEL_PRICES` cannot be read.
  init(_ environment: Environment) throws(Failure) {
    var stated: [String: Entry] = [:]
    for text in environment.list("MODEL_PRICES") {
      guard let (name, entry) = Self.entry(text) else {
        throw Failure(
          .unavailable,
          "MODEL_PRICES holds \(text); write name=0.15/0.60, in dollars per million tokens sent and received, and behind it @8192 for a context of so many tokens",
          details: ["setting": "MODEL_PRICES"])
      }
      stated[name] = entry
    }
    self.stated = stated
  }

  /// nil for a model whose price nobody told: what it would cost could not be kept within a day's limit.
  subscript(model: String) -> Entry? { stated[model] ?? Self.known[model] }

  /// `name=INPUT/OUTPUT` or `name=INPUT/OUTPUT@CONTEXT`.
  private static func entry(_ text: String) -> (String, Entry)? {
    // Names have slashes, and colons: the price stands behind the last sign that is equal.
    guard let equals = text.lastIndex(of: "="), equals != text.startIndex else { return nil }
    let halves = text[text.index(after: equals)...].split(separator: "@", omittingEmptySubsequences: false)
    let prices = halves[0].split(separator: "/", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
    // A million dollars for a million tokens is no price, and more would not fit the sums.
    guard prices.count == 2, prices.allSatisfy({ (0...1_000_000).contains($0) }), halves.count <= 2 else { return nil }
    // What is known of it besides is known still.
    let name = String(text[..<equals])
    let known = known[name]
    let window = halves.count == 2 ? Int(halves[1]) : known?.contextWindow ?? smallestWindow
    guard let window, (512...10_000_000).contains(window) else { return nil }
    return (
      name,
      Entry(
        prices[0], prices[1], contextWindow: window, thinking: known?.thinking ?? (isThinker(name) ? .always : .never))
    )
  }

  /// OpenAI's models that think are called so: `o3`, `o4-mini`, `gpt-5.1`, whoever resells them.
  private static func isThinker(_ name: String) -> Bool {
    let own = name.split(separator: "/").last ?? ""
    return own.hasPrefix("gpt-5") || own.first == "o" && own.dropFirst().first?.isNumber ?? false
  }

  /// Dollars per million tokens, as the providers publish them (openai.com/api/pricing, claude.com/pricing,
  /// ai.google.dev/gemini-api/docs/pricing);
  /// `MODEL_PRICES` overrides them.
  private static let known: [String: Entry] = [
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
    "gemini-2.5-flash": Entry(0.30, 2.50, contextWindow: 1_000_000, thinking: .unlessTold),
    "gemini-2.5-flash-lite": Entry(0.10, 0.40, contextWindow: 1_000_000),
  ]
}
