package import Accounts
package import Contract
package import Fetch
import FoundationEssentials
package import Postgres
import Web

/// Reads sites, judges their pages, and keeps what it found.
package struct SiteAnalysis: Sendable {
  package static let migrations = [
    Migration(2, "site_analysis", sql: PackageResources.m0002_site_analysis_sql),
    Migration(4, "pages_read", sql: PackageResources.m0004_pages_read_sql),
  ]

  private let store: ReportStore
  private let pages: PageStore
  private let accounts: Accounts
  let fetcher: Fetcher
  let agent: String
  let report: @Sendable (Progress, Log) -> Void

  /// - Parameters:
  ///   - agent: the token under which robots.txt is read.
  ///   - report: told how far an analysis is.
  package init(
    database: Database, fetcher: Fetcher, agent: String,
    report: @escaping @Sendable (Progress, Log) -> Void = { _, _ in }
  ) {
    store = ReportStore(database: database)
    pages = PageStore(database: database)
    accounts = Accounts(database)
    self.fetcher = fetcher
    self.agent = agent
    self.report = report
  }

  /// `POST /analyze`.
  package var analyzeSite: Operation {
    .post("/analyze", AnalyzeInput.self) { input, request in
      let account = try accounts.account(for: request, email: input.email)
      switch input {
      case .site(let site): return Response.json(AnalysisAnswer(try await analyze(site, for: account, request)))
      case .llmsText(let file): return Response.json(try await validate(file, request))
      }
    }
  }

  /// `GET /analyze/{id}`.
  package var readAnalysis: Operation {
    Operation("GET", "/analyze/{id}") { request in
      let account = try accounts.account(for: request)
      return Response.json(AnalysisAnswer(try analysis(request.parameters["id"], for: account, request)))
    }
  }

  /// A fresh report where there is one, else a new one, stored before it is given.
  package func analyze(_ input: AnalyzeRequest, for account: Account, _ request: Request) async throws -> StoredReport {
    if !input.force, let fresh = try store.fresh(account, input, by: request.deadline.instant) { return fresh }
    let start = ContinuousClock.now
    let log = request.log
    // What is read must still be judged, stored and answered.
    let crawler = Crawler(
      fetcher: fetcher, agent: agent, deadline: request.deadline.leaving(.seconds(2)), known: { pages.recall($0, log, by: request.deadline.instant) },
      report: { report($0, log) })
    let harvest = try await crawler.crawl(input)
    pages.save(harvest.pages, log, by: request.deadline.instant)
    report(.scored(harvest.pages.count), log)
    let result = SiteReport(harvest, input, milliseconds: start.duration(to: .now).milliseconds)
    return try store.save(result, of: account, input, by: request.deadline.instant)
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
