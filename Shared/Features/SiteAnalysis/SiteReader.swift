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
  /// The differences between one of them and a published copy are the edits of the site's owner.
  package typealias WrittenFiles = @Sendable (Account, NormalizedURL, ContinuousClock.Instant) throws -> [FileVersion]

  let fetcher: Fetcher
  let agent: String
  private let pages: PageStore
  private let reports: ReportStore
  private let scoring: ModelScoring
  private let writtenFiles: WrittenFiles
  let report: @Sendable (Progress, Log) -> Void
  /// Whether the fetcher sends ``SiteHeaders``.
  let sendsHeaders: Bool

  /// - Parameters:
  ///   - agent: The crawler's product token in robots.txt.
  ///   - models: `nil` if no provider is configured; a failure if a provider's setting is malformed. In both cases
  ///     pages get heuristic scores, and the report says so.
  ///   - sendsHeaders: Whether the fetcher sends ``SiteHeaders``. Pages are then fetched without the cache, because
  ///     requests without these headers must not get them.
  ///   - report: Receives the progress of an analysis.
  package init(
    _ database: Database, fetcher: Fetcher, agent: String, models: Result<ModelPool?, Failure> = .success(nil),
    writtenFiles: @escaping WrittenFiles = { _, _, _ in [] }, sendsHeaders: Bool = false,
    report: @escaping @Sendable (Progress, Log) -> Void = { _, _ in }
  ) {
    self.fetcher = fetcher
    self.agent = agent
    pages = PageStore(database: database)
    reports = ReportStore(database)
    scoring = ModelScoring(models: models, answers: ModelAnswerStore(database: database))
    self.writtenFiles = writtenFiles
    self.sendsHeaders = sendsHeaders
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
    // A page of a copy of the site is not a page of the site.
    let usesCache = !sendsHeaders && input.publicAddress == nil
    let crawler = Crawler(
      fetcher: fetcher(input.publicAddress, log), agent: agent,
      deadline: call.deadline.leaving(margin + scoring.duration(input, remaining: call.deadline.remaining)),
      recall: { usesCache ? pages.load($0, log, by: deadline) : [:] }, onProgress: { report(.fetched($0, of: $1), log) }
    )
    let crawl = SiteCrawl(
      crawler: crawler, existing: input.existing, earlierVersions: { earlierVersions(of: input.url, call) },
      onStage: { report($0, log) })
    let result = try await crawl.run(input.crawlRequest)
    let crawled = result.crawl.pages
    if usesCache { pages.save(crawled, log, by: deadline) }
    Self.logSkippedPages(of: result.crawl, log)
    var made = SiteReport(result, milliseconds: 0)
    made.site.publicUrl = PublicAddress.claimed(
      by: crawled.map { ($0.page.url, $0.page.canonical) }, in: made.url.folder)
    if let address = input.publicAddress {
      made.publicAddress = address
      made.discovery = address.published(made.discovery)
    }
    if input.usesModel {
      report(.judging(made.pages.count), log)
      let pages = Dictionary(crawled.map { ($0.page.url, $0.page) }) { first, _ in first }
      await scoring.refine(&made, pages, call, by: call.deadline.leaving(margin).instant)
    }
    made.metrics.milliseconds = start.duration(to: .now).milliseconds
    report(.scored(crawled.count), log)
    return made
  }

  /// The fetcher for a site, which logs each request at the level `debug`.
  ///
  /// - Parameter address: The address of the copy that is fetched instead of the site.
  func fetcher(_ address: PublicAddress?, _ log: Log) -> Fetcher {
    let fetcher = fetcher.logging(to: log)
    return address?.fetcher(fetcher) ?? fetcher
  }

  /// Logs each page that is not part of the report, with the reason.
  private static func logSkippedPages(of crawl: CrawlResult, _ log: Log) {
    guard log.writes(.debug) else { return }
    for page in crawl.skippedPages + PageSieve(crawl.pages, crawl.languages, today: crawl.today).skippedPages {
      log(.debug, "skipped", ["url": page.url.description, "reason": page.reason.rawValue])
    }
  }

  /// Returns the earlier versions of a site's file, or an empty array if they cannot be loaded.
  ///
  /// Without them, all of a published copy counts as written by the site's owner. The versions that the site had come
  /// first: a file that did not change since an earlier analysis cannot be made from a file generated after it.
  private func earlierVersions(of url: NormalizedURL, _ call: Call) -> [FileVersion] {
    let deadline = call.deadline.instant
    do {
      return try reports.existingFiles(of: url, for: call.account, by: deadline)
        + writtenFiles(call.account, url, deadline)
    } catch {
      call.log(.warning, "earlier versions of the llms.txt could not be loaded", ["error": "\(error)"])
      return []
    }
  }
}
