import Access
package import Accounts
package import Contract
import Crawling
import Fetch
import FetchCurl
package import Invoking
import Jobs
import Postgres
import RunnerDatabase
import ServiceLifecycle
import SiteAnalysis

/// Performs queued jobs in this process: several analyses at a time, and at the same time all other jobs.
///
/// On a graceful shutdown it kills the functions that run analyses, completes its other job and ends.
package struct Workers: Service {
  package static let defaultConcurrency = 2

  private let jobs: JobWorker
  private let analyses: AnalysisWorker
  private let maintenance: Maintenance
  private let concurrency: Int
  private let loop: WorkLoop

  /// - Parameters:
  ///   - features: the features whose jobs are performed.
  ///   - invoker: runs `analyze`.
  ///   - environment: the settings, which contain `DATABASE_URL`.
  ///   - concurrency: the number of analyses at a time.
  ///   - isDraining: whether to end when no job is due.
  ///   - log: receives one line for each job.
  /// - Throws: a failure that names the setting that is wrong.
  package init(
    _ invoker: any Invoker, _ environment: Environment, features: [Feature] = Feature.all,
    concurrency: Int = defaultConcurrency, isDraining: Bool = false,
    log: @escaping @Sendable (String) -> Void = printError
  ) throws {
    let database = Database(url: environment["DATABASE_URL"])
    let fetcher = Fetcher.curl(guard: try AddressGuard(environment), userAgent: UserAgent(environment).header)
    let context = JobContext(
      environment: environment, database: database, fetcher: fetcher, personalData: features.personalData)
    jobs = try JobWorker(features, context, log: log)
    maintenance = try Maintenance(features, context, log: log)
    analyses = AnalysisWorker(invoker, database, log: log)
    self.concurrency = concurrency
    loop = WorkLoop(isDraining: isDraining, log: log)
  }

  /// The kinds of jobs that are performed.
  package var kinds: [String] { ([JobKind.analysis] + jobs.kinds).map(\.rawValue) }

  package func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await loop.run(every: .seconds(3_600)) {
          try maintenance.purge()
          return false
        }
      }
      group.addTask {
        try await loop.run(every: .seconds(KeySetRefresh.shortestInterval)) {
          try await maintenance.renewKeys()
          return false
        }
      }
      group.addTask { try await loop.run { try await jobs.performNext() } }
      for _ in 0..<concurrency {
        group.addTask {
          try await loop.run { try await cancelWhenGracefulShutdown { try await analyses.performNext() } }
        }
      }
      try await group.waitForAll()
    }
  }
}
