import Accounts
import Contract
import FoundationEssentials
import Metering
import Postgres
import RunnerDatabase
import Support

/// A test database, and helpers that create accounts and run the functions as programs.
struct FunctionHarness: Sendable {
  let url: String
  let database: Database
  let soon = ContinuousClock.now.advanced(by: .seconds(600))

  init() throws {
    url = try TestDatabase.make(Feature.all.migrations)
    database = Database(url: url)
  }

  /// Creates an account if needed, and returns an API key for it.
  func key(_ plan: Plan = .coffee, _ name: String = "ada") throws -> String {
    let email = Email("\(name)@example.com")!
    _ = try Accounts(database).grant(plan, to: email, by: soon)
    return try Accounts(database).makeKey(for: email, by: soon).text
  }

  struct Outcome: Sendable {
    let status: Int
    let text: String
    /// The log that the program wrote to standard error.
    let log: String
    let duration: Duration

    /// - Throws: an error with the response and the log, if the status is not 200.
    func report() throws -> Report {
      guard status == 200 else {
        throw Command.Failed(description: "\(status) after \(duration): \(text) \(log.suffix(4_000))")
      }
      return try JSON.decode(Report.self, from: Array(text.utf8))
    }
  }

  struct Report: Decodable {
    struct Page: Decodable {
      let url: String
      let title: String
      let description: String?
      let category: String
      let score: Double
      let scoredBy: String
      let reason: String?
      let flagged: String?
    }
    struct ModelUse: Decodable {
      let status: String
      let reason: String?
    }
    struct Metrics: Decodable {
      let fetched: Int
      let modelCalls: Int
      let costMicros: Int
      let model: ModelUse?
    }
    let id: String
    let partial: Bool
    let pages: [Page]
    let metrics: Metrics

    var modelScoredPages: Int { pages.count { $0.scoredBy == "model" } }
  }

  /// Settings for one model at this base URL, with a price high enough for every call to cost something.
  static func settings(_ base: String, dialect: String = "openai", key: String = "sk-test", model: String = "tester")
    -> [String: String]
  {
    let name = dialect.uppercased()
    return [
      "\(name)_BASE_URL": base, "\(name)_API_KEY": key, "\(name)_MODEL": model,
      "MODEL_PRICES": "\(model)=0.15/0.60@32000",
    ]
  }

  private func command(_ function: String, _ settings: [String: String], seconds: Double) -> Command {
    let deadline = Int((Date().timeIntervalSince1970 + seconds) * 1000)
    var environment = [
      "DATABASE_URL": url, "FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "INVOCATION_DEADLINE_MS": String(deadline),
      "LOG_LEVEL": "debug",
    ]
    for provider in ["OPENAI", "OPENROUTER", "ANTHROPIC", "GEMINI"] {
      for suffix in ["API_KEY", "BASE_URL", "MODEL"] { environment["\(provider)_\(suffix)"] = "" }
    }
    return Command(Products.path(of: function), environment: environment.merging(settings) { $1 })
  }

  private func send(_ function: String, _ body: String, key: String?, _ settings: [String: String], seconds: Double)
    async throws -> Outcome
  {
    var headers = ["content-type": "application/json"]
    if let key { headers["authorization"] = "Bearer \(key)" }
    let event = Event(
      method: "POST", rawPath: "/\(function)", headers: headers, body: Array(body.utf8), sourceIP: "192.0.2.1")
    let start = ContinuousClock.now
    let outcome = try await command(function, settings, seconds: seconds).run(input: try JSON.encode(event))
    guard outcome.status == 0 else {
      throw Command.Failed(description: "\(function) exited with status \(outcome.status): \(outcome.error)")
    }
    let response = try JSON.decode(Response.self, from: outcome.bytes)
    return Outcome(
      status: response.status, text: String(decoding: response.bytes, as: UTF8.self), log: outcome.error,
      duration: start.duration(to: .now))
  }

  /// Runs `analyze`.
  ///
  /// - Parameter options: further members of the JSON body, each preceded by a comma.
  func analyze(_ site: String, _ options: String = "", key: String?, _ settings: [String: String], seconds: Double = 60)
    async throws -> Outcome
  {
    try await send("analyze", #"{"url":"\#(site)"\#(options)}"#, key: key, settings, seconds: seconds)
  }

  /// Runs `generate`, and returns the llms.txt of an analysis.
  func generate(_ analysis: String, key: String, _ settings: [String: String]) async throws -> String {
    struct Answer: Decodable { let content: String }
    let outcome = try await send("generate", #"{"analysisId":"\#(analysis)"}"#, key: key, settings, seconds: 60)
    guard outcome.status == 201 else { throw Command.Failed(description: outcome.text) }
    return try JSON.decode(Answer.self, from: Array(outcome.text.utf8)).content
  }

  // MARK: Ledger

  /// Totals of the tables that record the calls and costs of models.
  struct Ledger: Decodable, Equatable, Sendable {
    var calls: Int
    /// The cost of all calls in micro-dollars.
    var cost: Int
    /// The micro-dollars that the daily meters count as used.
    var used: Int
    /// Holds that were neither settled nor released.
    var openHolds: Int
  }

  func ledger() throws -> Ledger {
    try database.rows(
      """
      SELECT (SELECT count(*) FROM model_calls) AS calls,
        (SELECT coalesce(sum(cost_microdollars), 0)::bigint FROM model_calls) AS cost,
        (SELECT coalesce(sum(used), 0)::bigint FROM meter_days WHERE meter = 'model_microdollars') AS used,
        (SELECT count(*) FROM meter_holds WHERE state = 'held') AS open_holds
      """, as: Ledger.self, by: soon)[0]
  }
}
