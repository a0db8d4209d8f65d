import Accounts
@testable import Billing
import Contract
import FoundationEssentials
import Jobs
import Limits
import Metering
import Postgres
import Stripe
import Support
import Testing

/// Which deliveries are taken, and how they are answered.
@Suite struct WebhookTests {
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))
  private let body = #"{"id":"evt_1","object":"event","type":"plan.created","created":1,"livemode":false,"data":{"object":{}}}"#

  init() throws {
    url = try TestDatabase.make(Accounts.migrations + Limits.migrations + Metering.migrations + Jobs.migrations + Billing.migrations)
  }

  private func code(_ body: String, signature: String?, _ environment: Environment = Deliverer.environment) -> Failure.Code? {
    do {
      _ = try Deliverer(url: url, environment).take(body, signature: signature, by: soon)
      return nil
    } catch { return (error as? Failure)?.code ?? .internal }
  }

  private func signed(_ body: String, secret: String = "whsec_new", age: Int = 0) -> String {
    StripeSignature.sign(Array(body.utf8), secret: secret, timestamp: Int(Date().timeIntervalSince1970.rounded()) - age)
  }

  @Test func bothSecretsAreGoodWhileOneReplacesTheOther() {
    #expect(code(body, signature: signed(body, secret: "whsec_old")) == nil)
    #expect(code(body, signature: signed(body, secret: "whsec_new")) == nil)
    #expect(code(body, signature: signed(body, secret: "whsec_other")) == .invalidRequest)
  }

  @Test(arguments: [(297, true), (302, false), (-297, true), (-302, false)])
  func aSignatureIsGoodForFiveMinutes(age: Int, isGood: Bool) {
    #expect((code(body, signature: signed(body, age: age)) == nil) == isGood)
  }

  /// By a clock that is given: exactly 300 seconds are within five minutes, whichever way it is off, and over midnight UTC too.
  @Test(arguments: [-301.0, -300, -299, 299, 300, 301], [1_772_366_400.0, 1_772_409_600])
  func aSignatureIsGoodForExactlyFiveMinutes(seconds: Double, made: Double) throws {
    let signature = StripeSignature.sign(Array(body.utf8), secret: "whsec_new", timestamp: Int(made))
    let webhook = StripeWebhook(database: Database(url: url), settings: BillingSettings(Deliverer.environment))
    let event = Event(method: "POST", rawPath: "/webhook/stripe", headers: ["stripe-signature": signature], body: Array(body.utf8))
    let isTaken = (try? webhook.take(event, at: Date(timeIntervalSince1970: made + seconds), by: soon)) != nil
    #expect(isTaken == (abs(seconds) <= 300))
    #expect(try Database(url: url).rows("SELECT count(*) FROM webhook_events", as: Int.self, by: soon) == [isTaken ? 1 : 0])
  }

  @Test func whatIsNotSignedIsRefusedAndLeavesNothing() throws {
    #expect(code(body + " ", signature: signed(body)) == .invalidRequest)
    #expect(code(body, signature: "t=1,v1=00") == .invalidRequest)
    #expect(code("{}", signature: signed("{}")) == .invalidRequest)
    #expect(try Database(url: url).rows("SELECT count(*) FROM webhook_events", as: Int.self, by: soon) == [0])
  }

  @Test(arguments: ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"]) func aMissingSettingIsUnavailableAndNotSkipped(setting: String) {
    var values = ["STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_new"]
    values[setting] = nil
    #expect(code(body, signature: signed(body), Environment(values)) == .unavailable)
  }

  @Test func otherMoneyIsRecordedAndChangesNothing() throws {
    let live = Delivery(id: "evt_live", type: "checkout.session.completed", created: 1, object: #"{"id":"cs","payment_status":"paid","mode":"payment"}"#, isLive: true)
    #expect(try Deliverer(url: url).take(live.body, by: soon) == "other_livemode")
    #expect(try Deliverer(url: url).take(live.body, by: soon) == "duplicate")
  }

  @Test func aThinEventIsAskedAbout() throws {
    let thin = #"{"id":"evt_thin","object":"v2.core.event","type":"v1.customer.subscription.updated","created":"2026-03-01T12:00:00.000Z","livemode":false,"related_object":{"id":"sub_9","type":"subscription","url":"/v1/subscriptions/sub_9"}}"#
    #expect(try Deliverer(url: url).take(thin, by: soon) == "queued")
    #expect(try Database(url: url).rows("SELECT key FROM jobs", as: String.self, by: soon) == ["sub_9"])
  }

  @Test func aDatabaseThatIsGoneIsUnavailable() {
    let webhook = Deliverer(url: "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
    #expect(webhook.deliver(Delivery(id: "e", type: "plan.created", created: 1, object: "{}"), by: soon) == 503)
  }

  /// Whole events as Stripe sent them to somebody, those of people's accounts that are not ours.
  @Test(.enabled(if: Self.samples != nil)) func everySampleIsTaken() throws {
    let folder = try #require(Self.samples)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
    #expect(names.count > 20)
    for (number, name) in names.enumerated() {
      // Many of them have one id.
      let text = try String(contentsOf: URL(filePath: folder + "/" + name), encoding: .utf8).replacing("\"evt_", with: "\"evt_\(number)_")
      let outcome = try Deliverer(url: url).take(text, by: soon)
      #expect(["ignored", "unknown", "noted", "other_livemode", "queued"].contains(outcome), "\(name): \(outcome)")
    }
  }

  /// The same session, had it been sold here.
  @Test(.enabled(if: Self.samples != nil)) func theSampleOfASessionIsAppliedWhereItIsOurs() throws {
    let text = try String(contentsOf: URL(filePath: try #require(Self.samples) + "/checkout_session_completed.json"), encoding: .utf8)
    let event = try StripeEvent(body: Array(text.utf8))
    guard case .checkoutSession(let session) = event.payload else { throw Failure(.internal, "no session") }
    let database = Database(url: url)
    let account = UUID()
    try database.transaction(by: soon) { transaction in
      try transaction.execute("INSERT INTO accounts (account_id, kind) VALUES (\(account), 'customer')")
      try transaction.execute(
        """
        INSERT INTO checkouts (account_id, session_id, product, price_id, amount, currency, mode, customer_id, claim_digest)
        VALUES (\(account), \(session.id), 'coffee', 'price_coffee', \(session.amountTotal ?? 0), \(session.currency ?? ""), \(session.mode),
          \(session.customer ?? ""), \([UInt8]()))
        """)
      try transaction.execute("INSERT INTO stripe_references VALUES (\(session.id), \(account), \(session.id))")
    }
    let environment = Environment([
      "STRIPE_SECRET_KEY": event.isLive ? "sk_live_x" : "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_new",
    ])
    let outcome = try Deliverer(url: url, environment).take(text, by: soon)
    let isPaid = session.paymentStatus == "paid" && session.customer != nil
    #expect(outcome == (isPaid ? "applied" : "mismatch"))
    #expect(try database.rows("SELECT bought_plan FROM accounts", as: String.self, by: soon) == [isPaid && session.mode == "payment" ? "coffee" : "free"])
  }

  private static let samples: String? = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().path + "/../../../shared/data/stripe/events"
    return FileManager.default.fileExists(atPath: folder) ? folder : nil
  }()
}
