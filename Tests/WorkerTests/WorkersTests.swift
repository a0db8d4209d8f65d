import Accounts
import Contract
import Invoking
import Jobs
import Postgres
import RunnerDatabase
import Support
import Synchronization
import Testing

@testable import Worker

/// The worker with its parts, on a real database.
struct WorkersTests {
  private struct NoInvoker: Invoker {
    func invoke(
      _ function: Function, input: [UInt8], onLogLine: (@Sendable (String) -> Void)?
    ) async throws(InvocationError) -> InvocationOutput {
      throw InvocationError(function, .notStarted("not in this test"))
    }
  }

  @Test("a draining worker performs the jobs that are due and ends")
  func draining() async throws {
    let url = try TestDatabase.make(Feature.all.migrations)
    let database = Database(url: url)
    let soon = ContinuousClock.now.advanced(by: .seconds(60))
    try database.transaction(by: soon) { Jobs.enqueue(Job("outgoing_webhook", payload: "{}"), in: &$0) }
    let lines = Mutex<[String]>([])
    let workers = try Workers(NoInvoker(), Environment(["DATABASE_URL": url]), isDraining: true) { line in
      lines.withLock { $0.append(line) }
    }
    try await workers.run()
    #expect(try database.rows("SELECT state FROM jobs", as: String.self, by: soon) == ["done"])
    #expect(lines.withLock { $0.count } == 1)
    #expect(lines.withLock { $0.allSatisfy { $0.hasPrefix("outgoing_webhook: ") } })
  }

  @Test("jobs for Stripe are performed only with a key")
  func kinds() throws {
    let without = try Workers(NoInvoker(), Environment([:])).kinds
    let with = try Workers(NoInvoker(), Environment(["STRIPE_SECRET_KEY": "sk_test_x"])).kinds
    #expect(without.contains("analysis"))
    #expect(with.count == without.count + 2)
  }

  @Test("a setting that is wrong is a failure that names it")
  func wrongSetting() {
    let failure = #expect(throws: Failure.self) {
      try Workers(NoInvoker(), Environment(["FETCH_ALLOW_NETWORKS": "home"]))
    }
    #expect(failure?.details["setting"] == "FETCH_ALLOW_NETWORKS")
  }
}
