import Contract
import FoundationEssentials
import Postgres
import Stripe

@testable import Billing

/// A webhook event of Stripe.
struct Delivery: Sendable {
  let id: String
  let type: String
  let created: Int
  /// The JSON of the object; for a thin event, the object's id.
  let object: String
  var isLive = false
  /// Whether the event has only the id of its object.
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
        #"""
        {"id":"\#(id)","object":"v2.core.event","type":"v1.\#(type)","created":"\#(time)","livemode":\#(isLive),
        "related_object":{"id":"\#(object)","type":"\#(kind)","url":"/v1/x"}}
        """#
    }
    return
      #"""
      {"id":"\#(id)","object":"event","type":"\#(type)","created":\#(created),"livemode":\#(isLive),
      "api_version":"2025-03-31.basil","data":{"object":\#(object)}}
      """#
  }
}

/// Delivers signed events like Stripe, without HTTP.
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

  /// Delivers a body and returns the outcome.
  ///
  /// - Parameter signature: nil for a valid signature.
  func outcome(of body: String, signature: String? = nil, by deadline: ContinuousClock.Instant) throws -> String {
    let signature =
      signature
      ?? StripeSignature.sign(Array(body.utf8), secret: "whsec_new", timestamp: Int(Date().timeIntervalSince1970))
    let event = Event(
      method: "POST", rawPath: "/webhook/stripe", headers: ["stripe-signature": signature], body: Array(body.utf8))
    return try webhook.process(event, by: deadline).outcome.rawValue
  }

  /// Delivers an event and returns the HTTP status of the response.
  func deliver(_ delivery: Delivery, by deadline: ContinuousClock.Instant) -> Int {
    do {
      _ = try outcome(of: delivery.body, by: deadline)
      return 200
    } catch {
      return ((error as? Failure) ?? (error as? any FailureConvertible)?.failure)?.code.status ?? 500
    }
  }
}
