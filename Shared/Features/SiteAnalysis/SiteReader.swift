import Access
package import Accounts
package import Contract
import Crawling
package import Fetch
package import Models
package import Postgres
package import Web

/// Crawls a site and creates its report. If the request says so, a language model scores and arranges the pages.
package struct SiteReader: Sendable {
  /// Returns the llms.txt files that this program generated earlier for an account and a URL, the newest first.
  ///
  /// A published copy of one of them must not be mistaken for a file that the site's owner wrote.
  package typealias WrittenFiles = @Sendable (Account, NormalizedURL, ContinuousClock.Instant) throws -> [String]

  let fetcher: Fetcher
  let agent: String
  private let pages: PageStore
  private let scoring: ModelScoring
  private let writtenFiles: WrittenFiles
  let report: @Sendable (Progress, Log) -> Void

  /// - Parameters:
  ///   - agent: The crawler's product token in robots.txt.
  ///   - models: `nil` if no provider is configured; a failure if a provider's setting is malformed. In both cases
  ///     pages get heuristic scores, and the report says so.
  ///   - report: Receives the progress of an analysis.
  package init(
    _ database: Database, fetcher: Fetcher, agent: String, models: Result<ModelPool?, Failure> = .success(nil),
    writtenFiles: @escaping WrittenFiles = { _, _, _ in [] },
    report: @escaping @Sendable (Progress, Log) -> Void = { _, _ in }
  ) {
    self.fetcher = fetcher
    self.agent = agent
    pages = PageStore(database: database)
    scoring = ModelScoring(models: models, answers: ModelAnswerStore(database: database))
    self.writtenFiles = writtenFiles
    self.report = report
  }

  /// Crawls the site within the call's deadline.
  ///
  /// - Throws: `upstream_failed` or `forbidden` if the site cannot be read.
  func read(_ input: AnalyzeRequest, _ call: Call) async throws -> SiteReport {
    let start = ContinuousClock.now
    let log = call.log
    let deadline = call.deadline.instant
    // Time to score, store and send the report after the crawl.
    let margin = Duration.seconds(2)
    let crawler = Crawler(
      fetcher: fetcher, agent: agent,
      deadline: call.deadline.leaving(margin + scoring.duration(input, remaining: call.deadline.remaining)),
      recall: { pages.load($0, log, by: deadline) }, onProgress: { report(.fetched($0, of: $1), log) })
    let crawl = SiteCrawl(crawler: crawler, writtenFiles: { earlierFiles(of: input.url, call) })
    let result = try await crawl.run(input.crawlRequest)
    let crawled = result.crawl.pages
    pages.save(crawled, log, by: deadline)
    var made = SiteReport(result, milliseconds: 0)
    if input.usesModel {
      report(.judging(made.pages.count), log)
      let pages = Dictionary(crawled.map { ($0.page.url, $0.page) }) { first, _ in first }
      await scoring.refine(&made, pages, call, by: call.deadline.leaving(margin).instant)
    }
    made.metrics.milliseconds = start.duration(to: .now).milliseconds
    report(.scored(crawled.count), log)
    return made
  }

  /// Returns the files generated earlier, or an empty array if they cannot be loaded.
  ///
  /// Without them, a published copy counts as written by the site's owner.
  private func earlierFiles(of url: NormalizedURL, _ call: Call) -> [String] {
    do {
      return try writtenFiles(call.account, url, call.deadline.instant)
    } catch {
      call.log(.warning, "files generated earlier could not be loaded", ["error": "\(error)"])
      return []
    }
  }
}
