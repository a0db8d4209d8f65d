import Contract
import FoundationEssentials
import Postgres
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The commands of `local-runner`: exit status, output and effect.
@Suite(.serialized)
struct RunnerTests {
  private let database: String

  init() async throws {
    database = try TestDatabase.make()
    let outcome = try await Command(
      Products.path(of: "local-runner"), ["database", "migrate"], environment: ["DATABASE_URL": database]
    ).run()
    guard outcome.status == 0 else { throw Command.Failed(description: outcome.error) }
  }

  private func runner(_ arguments: String..., environment: [String: String] = [:], input: [UInt8] = []) async throws
    -> Command.Outcome
  {
    try await command(arguments, environment).run(input: input)
  }

  private func command(_ arguments: [String], _ environment: [String: String] = [:]) -> Command {
    Command(
      Products.path(of: "local-runner"), arguments, environment: ["DATABASE_URL": database].merging(environment) { $1 })
  }

  // MARK: Fixtures

  @Test func replayOfTheEventsFindsNoDifference() async throws {
    let outcome = try await runner("replay", "\(Products.package)/Events")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
  }

  @Test func replayRunsNeededCasesFirst() async throws {
    let outcome = try await runner("replay", "\(Products.package)/Events/generate/02-read-again.json")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
    #expect(outcome.output.contains("generate/01-from-analysis (needed by others)"))
    #expect(outcome.output.hasSuffix("3 of 3 as expected\n"))
  }

  /// Negative control for the replay of the fixtures.
  @Test func replayReportsADifferenceAndUpdatesTheFile() async throws {
    let folder = "/tmp/llmtxt-events-\(UUID().uuidString)/usage"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(#"{"version":"2.0","rawPath":"/live","requestContext":{"http":{"method":"GET"}}}"#.utf8).write(
      to: URL(filePath: folder + "/live.json"))
    try Data(#"{"statusCode":200,"headers":{},"body":{"status":"dead"}}"#.utf8).write(
      to: URL(filePath: folder + "/live.expected.json"))
    let outcome = try await runner("replay", folder)
    #expect(outcome.status == 1)
    #expect(outcome.output.contains(#"body.status is "ok", not "dead""#))
    // --update writes the new response; an expected file that matches keeps its patterns.
    #expect(try await runner("replay", folder, "--update").status == 0)
    #expect(try await runner("replay", folder).status == 0)
    let pattern = Data(
      try String(contentsOf: URL(filePath: folder + "/live.expected.json"), encoding: .utf8).replacing(
        "\"ok\"", with: "\"{{text}}\""
      ).utf8)
    try pattern.write(to: URL(filePath: folder + "/live.expected.json"))
    #expect(try await runner("replay", folder, "--update").status == 0)
    #expect(try Data(contentsOf: URL(filePath: folder + "/live.expected.json")) == pattern)
  }

  // MARK: Sample sites

  @Test(arguments: ["shop", "\(Products.package)/Tests/Sites/tea-shop.txt"])
  func sampleServesASiteUntilItIsStopped(site: String) async throws {
    let server = try command(["sample", site]).start()
    defer { server.end() }
    var address = ""
    while !address.hasSuffix("/\n") {
      try await Task.sleep(for: .milliseconds(20))
      address = String(decoding: server.output, as: UTF8.self)
    }
    let page = try await Command("curl", ["-sf", String(address.dropLast())]).run()
    #expect(page.status == 0 && page.output.contains("<h1"), "\(page.error)")
    let missing = try await Command("curl", ["-sf", "\(address.dropLast())no-such-page"]).run()
    #expect(missing.status == 22)
  }

  @Test func unknownSampleSiteIsRejected() async throws {
    let outcome = try await runner("sample", "garden")
    #expect(outcome.status == 64)
    #expect(outcome.error.contains("there is no sample site and no file of the name garden"))
  }

  // MARK: llms

  @Test func llmsWithoutURLPrintsOnlyTheFileOfTheSampleSite() async throws {
    let outcome = try await runner("llms")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.hasPrefix("# Tidewater\n\n> Tidewater is a forecasting service"))
    #expect(outcome.output.contains("\n## Optional\n"))
    #expect(!outcome.output.contains("login"))
    #expect(outcome.error.split(separator: "\n").count == 1, "progress is shown only if stderr is a terminal")
  }

  @Test func urlAfterARepeatableOptionIsParsed() async throws {
    let outcome = try await runner("llms", "--exclude", "/x/", "http://127.0.0.1:9/")
    #expect(outcome.status == 5)
    #expect(outcome.output.isEmpty)
  }

  @Test func existingFileIsReplacedOnlyWithOverwrite() async throws {
    let path = "/tmp/llmtxt-out-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("mine".utf8).write(to: URL(filePath: path))
    #expect(try await runner("llms", "-o", path).status != 0)
    #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == "mine")
    #expect(try await runner("llms", "-o", path, "--overwrite").status == 0)
    #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8).hasPrefix("# Tidewater"))
  }

  @Test func privateAddressIsRefusedWithAMessage() async throws {
    let outcome = try await runner("llms", "http://169.254.169.254/")
    #expect(outcome.status == 4)
    #expect(outcome.output.isEmpty)
    #expect(outcome.error.hasPrefix("local-runner: the url may not be fetched"))
    #expect(outcome.error.contains("FETCH_ALLOW_NETWORKS=169.254.169.254/32:80"))
  }

  @Test(arguments: ["nonsense", "ftp://example.com/", "http://example.com:99999/"])
  func invalidURLIsRefusedAndNamed(url: String) async throws {
    let outcome = try await runner("llms", url)
    #expect(outcome.status == 64)
    #expect(outcome.error.contains(url))
  }

  @Test func interruptStopsTheFunction() async throws {
    // A port that accepts connections and never responds.
    let silent = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(silent) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    unsafe withUnsafeMutablePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        #expect(unsafe bind(silent, $0, length) == 0)
        _ = unsafe getsockname(silent, $0, &length)
      }
    }
    #expect(listen(silent, 8) == 0)
    let started = try command(["llms", "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/"]).start()
    var children: [String] = []
    for _ in 0..<200 where children.isEmpty {
      try await Task.sleep(for: .milliseconds(50))
      children = try await Command("pgrep", ["-P", "\(started.process)"]).run().output.split(separator: "\n").map(
        String.init)
    }
    #expect(!children.isEmpty, "analyze did not start")
    kill(started.process, SIGINT)
    #expect(try await started.wait().status == 128 + SIGINT)
    for child in children {
      // Without a process that reaps it, a killed process stays as a zombie.
      var state: Substring?
      for _ in 0..<50 {
        state =
          (try? String(contentsOf: URL(filePath: "/proc/\(child)/stat"), encoding: .utf8))?.split(separator: " ")
          .dropFirst(2).first
        if state == nil || state == "Z" { break }
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(state == nil || state == "Z", "\(child) still runs")
    }
  }

  // MARK: invoke

  @Test func exitStatusOfInvokeDependsOnTheResponse() async throws {
    #expect(try await runner("invoke", "usage", "\(Products.package)/Events/usage/live.json").status == 0)
    #expect(try await runner("invoke", "analyze", "--body", "{}").status == 4)
    #expect(
      try await runner(
        "invoke", "usage", "\(Products.package)/Events/usage/health.json",
        environment: ["DATABASE_URL": "postgresql:///x?host=/nonexistent"]
      ).status == 5)
    #expect(try await runner("invoke", "nothing").status == 64)
    #expect(
      try await runner("invoke", "analyze", input: Array(#"{"url":"ftp://x"}"#.utf8)).output.contains(
        "only http and https"))
  }

  @Test func crashedFunctionExitsWithStatusSeventy() async throws {
    let folder = "/tmp/llmtxt-functions-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("#!/bin/sh\nkill -SEGV $$\n".utf8).write(to: URL(filePath: folder + "/usage"))
    unsafe chmod(folder + "/usage", 0o755)
    let outcome = try await runner(
      "invoke", "usage", "\(Products.package)/Events/usage/live.json", environment: ["FUNCTIONS_DIR": folder])
    #expect(outcome.status == 70)
    #expect(outcome.error.contains("crashed"))
  }

  // MARK: inspect

  @Test func inspectRobotsPrintsALineForEachURL() async throws {
    let path = "/tmp/llmtxt-robots-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("User-agent: x\nDisallow: /p".utf8).write(to: URL(filePath: path))
    #expect(
      try await runner("inspect", "robots", path, "--agent", "x", "https://a.example/p/1", "/q").output
        == "disallowed\thttps://a.example/p/1\nallowed\t/q\n")
    #expect(try await runner("inspect", "robots", path, "--agent", "y", "/p").output == "allowed\t/p\n")
  }

  @Test func inspectPageReadsPlainAndGzippedFiles() async throws {
    struct Line: Decodable {
      let title: String
      let text: String
      let markdown: String
      let score: Double
      let words: Int
    }
    let page = "\(Products.package)/LocalRunner/Sample/reference/forecasts.html"
    let gzipped = "/tmp/llmtxt-page-\(UUID().uuidString).html.gz"
    defer { try? FileManager.default.removeItem(atPath: gzipped) }
    _ = try await Command("sh", ["-c", "gzip -c \(page) > \(gzipped)"]).run()
    let lines = try await runner("inspect", "page", page, gzipped).output.split(separator: "\n").map {
      try JSON.decode(Line.self, from: Array($0.utf8))
    }
    #expect(lines.count == 2)
    #expect(lines[0].title == "Forecasts | Tidewater")
    #expect(lines[0].text == lines[1].text)
    #expect(!lines[0].text.contains("Sign in"))
    #expect(lines[0].markdown.contains("| Name | Meaning |\n| --- | --- |\n| station | its identifier |"))
    #expect(lines[0].score >= 5)
  }

  @Test func inspectPageFollowsRedirectsAndReadsHeaders() async throws {
    struct Line: Decodable {
      let url: String
      let robots: [String]
      let parts: [String: Double]
    }
    let server = try await TrapServer()
    let origin = server.origin
    defer { server.end() }
    let lines = try await runner("inspect", "page", origin + "/guides/older-name", origin + "/docs/noindex-header-own")
      .output
      .split(separator: "\n").map { try JSON.decode(Line.self, from: Array($0.utf8)) }
    #expect(lines.map(\.url) == [origin + "/guides/new-name", origin + "/docs/noindex-header-own"])
    #expect(lines[1].robots.contains("noindex"))
    #expect(lines[0].parts["base"] == 5)
    let looping = try await runner("inspect", "page", origin + "/guides/loop")
    #expect(looping.status != 0 && looping.error.contains("too many redirects"))
  }

  // MARK: doctor and keys

  @Test func doctorAcceptsAMigratedDatabaseAndAdvisesToMigrateAnEmptyOne() async throws {
    #expect(try await runner("doctor").status == 0)
    let outcome = try await runner("doctor", environment: ["DATABASE_URL": try TestDatabase.make()])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("local-runner database migrate"))
  }

  @Test func doctorChecksEachSettingAndPrintsNoSecret() async throws {
    let wrong = [
      "STRIPE_SECRET_KEY": "garbage-hush", "STRIPE_WEBHOOK_SECRET": "hush",
      "STRIPE_LLM_TXT_COFFEE_PRICE_ID": "5 dollars",
      "STRIPE_LLM_TXT_CREDITS_PRICE_IDS": "price_one", "STRIPE_API_BASE": "stripe", "JWT_JWKS_URL": "ftp://x",
      "TRUSTED_PROXIES": "zzz",
      "NOTIFICATION_URL": "x", "NOTIFICATION_SECRET": "hush-too", "CORS_ALLOWED_ORIGINS": "https://a.example/path",
      "PORT": "99999",
      "FETCH_ALLOW_NETWORKS": "home", "LOG_LEVEL": "loud", "INVOCATION_DEADLINE_MS": "1",
    ]
    let outcome = try await runner("doctor", environment: wrong)
    #expect(outcome.status == 1 && !outcome.output.contains("hush"))
    for setting in wrong.keys where setting != "JWT_JWKS_URL" {
      #expect(outcome.output.contains("PROBLEM  \(setting): "), "\(setting)")
    }
    #expect(outcome.output.contains("PROBLEM  JWT_JWKS_URL: ftp://x\n         → JWT_JWKS_URL must be an https URL"))
    #expect(outcome.output.contains("PROBLEM  STRIPE_LLM_TXT_GROWTH_PRICE_ID: not set"), "a product needs a price")

    let right = [
      "STRIPE_SECRET_KEY": "sk_test_hush", "STRIPE_WEBHOOK_SECRET": "whsec_hush,whsec_new",
      "STRIPE_LLM_TXT_COFFEE_PRICE_ID": "price_1",
      "STRIPE_LLM_TXT_GROWTH_PRICE_ID": "price_2", "STRIPE_LLM_TXT_SCALE_PRICE_ID": "price_3",
      "STRIPE_LLM_TXT_CREDITS_PRICE_IDS": "price_4, price_5",
      "JWT_JWKS_URL": "https://a.example/jwks", "JWT_ISSUER": "https://a.example", "JWT_AUDIENCE": "here",
      "TRUSTED_PROXIES": "10.0.0.0/8",
      "NOTIFICATION_URL": "https://a.example/hush", "NOTIFICATION_SECRET": "whsec_aHVzaA==",
      "CORS_ALLOWED_ORIGINS": "https://a.example, *", "PORT": "8080",
    ]
    let good = try await runner("doctor", environment: right)
    #expect(good.status == 0 && !good.output.contains("hush") && !good.output.contains("PROBLEM"), "\(good.output)")
  }

  @Test func keysAreCreatedListedAndRevokedByEmailOrAccount() async throws {
    #expect(try await runner("keys", "create", "ada@example.com").status == 4)
    #expect(try await runner("accounts", "grant", "ada@example.com", "growth").status == 0)
    let key = try await runner("keys", "create", "ada@example.com", "--expires", "30").output.split(separator: "\n")
      .joined()
    #expect(key.hasPrefix("llmtxt_"))
    let list = try await runner("keys", "list", "ada@example.com").output
    #expect(list.hasPrefix("\(key.prefix(15))…\t") && list.contains("\tactive until ") && !list.contains(key))
    let account = try Database(url: database).rows(
      "SELECT account_id FROM credentials", as: UUID.self, by: .now.advanced(by: .seconds(10)))[0].uuidString
    #expect(try await runner("keys", "list", "--account", account).output == list)
    #expect(try await runner("keys", "revoke", "--account", account, String(key.prefix(15))).status == 0)
    #expect(try await runner("keys", "revoke", "ada@example.com", key).status == 4, "the key is already revoked")
    #expect(try await runner("keys", "list", "ada@example.com").output.contains("\trevoked "))
    #expect(try await runner("keys", "create", "--session", "cs_none").status == 4)
    for arguments in [
      ["list"], ["list", "a@b.example", "--account", account], ["create", "--account", "x"],
      ["create", "a@b.example", "--expires", "0"], ["revoke", "k"],
    ] {
      #expect(try await command(["keys"] + arguments).run().status == 64)
    }
  }

  @Test(arguments: [
    [], ["llms"], ["invoke"], ["start"], ["replay"], ["sample"], ["inspect"], ["inspect", "robots"],
    ["inspect", "sitemap"],
    ["inspect", "page"], ["inspect", "llms"], ["database"], ["accounts"], ["accounts", "export"],
    ["accounts", "erase"], ["keys"], ["worker"], ["doctor"],
  ])
  func everyCommandHasHelp(command: [String]) async throws {
    let outcome = try await Command(Products.path(of: "local-runner"), command + ["--help"]).run()
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("USAGE:"))
  }
}
