import Access
import Contract
import Fetch
import Models
import Postgres

/// Checks the settings in ``Setting/all``, each alone and together with the others.
///
/// The findings never contain the value of a secret setting.
struct SettingsCheck {
  struct Finding {
    let setting: String
    /// The current value, or its meaning.
    let state: String
    /// A valid value, or how to fix the problem; nil if the setting is valid.
    var advice: String?
  }

  private let environment: Environment

  init(_ environment: Environment) { self.environment = environment }

  /// One finding for each setting, in the order of ``Setting/all``. Language models have one finding together.
  func findings() -> [Finding] {
    let problem = tokenProblem()
    return Setting.all.compactMap { setting in
      if Self.tokenSettings.contains(setting.name) { return token(setting, problem) }
      guard var finding = finding(setting) else { return nil }
      if environment[setting.name] == nil, let reason = reasonToSet(setting.name) {
        finding.advice = "set it, because \(reason)"
      }
      return finding
    } + [models()]
  }

  private func finding(_ setting: Setting) -> Finding? {
    let (form, isValid): (String?, (String) -> Bool)
    switch setting.check {
    case .form(let text, let test): (form, isValid) = (text, test)
    case .none: (form, isValid) = (nil, { _ in true })
    case .separate: return nil
    }
    guard let text = environment[setting.name] else {
      return Finding(setting: setting.name, state: "not set: \(Self.plain(setting.unset))")
    }
    guard isValid(text) else {
      return Finding(setting: setting.name, state: setting.isSecret ? "not valid" : text, advice: form)
    }
    return Finding(setting: setting.name, state: setting.isSecret ? secretState(setting.name, text) : text)
  }

  /// The meaning of a secret value.
  private func secretState(_ name: String, _ text: String) -> String {
    guard name == "STRIPE_SECRET_KEY" else { return "set" }
    return text.contains("_live_") ? "a key for live mode" : "a key for test mode"
  }

  /// The reason why a setting that is not set is needed; nil if it is not needed.
  private func reasonToSet(_ name: String) -> String? {
    switch name {
    case "STRIPE_WEBHOOK_SECRET" where environment["STRIPE_SECRET_KEY"] != nil:
      "STRIPE_SECRET_KEY is set: without webhooks, payments have no effect"
    case _ where name.hasPrefix("STRIPE_LLM_TXT_") && environment["STRIPE_SECRET_KEY"] != nil:
      "STRIPE_SECRET_KEY is set: a product without a price cannot be sold"
    case "NOTIFICATION_SECRET" where environment["NOTIFICATION_URL"] != nil: "NOTIFICATION_URL is set"
    default: nil
    }
  }

  /// Removes the marks of Markdown.
  private static func plain(_ text: String) -> String { text.replacing("`", with: "") }

  // MARK: Settings that are checked together

  private static let tokenSettings = ["JWT_JWKS_URL", "JWT_ISSUER", "JWT_AUDIENCE"]

  private func token(_ setting: Setting, _ problem: (setting: String, message: String)?) -> Finding {
    Finding(
      setting: setting.name, state: environment[setting.name] ?? "not set: \(Self.plain(setting.unset))",
      advice: problem?.setting == setting.name ? problem?.message : nil)
  }

  private func tokenProblem() -> (setting: String, message: String)? {
    do throws(Failure) {
      if try TokenSettings(environment) == nil, let name = Self.tokenSettings.first(where: { environment[$0] != nil }) {
        return ("JWT_JWKS_URL", "set it, because \(name) is set")
      }
      return nil
    } catch {
      return (error.details["setting"] ?? "JWT_JWKS_URL", error.message)
    }
  }

  /// Checks the settings of language models as the functions do, without a request.
  private func models() -> Finding {
    do throws(Failure) {
      let noNetwork = Fetcher { (_) throws(FetchError) in throw FetchError(.cancelled, "no network") }
      guard let pool = try ModelPool(environment, Database(url: nil), noNetwork) else {
        let keys = ModelPool.Provider.allCases.map { "\($0.prefix)_API_KEY" }
        return Finding(setting: keys.joined(separator: ", "), state: "not set: no language model is used")
      }
      let order = "used in this order: \(pool.offerDescriptions.joined(separator: ", "))"
      guard let refused = pool.unusableProviders.first else { return Finding(setting: "language models", state: order) }
      return Finding(
        setting: refused.details["setting"] ?? "language models", state: "cannot be used; \(order)",
        advice: refused.message)
    } catch {
      return Finding(
        setting: error.details["setting"] ?? "language models", state: "cannot be used", advice: error.message)
    }
  }
}
