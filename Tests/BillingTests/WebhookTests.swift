import Accounts
import Contract
import FoundationEssentials
import Jobs
import Limits
import Metering
import Postgres
import Stripe
import Support
import Testing

@testable import Billing

/// Which deliveries are taken, and how they are answered.
@Suite struct WebhookTests {
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))
  private let body =
    #"{"id":"evt_1","object":"event","type":"plan.created","created":1,"livemode":false,"data":{"object":{}}}"#

  init() throws {
    url = try TestDatabase.make(
      Accounts.migrations + Limits.migrations + Metering.migrations + Jobs.migrations + Billing.migrations)
  }

  private func code(_ body: String, signature: String?, _ environment: Environment = Deliverer.environment) -> Failure
    .Code?
  {
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

  /// By a clock that is given: exactly 300 seconds are within five minutes, whichever way it is off, and over midnight
  /// UTC too.
  @Test(arguments: [-301.0, -300, -299, 299, 300, 301], [1_772_366_400.0, 1_772_409_600])
  func aSignatureIsGoodForExactlyFiveMinutes(seconds: Double, made: Double) throws {
    let signature = StripeSignature.sign(Array(body.utf8), secret: "whsec_new", timestamp: Int(made))
    let webhook = StripeWebhook(database: Database(url: url), settings: BillingSettings(Deliverer.environment))
    let event = Event(
      method: "POST", rawPath: "/webhook/stripe", headers: ["stripe-signature": signature], body: Array(body.utf8))
    let isTaken = (try? webhook.take(event, at: Date(timeIntervalSince1970: made + seconds), by: soon)) != nil
    #expect(isTaken == (abs(seconds) <= 300))
    #expect(
      try Database(url: url).rows("SELECT count(*) FROM webhook_events", as: Int.self, by: soon) == [isTaken ? 1 : 0])
  }

  @Test func whatIsNotSignedIsRefusedAndLeavesNothing() throws {
    #expect(code(body + " ", signature: signed(body)) == .invalidRequest)
    #expect(code(body, signature: "t=1,v1=00") == .invalidRequest)
    #expect(code("{}", signature: signed("{}")) == .invalidRequest)
    #expect(try Database(url: url).rows("SELECT count(*) FROM webhook_events", as: Int.self, by: soon) == [0])
  }

  @Test(arguments: ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"]) func aMissingSettingIsUnavailableAndNotSkipped(
    setting: String
  ) {
    var values = ["STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_new"]
    values[setting] = nil
    #expect(code(body, signature: signed(body), Environment(values)) == .unavailable)
  }

  @Test func otherMoneyIsRecordedAndChangesNothing() throws {
    let live = Delivery(
      id: "evt_live", type: "checkout.session.completed", created: 1,
      object: #"{"id":"cs","payment_status":"paid","mode":"payment"}"#, isLive: true)
    #expect(try Deliverer(url: url).take(live.body, by: soon) == "other_livemode")
    #expect(try Deliverer(url: url).take(live.body, by: soon) == "duplicate")
  }

  @Test func aThinEventIsAskedAbout() throws {
    let thin =
      #"{"id":"evt_thin","object":"v2.core.event","type":"v1.customer.subscription.updated","created":"2026-03-01T12:00:00.000Z","livemode":false,"related_object":{"id":"sub_9","type":"subscription","url":"/v1/subscriptions/sub_9"}}"#
    #expect(try Deliverer(url: url).take(thin, by: soon) == "queued")
    #expect(try Database(url: url).rows("SELECT key FROM jobs", as: String.self, by: soon) == ["sub_9 evt_thin"])
    // The question of the first may be on its way, and older than what this one tells of.
    let next = thin.replacing("evt_thin", with: "evt_next")
    #expect(try Deliverer(url: url).take(next, by: soon) == "queued")
    #expect(
      try Database(url: url).rows("SELECT key FROM jobs ORDER BY key", as: String.self, by: soon) == [
        "sub_9 evt_next", "sub_9 evt_thin",
      ])
  }

  @Test(arguments: [
    ("invoice", "in_1"), ("checkout.session", "cs_test_1"), ("charge", "ch_1"), ("refund", "re_1"), ("dispute", "dp_1"),
    ("invoice_payment", "inpay_1"),
    ("v1.subscription", "sub_1"), ("unheard_of", "re_2"),
  ])
  func aThinEventIsAskedAboutWhateverMovesMoney(type: String, id: String) throws {
    let thin =
      #"{"id":"evt_thin_\#(id)","object":"v2.core.event","type":"v1.some","created":"2026-03-01T12:00:00Z","livemode":false,"related_object":{"id":"\#(id)","type":"\#(type)","url":"/v1/x"}}"#
    #expect(try Deliverer(url: url).take(thin, by: soon) == "queued")
    #expect(
      try Database(url: url).rows(
        "SELECT payload->>'id' FROM jobs WHERE kind = 'stripe_object'", as: String.self, by: soon) == [id])
  }

  @Test(arguments: [("billing.meter", "mtr_1"), ("invoice", "in_1/../../x"), ("invoice", "sub_1")])
  func aThinEventOfSomethingElseIsIgnored(type: String, id: String) throws {
    let thin =
      #"{"id":"evt_thin","object":"v2.core.event","type":"v1.some","created":"2026-03-01T12:00:00Z","livemode":false,"related_object":{"id":"\#(id)","type":"\#(type)","url":"/v1/x"}}"#
    #expect(try Deliverer(url: url).take(thin, by: soon) == "ignored")
  }

  @Test func aDatabaseThatIsGoneIsUnavailable() {
    let webhook = Deliverer(url: "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
    #expect(webhook.deliver(Delivery(id: "e", type: "plan.created", created: 1, object: "{}"), by: soon) == 503)
  }
}
