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
    url = try TestDatabase.make(Accounts.migrations + Limits.migrations + Metering.migrations + Jobs.migrations + Billing.migrations)
  }

  /// Where it is stopped before it is killed: at the first statement that needs the table, which somebody else holds.
  static let points = [
    "webhook_events", "stripe_references", "checkouts", "credit_accounts", "credit_lots", "credit_entries", "audit_log", "jobs", "accounts",
    // Before it has read its event.
    "stdin",
  ]

  private var environment: [String: String] {
    ["DATABASE_URL": url, "STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_x", "LOG_LEVEL": "error"]
  }

  private func event(_ session: String, id: String) throws -> [UInt8] {
    let body = #"{"id":"\#(id)","object":"event","type":"checkout.session.completed","created":1772366400,"livemode":false,"data":{"object":{"id":"\#(session)","object":"checkout.session","status":"complete","payment_status":"paid","mode":"payment","amount_total":500,"currency":"usd","customer":"cus_\#(session)","payment_intent":"pi_\#(session)"}}}"#
    let signature = StripeSignature.sign(Array(body.utf8), secret: "whsec_x", timestamp: Int(Date().timeIntervalSince1970))
    return try JSON.encode(Event(method: "POST", rawPath: "/webhook/stripe", headers: ["stripe-signature": signature], body: Array(body.utf8)))
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

  @Test(arguments: points) func whatWasNotAcknowledgedComesAgainAndCountsOnce(point: String) async throws {
    let database = Database(url: url)
    for round in 0..<10 {
      let session = "cs_\(point)_\(round)"
      let account = try sell(session, database)
      let input = try event(session, id: "evt_\(session)")
      let webhook = Command(Products.path(of: "webhook"), environment: environment)
      if point == "stdin" {
        let started = try webhook.start(input: input)
        usleep(UInt32(round) * 400)
        started.end()
      } else {
        try database.transaction(by: soon) { transaction in
          try transaction.execute("LOCK TABLE \(unsafeSQL: point) IN ACCESS EXCLUSIVE MODE")
          let started = try webhook.start(input: input)
          // Until it waits for the lock; then it is in the middle.
          var isWaiting = false
          for _ in 0..<2_000 where !isWaiting {
            usleep(1_000)
            isWaiting = try transaction.rows(
              "SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = relation WHERE relname = \(point) AND NOT granted", as: Int.self)[0] > 0
          }
          #expect(isWaiting, "it never came to \(point)")
          started.end()
        }
        let early = try database.rows("SELECT count(*) FROM credit_entries WHERE account_id = \(account)", as: Int.self, by: soon)
        #expect(early == [0], "nothing of a transaction that did not end")
      }
      for _ in 0..<2 {
        let outcome = try await webhook.run(input: input)
        #expect(try JSON.decode(Response.self, from: outcome.bytes).status == 200)
      }
      let entries = try database.rows("SELECT amount FROM credit_entries WHERE account_id = \(account)", as: Int.self, by: soon)
      #expect(entries == [500])
    }
  }

  /// More at once than the server has connections for: those that find none wait, and in the end nobody was granted twice.
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
    #expect(try database.rows("SELECT amount FROM credit_entries WHERE account_id = \(account)", as: Int.self, by: soon) == [500])
  }
}
