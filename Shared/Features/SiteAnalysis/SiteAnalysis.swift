package import Accounts
package import Contract
package import Fetch
import FoundationEssentials
package import Metering
package import Postgres
import Web

/// Reads sites, judges their pages, and keeps what it found.
package struct SiteAnalysis: Sendable {
  package static let migrations = [
    Migration(2, "site_analysis", sql: PackageResources.m0002_site_analysis_sql),
    Migration(4, "pages_read", sql: PackageResources.m0004_pages_read_sql),
    Migration(31, "model_answers", sql: PackageResources.m0031_model_answers_sql),
  ]

  private let store: ReportStore
  private let pages: PageStore
  private let accounts: Accounts
  private let keySet: KeySetRefresh?
  private let uses: AnalysisUses
  private let keys: IdempotencyKeys
  private let admission: Admission
  private let models: ModelDesk?
  private let answers: ModelAnswerStore
  let fetcher: Fetcher
  let agent: String
  let report: @Sendable (Progress, Log) -> Void

  /// - Parameters:
  ///   - agent: the token under which robots.txt is read.
  ///   - tokens: what JSON Web Tokens must say; nil where none are taken.
  ///   - models: which judge pages where the plan has that; nil where no provider is configured.
  ///   - report: told how far an analysis is.
  package init(
    database: Database, fetcher: Fetcher, agent: String, tokens: TokenSettings? = nil, models: ModelDesk? = nil,
    report: @escaping @Sendable (Progress, Log) -> Void = { _, _ in }
  ) {
    store = ReportStore(database: database)
    pages = PageStore(database: database)
    accounts = Accounts(database, tokens: tokens)
    keySet = tokens.map { KeySetRefresh(database, $0, fetch: fetcher.keySet) }
    uses = AnalysisUses(database)
    keys = IdempotencyKeys(database)
    admission = Admission(database)
    self.models = models
    answers = ModelAnswerStore(database: database)
    self.fetcher = fetcher
    self.agent = agent
    self.report = report
  }

  /// `POST /analyze`.
  package var analyzeSite: Operation {
    admission.admit(
      .analyze,
      .post("/analyze", AnalyzeInput.self) { input, request in
        let account = try await account(for: request, email: input.email)
        switch input {
        case .site(let site):
          let (report, quota) = try await keys.once(request, made: { try analysis($0, for: account, request) }) { ticket in
            try await analyze(site, for: account, request, ticket)
          }
          var response = Response.json(AnalysisAnswer(report))
          response.headers.merge(quota?.headers ?? [:]) { own, _ in own }
          return response
        case .llmsText(let file): return Response.json(try await validate(file, request))
        }
      })
  }

  /// `GET /analyze/{id}`.
  package var readAnalysis: Operation {
    admission.admit(
      .usage,
      Operation("GET", "/analyze/{id}") { request in
        let account = try await account(for: request)
        return Response.json(AnalysisAnswer(try analysis(request.parameters["id"], for: account, request)))
      })
  }

  /// Whose a request is, by keys that are kept fresh here, where there is a fetcher.
  package func account(for request: Request, email: Email? = nil) async throws -> Account {
    _ = try await keySet?.refresh(for: request)
    return try accounts.account(for: request, email: email)
  }

  /// A fresh report where there is one, else a new one, stored before it is given; only that counts as an analysis.
  ///
  /// - Parameter ticket: of an idempotency key, under which the report is kept.
  /// - Returns: what is left of the day's analyses besides; nil where they are not counted.
  package func analyze(
    _ input: AnalyzeRequest, for account: Account, _ request: Request, _ ticket: IdempotencyKeys.Ticket? = nil
  ) async throws -> (StoredReport, Quota?) {
    let input = try input.decided(for: account)
    if !input.force, let fresh = try store.fresh(account, input, by: request.deadline.instant) {
      if let ticket { try keys.keep(fresh.id.uuidString, under: ticket, by: request.deadline.instant) }
      return (fresh, try uses.quota(for: account, request))
    }
    return try await uses.metered(for: account, request) { use in
      let report = try await read(input, for: account, request)
      return try store.save(report, of: account, input, by: request.deadline.instant) { id, transaction in
        try use.settle(in: &transaction)
        if let ticket { try IdempotencyKeys.finish(ticket, resource: id.uuidString, in: &transaction) }
      }
    }
  }

  private func read(_ input: AnalyzeRequest, for account: Account, _ request: Request) async throws -> SiteReport {
    let start = ContinuousClock.now
    let log = request.log
    // What is read must still be judged, stored and answered.
    let margin = Duration.seconds(2)
    let thinking = input.usesModel && models != nil ? min(request.deadline.remaining / 3, .seconds(45)) : .zero
    let crawler = Crawler(
      fetcher: fetcher, agent: agent, deadline: request.deadline.leaving(margin + thinking), known: { pages.recall($0, log, by: request.deadline.instant) },
      report: { report($0, log) })
    let harvest = try await crawler.crawl(input)
    pages.save(harvest.pages, log, by: request.deadline.instant)
    var made = SiteReport(harvest, input, milliseconds: 0)
    if input.usesModel {
      if let models {
        let reading = ModelReading(
          desk: models, session: models.session(for: account, log), answers: answers, log: log, deadline: request.deadline.leaving(margin).instant)
        report(.judging(made.pages.count), log)
        await reading.improve(&made, Dictionary(harvest.pages.map { ($0.page.url, $0.page) }) { first, _ in first })
      } else {
        made.metrics.model = .init(status: "degraded", reason: "no_model")
      }
    }
    made.metrics.milliseconds = start.duration(to: .now).milliseconds
    report(.scored(harvest.pages.count), log)
    return made
  }

  /// Forgets what models answered more than 30 days ago; without it nothing is wrong, but the table grows.
  package static func purge(_ database: Database, by deadline: ContinuousClock.Instant) throws(DatabaseError) {
    try ModelAnswerStore.purge(database, by: deadline)
  }

  private func validate(_ input: ValidationRequest, _ request: Request) async throws -> ValidationReport {
    let log = request.log
    let validator = Validator(
      fetcher: fetcher, agent: agent, deadline: request.deadline.leaving(.seconds(1)), report: { report(.fetched($0, of: $1), log) })
    switch input.source {
    case .url(let url): return try await validator.validate(url, at: Date())
    case .content(let text): return await validator.validate(Array(text.utf8), at: Date())
    }
  }

  /// A stored report.
  ///
  /// - Throws: `not_found` where there is none, or it is another account's.
  package func analysis(_ id: String?, for account: Account, _ request: Request) throws -> StoredReport {
    guard let id = id.flatMap(UUID.init(uuidString:)), let found = try store.find(id, for: account, by: request.deadline.instant)
    else { throw Failure(.notFound, "there is no such analysis; POST /analyze makes one") }
    return found
  }
}
