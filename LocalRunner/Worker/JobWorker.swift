import Accounts
import Billing
import Contract
import Fetch
import FetchCurl
import FoundationEssentials
import Jobs
import Limits
import Metering
import Notifications
import Postgres
import SiteAnalysis
import Stripe

/// Does the jobs that are no analyses, one at a time.
struct JobWorker: Sendable {
  private let database: Database
  private let jobs: Jobs
  private let stripe: (refresh: StripeRefresh, cancellation: StripeCancellation)?
  private let notifier: Notifier
  private let erasure: AccountErasure
  private let planEnd: PlanEnd
  private let keySet: KeySetRefresh?

  /// - Throws: a failure that names the setting.
  init(_ environment: Environment, _ database: Database) throws {
    self.database = database
    jobs = Jobs(database)
    let fetcher = Fetcher.curl(guard: try AddressGuard(environment), userAgent: UserAgent(environment).header)
    let settings = BillingSettings(environment)
    stripe = try StripeClient(environment, fetcher, database).map {
      (
        StripeRefresh(database: database, settings: settings, client: $0),
        StripeCancellation(database: database, settings: settings, client: $0)
      )
    }
    notifier = try Notifier(environment, database, fetcher)
    planEnd = PlanEnd(database)
    erasure = AccountErasure(database, of: RunnerDatabase.accountData)
    keySet = try TokenSettings(environment).map { KeySetRefresh(database, $0, fetch: fetcher.smallDocument) }
  }

  /// What it can do: without a key nobody asks Stripe.
  var kinds: [String] {
    (stripe == nil ? [] : [StripeRefresh.kind, StripeCancellation.kind]) + [AccountErasure.kind, PlanEnd.kind]
      + Notifier.kinds
  }

  /// Does the job that is next.
  ///
  /// - Returns: false where none was due.
  func doNext() async throws -> Bool {
    let deadline = ContinuousClock.now.advanced(by: .seconds(60))
    // Longer than the deadline: nobody else begins it while it may still end.
    guard let lease = try jobs.lease(kinds, for: .seconds(90), by: deadline).first else { return false }
    do {
      switch lease.kind {
      case StripeRefresh.kind:
        try await stripe?.refresh.perform(lease, by: deadline)
        say("\(lease.kind): asked")
      case StripeCancellation.kind:
        try await stripe?.cancellation.perform(lease, by: deadline)
        say("\(lease.kind): ended")
      case AccountErasure.kind:
        try erasure.perform(lease, by: deadline)
        say("\(lease.kind): done")
      case PlanEnd.kind:
        try planEnd.perform(lease, by: deadline)
        say("\(lease.kind): done")
      default: say("\(lease.kind): \(try await notifier.perform(lease, by: deadline))")
      }
    } catch let lost as LeaseLost {
      say("\(lease.kind): another worker has it (\(lost.jobID))")
    } catch {
      // A minute, then two, then four, to an hour.
      let pause = min(3_600, 60 << min(lease.attempt - 1, 6))
      let isOpen = try jobs.fail(
        lease, error: "\(error)", retryAt: Date().addingTimeInterval(Double(pause)), by: .now.advanced(by: .seconds(10))
      )
      say("\(lease.kind): \(error)\(isOpen ? ", again in \(pause) s" : ", given up")")
    }
    return true
  }

  /// Fetches the keys of tokens before they are old: `usage` fetches nothing itself.
  func renewKeys() async throws {
    switch try await keySet?.renew(by: .now.advanced(by: .seconds(30))) {
    case nil, .notDue: break
    case .stored: say("JWT_JWKS_URL: fetched")
    case .notFetched: say("JWT_JWKS_URL: could not be fetched; what is known of it is believed for a day")
    case .notReadable: say("JWT_JWKS_URL: what it gives is no key set with a key for RS256")
    }
  }

  /// Gives back what was held for too long, and forgets what nothing counts any more.
  func purge() throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(120))
    try Metering(database).releaseExpired(by: deadline)
    try Metering(database).settleExpiredCredits(by: deadline)
    try Metering(database).purge(by: deadline)
    try Billing.purge(database, by: deadline)
    try SiteAnalysis.purge(database, by: deadline)
    try Limits.purge(database, by: deadline)
    try AnalysisQueue(database).purge(by: deadline)
    try jobs.purge(by: deadline)
    // Last: what is gone above keeps no account.
    while try Accounts.purge(database, by: deadline) == 500 {}
  }
}
