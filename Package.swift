// swift-tools-version: 6.2
import PackageDescription

// What each target imports is what it names here, and no more: Tests/HouseTests compares the two.
// Functions stay small and start fast because only the features that they name are linked into them.

// To load the C++ library and the unwinder, which Swift's runtime needs, takes a thirtieth of a cold start.
// LocalRunner/setup.sh lays
// the first where the linker finds an archive and nothing else; where it does not lie there, it is loaded as ever.
let linkedWhole: [LinkerSetting] = [
  .unsafeFlags(
    ["-L.build/archives", "-Xclang-linker", "-static-libgcc"], .when(platforms: [.linux], configuration: .release))
]

let package = Package(
  name: "llm-txt-mastery",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "analyze", targets: ["analyze"]),
    .executable(name: "checkout", targets: ["checkout"]),
    .executable(name: "generate", targets: ["generate"]),
    .executable(name: "usage", targets: ["usage"]),
    .executable(name: "webhook", targets: ["webhook"]),
    .executable(name: "local-runner", targets: ["LocalRunner"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
  ],
  targets: [
    // The outside world's C libraries, as the distribution patches them.
    .systemLibrary(name: "CCrypto", path: "Shared/CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CCurl", path: "Shared/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CPostgres", path: "Shared/CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CXML", path: "Shared/CXML", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CZlib", path: "Shared/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // Blind to the product.
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

    // The product, in vertical slices.
    .target(
      name: "Accounts", dependencies: ["Contract", "Cryptography", "Postgres"], path: "Shared/Features/Accounts",
      resources: [
        .embedInCode("Migrations/m0001_accounts.sql"), .embedInCode("Migrations/m0008_plans_and_keys.sql"),
        .embedInCode("Migrations/m0010_paid_plans.sql"),
        .embedInCode("Migrations/m0012_tokens.sql"), .embedInCode("Migrations/m0015_erasure.sql"),
        .embedInCode("Migrations/m0019_next_plan.sql"),
        .embedInCode("Migrations/m0022_email_networks.sql"), .embedInCode("Migrations/m0032_told_plan.sql"),
      ]),
    .target(
      name: "Metering",
      dependencies: ["Accounts", "Contract", "Cryptography", "Fetch", "LanguageModel", "Limits", "Postgres"],
      path: "Shared/Features/Metering",
      resources: [.embedInCode("Migrations/m0009_metering.sql"), .embedInCode("Migrations/m0030_model_calls.sql")]),
    .target(
      name: "SiteAnalysis",
      dependencies: [
        "Accounts", "Contract", "Cryptography", "Fetch", "Jobs", "LanguageModel", "Metering", "Postgres", "Web",
      ],
      path: "Shared/Features/SiteAnalysis",
      resources: [
        .embedInCode("Migrations/m0002_site_analysis.sql"), .embedInCode("Migrations/m0004_pages_read.sql"),
        .embedInCode("Migrations/m0018_queued_analyses.sql"), .embedInCode("Migrations/m0031_model_answers.sql"),
      ]),
    .target(
      name: "Documents",
      dependencies: ["Accounts", "Contract", "Metering", "Notifications", "Postgres", "SiteAnalysis", "Web"],
      path: "Shared/Features/Documents",
      resources: [
        .embedInCode("Migrations/m0003_documents.sql"), .embedInCode("Migrations/m0005_llms_full_txt.sql"),
        .embedInCode("Migrations/m0034_documents_of_a_report.sql"),
      ]),
    .target(
      name: "Notifications", dependencies: ["Accounts", "Contract", "Cryptography", "Fetch", "Jobs", "Postgres"],
      path: "Shared/Features/Notifications",
      resources: [.embedInCode("Migrations/m0014_notifications.sql"), .embedInCode("Migrations/m0017_endpoints.sql")]),
    .target(
      name: "Billing",
      dependencies: [
        "Accounts", "Contract", "Cryptography", "Fetch", "Jobs", "Limits", "Metering", "Notifications", "Postgres",
        "Stripe",
      ],
      path: "Shared/Features/Billing",
      resources: [
        .embedInCode("Migrations/m0011_billing.sql"), .embedInCode("Migrations/m0020_paid_lines.sql"),
        .embedInCode("Migrations/m0021_delivery_audit.sql"),
        .embedInCode("Migrations/m0023_strangers.sql"), .embedInCode("Migrations/m0033_plan_ends.sql"),
      ]),

    // Wiring.
    .executableTarget(
      name: "analyze",
      dependencies: [
        "Accounts", "Contract", "Documents", "Fetch", "FetchCurl", "Metering", "Postgres", "SiteAnalysis",
      ],
      path: "Functions/analyze"),
    .executableTarget(
      name: "checkout", dependencies: ["Accounts", "Billing", "Contract", "Fetch", "FetchCurl", "Postgres", "Stripe"],
      path: "Functions/checkout",
      linkerSettings: linkedWhole),
    .executableTarget(
      name: "generate",
      dependencies: [
        "Accounts", "Contract", "Documents", "Fetch", "FetchCurl", "Metering", "Postgres", "SiteAnalysis",
      ],
      path: "Functions/generate"),
    .executableTarget(
      name: "usage", dependencies: ["Accounts", "Contract", "Metering", "Postgres"], path: "Functions/usage",
      linkerSettings: linkedWhole),
    .executableTarget(
      name: "webhook", dependencies: ["Billing", "Contract", "Metering", "Postgres"], path: "Functions/webhook",
      linkerSettings: linkedWhole),
    .executableTarget(
      name: "LocalRunner",
      dependencies: [
        "Accounts", "Billing", "Contract", "Documents", "Fetch", "FetchCurl", "Jobs", "Limits", "Metering",
        "Notifications", "Postgres", "SiteAnalysis", "Stripe", "Web",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      path: "LocalRunner", exclude: ["quickstart", "setup.sh"], resources: [.copy("Sample")]),

    // Tests; none imports a program.
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "Contract", "Support", "Web", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Fuzz", exclude: ["run"]),
    .target(name: "Support", dependencies: ["CCrypto", "Fetch", "Postgres"], path: "Tests/Support"),
    .testTarget(
      name: "AccountsTests", dependencies: ["Accounts", "Contract", "Cryptography", "Postgres", "Support"],
      path: "Tests/AccountsTests"),
    .testTarget(
      name: "BillingTests",
      dependencies: [
        "Accounts", "Billing", "Contract", "Cryptography", "Fetch", "Jobs", "Limits", "Metering", "Postgres", "Stripe",
        "Support",
      ],
      path: "Tests/BillingTests"),
    .testTarget(name: "ContractTests", dependencies: ["Contract"], path: "Tests/ContractTests"),
    .testTarget(name: "CryptographyTests", dependencies: ["Cryptography", "Support"], path: "Tests/CryptographyTests"),
    .testTarget(
      name: "DocumentsTests",
      dependencies: [
        "Accounts", "Contract", "Documents", "Fetch", "Jobs", "Limits", "Metering", "Postgres", "SiteAnalysis",
        "Support", "Web",
      ], path: "Tests/DocumentsTests"),
    .testTarget(
      name: "EndToEnd",
      dependencies: [
        "Accounts", "Billing", "Contract", "Cryptography", "Documents", "Fetch", "FetchCurl", "Jobs", "Limits",
        "Metering", "Postgres", "SiteAnalysis", "Stripe", "Support",
      ], path: "Tests/EndToEnd", exclude: ["protego-verdicts.py"]),
    .testTarget(
      name: "FetchCurlTests", dependencies: ["Fetch", "FetchCurl", "Support"], path: "Tests/FetchCurlTests",
      // Its own `getaddrinfo` must be seen by libcurl.
      linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic-symbol=getaddrinfo"], .when(platforms: [.linux]))]),
    .testTarget(name: "FetchTests", dependencies: ["Fetch"], path: "Tests/FetchTests"),
    .testTarget(name: "HouseTests", dependencies: ["Support"], path: "Tests/HouseTests"),
    .testTarget(name: "JobsTests", dependencies: ["Jobs", "Postgres", "Support"], path: "Tests/JobsTests"),
    .testTarget(
      name: "LanguageModelTests", dependencies: ["Fetch", "LanguageModel"], path: "Tests/LanguageModelTests"),
    .testTarget(name: "LimitsTests", dependencies: ["Limits", "Postgres", "Support"], path: "Tests/LimitsTests"),
    .testTarget(
      name: "MeteringTests",
      dependencies: ["Accounts", "Contract", "Fetch", "LanguageModel", "Limits", "Metering", "Postgres", "Support"],
      path: "Tests/MeteringTests"),
    .testTarget(
      name: "ModelTests",
      dependencies: [
        "Accounts", "Billing", "Contract", "Documents", "Fetch", "FetchCurl", "Jobs", "LanguageModel", "Limits",
        "Metering", "Notifications", "Postgres", "SiteAnalysis", "Support", "Web",
      ],
      path: "Tests/Models", exclude: ["fakellm-server.py", "local-model.py", "provider.py"]),
    .testTarget(
      name: "NotificationsTests",
      dependencies: ["Accounts", "Contract", "Cryptography", "Fetch", "Jobs", "Notifications", "Postgres", "Support"],
      path: "Tests/NotificationsTests"),
    .testTarget(name: "PostgresTests", dependencies: ["Postgres", "Support"], path: "Tests/PostgresTests"),
    .testTarget(
      name: "SiteAnalysisTests",
      dependencies: [
        "Accounts", "Contract", "Fetch", "Jobs", "LanguageModel", "Limits", "Metering", "Postgres", "SiteAnalysis",
        "Support", "Web",
      ], path: "Tests/SiteAnalysisTests"),
    .testTarget(
      name: "StripeTests", dependencies: ["Cryptography", "Fetch", "Stripe", "Support"], path: "Tests/StripeTests",
      exclude: ["stripe-verdicts.py"]),
    .testTarget(
      name: "TrapTests",
      dependencies: ["Contract", "Documents", "Fetch", "FetchCurl", "SiteAnalysis", "Support", "Web"],
      path: "Tests/Traps",
      exclude: ["serve", "site.txt"]),
    .testTarget(name: "WebTests", dependencies: ["Web"], path: "Tests/WebTests"),
  ]
)

let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

for target in package.targets where target.type != .system {
  target.swiftSettings = (target.swiftSettings ?? []) + house
}
