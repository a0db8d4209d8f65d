package import Accounts
package import Contract
package import Fetch
import LanguageModel
package import Postgres

/// The configured language models, in the order in which they are tried, and the limits that all processes share.
///
/// ```swift
/// let session = pool.session(for: account, log)
/// let (judgement, model) = try await session.ask(request, for: "scoring", as: Judgement.self, by: deadline) { _ in }
/// ```
package struct ModelPool: Sendable {
  /// The first offer is asked; the next ones if those before them fail.
  let offers: [ModelOffer]
  /// One failure per provider that is configured but cannot be used. Other providers work.
  package let unusableProviders: [Failure]
  let limits: ModelLimits
  let database: Database
  let fetcher: Fetcher

  /// Reads the settings of every ``Provider``.
  ///
  /// - Returns: nil if no provider is configured.
  /// - Throws: `unavailable`, naming a setting, if a setting of all models is malformed or every configured provider is
  ///   unusable.
  package init?(_ environment: Environment, _ database: Database, _ fetcher: Fetcher) throws(Failure) {
    let catalog = try ModelCatalog(environment)
    var offers: [ModelOffer] = []
    var unusable: [Failure] = []
    for provider in Provider.allCases {
      do throws(Failure) {
        if let offer = try provider.offer(environment, catalog) { offers.append(offer) }
      } catch {
        unusable.append(error)
      }
    }
    guard !offers.isEmpty else {
      if let first = unusable.first { throw first }
      return nil
    }
    self.offers = offers
    unusableProviders = unusable
    limits = try ModelLimits(environment)
    self.database = database
    self.fetcher = fetcher
  }

  /// The names of the models, in the order in which they are tried.
  package var modelNames: [String] { offers.map(\.endpoint.model) }

  /// The models and their prices in credits, for the operator.
  package var offerDescriptions: [String] { offers.map(\.description) }

  /// The limit on the tokens of one request and its answer together, so that it fits each model's context and the rate
  /// limit.
  package var requestTokens: Int { min(offers.map(\.endpoint.contextWindow).min() ?? 0, limits.burstTokens) }

  /// A session that asks models and charges the cost to an account.
  package func session(for account: Account, _ log: Log) -> ModelSession { ModelSession(self, account, log) }
}

extension ModelPool {
  /// The providers, in the order in which they are tried. Each has settings such as `OPENAI_API_KEY`,
  /// `OPENAI_BASE_URL` and `OPENAI_MODEL`.
  package enum Provider: String, CaseIterable {
    case openai, openrouter, anthropic, gemini

    /// The beginning of the names of the provider's settings, such as `OPENAI`.
    package var prefix: String { rawValue.uppercased() }

    /// The base URL if none is configured.
    package var defaultBase: String { ModelEndpoint.knownBases[rawValue]?.base ?? "" }

    /// The model if none is configured.
    package var defaultModel: String {
      switch self {
      case .openai: "gpt-4.1-mini"
      case .openrouter: "openai/gpt-4.1-mini"
      case .anthropic: "claude-haiku-4-5"
      case .gemini: "gemini-2.5-flash-lite"
      }
    }

    /// The configured model of the provider.
    ///
    /// - Returns: nil if neither a key nor a base URL is set. A local server needs a base URL but no key.
    /// - Throws: `unavailable`, naming the malformed setting.
    func offer(_ environment: Environment, _ catalog: ModelCatalog) throws(Failure) -> ModelOffer? {
      let key = environment["\(prefix)_API_KEY"]
      let configuredBase = environment["\(prefix)_BASE_URL"]
      guard key != nil || configuredBase != nil, let known = ModelEndpoint.knownBases[rawValue] else { return nil }
      let base = configuredBase ?? known.base
      let model = environment["\(prefix)_MODEL"] ?? defaultModel
      guard let entry = catalog[model] ?? (Self.isLocal(base) ? ModelCatalog.local : nil) else {
        throw Failure(
          .unavailable,
          """
          the price of \(model) is not known; set MODEL_PRICES=\(model)=0.15/0.60, in dollars per million input and \
          output tokens
          """,
          details: ["setting": "MODEL_PRICES"])
      }
      do throws(InvalidModelEndpoint) {
        let endpoint = try ModelEndpoint(
          name: rawValue, dialect: known.dialect, base: base, key: key, model: model,
          contextWindow: entry.contextWindow, thinking: entry.thinking)
        return ModelOffer(endpoint: endpoint, price: entry.price, credits: entry.credits)
      } catch {
        let setting =
          switch error {
          case .key: "\(prefix)_API_KEY"
          case .model: "\(prefix)_MODEL"
          default: "\(prefix)_BASE_URL"
          }
        throw Failure(.unavailable, "\(setting) is malformed: \(error)", details: ["setting": setting])
      }
    }

    private static func isLocal(_ base: String) -> Bool {
      ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { base.hasPrefix($0) }
    }
  }
}
