import Accounts
import Billing
import Contract
import FoundationEssentials
import Jobs
import Limits
import Metering
import Postgres
import Stripe
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A `webhook` that is killed while it works: what it had not acknowledged comes again, and counts once.
@Suite(.serialized) struct KilledWebhookTests {
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))

  init() throws {
    url = try TestDatabase.make(
      Accounts.migrations + Limits.migrations + Metering.migrations + Jobs.migrations + Billing.migrations)
  }

  /// Where it is stopped before it is killed: at the first statement that needs the table, which somebody else holds.
  static let points = [
    "webhook_events", "stripe_references", "checkouts", "credit_accounts", "credit_lots", "credit_entries", "audit_log",
    "jobs", "accounts",
    // Before it has read its event.
    "stdin",
    // After the commit, before it knows of that; and when it knows, and has not said so.
    "commit", "answer",
  ]

  private var environment: [String: String] { environment(url) }

  private func environment(_ url: String) -> [String: String] {
    ["DATABASE_URL": url, "STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_x", "LOG_LEVEL": "error"]
  }

  private func event(_ session: String, id: String) throws -> [UInt8] {
    let body =
      #"{"id":"\#(id)","object":"event","type":"checkout.session.completed","created":1772366400,"livemode":false,"data":{"object":{"id":"\#(session)","object":"checkout.session","status":"complete","payment_status":"paid","mode":"payment","amount_total":500,"currency":"usd","customer":"cus_\#(session)","payment_intent":"pi_\#(session)"}}}"#
    let signature = StripeSignature.sign(
      Array(body.utf8), secret: "whsec_x", timestamp: Int(Date().timeIntervalSince1970))
    return try JSON.encode(
      Event(
        method: "POST", rawPath: "/webhook/stripe", headers: ["stripe-signature": signature], body: Array(body.utf8)))
  }

  private func sell(_ session: String, _ database: Database) throws -> UUID {
    let account = UUID()
    try database.transaction(by: soon) { transaction in
      try transaction.execute("INSERT INTO accounts (account_id, kind) VALUES (\(account), 'customer')")
      try transaction.execute(
        """
        INSERT INTO checkouts (account_id, session_id, product, price_id, amount, currency, mode, customer_id, credits, claim_digest)
        VALUES (\(account), \(session), 'credits_500', 'price', 500, 'usd', 'payment', \("cus_" + session), 500, \([UInt8](repeating: 0, count: 32)))
        """)
      try transaction.execute("INSERT INTO stripe_references VALUES (\(session), \(account), \(session))")
    }
    return account
  }

  private func entries(_ account: UUID, _ database: Database) throws -> [Int] {
    try database.rows("SELECT amount FROM credit_entries WHERE account_id = \(account)", as: Int.self, by: soon)
  }

  private func isAcknowledged(_ command: Command, _ input: [UInt8]) async throws -> Bool {
    try JSON.decode(Response.self, from: try await command.run(input: input).bytes).status == 200
  }

  @Test(arguments: points) func whatWasNotAcknowledgedComesAgainAndCountsOnce(point: String) async throws {
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
        #expect(try await proxy.held(round + 1), "it never came to COMMIT")
        started.end()
      case "answer":
        let pipe = FullPipe()
        let started = try webhook.start(input: input, output: pipe.path)
        for _ in 0..<2_000 where try entries(account, database).isEmpty { usleep(1_000) }
        started.end()
        _ = consume pipe
      default: try await kill(webhook, input, waitingFor: point, database)
      }
      #expect(
        try entries(account, database) == (isCommitted ? [500] : []) || point == "stdin",
        "nothing of a transaction that did not end")
      // Another's, meanwhile, who is told so.
      let other = try sell(session + "_beside", database)
      #expect(try await isAcknowledged(webhook, event(session + "_beside", id: "evt_\(session)_beside")))
      acknowledged.append(other)
      for _ in 0..<2 { #expect(try await isAcknowledged(webhook, input)) }
      #expect(try entries(account, database) == [500])
      acknowledged.append(account)
    }
    for account in acknowledged {
      #expect(try entries(account, database) == [500], "acknowledged, and lost or doubled")
    }
  }

  /// Kills it in the middle, once it waits for the lock.
  private func kill(_ webhook: Command, _ input: [UInt8], waitingFor table: String, _ database: Database) async throws {
    try database.transaction(by: soon) { transaction in
      try transaction.execute("LOCK TABLE \(unsafeSQL: table) IN ACCESS EXCLUSIVE MODE")
      let started = try webhook.start(input: input)
      var isWaiting = false
      for _ in 0..<4_000 where !isWaiting {
        usleep(1_000)
        isWaiting =
          try transaction.rows(
            "SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = relation WHERE relname = \(table) AND NOT granted",
            as: Int.self)[0] > 0
      }
      #expect(isWaiting, "it never came to \(table)")
      started.end()
    }
  }

  /// Sixteen at a time, every other one killed at any moment: whatever was acknowledged is there before anything comes
  /// again.
  @Test func nothingAcknowledgedIsLost() async throws {
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
        // What it had said by then counts.
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
    for number in acknowledged { #expect(try entries(accounts[number], database) == [500]) }
    for number in 0..<count where !acknowledged.contains(number) {
      #expect(try await isAcknowledged(webhook, event("cs_random_\(number)", id: "evt_random_\(number)")))
    }
    for account in accounts { #expect(try entries(account, database) == [500]) }
  }

  /// More at once than the server has connections for: those that find none wait, and in the end nobody was granted
  /// twice.
  @Test func twoHundredProcessesAtOnceGrantOnce() async throws {
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
    #expect(
      try database.rows("SELECT amount FROM credit_entries WHERE account_id = \(account)", as: Int.self, by: soon) == [
        500
      ])
  }
}
