// swift-tools-version: 6.2
import PackageDescription

// Each target declares every module that it imports; Tests/HouseTests compares the two.
// A function links only the features that it declares, so that it stays small and starts fast.

// Swift's runtime needs the C++ library and the unwinder; loading them takes 3 % of a cold start. These settings link
// both statically. LocalRunner/setup.sh puts the archive of the C++ library into .build/archives; without it, the
// shared library is loaded.
let linkedStatically: [LinkerSetting] = [
  .unsafeFlags(
    ["-L.build/archives", "-Xclang-linker", "-static-libgcc"], .when(platforms: [.linux], configuration: .release))
]

let package = Package(
  name: "llm-txt-mastery",
  products: [
    .executable(name: "analyze", targets: ["analyze"]),
    .executable(name: "checkout", targets: ["checkout"]),
    .executable(name: "generate", targets: ["generate"]),
    .executable(name: "usage", targets: ["usage"]),
    .executable(name: "webhook", targets: ["webhook"]),
    .executable(name: "local-runner", targets: ["LocalRunner"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    // C libraries of the distribution.
    .systemLibrary(name: "CCrypto", path: "Shared/CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CCurl", path: "Shared/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CPostgres", path: "Shared/CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CXML", path: "Shared/CXML", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CZlib", path: "Shared/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // Libraries that know nothing of the product.
    .target(name: "Contract", path: "Shared/Contract"),
    .target(name: "Cryptography", dependencies: ["CCrypto"], path: "Shared/Cryptography"),
    .target(name: "Postgres", dependencies: ["CPostgres"], path: "Shared/Postgres"),
    .target(
      name: "Jobs", dependencies: ["Postgres"], path: "Shared/Jobs",
      resources: [.embedInCode("Migrations/m0007_jobs.sql")]),
    .target(
      name: "Limits", dependencies: ["Postgres"], path: "Shared/Limits",
      resources: [
        .embedInCode("Migrations/m0006_limits.sql"), .embedInCode("Migrations/m0013_breakers.sql"),
        .embedInCode("Migrations/m0035_service_pauses.sql"),
      ]),
    .target(name: "Fetch", path: "Shared/Fetch"),
    .target(name: "FetchCurl", dependencies: ["Fetch", "CCurl"], path: "Shared/FetchCurl"),
    .target(name: "LanguageModel", dependencies: ["Fetch"], path: "Shared/LanguageModel"),
    .target(name: "Stripe", dependencies: ["Cryptography", "Fetch"], path: "Shared/Stripe"),
    .target(name: "Web", dependencies: ["CXML", "CZlib"], path: "Shared/Web", exclude: ["MainContent/train"]),

    // The features of the product.
    .target(
      name: "Accounts", dependencies: ["Contract", "Cryptography", "Fetch", "Jobs", "Postgres"],
      path: "Shared/Features/Accounts",
      resources: [
        .embedInCode("Migrations/m0001_accounts.sql"), .embedInCode("Migrations/m0008_plans_and_keys.sql"),
        .embedInCode("Migrations/m0010_paid_plans.sql"),
        .embedInCode("Migrations/m0012_tokens.sql"), .embedInCode("Migrations/m0015_erasure.sql"),
        .embedInCode("Migrations/m0019_next_plan.sql"),
        .embedInCode("Migrations/m0022_email_networks.sql"), .embedInCode("Migrations/m0032_told_plan.sql"),
      ]),
    .target(
      name: "Access", dependencies: ["Accounts", "Contract", "Cryptography", "Limits", "Postgres"],
      path: "Shared/Features/Access"),
    .target(
      name: "Metering", dependencies: ["Access", "Accounts", "Contract", "Postgres"],
      path: "Shared/Features/Metering",
      resources: [.embedInCode("Migrations/m0009_metering.sql"), .embedInCode("Migrations/m0030_model_calls.sql")]),
    .target(name: "Crawling", dependencies: ["Contract", "Fetch", "Web"], path: "Shared/Features/Crawling"),
    .target(
      name: "Validation", dependencies: ["Access", "Accounts", "Contract", "Crawling", "Fetch", "Web"],
      path: "Shared/Features/Validation"),
    .target(
      name: "Models",
      dependencies: ["Accounts", "Contract", "Fetch", "LanguageModel", "Limits", "Metering", "Postgres"],
      path: "Shared/Features/Models"),
    .target(
      name: "Usage", dependencies: ["Access", "Accounts", "Contract", "Metering", "Postgres"],
      path: "Shared/Features/Usage"),
    .target(
      name: "SiteAnalysis",
      dependencies: [
        "Access", "Accounts", "Contract", "Crawling", "Cryptography", "Fetch", "Jobs", "LanguageModel", "Metering",
        "Models", "Postgres", "Validation", "Web",
      ],
      path: "Shared/Features/SiteAnalysis",
      resources: [
        .embedInCode("Migrations/m0002_site_analysis.sql"), .embedInCode("Migrations/m0004_pages_read.sql"),
        .embedInCode("Migrations/m0018_queued_analyses.sql"), .embedInCode("Migrations/m0031_model_answers.sql"),
      ]),
    .target(
      name: "Documents",
      dependencies: ["Access", "Accounts", "Contract", "Metering", "Notifications", "Postgres"],
      path: "Shared/Features/Documents",
      resources: [
        .embedInCode("Migrations/m0003_documents.sql"), .embedInCode("Migrations/m0005_llms_full_txt.sql"),
        .embedInCode("Migrations/m0034_documents_of_a_report.sql"),
        .embedInCode("Migrations/m0036_documents_of_any_kind.sql"),
        .embedInCode("Migrations/m0037_base_of_a_document.sql"),
      ]),
    .target(
      name: "LLMSText",
      dependencies: [
        "Access", "Accounts", "Contract", "Crawling", "Documents", "Metering", "Postgres", "SiteAnalysis", "Web",
      ],
      path: "Shared/Features/LLMSText"),
    .target(
      name: "Notifications", dependencies: ["Accounts", "Contract", "Cryptography", "Fetch", "Jobs", "Postgres"],
      path: "Shared/Features/Notifications",
      resources: [.embedInCode("Migrations/m0014_notifications.sql"), .embedInCode("Migrations/m0017_endpoints.sql")]),
    .target(
      name: "Billing",
      dependencies: [
        "Access", "Accounts", "Contract", "Cryptography", "Fetch", "Jobs", "Limits", "Metering", "Notifications",
        "Postgres", "Stripe",
      ],
      path: "Shared/Features/Billing",
      resources: [
        .embedInCode("Migrations/m0011_billing.sql"), .embedInCode("Migrations/m0020_paid_lines.sql"),
        .embedInCode("Migrations/m0021_delivery_audit.sql"),
        .embedInCode("Migrations/m0023_strangers.sql"), .embedInCode("Migrations/m0033_plan_ends.sql"),
      ]),

    // The functions.
    .executableTarget(
      name: "analyze",
      dependencies: [
        "Access", "Contract", "Crawling", "Fetch", "FetchCurl", "LLMSText", "Postgres", "SiteAnalysis", "Validation",
      ],
      path: "Functions/analyze"),
    .executableTarget(
      name: "checkout",
      dependencies: ["Access", "Billing", "Contract", "Fetch", "FetchCurl", "Postgres", "Stripe"],
      path: "Functions/checkout",
      linkerSettings: linkedStatically),
    .executableTarget(
      name: "generate",
      dependencies: [
        "Access", "Contract", "Crawling", "Documents", "Fetch", "FetchCurl", "LLMSText", "Postgres", "SiteAnalysis",
      ],
      path: "Functions/generate"),
    .executableTarget(
      name: "usage", dependencies: ["Access", "Accounts", "Contract", "Metering", "Postgres", "Usage"],
      path: "Functions/usage",
      linkerSettings: linkedStatically),
    .executableTarget(
      name: "webhook", dependencies: ["Access", "Accounts", "Billing", "Contract", "Metering", "Postgres"],
      path: "Functions/webhook",
      linkerSettings: linkedStatically),

    // The local runner.
    .target(
      name: "Invoking",
      dependencies: ["Contract", .product(name: "NIOPosix", package: "swift-nio")],
      path: "LocalRunner/Invoking"),
    .target(name: "JSONValues", path: "LocalRunner/JSONValues"),
    .target(
      name: "Gateway",
      dependencies: [
        "Contract", "Fetch", "Invoking",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      path: "LocalRunner/Gateway"),
    .target(
      name: "Inspect", dependencies: ["Contract", "Crawling", "Fetch", "SiteAnalysis", "Validation", "Web"],
      path: "LocalRunner/Inspect"),
    .target(name: "Replay", dependencies: ["Contract", "Invoking", "JSONValues"], path: "LocalRunner/Replay"),
    .target(
      name: "RunnerDatabase",
      dependencies: [
        "Access", "Accounts", "Billing", "Documents", "Invoking", "Jobs", "Limits", "Metering", "Notifications",
        "Postgres", "SiteAnalysis",
      ],
      path: "LocalRunner/Database"),
    .target(
      name: "SampleSite",
      dependencies: [
        "Contract", "Invoking",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
      ],
      path: "LocalRunner/Sample",
      resources: [
        "about.html", "changelog.html", "concepts", "examples", "getting-started", "guides", "index.html",
        "login.html", "pricing.html", "privacy.html", "reference", "robots.txt", "sites",
      ].map { .copy($0) }),
    .target(
      name: "StripeStandIn",
      dependencies: [
        "Contract", "Fetch", "JSONValues", "Stripe",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      path: "LocalRunner/StripeStandIn"),
    .target(
      name: "Worker",
      dependencies: [
        "Access", "Accounts", "Contract", "Crawling", "Fetch", "FetchCurl", "Invoking", "Jobs", "Postgres",
        "RunnerDatabase", "SiteAnalysis",
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      path: "LocalRunner/Worker"),
    .executableTarget(
      name: "LocalRunner",
      dependencies: [
        "Access", "Accounts", "Billing", "Contract", "Crawling", "Fetch", "FetchCurl", "Gateway", "Inspect", "Invoking",
        "Models", "Notifications", "Postgres", "Replay", "RunnerDatabase", "SampleSite", "SiteAnalysis",
        "StripeStandIn", "Validation", "Web", "Worker",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      path: "LocalRunner/Commands"),

    // Tests. No test imports an executable.
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "Contract", "Support", "Web", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Fuzz", exclude: ["run"]),
    .target(name: "Support", dependencies: ["CCrypto", "Fetch", "Postgres"], path: "Tests/Support"),
    .testTarget(
      name: "AccessTests",
      dependencies: ["Access", "Accounts", "Contract", "Cryptography", "Limits", "Metering", "Postgres", "Support"],
      path: "Tests/AccessTests"),
    .testTarget(
      name: "AccountsTests", dependencies: ["Accounts", "Contract", "Postgres", "Support"], path: "Tests/AccountsTests"),
    .testTarget(
      name: "BillingTests",
      dependencies: [
        "Access", "Accounts", "Billing", "Contract", "Cryptography", "Fetch", "Jobs", "Limits", "Metering", "Postgres",
        "Stripe", "Support",
      ],
      path: "Tests/BillingTests"),
    .testTarget(name: "ContractTests", dependencies: ["Contract"], path: "Tests/ContractTests"),
    .testTarget(
      name: "CrawlingTests", dependencies: ["Contract", "Crawling", "Fetch", "Support", "Web"],
      path: "Tests/CrawlingTests"),
    .testTarget(name: "CryptographyTests", dependencies: ["Cryptography", "Support"], path: "Tests/CryptographyTests"),
    .testTarget(
      name: "DocumentsTests",
      dependencies: [
        "Access", "Accounts", "Contract", "Documents", "Fetch", "Invoking", "Jobs", "LLMSText", "Limits", "Metering",
        "Postgres", "RunnerDatabase", "SiteAnalysis", "Support", "Usage", "Worker",
      ], path: "Tests/DocumentsTests"),
    .testTarget(
      name: "EndToEnd",
      dependencies: [
        "Accounts", "Contract", "Cryptography", "Jobs", "Postgres", "RunnerDatabase", "Stripe", "Support",
      ],
      path: "Tests/EndToEnd"),
    .testTarget(
      name: "FetchCurlTests", dependencies: ["Fetch", "FetchCurl", "Support"], path: "Tests/FetchCurlTests",
      // libcurl must call the tests' `getaddrinfo`.
      linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic-symbol=getaddrinfo"], .when(platforms: [.linux]))]),
    .testTarget(name: "FetchTests", dependencies: ["Fetch"], path: "Tests/FetchTests"),
    .testTarget(
      name: "GatewayTests",
      dependencies: [
        "Contract", "Fetch", "FetchCurl", "Gateway", "Invoking",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      path: "Tests/GatewayTests"),
    .testTarget(
      name: "HouseTests", dependencies: ["Accounts", "Contract", "Jobs", "Postgres", "RunnerDatabase", "Support"],
      path: "Tests/HouseTests"),
    .testTarget(
      name: "InspectTests",
      dependencies: ["Contract", "Crawling", "Fetch", "Inspect", "SiteAnalysis", "Support", "Validation", "Web"],
      path: "Tests/InspectTests"),
    .testTarget(
      name: "InvokingTests", dependencies: ["Contract", "Invoking", "Support"], path: "Tests/InvokingTests"),
    .testTarget(name: "JobsTests", dependencies: ["Jobs", "Postgres", "Support"], path: "Tests/JobsTests"),
    .testTarget(
      name: "LLMSTextTests", dependencies: ["Crawling", "LLMSText", "SiteAnalysis", "Web"],
      path: "Tests/LLMSTextTests"),
    .testTarget(
      name: "LanguageModelTests", dependencies: ["Fetch", "LanguageModel"], path: "Tests/LanguageModelTests"),
    .testTarget(name: "LimitsTests", dependencies: ["Limits", "Postgres", "Support"], path: "Tests/LimitsTests"),
    .testTarget(
      name: "MeteringTests", dependencies: ["Accounts", "Contract", "Metering", "Postgres", "Support"],
      path: "Tests/MeteringTests"),
    .testTarget(
      name: "ModelTests",
      dependencies: [
        "Accounts", "Contract", "Crawling", "Fetch", "FetchCurl", "LanguageModel", "Metering", "Postgres",
        "RunnerDatabase", "SiteAnalysis", "Support", "Web",
      ],
      path: "Tests/Models", exclude: ["fakellm-server.py", "local-model.py", "provider.py"]),
    .testTarget(
      name: "ModelsTests",
      dependencies: [
        "Accounts", "Contract", "Fetch", "LanguageModel", "Limits", "Metering", "Models", "Postgres", "Support",
      ],
      path: "Tests/ModelsTests"),
    .testTarget(
      name: "NotificationsTests",
      dependencies: ["Accounts", "Contract", "Cryptography", "Fetch", "Jobs", "Notifications", "Postgres", "Support"],
      path: "Tests/NotificationsTests"),
    .testTarget(name: "PostgresTests", dependencies: ["Postgres", "Support"], path: "Tests/PostgresTests"),
    .testTarget(
      name: "ReplayTests", dependencies: ["Contract", "Invoking", "JSONValues", "Replay"], path: "Tests/ReplayTests"),
    .testTarget(
      name: "SiteAnalysisTests",
      dependencies: [
        "Access", "Accounts", "Contract", "Crawling", "Fetch", "Jobs", "LanguageModel", "Limits", "Metering",
        "Postgres", "SiteAnalysis", "Support", "Validation", "Web",
      ], path: "Tests/SiteAnalysisTests"),
    .testTarget(
      name: "SiteTests",
      dependencies: ["Contract", "Crawling", "Fetch", "LLMSText", "SampleSite", "SiteAnalysis", "Support", "Web"],
      path: "Tests/Sites",
      exclude: ["write"]
        + [
          "backup-service", "bakery", "bicycle-shop", "cheese-shop", "energy-consultants", "orchard",
          "physiotherapy", "shipping-api", "tea-shop",
        ].map { "\($0).txt" }),
    .testTarget(
      name: "StripeStandInTests",
      dependencies: ["Contract", "Cryptography", "Fetch", "JSONValues", "Stripe", "StripeStandIn"],
      path: "Tests/StripeStandInTests"),
    .testTarget(
      name: "StripeTests", dependencies: ["Cryptography", "Fetch", "Stripe", "Support"], path: "Tests/StripeTests",
      exclude: ["stripe-verdicts.py"]),
    .testTarget(
      name: "TrapTests",
      dependencies: ["Contract", "Crawling", "Fetch", "FetchCurl", "LLMSText", "SiteAnalysis", "Support", "Web"],
      path: "Tests/Traps",
      exclude: ["serve", "site.txt"]),
    .testTarget(
      name: "UsageTests",
      dependencies: ["Access", "Accounts", "Contract", "Limits", "Metering", "Postgres", "Support", "Usage"],
      path: "Tests/UsageTests"),
    .testTarget(
      name: "ValidationTests", dependencies: ["Contract", "Fetch", "Support", "Validation", "Web"],
      path: "Tests/ValidationTests"),
    .testTarget(
      name: "WebTests", dependencies: ["Support", "Web"], path: "Tests/WebTests", exclude: ["protego-verdicts.py"]),
    .testTarget(
      name: "WorkerTests",
      dependencies: [
        "Access", "Accounts", "Contract", "Fetch", "Invoking", "Jobs", "Postgres", "RunnerDatabase", "SiteAnalysis",
        "Support", "Worker",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      path: "Tests/WorkerTests"),
  ]
)

let strictSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

for target in package.targets where target.type != .system {
  target.swiftSettings = (target.swiftSettings ?? []) + strictSettings
}
