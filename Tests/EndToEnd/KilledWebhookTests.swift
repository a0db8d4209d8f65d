import Accounts
import Contract
import FoundationEssentials
import Postgres
import RunnerDatabase
import Stripe
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A `webhook` that is killed while it works. Stripe delivers an unacknowledged event again, and it counts once.
@Suite(.serialized) struct KilledWebhookTests {
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))

  init() throws {
    url = try TestDatabase.make(Feature.all.migrations)
  }

  /// The points at which the function is killed. A table means its first statement that waits for a lock on the table.
  static let points = [
    "webhook_events", "stripe_references", "checkouts", "credit_accounts", "credit_lots", "credit_entries", "audit_log",
    "jobs", "accounts",
    // Before it has read its event.
    "stdin",
    // After the commit, before it receives the server's response.
    "commit",
    // After the commit, before it writes its own response.
    "answer",
  ]

  private var environment: [String: String] { environment(url) }

  private func environment(_ url: String) -> [String: String] {
    ["DATABASE_URL": url, "STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_x", "LOG_LEVEL": "error"]
  }

  private func event(_ session: String, id: String) throws -> [UInt8] {
    let body = #"""
      {"id":"\#(id)","object":"event","type":"checkout.session.completed","created":1772366400,"livemode":false,
      "data":{"object":{"id":"\#(session)","object":"checkout.session","status":"complete","payment_status":"paid",
      "mode":"payment","amount_total":500,"currency":"usd","customer":"cus_\#(session)",
      "payment_intent":"pi_\#(session)"}}}
      """#
    let signature = StripeSignature.sign(
      Array(body.utf8), secret: "whsec_x", timestamp: Int(Date().timeIntervalSince1970))
    return try JSON.encode(
      Event(
        method: "POST", rawPath: "/webhook/stripe", headers: ["stripe-signature": signature], body: Array(body.utf8)))
  }

  /// Stores a checkout session for 500 credits.
  private func sell(_ session: String, _ database: Database) throws -> UUID {
    let account = UUID()
    let digest = [UInt8](repeating: 0, count: 32)
    try database.transaction(by: soon) { transaction in
      try transaction.execute("INSERT INTO accounts (account_id, kind) VALUES (\(account), 'customer')")
      try transaction.execute(
        """
        INSERT INTO checkouts (account_id, session_id, product, price_id, amount, currency, mode, customer_id, credits,
          claim_digest)
        VALUES (\(account), \(session), 'credits_500', 'price', 500, 'usd', 'payment', \("cus_" + session), 500,
          \(digest))
        """)
      try transaction.execute("INSERT INTO stripe_references VALUES (\(session), \(account), \(session))")
    }
    return account
  }

  private func creditEntries(_ account: UUID, _ database: Database) throws -> [Int] {
    try database.rows("SELECT amount FROM credit_entries WHERE account_id = \(account)", as: Int.self, by: soon)
  }

  private func isAcknowledged(_ command: Command, _ input: [UInt8]) async throws -> Bool {
    try JSON.decode(Response.self, from: try await command.run(input: input).bytes).status == 200
  }

  @Test(arguments: points) func unacknowledgedEventIsDeliveredAgainAndCountsOnce(point: String) async throws {
    let database = Database(url: url)
    let proxy = try await HoldingProxy(before: url)
    defer { proxy.end() }
    var acknowledged: [UUID] = []
    for round in 0..<10 {
      let session = "cs_\(point)_\(round)"
      let account = try sell(session, database)
      let input = try event(session, id: "evt_\(session)")
      let webhook = Command(Products.path(of: "webhook"), environment: environment)
      let isCommitted = ["commit", "answer"].contains(point)
      switch point {
      case "stdin":
        let started = try webhook.start(input: input)
        usleep(UInt32(round) * 400)
        started.end()
      case "commit":
        let started = try Command(Products.path(of: "webhook"), environment: environment(proxy.url)).start(input: input)
        #expect(try await proxy.waitForHeldResponses(round + 1), "the webhook did not commit")
        started.end()
      case "answer":
        let pipe = FullPipe()
        let started = try webhook.start(input: input, output: pipe.path)
        for _ in 0..<2_000 where try creditEntries(account, database).isEmpty { usleep(1_000) }
        started.end()
        _ = consume pipe
      default: try await kill(webhook, input, waitingFor: point, database)
      }
      #expect(
        try creditEntries(account, database) == (isCommitted ? [500] : []) || point == "stdin",
        "an incomplete transaction stores nothing")
      // An event of another account is acknowledged in between.
      let other = try sell(session + "_beside", database)
      #expect(try await isAcknowledged(webhook, event(session + "_beside", id: "evt_\(session)_beside")))
      acknowledged.append(other)
      for _ in 0..<2 { #expect(try await isAcknowledged(webhook, input)) }
      #expect(try creditEntries(account, database) == [500])
      acknowledged.append(account)
    }
    for account in acknowledged {
      #expect(try creditEntries(account, database) == [500], "an acknowledged event was lost or counted twice")
    }
  }

  /// Starts the webhook and kills it when it waits for a lock on the table.
  private func kill(_ webhook: Command, _ input: [UInt8], waitingFor table: String, _ database: Database) async throws {
    try webhook.killed(input: input, whenWaitingFor: table, database, milliseconds: 4_000, by: soon)
  }

  /// Sixteen processes at a time, half of them killed at a random moment. Every acknowledged event must be stored
  /// before any event is delivered again.
  @Test func noAcknowledgedEventIsLostWhenOthersAreKilled() async throws {
    let database = Database(url: url)
    let count = 96
    let accounts = try (0..<count).map { try sell("cs_random_\($0)", database) }
    let webhook = Command(Products.path(of: "webhook"), environment: environment)
    var acknowledged: Set<Int> = []
    for first in stride(from: 0, to: count, by: 16) {
      let started = try (first..<first + 16).map {
        ($0, try webhook.start(input: event("cs_random_\($0)", id: "evt_random_\($0)")))
      }
      for (number, process) in started where !number.isMultiple(of: 2) {
        usleep(UInt32.random(in: 0...6_000))
        // A response that was written before the kill counts.
        if !process.output.isEmpty { acknowledged.insert(number) }
        process.end()
      }
      for (number, process) in started where number.isMultiple(of: 2) {
        if try JSON.decode(Response.self, from: try await process.wait().bytes).status == 200 {
          acknowledged.insert(number)
        }
      }
    }
    #expect(acknowledged.count >= count / 2)
    for number in acknowledged { #expect(try creditEntries(accounts[number], database) == [500]) }
    for number in 0..<count where !acknowledged.contains(number) {
      #expect(try await isAcknowledged(webhook, event("cs_random_\(number)", id: "evt_random_\(number)")))
    }
    for account in accounts { #expect(try creditEntries(account, database) == [500]) }
  }

  /// More processes than the server has connections: some wait for one, and the purchase is granted once.
  @Test func twoHundredConcurrentEventsGrantOnePurchaseOnce() async throws {
    let database = Database(url: url)
    let account = try sell("cs_storm", database)
    let webhook = Command(Products.path(of: "webhook"), environment: environment)
    let started = try (0..<200).map { try webhook.start(input: event("cs_storm", id: "evt_storm_\($0)")) }
    var statuses: [Int: Int] = [:]
    for process in started {
      let outcome = try await process.wait()
      #expect(outcome.status == 0)
      statuses[try JSON.decode(Response.self, from: outcome.bytes).status, default: 0] += 1
    }
    #expect(Set(statuses.keys).isSubset(of: [200, 503]), "\(statuses)")
    #expect(statuses[200, default: 0] > 0)
    #expect(try creditEntries(account, database) == [500])
  }
}
