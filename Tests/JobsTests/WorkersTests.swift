import FoundationEssentials
import Jobs
import Postgres
import Support
import Testing

/// Eight workers and 500 jobs; what a job does is a row in a table without any key, so that doing it twice shows.
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
        // So many attempts that none is given up.
        Jobs.enqueue(Job("count", payload: "\(number)", priority: number * 7 % 5, maxAttempts: 1000), in: &transaction)
      }
    }
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

  @Test(arguments: [1, 3]) func eachJobIsDoneOnceAndByPriority(atOnce: Int) async throws {
    let (url, soon) = (url, soon)
    // The priorities of the jobs as each worker got them; nil where something failed.
    let orders = await Threads.run(Self.workers) { _ -> [Int]? in
      let database = Database(url: url)
      let jobs = Jobs(database)
      var priorities: [Int] = []
      do {
        while true {
          let leases = try jobs.lease(["count"], for: .seconds(3600), count: atOnce, by: soon)
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

  /// At every third job a worker dies, or comes back only after its lease expired.
  @Test func workersThatDieLoseNothing() async throws {
    let (url, soon) = (url, soon)
    let went = await Threads.run(Self.workers) { worker -> Bool in
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
    #expect(!went.contains(false))
    #expect(try effects() == Array(0..<Self.count))
    let again = try Database(url: url).rows("SELECT count(*) FROM jobs WHERE attempts > 1", as: Int.self, by: soon)[0]
    #expect(again > 0, "some did die")
  }

  /// Negative control: who reads the next job and marks it then does some twice.
  @Test func lookingBeforeMarkingDoesSomeTwice() async throws {
    let (url, soon) = (url, soon)
    let went = await Threads.run(Self.workers) { _ -> Bool in
      let database = Database(url: url)
      do {
        while let (id, payload) = try database.rows(
          "SELECT job_id, payload FROM jobs WHERE state = 'open' ORDER BY priority DESC, due_at LIMIT 1", as: UUID.self,
          String.self, by: soon
        ).first {
          try database.transaction(by: soon) { transaction in
            try transaction.execute("UPDATE jobs SET state = 'done', finished_at = now() WHERE job_id = \(id)")
            try transaction.execute("INSERT INTO effects VALUES (\(payload))")
          }
        }
        return true
      } catch { return false }
    }
    #expect(!went.contains(false))
    #expect(try effects().count > Self.count)
  }
}
