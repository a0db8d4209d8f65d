package import Contract
package import Fetch
package import Jobs
package import Postgres

/// Everything that the rest of the program has to know about one feature.
///
/// The runner has one list of features. Migrations, export and erasure of personal data, the purge and the worker's job
/// kinds all follow from that list. The `usage` function reports the meters of the features that it links.
///
/// ```swift
/// package static let feature = Feature("notes", migrations: [Migration(40, "notes", sql: …)], personalData: […])
/// ```
package struct Feature: Sendable {
  package typealias Purge = @Sendable (_ database: Database, _ deadline: ContinuousClock.Instant) throws -> Void

  package let name: String
  package let migrations: [Migration]
  /// Every table of the feature that has a column `account_id`.
  package let personalData: [PersonalData]
  /// Deletes rows that are no longer needed; run by the worker once an hour.
  package let purge: Purge?
  package let jobs: [JobHandler]
  package let meters: [Meter]

  package init(
    _ name: String, migrations: [Migration] = [], personalData: [PersonalData] = [], purge: Purge? = nil,
    jobs: [JobHandler] = [], meters: [Meter] = []
  ) {
    self.name = name
    self.migrations = migrations
    self.personalData = personalData
    self.purge = purge
    self.jobs = jobs
    self.meters = meters
  }
}

/// How the worker performs one kind of background job.
package struct JobHandler: Sendable {
  /// Performs a job that was leased, completes it in its own transaction, and returns a short text for the log.
  package typealias Perform = @Sendable (_ lease: Lease, _ deadline: ContinuousClock.Instant) async throws -> String

  package enum Execution: Sendable {
    /// The worker performs the job in its own process. The closure returns nil if a setting that the job needs is not
    /// set, and throws a ``Failure`` if a setting is malformed.
    case inWorker(@Sendable (JobContext) throws -> Perform?)
    /// Each job is an invocation of this function.
    case function(Function)
  }

  package let kind: JobKind
  package let execution: Execution

  package init(_ kind: JobKind, _ make: @escaping @Sendable (JobContext) throws -> Perform?) {
    self.kind = kind
    execution = .inWorker(make)
  }

  package init(_ kind: JobKind, function: Function) {
    self.kind = kind
    execution = .function(function)
  }
}

/// The clients and settings that job handlers may use.
package struct JobContext: Sendable {
  package let environment: Environment
  package let database: Database
  package let fetcher: Fetcher
  /// The personal data of every feature.
  package let personalData: [PersonalData]

  package init(environment: Environment, database: Database, fetcher: Fetcher, personalData: [PersonalData]) {
    self.environment = environment
    self.database = database
    self.fetcher = fetcher
    self.personalData = personalData
  }
}
