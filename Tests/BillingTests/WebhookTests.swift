import Accounts
import Contract
import FoundationEssentials
import Postgres
import Stripe
import Support
import Testing

@testable import Billing

/// `POST /webhook/stripe`: signatures, settings, thin events and outcomes.
@Suite struct WebhookTests {
  private let url: String
  private let soon = ContinuousClock.now.advanced(by: .seconds(120))
  private let body =
    #"{"id":"evt_1","object":"event","type":"plan.created","created":1,"livemode":false,"data":{"object":{}}}"#

  init() throws {
    url = try TestDatabase.makeForBilling()
  }

  private func code(_ body: String, signature: String?, _ environment: Environment = Deliverer.environment) -> Failure
    .Code?
  {
    do {
      _ = try Deliverer(url: url, environment).outcome(of: body, signature: signature, by: soon)
      return nil
    } catch { return (error as? Failure)?.code ?? .internal }
  }

  private func signed(_ body: String, secret: String = "whsec_new", age: Int = 0) -> String {
    StripeSignature.sign(Array(body.utf8), secret: secret, timestamp: Int(Date().timeIntervalSince1970.rounded()) - age)
  }

  @Test func oldAndNewSecretAreBothAccepted() {
    #expect(code(body, signature: signed(body, secret: "whsec_old")) == nil)
    #expect(code(body, signature: signed(body, secret: "whsec_new")) == nil)
    #expect(code(body, signature: signed(body, secret: "whsec_other")) == .invalidRequest)
  }

  @Test(arguments: [(297, true), (302, false), (-297, true), (-302, false)])
  func signatureExpiresAfterFiveMinutes(age: Int, isGood: Bool) {
    #expect((code(body, signature: signed(body, age: age)) == nil) == isGood)
  }

  /// With an injected clock, in the past and the future, and across midnight UTC.
  @Test(arguments: [-301.0, -300, -299, 299, 300, 301], [1_772_366_400.0, 1_772_409_600])
  func signatureIsValidForExactly300Seconds(seconds: Double, made: Double) throws {
    let signature = StripeSignature.sign(Array(body.utf8), secret: "whsec_new", timestamp: Int(made))
    let webhook = StripeWebhook(database: Database(url: url), settings: BillingSettings(Deliverer.environment))
    let event = Event(
      method: "POST", rawPath: "/webhook/stripe", headers: ["stripe-signature": signature], body: Array(body.utf8))
    let isAccepted = (try? webhook.process(event, at: Date(timeIntervalSince1970: made + seconds), by: soon)) != nil
    #expect(isAccepted == (abs(seconds) <= 300))
    #expect(
      try Database(url: url).rows("SELECT count(*) FROM webhook_events", as: Int.self, by: soon) == [isAccepted ? 1 : 0]
    )
  }

  @Test func invalidSignatureIsRefusedAndStoresNothing() throws {
    #expect(code(body + " ", signature: signed(body)) == .invalidRequest)
    #expect(code(body, signature: "t=1,v1=00") == .invalidRequest)
    #expect(code("{}", signature: signed("{}")) == .invalidRequest)
    #expect(try Database(url: url).rows("SELECT count(*) FROM webhook_events", as: Int.self, by: soon) == [0])
  }

  @Test(arguments: ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"])
  func missingSettingIsUnavailable(setting: String) {
    var values = ["STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_new"]
    values[setting] = nil
    #expect(code(body, signature: signed(body), Environment(values)) == .unavailable)
  }

  @Test func liveEventWithATestKeyIsOnlyLogged() throws {
    let live = Delivery(
      id: "evt_live", type: "checkout.session.completed", created: 1,
      object: #"{"id":"cs","payment_status":"paid","mode":"payment"}"#, isLive: true)
    #expect(try Deliverer(url: url).outcome(of: live.body, by: soon) == "other_livemode")
    #expect(try Deliverer(url: url).outcome(of: live.body, by: soon) == "duplicate")
  }

  @Test func thinEventEnqueuesAFetch() throws {
    let thin =
      #"""
      {"id":"evt_thin","object":"v2.core.event","type":"v1.customer.subscription.updated",
      "created":"2026-03-01T12:00:00.000Z","livemode":false,"related_object":{"id":"sub_9",
      "type":"subscription","url":"/v1/subscriptions/sub_9"}}
      """#
    #expect(try Deliverer(url: url).outcome(of: thin, by: soon) == "queued")
    #expect(try Database(url: url).rows("SELECT key FROM jobs", as: String.self, by: soon) == ["sub_9 evt_thin"])
    // The job of the first event may have fetched an older state already.
    let next = thin.replacing("evt_thin", with: "evt_next")
    #expect(try Deliverer(url: url).outcome(of: next, by: soon) == "queued")
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
  func thinEventsOfAllPaymentObjectsAreFetched(type: String, id: String) throws {
    let thin =
      #"""
      {"id":"evt_thin_\#(id)","object":"v2.core.event","type":"v1.some","created":"2026-03-01T12:00:00Z",
      "livemode":false,"related_object":{"id":"\#(id)","type":"\#(type)","url":"/v1/x"}}
      """#
    #expect(try Deliverer(url: url).outcome(of: thin, by: soon) == "queued")
    #expect(
      try Database(url: url).rows(
        "SELECT payload->>'id' FROM jobs WHERE kind = 'stripe_object'", as: String.self, by: soon) == [id])
  }

  @Test(arguments: [("billing.meter", "mtr_1"), ("invoice", "in_1/../../x"), ("invoice", "sub_1")])
  func thinEventOfAnotherTypeIsIgnored(type: String, id: String) throws {
    let thin =
      #"""
      {"id":"evt_thin","object":"v2.core.event","type":"v1.some","created":"2026-03-01T12:00:00Z",
      "livemode":false,"related_object":{"id":"\#(id)","type":"\#(type)","url":"/v1/x"}}
      """#
    #expect(try Deliverer(url: url).outcome(of: thin, by: soon) == "ignored")
  }

  @Test func unreachableDatabaseIsUnavailable() {
    let webhook = Deliverer(url: "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
    #expect(webhook.deliver(Delivery(id: "e", type: "plan.created", created: 1, object: "{}"), by: soon) == 503)
  }
}
