package import Access
package import Accounts
package import Contract
package import Crawling
package import Fetch
package import FoundationEssentials
package import Metering
import Models
package import Postgres
package import Web

/// Analyzes sites and stores the reports: the routes `POST /analyze` and `GET /analyze/{id}`.
package struct SiteAnalysis: Sendable {
  let access: Access
  let store: ReportStore
  let queue: AnalysisQueue
  let reader: SiteReader

  package init(_ access: Access, reader: SiteReader) {
    self.access = access
    self.reader = reader
    store = ReportStore(access.database)
    queue = AnalysisQueue(access)
  }

  /// Creates the feature with the settings of the environment.
  ///
  /// - Parameters:
  ///   - agent: The crawler's product token in robots.txt.
  ///   - writtenFiles: See ``SiteReader/WrittenFiles``.
  /// - Throws: `unavailable` if `FETCH_HEADERS` is malformed.
  package init(
    _ access: Access, _ environment: Environment, fetcher: Fetcher, agent: String,
    writtenFiles: @escaping SiteReader.WrittenFiles
  ) throws(Failure) {
    let headers = try SiteHeaders(environment)
    let models = Result { () throws(Failure) in try ModelPool(environment, access.database, fetcher) }
    self.init(
      access,
      reader: SiteReader(
        access.database, fetcher: fetcher.sending(headers), agent: agent, models: models, writtenFiles: writtenFiles,
        sendsHeaders: headers != nil,
        report: Progress.logged(environment)))
  }

  // MARK: Routes

  /// `POST /analyze` with the default kind `site` and the kinds of other features.
  package func analyze(_ otherKinds: [Kind] = []) -> Operation {
    access.post(
      "/analyze", .analyze, default: "site", kinds: [site] + otherKinds,
      repeated: { id, call in try find(id, call).work().response },
      deliver: { kind, call, perform in
        guard let meter = kind.meter else { return try await perform(call).response }
        let (work, quota) = try await MeterUses(access, meter).metered(call) { use in
          let work = try await perform(call)
          try access.database.transaction(by: call.deadline.instant) { try use.settle(in: &$0) }
          return work
        }
        return work.response.adding(quota?.headers ?? [:])
      })
  }

  /// `GET /analyze/{id}`.
  package var readAnalysis: Operation {
    access.get("/analyze/{id}", .read) { call in
      try find(call.parameter("id"), call).work(pendingStatus: 200).response
    }
  }

  /// The kind `site`: crawls a site and reports its pages, at once or in the queue.
  package var site: Kind {
    Kind("site", SiteRequest.self) { input, call in
      switch input {
      case .perform(let id):
        guard call.request.event.isOperator else {
          throw Failure.invalidField(
            "analysisId", "analysisId is not a field of POST /analyze; read an analysis with GET /analyze/{id}")
        }
        return try Found.completed(try await perform(queued: id, call)).work()
      case .analyze(let input) where !input.waits:
        let (found, quota) = try enqueue(input, call)
        return try found.work(headers: quota?.headers ?? [:])
      case .analyze(let input):
        let (report, quota) = try await analyze(input, call)
        return try Found.completed(report).work(headers: quota?.headers ?? [:])
      }
    }
  }

  /// A request for an analysis, or the worker's request to perform a queued one.
  private enum SiteRequest: Sendable, Decodable {
    case analyze(AnalyzeRequest)
    case perform(UUID)

    private enum CodingKeys: String, CodingKey { case analysisId }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if container.contains(.analysisId) {
        self = .perform(try container.decode(UUID.self, forKey: .analysisId))
      } else {
        self = .analyze(try AnalyzeRequest(from: decoder))
      }
    }
  }

  // MARK: Analyses

  /// See ``SiteReader/markdown(of:from:_:)``.
  package func markdown(
    of pages: [NormalizedURL], from address: PublicAddress?, _ call: Call
  ) async -> [NormalizedURL: String] {
    await reader.markdown(of: pages, from: address, call)
  }

  /// Returns a stored report younger than 24 hours if there is one. Otherwise analyzes the site and stores the report.
  ///
  /// Only a new report counts as a use.
  ///
  /// - Parameter check: Throws if a new report is not usable. The report is then not stored and does not count as a use.
  /// - Returns: The report, and the quota that is left today; `nil` if the account's analyses are not limited.
  package func analyze(
    _ input: AnalyzeRequest, _ call: Call, check: (SiteReport) throws -> Void = { _ in }
  ) async throws -> (StoredReport, Quota?) {
    var input = try input.resolved(for: call.account)
    input.sendsHeaders = reader.sendsHeaders
    let request = input
    if let fresh = try freshReport(input, call) { return fresh }
    return try await queue.uses.metered(call) { use in
      let report = try await reader.read(request, call)
      try check(report)
      return try store.save(report, of: call.account, request, by: call.deadline.instant) { id, transaction in
        try use.settle(in: &transaction)
        if let ticket = call.ticket {
          try IdempotencyKeys.finish(ticket, resource: id.uuidString, in: &transaction)
        }
      }
    }
  }

  /// Returns a stored report younger than 24 hours for the same account, URL and options, or `nil` if there is none or
  /// the request forces a new analysis.
  func freshReport(_ input: AnalyzeRequest, _ call: Call) throws -> (StoredReport, Quota?)? {
    let deadline = call.deadline.instant
    guard !input.force, !reader.sendsHeaders, let fresh = try store.fresh(call.account, input, by: deadline) else {
      return nil
    }
    if let ticket = call.ticket { try access.keys.finish(ticket, resource: fresh.id.uuidString, by: deadline) }
    return (fresh, try queue.uses.quota(call))
  }

  /// Returns a stored report.
  ///
  /// - Throws: `not_found` if there is none, or if it belongs to another account; `conflict` if the analysis is pending
  ///   or running; the failure of an analysis that has failed.
  package func report(_ id: String?, _ call: Call) throws -> StoredReport {
    switch try find(id, call) {
    case .completed(let report): return report
    case .queued(let queued): throw queued.reportFailure
    }
  }

  /// Returns the ids of the account's reports of a URL, the newest first.
  package static func reportIDs(
    of url: NormalizedURL, for account: Account, _ database: Database, by deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> [UUID] {
    try ReportStore(database).ids(of: url, for: account, by: deadline)
  }
}
