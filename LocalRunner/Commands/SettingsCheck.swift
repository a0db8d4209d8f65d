import Accounts
import Contract
import Fetch
import FoundationEssentials
import Metering
import Postgres

/// Whether the settings of the README's table can be meant as they are, each by itself and with the others.
///
/// Says what a setting holds only where that is no secret.
struct SettingsCheck {
  struct Finding {
    let setting: String
    /// What is there.
    let state: String
    /// What would be right; nil where nothing is wrong.
    var advice: String?
  }

  private let environment: Environment

  init(_ environment: Environment) { self.environment = environment }

  /// In the order of the README.
  func findings() -> [Finding] {
    [
      networks("FETCH_ALLOW_NETWORKS", unset: "public addresses only"),
      value(
        "FETCH_USER_AGENT", unset: "the crawler names itself LLMTxtMastery",
        right: "a header's text with a product token, such as MyBot/1.0 (+https://example.com)"
      ) {
        $0.utf8.allSatisfy { (0x20...0x7e).contains($0) } && $0.contains(where: \.isLetter)
      },
      values(
        "CORS_ALLOWED_ORIGINS", unset: "no other site's scripts, and no buyer is sent back",
        right: "origins such as https://example.com, without a path, or *"
      ) {
        $0 == "*" || Self.isOrigin($0)
      },
    ] + stripe() + notifications() + tokens() + [
      secret(
        "CLERK_WEBHOOK_SECRET", unset: "Clerk's deliveries are refused", set: "set",
        right: "signing secrets, whsec_ and base64, with commas between"
      ) { _ in
        environment.list("CLERK_WEBHOOK_SECRET").allSatisfy {
          $0.hasPrefix("whsec_") && !(Data(base64Encoded: String($0.dropFirst(6))) ?? Data()).isEmpty
        }
      },
      models(),
      networks("TRUSTED_PROXIES", unset: "X-Forwarded-For is not believed"),
      value("LOG_LEVEL", unset: "info", right: "debug, info, warning or error") {
        Log.Level(rawValue: $0.lowercased()) != nil
      },
      value("PORT", unset: "the gateway listens on this machine alone", right: "a port, 0 to 65535") {
        UInt16($0) != nil
      },
      value(
        "INVOCATION_DEADLINE_MS", unset: "as it should be",
        right: "nothing: whoever invokes a function sets it anew each time"
      ) { _ in false },
    ]
  }

  private func stripe() -> [Finding] {
    let key = environment["STRIPE_SECRET_KEY"]
    let mode = key.map { $0.contains("_live_") ? "a key of live mode" : "a key of test mode" } ?? ""
    var findings = [
      secret(
        "STRIPE_SECRET_KEY", unset: "nothing is sold", set: mode,
        right: "a secret or restricted key: sk_test_…, sk_live_…, rk_test_… or rk_live_…"
      ) { text in
        ["sk_test_", "sk_live_", "rk_test_", "rk_live_"].contains { text.hasPrefix($0) && text.count > $0.count }
          && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
      },
      needed(
        secret(
          "STRIPE_WEBHOOK_SECRET", unset: "deliveries are refused", set: "set",
          right: "signing secrets, whsec_…, with commas between"
        ) { text in
          environment.list("STRIPE_WEBHOOK_SECRET").allSatisfy { $0.hasPrefix("whsec_") && $0.count > 6 }
            && !text.isEmpty
        }, where: key != nil, because: "STRIPE_SECRET_KEY is set: without it nothing that is paid is ever heard of"),
    ]
    for (setting, count) in [
      ("STRIPE_LLM_TXT_COFFEE_PRICE_ID", 1), ("STRIPE_LLM_TXT_GROWTH_PRICE_ID", 1),
      ("STRIPE_LLM_TXT_SCALE_PRICE_ID", 1),
      ("STRIPE_LLM_TXT_CREDITS_PRICE_IDS", 2),
    ] {
      let prices = environment.list(setting)
      let right =
        count == 1 ? "the id of a price, price_…" : "the ids of \(count) prices, in the order of GET /checkout"
      findings.append(
        needed(
          value(setting, unset: "not sold", right: right) { _ in
            prices.count == count && prices.allSatisfy { $0.hasPrefix("price_") }
          },
          where: key != nil, because: "STRIPE_SECRET_KEY is set: what has no price cannot be sold"))
    }
    findings.append(
      value(
        "STRIPE_API_BASE", unset: "https://api.stripe.com", right: "an http or https URL without a slash at its end"
      ) { Self.isURL($0) && !$0.hasSuffix("/") })
    return findings
  }

  /// Read as the functions read them; nothing is asked.
  private func models() -> Finding {
    do throws(Failure) {
      let nobody = Fetcher { (_) throws(FetchError) in throw FetchError(.cancelled, "nothing is asked") }
      guard let desk = try ModelDesk(environment, Database(url: nil), nobody) else {
        return Finding(
          setting: "OPENAI_API_KEY, OPENROUTER_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY",
          state: "not set: no language model is asked")
      }
      let order = "asked in this order: \(desk.offers.joined(separator: ", "))"
      guard let refused = desk.leftOut.first else { return Finding(setting: "language models", state: order) }
      return Finding(
        setting: refused.details["setting"] ?? "language models", state: "cannot be used; \(order)",
        advice: refused.message)
    } catch {
      return Finding(
        setting: error.details["setting"] ?? "language models", state: "cannot be used", advice: error.message)
    }
  }

  private func notifications() -> [Finding] {
    [
      // Whoever knows such an address may often post to it.
      secret("NOTIFICATION_URL", unset: "nobody is told", set: "set", right: "an https URL") { _ in
        environment.list("NOTIFICATION_URL").allSatisfy(Self.isURL)
      },
      needed(
        secret(
          "NOTIFICATION_SECRET", unset: "nothing to sign with", set: "set",
          right: "whsec_ and base64: echo whsec_$(openssl rand -base64 24)"
        ) {
          $0.hasPrefix("whsec_") && !(Data(base64Encoded: String($0.dropFirst(6))) ?? Data()).isEmpty
        }, where: environment["NOTIFICATION_URL"] != nil, because: "NOTIFICATION_URL is set"),
    ]
  }

  private func tokens() -> [Finding] {
    let names = ["JWT_JWKS_URL", "JWT_ISSUER", "JWT_AUDIENCE"]
    var problem: (setting: String, message: String)?
    do throws(Failure) {
      if try TokenSettings(environment) == nil, let stray = names.first(where: { environment[$0] != nil }) {
        problem = ("JWT_JWKS_URL", "must be set where \(stray) is")
      }
    } catch {
      problem = (error.details["setting"] ?? names[0], error.message)
    }
    return names.map { name in
      let state =
        environment[name] ?? "not set: \(name == names[0] ? "no tokens are taken" : "needed only with JWT_JWKS_URL")"
      return Finding(setting: name, state: state, advice: problem?.setting == name ? problem?.message : nil)
    }
  }

  // MARK: One setting

  private func value(_ name: String, unset: String, right: String, _ isRight: (String) -> Bool) -> Finding {
    guard let text = environment[name] else { return Finding(setting: name, state: "not set: \(unset)") }
    return Finding(setting: name, state: text, advice: isRight(text) ? nil : right)
  }

  private func values(_ name: String, unset: String, right: String, _ isRight: (String) -> Bool) -> Finding {
    value(name, unset: unset, right: right) { _ in environment.list(name).allSatisfy(isRight) }
  }

  private func networks(_ name: String, unset: String) -> Finding {
    values(name, unset: unset, right: "networks such as 10.0.0.0/8, with commas between") { IPNetwork($0) != nil }
  }

  /// One that is not shown, not even where it is wrong: it may be another secret in the wrong place.
  private func secret(_ name: String, unset: String, set: String, right: String, _ isRight: (String) -> Bool) -> Finding
  {
    guard let text = environment[name] else { return Finding(setting: name, state: "not set: \(unset)") }
    return isRight(text)
      ? Finding(setting: name, state: set) : Finding(setting: name, state: "not what it should be", advice: right)
  }

  private func needed(_ finding: Finding, where isNeeded: Bool, because reason: String) -> Finding {
    guard isNeeded, environment[finding.setting] == nil else { return finding }
    return Finding(setting: finding.setting, state: finding.state, advice: "set it, for \(reason)")
  }

  // MARK: Shapes

  private static func isURL(_ text: String) -> Bool {
    guard let url = URL(string: text), let host = url.host(), !host.isEmpty else { return false }
    return url.scheme == "https" || url.scheme == "http"
  }

  /// As a browser sends it (RFC 6454, section 6.2).
  private static func isOrigin(_ text: String) -> Bool {
    isURL(text) && text.split(separator: "/", omittingEmptySubsequences: false).count == 3
      && !text.contains { "?#@".contains($0) }
  }
}
