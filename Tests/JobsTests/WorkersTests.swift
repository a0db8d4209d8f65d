import FoundationEssentials
import Jobs
import Postgres
import Support
import Testing

/// Eight workers perform 500 jobs. Each job inserts a row into a table without a unique key, so a job that is performed
/// twice is detected.
struct WorkersTests {
  private static let workers = 8, count = 500
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(240))

  init() throws {
    url = try TestDatabase.make(Jobs.migrations)
    let database = Database(url: url)
    try database.execute("CREATE TABLE effects (payload text)", by: soon)
    try database.transaction(by: soon) { transaction in
      for number in 0..<Self.count {
        // Enough attempts that no job becomes dead.
        Jobs.enqueue(Job("count", payload: "\(number)", priority: number * 7 % 5, maxAttempts: 1000), in: &transaction)
      }
    }
  }

  private struct OpenJob: Decodable {
    let jobID: UUID
    let payload: String
  }

  private func effects() throws -> [Int] {
    try Database(url: url).rows("SELECT payload::bigint FROM effects ORDER BY 1", as: Int.self, by: soon)
  }

  private static func finish(_ lease: Lease, _ database: Database, by deadline: ContinuousClock.Instant) throws {
    try database.transaction(by: deadline) { transaction in
      try transaction.execute("INSERT INTO effects VALUES (\(lease.payload))")
      try Jobs.complete(lease, in: &transaction)
    }
  }

  @Test(arguments: [1, 3]) func eachJobIsDoneOnceAndByPriority(leasesPerQuery: Int) async throws {
    let (url, soon) = (url, soon)
    // The priorities of the jobs in the order in which each worker got them; nil if the worker failed.
    let orders = await Threads.run(Self.workers) { _ -> [Int]? in
      let database = Database(url: url)
      let jobs = Jobs(database)
      var priorities: [Int] = []
      do {
        while true {
          let leases = try jobs.lease(["count"], for: .seconds(3600), count: leasesPerQuery, by: soon)
          if leases.isEmpty { return priorities }
          for lease in leases {
            priorities.append(lease.priority)
            try Self.finish(lease, database, by: soon)
          }
        }
      } catch { return nil }
    }
    #expect(!orders.contains(nil))
    #expect(try effects() == Array(0..<Self.count))
    for order in orders.compactMap(\.self) { #expect(order == order.sorted(by: >)) }
    #expect(
      try Database(url: url).rows(
        "SELECT count(*) FROM jobs WHERE state = 'done' AND attempts = 1", as: Int.self, by: soon) == [Self.count])
  }

  /// In every third round the lease expires at once: the worker abandons the job, or finishes it too late.
  @Test func dyingWorkersLoseNoJob() async throws {
    let (url, soon) = (url, soon)
    let results = await Threads.run(Self.workers) { worker -> Bool in
      let database = Database(url: url)
      let jobs = Jobs(database)
      var round = worker
      do {
        while true {
          round += 1
          let expires = round.isMultiple(of: 3)
          guard let lease = try jobs.lease(["count"], for: expires ? .zero : .seconds(3600), by: soon).first else {
            return true
          }
          if expires && round.isMultiple(of: 2) { continue }
          do { try Self.finish(lease, database, by: soon) } catch is LeaseLost where expires {}
        }
      } catch { return false }
    }
    #expect(!results.contains(false))
    #expect(try effects() == Array(0..<Self.count))
    let retried = try Database(url: url).rows("SELECT count(*) FROM jobs WHERE attempts > 1", as: Int.self, by: soon)[0]
    #expect(retried > 0, "no worker died")
  }

  /// Negative control: workers that select a job and then mark it perform some jobs twice.
  @Test func selectBeforeUpdatePerformsSomeJobsTwice() async throws {
    let (url, soon) = (url, soon)
    let results = await Threads.run(Self.workers) { _ -> Bool in
      let database = Database(url: url)
      do {
        while let job = try database.rows(
          "SELECT job_id, payload FROM jobs WHERE state = 'open' ORDER BY priority DESC, due_at LIMIT 1",
          as: OpenJob.self, by: soon
        ).first {
          try database.transaction(by: soon) { transaction in
            try transaction.execute("UPDATE jobs SET state = 'done', finished_at = now() WHERE job_id = \(job.jobID)")
            try transaction.execute("INSERT INTO effects VALUES (\(job.payload))")
          }
        }
        return true
      } catch { return false }
    }
    #expect(!results.contains(false))
    #expect(try effects().count > Self.count)
  }
}
