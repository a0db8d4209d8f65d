import FoundationEssentials
import Jobs
import Postgres
import Support
import Testing

struct JobsTests {
  private let url: String
  private let database: Database
  private let jobs: Jobs
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))

  init() throws {
    url = try TestDatabase.make(Jobs.migrations)
    database = Database(url: url)
    jobs = Jobs(database)
  }

  /// Returns whether a new row was added.
  @discardableResult
  private func enqueue(_ job: Job) throws -> Bool {
    func count() throws -> Int { try database.rows("SELECT count(*) FROM jobs", as: Int.self, by: soon)[0] }
    let before = try count()
    try database.transaction(by: soon) { Jobs.enqueue(job, in: &$0) }
    return try count() == before + 1
  }

  private func lease(
    _ kinds: [JobKind] = ["mail"], for duration: Duration = .seconds(3600), count: Int = 1
  ) throws -> [Lease] {
    try jobs.lease(kinds, for: duration, count: count, by: soon)
  }

  private func complete(_ lease: Lease) throws {
    try database.transaction(by: soon) { try Jobs.complete(lease, in: &$0) }
  }

  private func states() throws -> [String] {
    try database.rows("SELECT state FROM jobs ORDER BY created_at", as: String.self, by: soon)
  }

  // MARK: Enqueueing

  @Test func leaseContainsTheEnqueuedJob() throws {
    try enqueue(Job("mail", payload: #"{"to": "ä", "n": 1.0}"#, priority: 3, maxAttempts: 2))
    let lease = try #require(try lease().first)
    #expect(lease.kind == "mail" && lease.payload == #"{"to": "ä", "n": 1.0}"#)
    #expect(lease.priority == 3 && lease.attempt == 1 && lease.maxAttempts == 2)
  }

  @Test func jobOfARolledBackTransactionIsNotEnqueued() throws {
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try database.transaction(by: soon) { transaction in
        Jobs.enqueue(Job("mail", payload: "{}"), in: &transaction)
        throw Stop()
      }
    }
    #expect(try lease().isEmpty)
  }

  @Test func payloadThatIsNotJSONIsRejected() {
    #expect(throws: DatabaseError.self) { try enqueue(Job("mail", payload: "{")) }
  }

  @Test func keyIsEnqueuedOnceUntilItsJobIsFinished() throws {
    #expect(try enqueue(Job("mail", payload: "1", key: "a")))
    #expect(try !enqueue(Job("mail", payload: "2", key: "a")))
    #expect(try enqueue(Job("mail", payload: "3", key: "b")))
    #expect(try enqueue(Job("call", payload: "4", key: "a")))
    #expect(try enqueue(Job("mail", payload: "5")))
    #expect(try enqueue(Job("mail", payload: "6")))
    let first = try #require(try lease().first)
    #expect(first.payload == "1")
    #expect(try !enqueue(Job("mail", payload: "7", key: "a")), "the first job of this key is not finished")
    try complete(first)
    #expect(try enqueue(Job("mail", payload: "8", key: "a")))
  }

  @Test func keyEnqueuedConcurrentlyIsAddedOnce() async throws {
    let (url, soon) = (url, soon)
    let done = await Threads.run(16) { _ -> Bool in
      (try? Database(url: url).transaction(by: soon) { Jobs.enqueue(Job("mail", payload: "{}", key: "a"), in: &$0) })
        != nil
    }
    #expect(done.allSatisfy { $0 })
    #expect(try states() == ["open"])
  }

  // MARK: Leasing

  @Test func leasesAreOrderedByPriorityAndThenByDueTime() throws {
    let now = Date()
    for (payload, priority, ago) in [("1", 0, 9.0), ("2", 1, 1), ("3", 1, 2), ("4", -1, 99), ("5", 9, -3600)] {
      try enqueue(Job("mail", payload: payload, priority: priority, runAt: now.addingTimeInterval(-60 - ago * 60)))
    }
    try enqueue(Job("mail", payload: "6", priority: 99, runAt: now.addingTimeInterval(86_400)))
    try enqueue(Job("call", payload: "7", priority: 99))
    #expect(try lease(count: 2).map(\.payload) == ["3", "2"])
    #expect(try lease(["call", "mail"], count: 10).map(\.payload) == ["7", "1", "4"])
    #expect(try lease(["call", "mail"], count: 10).isEmpty)
  }

  @Test func expiredLeaseIsReplacedAndNoLongerValid() throws {
    try enqueue(Job("mail", payload: "{}"))
    let stale = try #require(try lease(for: .zero).first)
    let fresh = try #require(try lease().first)
    #expect(fresh.jobID == stale.jobID && fresh.attempt == 2)
    let lost = #expect(throws: LeaseLost.self) { try complete(stale) }
    #expect(lost?.jobID == stale.jobID)
    #expect(throws: LeaseLost.self) { try jobs.fail(stale, error: "late", retryAt: nil, by: soon) }
    #expect(throws: LeaseLost.self) { try jobs.extend(stale, for: .seconds(60), by: soon) }
    try complete(fresh)
    #expect(throws: LeaseLost.self) { try complete(fresh) }
    #expect(try states() == ["done"])
  }

  @Test func extendedLeaseIsKept() throws {
    try enqueue(Job("mail", payload: "{}"))
    let first = try #require(try lease(for: .zero).first)
    try jobs.extend(first, for: .seconds(3600), by: soon)
    #expect(try lease().isEmpty)
    try complete(first)
  }

  @Test func changesUnderAStaleLeaseAreRolledBack() throws {
    try database.execute("CREATE TABLE effects (n bigint)", by: soon)
    try enqueue(Job("mail", payload: "{}"))
    let stale = try #require(try lease(for: .zero).first)
    let fresh = try #require(try lease().first)
    for (lease, isLost) in [(stale, true), (fresh, false)] {
      let outcome = Result {
        try database.transaction(by: soon) { transaction in
          try transaction.execute("INSERT INTO effects VALUES (1)")
          try Jobs.complete(lease, in: &transaction)
        }
      }
      #expect((try? outcome.get()) == nil ? isLost : !isLost)
    }
    #expect(try database.rows("SELECT n FROM effects", as: Int.self, by: soon) == [1])
  }

  /// If the lease expires during the completing transaction, another worker does not wait for it and
  /// does not take the job.
  @Test func jobInACompletingTransactionIsSkipped() throws {
    try enqueue(Job("mail", payload: "{}"))
    let first = try #require(try lease(for: .zero).first)
    let other = Jobs(Database(url: url))
    try database.transaction(by: soon) { transaction in
      try Jobs.complete(first, in: &transaction)
      #expect(try other.lease(["mail"], for: .seconds(60), by: soon).isEmpty)
    }
    #expect(try lease().isEmpty)
  }

  // MARK: Failing

  @Test func jobIsDeadAfterItsLastAttempt() throws {
    try enqueue(Job("mail", payload: "{}", key: "a", maxAttempts: 3))
    let past = Date(timeIntervalSinceNow: -60)
    for attempt in 1...3 {
      let lease = try #require(try lease().first)
      #expect(lease.attempt == attempt)
      #expect(try jobs.fail(lease, error: "no answer \(attempt)", retryAt: past, by: soon) == (attempt < 3))
    }
    #expect(try lease().isEmpty)
    #expect(try states() == ["dead"])
    #expect(try database.rows("SELECT error FROM jobs", as: String.self, by: soon) == ["no answer 3"])
    #expect(try enqueue(Job("mail", payload: "{}", key: "a")), "the key of a dead job can be enqueued again")
  }

  @Test func retryIsNotLeasedBeforeItsTime() throws {
    try enqueue(Job("mail", payload: "{}"))
    let first = try #require(try lease().first)
    #expect(try jobs.fail(first, error: "busy", retryAt: Date(timeIntervalSinceNow: 3600), by: soon))
    #expect(try lease().isEmpty)
    #expect(throws: LeaseLost.self) { try complete(first) }
  }

  @Test func failureWithoutRetryTimeMakesTheJobDead() throws {
    try enqueue(Job("mail", payload: "{}"))
    let lease = try #require(try lease().first)
    #expect(try !jobs.fail(lease, error: String(repeating: "x", count: 2000), retryAt: nil, by: soon))
    #expect(try states() == ["dead"])
    #expect(try database.rows("SELECT length(error)::bigint FROM jobs", as: Int.self, by: soon) == [1000])
  }

  /// A job that crashes its worker every time must not be retried forever.
  @Test func jobWhoseLeasesAllExpireIsDead() throws {
    try enqueue(Job("mail", payload: "1", maxAttempts: 2))
    try enqueue(Job("mail", payload: "2", priority: -1))
    for _ in 0..<2 { #expect(try lease(for: .zero).map(\.payload) == ["1"]) }
    #expect(try lease().map(\.payload) == ["2"])
    #expect(try states() == ["dead", "open"])
  }

  // MARK: Purging

  @Test func purgeDeletesOnlyJobsFinishedLongAgo() throws {
    for payload in ["1", "2", "3", "4"] { try enqueue(Job("mail", payload: payload)) }
    let leases = try lease(count: 3)
    try complete(leases[0])
    try jobs.fail(leases[1], error: "no", retryAt: nil, by: soon)
    try database.execute(
      """
      UPDATE jobs
      SET finished_at = finished_at - interval '30 days 1 second', created_at = created_at - interval '99 days'
      """, by: soon)
    try complete(leases[2])
    #expect(try jobs.purge(by: soon) == 2)
    #expect(try Set(states()) == ["open", "done"])
  }
}
