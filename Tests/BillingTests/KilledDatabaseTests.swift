import Accounts
import Billing
import Contract
import FoundationEssentials
import Postgres
import Support
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Webhook events while PostgreSQL is killed: every acknowledged event is stored, and the others succeed when they are
/// delivered again.
struct KilledDatabaseTests {
  private let soon = ContinuousClock.now.advanced(by: .seconds(600))

  @Test func acknowledgedEventsSurviveACrashOfTheDatabase() async throws {
    let cluster = try TestCluster()
    let soon = soon
    defer { cluster.remove() }
    let url = cluster.url
    _ = try Migrator(
      TestDatabase.billingMigrations, Database(url: url)
    ).migrate(by: soon)
    let first = Database(url: url)
    let buyers = try (0..<1_600).map { _ in try Buyer(url, products: ["credits_500"], database: first) }
    let statuses = Mutex([Int: Int]())
    _ = await Threads.run(9) { sender in
      if sender == 8 {
        // After a quarter of the events.
        while statuses.withLock({ $0.count }) < 400 { usleep(1_000) }
        try? cluster.kill()
        return
      }
      let webhook = Deliverer(url: url)
      for number in stride(from: sender, to: buyers.count, by: 8) {
        let status = webhook.deliver(Self.delivery(buyers[number], number), by: .now.advanced(by: .seconds(20)))
        statuses.withLock { $0[number] = status }
      }
    }
    let responses = statuses.withLock { $0 }
    #expect(Set(responses.values) == [200, 503], "\(Set(responses.values))")

    try cluster.start()
    let database = Database(url: url)
    func entries(_ buyer: Buyer) throws -> [Int] {
      try database.rows("SELECT amount FROM credit_entries WHERE account_id = \(buyer.account)", as: Int.self, by: soon)
    }
    for (number, status) in responses where status == 200 {
      #expect(try entries(buyers[number]) == [500], "acknowledged, but lost")
    }
    let webhook = Deliverer(url: url)
    for (number, buyer) in buyers.enumerated() {
      #expect(webhook.deliver(Self.delivery(buyer, number), by: soon) == 200)
      #expect(try entries(buyer) == [500])
    }
  }

  private static func delivery(_ buyer: Buyer, _ number: Int) -> Delivery {
    Delivery(
      id: "evt_killed_\(number)", type: "checkout.session.completed", created: 1, object: buyer.paidSession(amount: 500)
    )
  }
}
