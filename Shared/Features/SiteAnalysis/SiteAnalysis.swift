package import Accounts
package import Contract
package import Fetch
import FoundationEssentials
package import Metering
package import Postgres
package import Web

/// Reads sites, judges their pages, and keeps what it found.
package struct SiteAnalysis: Sendable {
  package static let migrations = [
    Migration(2, "site_analysis", sql: PackageResources.m0002_site_analysis_sql),
    Migration(4, "pages_read", sql: PackageResources.m0004_pages_read_sql),
    Migration(18, "queued_analyses", sql: PackageResources.m0018_queued_analyses_sql),
    Migration(31, "model_answers", sql: PackageResources.m0031_model_answers_sql),
  ]

  let store: ReportStore
  let queue: AnalysisQueue
  private let pages: PageStore
  let accounts: Accounts
  let uses: AnalysisUses
  private let keys: IdempotencyKeys
  private let models: Result<ModelDesk?, Failure>
  private let answers: ModelAnswerStore
  /// By keys that are kept fresh here, where there is a fetcher.
  package let admission: Admission
  /// The llms.txt files that were written of a site for an account, by the URL that was asked for, the latest first.
  package typealias WrittenFiles = @Sendable (Account, NormalizedURL, ContinuousClock.Instant) throws -> [String]

  private let written: WrittenFiles
  let fetcher: Fetcher
  let agent: String
  let report: @Sendable (Progress, Log) -> Void

  /// - Parameters:
  ///   - agent: the token under which robots.txt is read.
  ///   - tokens: what JSON Web Tokens must say; nil where none are taken.
  ///   - models: which judge pages where the plan has that; nil where no provider is configured, a failure where a
  ///   setting of one cannot be used: then nobody judges, and the report says so.
  ///   - written: what this program wrote before, so that it is not taken for somebody's choice where a site published
  ///   it.
  ///   - report: told how far an analysis is.
  package init(
    database: Database, fetcher: Fetcher, agent: String, tokens: TokenSettings? = nil,
    models: Result<ModelDesk?, Failure> = .success(nil),
    written: @escaping WrittenFiles = { _, _, _ in [] },
    report: @escaping @Sendable (Progress, Log) -> Void = { _, _ in }
  ) {
    self.written = written
    store = ReportStore(database: database)
    queue = AnalysisQueue(database)
    pages = PageStore(database: database)
    accounts = Accounts(database, tokens: tokens)
    uses = AnalysisUses(database)
    keys = IdempotencyKeys(database)
    self.models = models
    answers = ModelAnswerStore(database: database)
    admission = Admission(
      database, accounts, keySet: tokens.map { KeySetRefresh(database, $0, fetch: fetcher.smallDocument) })
    self.fetcher = fetcher
    self.agent = agent
    self.report = report
  }

  /// `POST /analyze`.
  package var analyzeSite: Operation {
    admission.admit(
      .analyze,
      .post("/analyze", AnalyzeInput.self) { input, request in
        switch input {
        case .site(let site):
          let account = try account(for: request, email: site.email)
          let (found, quota) = try await keys.once(request, made: { try find($0, for: account, request) }) { ticket in
            if !site.waits { return try accept(site, for: account, request, ticket) }
            let (report, quota) = try await analyze(site, for: account, request, ticket)
            return (.completed(report), quota)
          }
          var response = found.response
          if case .queued(let queued) = found, queued.state != .failed { response.status = 202 }
          response.headers.merge(quota?.headers ?? [:]) { own, _ in own }
          return response
        case .llmsText(let file):
          // Whose it is makes no difference, but a credential that is wrong is never taken for none.
          _ = try account(for: request, email: file.email)
          return Response.json(try await validate(file, request))
        case .queued(let id):
          guard request.event.isOperator else {
            throw Failure.invalidField(
              "analysisId", "analysisId is not taken here; GET /analyze/{id} reads an analysis")
          }
          return Found.completed(try await perform(queued: id, request)).response
        }
      })
  }

  /// `GET /analyze/{id}`.
  package var readAnalysis: Operation {
    admission.admit(
      .read,
      Operation("GET", "/analyze/{id}") { request in
        let account = try account(for: request)
        return try find(request.parameters["id"], for: account, request).response
      })
  }

  /// Whose a request is.
  package func account(for request: Request, email: Email? = nil) throws -> Account {
    try accounts.account(for: request, email: email)
  }

  /// A fresh report where there is one, else a new one, stored before it is given; only that counts as an analysis.
  ///
  /// - Parameters:
  ///   - ticket: of an idempotency key, under which the report is kept.
  ///   - check: throws where nothing can be made of a new report, which then is not stored, and does not count.
  /// - Returns: what is left of the day's analyses besides; nil where they are not counted.
  package func analyze(
    _ input: AnalyzeRequest, for account: Account, _ request: Request, _ ticket: IdempotencyKeys.Ticket? = nil,
    check: (SiteReport) throws -> Void = { _ in }
  ) async throws -> (StoredReport, Quota?) {
    let input = try input.decided(for: account)
    if let fresh = try fresh(input, for: account, request, ticket) { return fresh }
    return try await uses.metered(for: account, request) { use in
      let report = try await read(input, for: account, request)
      try check(report)
      return try store.save(report, of: account, input, by: request.deadline.instant) { id, transaction in
        try use.settle(in: &transaction)
        if let ticket { try IdempotencyKeys.finish(ticket, resource: id.uuidString, in: &transaction) }
      }
    }
  }

  /// A fresh report, where there is one that may be given, kept under the ticket; and what is left of the day's
  /// analyses.
  func fresh(
    _ input: AnalyzeRequest, for account: Account, _ request: Request, _ ticket: IdempotencyKeys.Ticket?
  ) throws -> (StoredReport, Quota?)? {
    guard !input.force, let fresh = try store.fresh(account, input, by: request.deadline.instant) else { return nil }
    if let ticket { try keys.keep(fresh.id.uuidString, under: ticket, by: request.deadline.instant) }
    return (fresh, try uses.quota(for: account, request))
  }

  func read(_ input: AnalyzeRequest, for account: Account, _ request: Request) async throws -> SiteReport {
    let start = ContinuousClock.now
    let log = request.log
    // What is read must still be judged, stored and answered.
    let margin = Duration.seconds(2)
    let desk = try? models.get()
    let thinking = input.usesModel && desk != nil ? min(request.deadline.remaining / 6, .seconds(20)) : .zero
    for failure in desk?.leftOut ?? [] {
      log(.error, "a model is not asked", failure.details.merging(["error": failure.message]) { $1 })
    }
    let crawler = Crawler(
      fetcher: fetcher, agent: agent, deadline: request.deadline.leaving(margin + thinking),
      known: { pages.recall($0, log, by: request.deadline.instant) },
      report: { report($0, log) }, written: { written(of: input.url, for: account, request) })
    let harvest = try await crawler.crawl(input)
    pages.save(harvest.pages, log, by: request.deadline.instant)
    var made = SiteReport(harvest, input, milliseconds: 0)
    if input.usesModel {
      if let desk {
        let reading = ModelReading(
          desk: desk, session: desk.session(for: account, log), answers: answers, log: log,
          deadline: request.deadline.leaving(margin).instant)
        report(.judging(made.pages.count), log)
        await reading.improve(&made, Dictionary(harvest.pages.map { ($0.page.url, $0.page) }) { first, _ in first })
      } else if case .failure(let failure) = models {
        log(.error, "no model is asked", failure.details.merging(["error": failure.message]) { $1 })
        made.metrics.model = .init(status: "degraded", reason: "misconfigured")
      } else {
        made.metrics.model = .init(status: "degraded", reason: "no_model")
      }
    }
    made.metrics.milliseconds = start.duration(to: .now).milliseconds
    report(.scored(harvest.pages.count), log)
    return made
  }

  /// Nothing where they cannot be had: the site's file is then taken for one by hand.
  private func written(of url: NormalizedURL, for account: Account, _ request: Request) -> [String] {
    do {
      return try written(account, url, request.deadline.instant)
    } catch {
      request.log(.warning, "files written before cannot be recalled", ["error": "\(error)"])
      return []
    }
  }

  private func validate(_ input: ValidationRequest, _ request: Request) async throws -> ValidationReport {
    let log = request.log
    let validator = Validator(
      fetcher: fetcher, agent: agent, deadline: request.deadline.leaving(.seconds(1)),
      report: { report(.fetched($0, of: $1), log) })
    switch input.source {
    case .url(let url): return try await validator.validate(url, at: Date())
    case .content(let text): return await validator.validate(Array(text.utf8), at: Date())
    }
  }

  /// A stored report.
  ///
  /// - Throws: `not_found` where there is none, or it is another account's; `conflict` where it is still to come; where
  ///   it failed, what it
  ///   failed of.
  package func analysis(_ id: String?, for account: Account, _ request: Request) throws -> StoredReport {
    switch try find(id, for: account, request) {
    case .completed(let report): return report
    case .queued(let queued): throw queued.refusal
    }
  }
}
