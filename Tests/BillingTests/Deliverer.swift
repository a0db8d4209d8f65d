import Contract
import FoundationEssentials
import Postgres
import Stripe

@testable import Billing

struct Delivery: Sendable {
  let id: String
  let type: String
  let created: Int
  /// Its JSON, or of a thin event its id.
  let object: String
  var isLive = false
  /// Whether the event only names its object.
  var isThin = false

  var body: String {
    if isThin {
      let time = Date(timeIntervalSince1970: Double(created)).formatted(.iso8601)
      let kinds = [
        "sub": "subscription", "in": "invoice", "inpay": "invoice_payment", "cs": "checkout.session", "ch": "charge",
        "re": "refund", "dp": "dispute",
      ]
      let kind = kinds[String(object.prefix { $0 != "_" })] ?? "thing"
      return
        #"{"id":"\#(id)","object":"v2.core.event","type":"v1.\#(type)","created":"\#(time)","livemode":\#(isLive),"related_object":{"id":"\#(object)","type":"\#(kind)","url":"/v1/x"}}"#
    }
    return
      #"{"id":"\#(id)","object":"event","type":"\#(type)","created":\#(created),"livemode":\#(isLive),"api_version":"2025-03-31.basil","data":{"object":\#(object)}}"#
  }
}

/// Delivers as Stripe does, to the operation itself.
struct Deliverer: Sendable {
  static let environment = Environment([
    "STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_old,whsec_new",
    "STRIPE_LLM_TXT_COFFEE_PRICE_ID": "price_coffee",
    "STRIPE_LLM_TXT_GROWTH_PRICE_ID": "price_growth", "STRIPE_LLM_TXT_SCALE_PRICE_ID": "price_scale",
    "STRIPE_LLM_TXT_CREDITS_PRICE_IDS": "price_credits_500,price_credits_2500",
  ])
  private let webhook: StripeWebhook

  init(url: String, _ environment: Environment = environment) {
    webhook = StripeWebhook(database: Database(url: url), settings: BillingSettings(environment))
  }

  /// What became of it.
  func take(_ body: String, signature: String? = nil, by deadline: ContinuousClock.Instant) throws -> String {
    let signature =
      signature
      ?? StripeSignature.sign(Array(body.utf8), secret: "whsec_new", timestamp: Int(Date().timeIntervalSince1970))
    let event = Event(
      method: "POST", rawPath: "/webhook/stripe", headers: ["stripe-signature": signature], body: Array(body.utf8))
    return try webhook.take(event, by: deadline).1.rawValue
  }

  /// The status that Stripe would see.
  func deliver(_ delivery: Delivery, by deadline: ContinuousClock.Instant) -> Int {
    do {
      _ = try take(delivery.body, by: deadline)
      return 200
    } catch {
      return ((error as? Failure) ?? (error as? any FailureConvertible)?.failure)?.code.status ?? 500
    }
  }
}

struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    // SplitMix64.
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
