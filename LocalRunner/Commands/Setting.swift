import Contract
import Crawling
import Models

/// A setting of the functions and the runner, which is an environment variable.
///
/// ``all`` is the only list of settings: `local-runner doctor` checks them, and `local-runner doctor --settings` prints
/// the table in LocalRunner/README.md.
struct Setting {
  /// How `doctor` checks a value.
  enum Check {
    /// `isValid` tests the value; `form` describes a valid one.
    case form(String, isValid: @Sendable (String) -> Bool)
    /// Any value is valid.
    case none
    /// Other code checks the setting, together with others.
    case separate
  }

  let name: String
  /// The effect of the setting, in Markdown.
  let purpose: String
  /// The value that is used, or what happens, if the setting is not set.
  let unset: String
  /// Whether the value must not be shown.
  let isSecret: Bool
  let check: Check

  init(_ name: String, _ purpose: String, unset: String, isSecret: Bool = false, check: Check = .none) {
    self.name = name
    self.purpose = purpose
    self.unset = unset
    self.isSecret = isSecret
    self.check = check
  }

  static let all = installation + requests + crawler + models + tokens + stripe + notifications

  static subscript(name: String) -> Setting? { all.first { $0.name == name } }

  /// All settings as a Markdown table.
  static var table: String {
    let rows = all.map { "| `\($0.name)` | \($0.purpose) | \($0.unset) | \($0.isSecret ? "yes" : "") |" }
    return (["| setting | purpose | if it is not set | secret |", "|---|---|---|---|"] + rows).joined(separator: "\n")
  }

  // MARK: The settings by topic

  private static let installation = [
    Setting(
      "DATABASE_URL", "The PostgreSQL database, as a connection string of libpq. Over a network it requires TLS.",
      unset: "the embedded database", isSecret: true, check: .separate),
    Setting(
      "EMBEDDED_DATABASE_DIR", "The folder of the embedded database. Its path has at most 93 bytes.",
      unset: "`~/.local/share/llm-txt-mastery/postgres`; as root `/var/lib/llm-txt-mastery/postgres`"),
    Setting(
      "FUNCTIONS_DIR", "The folder that contains the executables of the functions.",
      unset: "the folder of `local-runner`"),
    Setting(
      "LOG_LEVEL", "The lowest level that functions log: `debug`, `info`, `warning` or `error`.", unset: "`info`",
      check: .form("debug, info, warning or error") { Log.Level(rawValue: $0.lowercased()) != nil }),
    Setting(
      "INVOCATION_DEADLINE_MS",
      "The time by which a function must respond, in milliseconds since 1970 (UTC). The platform sets it for each "
        + "invocation.",
      unset: "five minutes from the start",
      check: .form("unset it: it is set for each invocation") { _ in false }),
  ]

  private static let requests = [
    Setting(
      "PORT", "The port of `local-runner start`, which then listens on all addresses.",
      unset: "9000, on this machine only", check: .form("a port, 0 to 65535") { UInt16($0) != nil }),
    Setting(
      "TRUSTED_PROXIES", "The networks of proxies, such as `10.0.0.0/8`, whose `X-Forwarded-For` header is used.",
      unset: "`X-Forwarded-For` is ignored", check: SettingForm.networks),
    Setting(
      "CORS_ALLOWED_ORIGINS",
      "The origins whose scripts may read responses, such as `https://example.com`. Checkout returns buyers only to "
        + "these. `*` lets the scripts of any origin read responses.",
      unset: "scripts of other origins get no access, and checkout cannot return to them",
      check: .form("origins such as https://example.com, without a path, or *") {
        SettingForm.list($0).allSatisfy { $0 == "*" || SettingForm.isOrigin($0) }
      }),
  ]

  private static let crawler = [
    Setting(
      "FETCH_ALLOW_NETWORKS",
      "Networks that crawls may connect to in addition to public addresses: `10.0.0.0/8`, or one port, "
        + "`127.0.0.1/32:8080`.",
      unset: "public addresses only, on ports 80 and 443", check: SettingForm.networks),
    Setting(
      "FETCH_USER_AGENT",
      "The `User-Agent` header of the crawler. The word after `compatible;`, or else the first word, is its name in "
        + "robots.txt.",
      unset: "the crawler's name is `LLMTxtMastery`",
      check: .form("a product token and a URL, such as MyBot/1.0 (+https://example.com)") {
        $0.utf8.allSatisfy { (0x20...0x7e).contains($0) } && $0.contains(where: \.isLetter)
      }),
    Setting(
      SiteHeaders.settingName,
      "Headers for the crawls of one site, such as its login: a line with the URL of the site, and then one header in "
        + "each line. Do not set it for a server, because all callers could then read the site.",
      unset: "no further headers", isSecret: true,
      check: .form(SiteHeaders.form) { SiteHeaders(setting: $0) != nil }),
    Setting(
      "FETCH_PASSWORD", "The password for `--user` of `llms` and `inspect`, if that option has only a name.",
      unset: "`--user` takes the name and the password", isSecret: true),
  ]

  private static let models =
    ModelPool.Provider.allCases.flatMap { provider in
      [
        Setting(
          "\(provider.prefix)_API_KEY", "The API key of \(provider.displayName).",
          unset: "the provider is not used, unless its base URL is set", isSecret: true, check: .separate),
        Setting(
          "\(provider.prefix)_BASE_URL", "Another server with the same API.", unset: "`\(provider.defaultBase)`",
          check: .separate),
        Setting("\(provider.prefix)_MODEL", "The model.", unset: "`\(provider.defaultModel)`", check: .separate),
      ]
    } + [
      Setting(
        "MODEL_PRICES",
        "Prices of models, in addition to the built-in ones: `name=0.15/0.60` in dollars per million input and output tokens, "
          + "and `name=0.15/0.60@8192` with the context window in tokens.",
        unset: "the built-in prices", check: .separate),
      Setting(
        "MODEL_REQUESTS_PER_MINUTE", "The rate limit for requests to each provider, shared by all processes.",
        unset: "20", check: .separate),
      Setting(
        "MODEL_TOKENS_PER_MINUTE", "The rate limit for tokens of each provider, shared by all processes.",
        unset: "200000", check: .separate),
    ]

  private static let tokens = [
    Setting(
      "JWT_JWKS_URL", "The URL of the key set that verifies JSON Web Tokens (RS256).", unset: "tokens are refused",
      check: .separate),
    Setting(
      "JWT_ISSUER", "The required issuer of tokens, their claim `iss`. Clerk's events belong to it, too.",
      unset: "needed only with `JWT_JWKS_URL` or `CLERK_WEBHOOK_SECRET`", check: .separate),
    Setting(
      "JWT_AUDIENCE", "The required audience of tokens, their claim `aud`.",
      unset: "needed only with `JWT_JWKS_URL`", check: .separate),
    Setting(
      "CLERK_WEBHOOK_SECRET", "The signing secret of Clerk's webhook.", unset: "webhooks from Clerk are refused",
      isSecret: true,
      check: .form("signing secrets, each whsec_ and base64, separated by commas") {
        SettingForm.list($0).allSatisfy(SettingForm.isStandardWebhookSecret)
      }),
  ]

  private static let stripe = [
    Setting(
      "STRIPE_SECRET_KEY", "A secret or restricted key of Stripe. Its prefix decides between test mode and live mode.",
      unset: "checkout is disabled", isSecret: true,
      check: .form("a secret or restricted key: sk_test_…, sk_live_…, rk_test_… or rk_live_…") { text in
        ["sk_test_", "sk_live_", "rk_test_", "rk_live_"].contains { text.hasPrefix($0) && text.count > $0.count }
          && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
      }),
    Setting(
      "STRIPE_WEBHOOK_SECRET", "The signing secret of Stripe's webhook.", unset: "webhooks from Stripe are refused",
      isSecret: true,
      check: .form("signing secrets, whsec_…, separated by commas") { text in
        SettingForm.list(text).allSatisfy { $0.hasPrefix("whsec_") && $0.count > 6 } && !text.isEmpty
      }),
    price("STRIPE_LLM_TXT_COFFEE_PRICE_ID", "The price of Coffee: $5, one-time."),
    price("STRIPE_LLM_TXT_GROWTH_PRICE_ID", "The price of Growth: $15 a month."),
    price("STRIPE_LLM_TXT_SCALE_PRICE_ID", "The price of Scale: $50 a month."),
    price(
      "STRIPE_LLM_TXT_CREDITS_PRICE_IDS",
      "The prices of the credit packs, in the order of `GET /checkout`: $5 for 500 credits, $20 for 2,500.", count: 2),
    Setting(
      "STRIPE_API_BASE", "Another server with Stripe's API, for tests.", unset: "`https://api.stripe.com`",
      check: .form("an http or https URL without a slash at the end") {
        SettingForm.isURL($0) && !$0.hasSuffix("/")
      }),
  ]

  private static func price(_ name: String, _ purpose: String, count: Int = 1) -> Setting {
    let form = count == 1 ? "the id of a price, price_…" : "the ids of \(count) prices, in the order of GET /checkout"
    return Setting(
      name, purpose, unset: "not sold",
      check: .form(form) { text in
        let prices = SettingForm.list(text)
        return prices.count == count && prices.allSatisfy { $0.hasPrefix("price_") }
      })
  }

  private static let notifications = [
    // The URL is a secret, because it is often enough to post messages.
    Setting(
      "NOTIFICATION_URL", "Your own endpoints for signed webhooks.", unset: "no notifications are sent",
      isSecret: true, check: .form("an https URL") { SettingForm.list($0).allSatisfy(SettingForm.isURL) }),
    Setting(
      "NOTIFICATION_SECRET", "The secret that signs notifications: `whsec_` and base64.",
      unset: "needed only with `NOTIFICATION_URL`", isSecret: true,
      check: .form(
        "whsec_ and base64, as from: echo whsec_$(openssl rand -base64 24)",
        isValid: SettingForm.isStandardWebhookSecret)),
  ]
}

extension ModelPool.Provider {
  fileprivate var displayName: String {
    switch self {
    case .openai: "OpenAI"
    case .openrouter: "OpenRouter"
    case .anthropic: "Anthropic"
    case .gemini: "Gemini"
    }
  }
}
