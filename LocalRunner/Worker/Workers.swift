import Accounts
import ArgumentParser
import Contract
import NIOPosix
import Postgres
import SiteAnalysis

/// What works on the queue within one process: analyses, several at a time, and beside them everything else.
struct Workers: Sendable {
  static let usualConcurrency = 2

  private let jobs: JobWorker
  private let analyses: AnalysisWorker
  private let concurrency: Int
  private let pool: NIOThreadPool

  /// - Parameters:
  ///   - functions: invoked for analyses, with `DATABASE_URL` in their environment, which the worker's settings are
  ///   read from too.
  ///   - concurrency: analyses at a time.
  init(_ functions: FunctionProcess, concurrency: Int) throws {
    guard functions.exists("analyze") else {
      throw ValidationError(
        "\(functions.path(of: "analyze")) is missing; build it with: swift build -c release, or set FUNCTIONS_DIR")
    }
    let environment = Environment(functions.environment)
    let database = Database(url: environment["DATABASE_URL"])
    pool = NIOThreadPool(numberOfThreads: concurrency)
    do {
      jobs = try JobWorker(environment, database)
    } catch let failure as Failure {
      throw ValidationError(failure.message)
    }
    analyses = AnalysisWorker(functions, database, pool: pool)
    self.concurrency = concurrency
  }

  var kinds: [String] { [AnalysisQueue.kind] + jobs.kinds }

  /// Works until it is cancelled, or where it drains until nothing is due.
  func run(isDraining: Bool) async throws {
    pool.start()
    let outcome = await result(isDraining: isDraining)
    try await pool.shutdownGracefully()
    try outcome.get()
  }

  private func result(isDraining: Bool) async -> Swift.Result<Void, any Error> {
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { [jobs] in
          try await Self.keepDoing(isDraining: isDraining, pause: .seconds(3_600)) {
            try jobs.purge()
            return false
          }
        }
        group.addTask { [jobs] in
          try await Self.keepDoing(isDraining: isDraining, pause: .seconds(KeySetRefresh.shortestInterval)) {
            try await jobs.renewKeys()
            return false
          }
        }
        group.addTask { [jobs] in try await Self.keepDoing(isDraining: isDraining) { try await jobs.doNext() } }
        for _ in 0..<concurrency {
          group.addTask { [analyses] in try await Self.keepDoing(isDraining: isDraining) { try await analyses.doNext() }
          }
        }
        try await group.waitForAll()
      }
      return .success(())
    } catch {
      return .failure(error)
    }
  }

  /// - Parameters:
  ///   - pause: how long to wait where nothing was due.
  ///   - next: does the next thing, or says that none was due.
  private static func keepDoing(isDraining: Bool, pause: Duration = .seconds(1), _ next: () async throws -> Bool)
    async throws
  {
    var said = ""
    while !Task.isCancelled {
      do {
        if try await next() { continue }
        if isDraining { return }
        said = ""
        try await Task.sleep(for: pause)
      } catch let error where !isDraining && !(error is CancellationError) {
        // A server that is away comes back, and is missed aloud only once.
        if said != "\(error)" { say("worker: \(error); trying on") }
        said = "\(error)"
        try await Task.sleep(for: .seconds(5))
      }
    }
  }
}
