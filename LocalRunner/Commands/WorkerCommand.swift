import ArgumentParser
import Billing
import Contract
import Fetch
import FetchCurl
import FoundationEssentials
import Jobs
import Limits
import Metering
import Postgres
import SiteAnalysis
import Stripe

struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Do what was queued: ask Stripe, tell your endpoint, purge.",
    discussion: """
      Any number of workers may run. Each takes one job at a time; one that is killed leaves it to the next.

        local-runner worker            # until it is told to end
        local-runner worker --drain    # until nothing is due
      """)

  @Flag(help: "End once nothing is due.")
  var drain = false

  func run() async throws {
    let environment = Environment.ofProcess()
    let database = Database(url: try RunnerDatabase.prepare())
    let worker: QueueWorker
    do {
      worker = try QueueWorker(environment, database)
    } catch let failure as Failure {
      throw ValidationError(failure.message)
    }
    if !drain { say("waiting for jobs; \(worker.kinds.joined(separator: ", "))") }
    var nextPurge = ContinuousClock.now
    while true {
      if nextPurge <= .now {
        try worker.purge()
        nextPurge = .now.advanced(by: .seconds(3_600))
      }
      if try await worker.doNext() { continue }
      if drain { return }
      try await Task.sleep(for: .seconds(1))
    }
  }
}

/// One worker's round.
struct QueueWorker {
  private let database: Database
  private let jobs: Jobs
  private let refresh: StripeRefresh?
  private let notifier: Notifier

  /// - Throws: a failure that names the setting.
  init(_ environment: Environment, _ database: Database) throws {
    self.database = database
    jobs = Jobs(database)
    let fetcher = Fetcher.curl(guard: try AddressGuard(environment), userAgent: UserAgent(environment).header)
    let settings = BillingSettings(environment)
    refresh = try StripeClient(environment, fetcher, database).map { StripeRefresh(database: database, settings: settings, client: $0) }
    notifier = try Notifier(environment, database, fetcher)
  }

  /// What it can do: without a key nobody asks Stripe.
  var kinds: [String] { (refresh == nil ? [] : [StripeRefresh.kind]) + [Notifier.kind] }

  /// - Returns: false where nothing was due.
  func doNext() async throws -> Bool {
    let deadline = ContinuousClock.now.advanced(by: .seconds(60))
    // Longer than the deadline: nobody else begins it while it may still end.
    guard let lease = try jobs.lease(kinds, for: .seconds(90), by: deadline).first else { return false }
    do {
      switch lease.kind {
      case StripeRefresh.kind:
        try await refresh?.perform(lease, by: deadline)
        say("\(lease.kind): asked")
      default: say("\(lease.kind): \(try await notifier.perform(lease, by: deadline))")
      }
    } catch let lost as LeaseLost {
      say("\(lease.kind): another worker has it (\(lost.jobID))")
    } catch {
      // A minute, then two, then four, to an hour.
      let pause = min(3_600, 60 << min(lease.attempt - 1, 6))
      let isOpen = try jobs.fail(lease, error: "\(error)", retryAt: Date().addingTimeInterval(Double(pause)), by: .now.advanced(by: .seconds(10)))
      say("\(lease.kind): \(error)\(isOpen ? ", again in \(pause) s" : ", given up")")
    }
    return true
  }

  /// Gives back what was held for too long, and forgets what nothing counts any more.
  func purge() throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(120))
    try Metering(database).releaseExpired(by: deadline)
    try Metering(database).purge(by: deadline)
    try Billing.purge(database, by: deadline)
    try Limits.purge(database, by: deadline)
    try SiteAnalysis.purge(database, by: deadline)
    try jobs.purge(by: deadline)
  }
}
