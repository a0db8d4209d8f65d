package import Accounts
package import Contract
package import Fetch
import LanguageModel
package import Postgres

/// Where features have models asked: which ones there are, and what all processes together may ask and spend.
package struct ModelDesk: Sendable {
  /// A model with its price and its limits.
  struct Seat: Sendable {
    let endpoint: ModelEndpoint
    let price: ModelPrice
    let credits: Int
  }

  /// The first is asked; the others where those before them cannot be.
  let seats: [Seat]
  /// Why providers cannot be used that are configured beside those.
  package let leftOut: [Failure]
  let limits: ModelLimits
  let database: Database
  let fetcher: Fetcher

  /// The providers whose keys are set, in the order of ``Provider``; nil where there is none.
  ///
  /// - Throws: `unavailable`, naming the setting that cannot be used, where none can.
  package init?(_ environment: Environment, _ database: Database, _ fetcher: Fetcher) throws(Failure) {
    let catalog = try ModelCatalog(environment)
    var seats: [Seat] = []
    var leftOut: [Failure] = []
    for provider in Provider.allCases {
      do throws(Failure) {
        if let seat = try provider.seat(environment, catalog) { seats.append(seat) }
      } catch {
        leftOut.append(error)
      }
    }
    guard !seats.isEmpty else {
      if let first = leftOut.first { throw first }
      return nil
    }
    self.leftOut = leftOut
    self.seats = seats
    limits = try ModelLimits(environment)
    self.database = database
    self.fetcher = fetcher
  }

  /// The models that may be asked, the first first.
  package var models: [String] { seats.map(\.endpoint.model) }

  /// The same, each with the credits that an answer of it costs where one pays by credits.
  package var offers: [String] {
    seats.map { "\($0.endpoint.model) (\($0.credits) credit\($0.credits == 1 ? "" : "s") an answer)" }
  }

  /// Tokens that question and answer of one request may have, whichever model is asked: what fits every context and a
  /// minute's limit.
  package var requestTokens: Int { min(seats.map(\.endpoint.contextWindow).min() ?? 0, limits.tokensAtOnce) }

  /// Asks in an account's name, and counts what that costs.
  package func session(for account: Account, _ log: Log) -> ModelSession { ModelSession(self, account, log) }
}

extension ModelDesk {
  enum Provider: String, CaseIterable {
    case openai, openrouter, anthropic, gemini

    private var prefix: String { rawValue.uppercased() }

    private var usualModel: String {
      switch self {
      case .openai: "gpt-4.1-mini"
      case .openrouter: "openai/gpt-4.1-mini"
      case .anthropic: "claude-haiku-4-5"
      case .gemini: "gemini-2.5-flash-lite"
      }
    }

    /// nil where neither a key nor an address of its own is set: servers on one's own machine want no key.
    func seat(_ environment: Environment, _ catalog: ModelCatalog) throws(Failure) -> Seat? {
      let key = environment["\(prefix)_API_KEY"]
      let ownBase = environment["\(prefix)_BASE_URL"]
      guard key != nil || ownBase != nil, let known = ModelEndpoint.knownBases[rawValue] else { return nil }
      let base = ownBase ?? known.base
      let model = environment["\(prefix)_MODEL"] ?? usualModel
      guard let entry = catalog[model] ?? (Self.isLocal(base) ? ModelCatalog.local : nil) else {
        throw Failure(
          .unavailable,
          "what \(model) costs is not known; say it with MODEL_PRICES=\(model)=0.15/0.60, in dollars per million tokens sent and received",
          details: ["setting": "MODEL_PRICES"])
      }
      do throws(InvalidModelEndpoint) {
        let endpoint = try ModelEndpoint(
          name: rawValue, dialect: known.dialect, base: base, key: key, model: model,
          contextWindow: entry.contextWindow,
          thinking: entry.thinking)
        return Seat(endpoint: endpoint, price: entry.price, credits: entry.credits)
      } catch {
        let setting =
          switch error {
          case .key: "\(prefix)_API_KEY"
          case .model: "\(prefix)_MODEL"
          default: "\(prefix)_BASE_URL"
          }
        throw Failure(.unavailable, "\(setting) cannot be used: \(error)", details: ["setting": setting])
      }
    }

    private static func isLocal(_ base: String) -> Bool {
      ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { base.hasPrefix($0) }
    }
  }
}
