/// The targets and products that each target imports. `Package.swift` must declare the same.
///
/// A new import needs an entry here, so that a review sees it.
enum AllowedImports {
  /// A feature imports only features before it in this list.
  static let featureOrder = [
    "Accounts", "Access", "Metering", "Models", "Notifications", "Usage", "Crawling", "Validation",
    "SiteAnalysis", "Documents", "Billing", "LLMSText",
  ]

  static let table: [String: Set<String>] = [
    // Libraries that know nothing of the product.
    "Contract": [],
    "Cryptography": ["CCrypto"],
    "Fetch": [],
    "FetchCurl": ["CCurl", "Fetch"],
    "Jobs": ["Postgres"],
    "LanguageModel": ["Fetch"],
    "Limits": ["Postgres"],
    "Postgres": ["CPostgres"],
    "Stripe": ["Cryptography", "Fetch"],
    "Web": ["CXML", "CZlib"],
    // The features, each after the features that it may import.
    "Accounts": ["Contract", "Cryptography", "Fetch", "Jobs", "Postgres"],
    "Access": ["Accounts", "Contract", "Cryptography", "Limits", "Postgres"],
    "Metering": ["Access", "Accounts", "Contract", "Postgres"],
    "Models": ["Accounts", "Contract", "Fetch", "LanguageModel", "Limits", "Metering", "Postgres"],
    "Notifications": ["Accounts", "Contract", "Cryptography", "Fetch", "Jobs", "Postgres"],
    "Usage": ["Access", "Accounts", "Contract", "Metering", "Postgres"],
    "Crawling": ["Contract", "Fetch", "Web"],
    "Validation": ["Access", "Accounts", "Contract", "Crawling", "Fetch", "Web"],
    "SiteAnalysis": [
      "Access", "Accounts", "Contract", "Crawling", "Cryptography", "Fetch", "Jobs", "LanguageModel", "Metering",
      "Models", "Postgres", "Validation", "Web",
    ],
    "Documents": ["Access", "Accounts", "Contract", "Metering", "Notifications", "Postgres"],
    "Billing": [
      "Access", "Accounts", "Contract", "Cryptography", "Fetch", "Jobs", "Limits", "Metering", "Notifications",
      "Postgres", "Stripe",
    ],
    "LLMSText": [
      "Access", "Accounts", "Contract", "Crawling", "Documents", "Metering", "Postgres", "SiteAnalysis", "Web",
    ],
    // The functions.
    "analyze": [
      "Access", "Contract", "Crawling", "Fetch", "FetchCurl", "LLMSText", "Postgres", "SiteAnalysis", "Validation",
    ],
    "checkout": ["Access", "Billing", "Contract", "Fetch", "FetchCurl", "Postgres", "Stripe"],
    "generate": [
      "Access", "Contract", "Crawling", "Documents", "Fetch", "FetchCurl", "LLMSText", "Postgres", "SiteAnalysis",
    ],
    "usage": ["Access", "Accounts", "Contract", "Metering", "Postgres", "Usage"],
    "webhook": ["Access", "Accounts", "Billing", "Contract", "Metering", "Postgres"],
    // The local runner.
    "Gateway": ["Contract", "Fetch", "HTTPTypes", "Hummingbird", "Invoking", "Logging", "NIOCore", "ServiceLifecycle"],
    "Inspect": ["Contract", "Crawling", "Fetch", "SiteAnalysis", "Validation", "Web"],
    "Invoking": ["Contract", "NIOPosix"],
    "JSONValues": [],
    "LocalRunner": [
      "Access", "Accounts", "ArgumentParser", "Billing", "Contract", "Crawling", "Fetch", "FetchCurl", "Gateway",
      "Inspect", "Invoking", "Logging", "Models", "Notifications", "Postgres", "Replay", "RunnerDatabase", "SampleSite",
      "ServiceLifecycle", "SiteAnalysis", "StripeStandIn", "Validation", "Web", "Worker",
    ],
    "Replay": ["Contract", "Invoking", "JSONValues"],
    "RunnerDatabase": [
      "Access", "Accounts", "Billing", "Documents", "Invoking", "Jobs", "Limits", "Metering", "Notifications",
      "Postgres", "SiteAnalysis",
    ],
    "SampleSite": ["Contract", "HTTPTypes", "Hummingbird", "Invoking", "Logging", "NIOCore"],
    "StripeStandIn": [
      "Contract", "Fetch", "HTTPTypes", "Hummingbird", "JSONValues", "Logging", "NIOCore", "ServiceLifecycle", "Stripe",
    ],
    "Worker": [
      "Access", "Accounts", "Contract", "Crawling", "Fetch", "FetchCurl", "Invoking", "Jobs", "Postgres",
      "RunnerDatabase", "ServiceLifecycle", "SiteAnalysis",
    ],
    // Programs and helpers of the tests.
    "fuzz": ["ArgumentParser", "Contract", "Support", "Web"],
    "Support": ["CCrypto", "Fetch", "Postgres"],
  ]
}
