import FoundationEssentials
import Testing

@testable import Stripe

/// Decoding of events (docs.stripe.com/api/events/object), with payloads from before and since API version 2025-03-31.
struct StripeEventTests {
  private static func event(_ type: String, _ object: String, version: String = "2025-03-31.basil")
    throws(MalformedEvent) -> StripeEvent
  {
    try StripeEvent(
      body: Array(
        #"""
        {"id":"evt_1","object":"event","api_version":"\#(version)","created":1700000000,"livemode":false,"type":"\#(type)",
         "data":{"object":\#(object)}}
        """#.utf8))
  }

  @Test func envelopeIsDecoded() throws {
    let event = try Self.event("plan.created", "{}")
    #expect(event.id == "evt_1" && event.type == "plan.created" && event.created == 1_700_000_000 && !event.isLive)
    #expect(event.apiVersion == "2025-03-31.basil")
    #expect(event.payload == .other)
  }

  @Test func liveEventWithoutAPIVersionIsDecoded() throws {
    let event = try StripeEvent(
      body: Array(
        #"{"id":"e","object":"event","api_version":null,"created":1,"livemode":true,"type":"x","data":{"object":{}}}"#
          .utf8))
    #expect(event.apiVersion == nil && event.isLive)
  }

  // MARK: Checkout sessions

  @Test(arguments: ["completed", "async_payment_succeeded", "async_payment_failed", "expired"])
  func checkoutSessionIsDecoded(change: String) throws {
    let event = try Self.event(
      "checkout.session.\(change)",
      #"""
      {"id":"cs_1","object":"checkout.session","status":"complete","payment_status":"paid","mode":"subscription","amount_total":1500,
       "currency":"usd","customer":"cus_1","subscription":{"id":"sub_1","object":"subscription"},"payment_intent":null,
       "client_reference_id":"42","metadata":{"key":"value"}}
      """#)
    #expect(
      event.payload
        == .checkoutSession(
          StripeCheckoutSession(
            id: "cs_1", status: "complete", paymentStatus: "paid", mode: "subscription", amountTotal: 1500,
            currency: "usd", customer: "cus_1",
            subscription: "sub_1", paymentIntent: nil, clientReferenceID: "42", metadata: ["key": "value"])))
  }

  @Test(arguments: [
    #"{"id":"cs_1","payment_status":"unpaid","mode":"payment"}"#,
    #"""
    {"id":"cs_1","payment_status":"unpaid","mode":"payment","status":null,"amount_total":null,"currency":null,"customer":null,
     "subscription":null,"payment_intent":null,"client_reference_id":null,"metadata":null}
    """#,
  ])
  func checkoutSessionWithOnlyRequiredFieldsIsDecoded(object: String) throws {
    #expect(
      try Self.event("checkout.session.expired", object).payload
        == .checkoutSession(
          StripeCheckoutSession(
            id: "cs_1", status: nil, paymentStatus: "unpaid", mode: "payment", amountTotal: nil, currency: nil,
            customer: nil, subscription: nil,
            paymentIntent: nil, clientReferenceID: nil, metadata: [:])))
  }

  // MARK: Subscriptions

  @Test(arguments: [
    (
      "2024-06-20",
      #""current_period_end":1700000100,"items":{"data":[{"price":{"id":"price_1"}},{"price":{"id":"price_2"}}]}"#
    ),
    (
      "2025-03-31.basil",
      #"""
      "items":{"data":[{"price":{"id":"price_1"},"current_period_end":1700000100},{"price":"price_2","current_period_end":1700000050}],
               "has_more":false}
      """#
    ),
  ])
  func subscriptionIsDecoded(version: String, fields: String) throws {
    for change in ["created", "updated", "deleted", "paused", "resumed"] {
      let event = try Self.event(
        "customer.subscription.\(change)",
        #"{"id":"sub_1","customer":"cus_1","status":"active","cancel_at_period_end":true,"metadata":{"a":"b"},\#(fields)}"#,
        version: version)
      #expect(
        event.payload
          == .subscription(
            StripeSubscription(
              id: "sub_1", customer: "cus_1", status: "active", cancelsAtPeriodEnd: true, cancelAt: nil,
              currentPeriodEnd: 1_700_000_100,
              prices: ["price_1", "price_2"], metadata: ["a": "b"], latestInvoice: nil, pause: nil)))
    }
  }

  @Test func pausedSubscriptionWithScheduledEndIsDecoded() throws {
    let event = try Self.event(
      "customer.subscription.updated",
      #"""
      {"id":"sub_1","customer":{"id":"cus_1"},"status":"active","cancel_at_period_end":false,"cancel_at":1700000200,"items":{"data":[]},
       "metadata":{},"pause_collection":{"behavior":"void","resumes_at":null}}
      """#)
    #expect(
      event.payload
        == .subscription(
          StripeSubscription(
            id: "sub_1", customer: "cus_1", status: "active", cancelsAtPeriodEnd: false, cancelAt: 1_700_000_200,
            currentPeriodEnd: nil, prices: [],
            metadata: [:], latestInvoice: nil, pause: StripeSubscription.Pause(behavior: "void", resumesAt: nil))))
  }

  // MARK: Invoices

  @Test(
    arguments: [
      (
        "2024-06-20", #""subscription":"sub_1","payment_intent":"pi_1""#, #""price":{"id":"price_1"}"#, "pi_1"
      ),
      (
        "2025-03-31.basil",
        #""parent":{"type":"subscription_details","quote_details":null,"subscription_details":{"metadata":{},"subscription":"sub_1"}}"#,
        #""pricing":{"type":"price_details","price_details":{"price":"price_1","product":"prod_1"}}"#, nil
      ),
      (
        "2025-03-31.basil", #""subscription":null,"parent":{"subscription_details":{"subscription":{"id":"sub_1"}}}"#,
        #""price":null,"pricing":{"price_details":{"price":{"id":"price_1"}}}"#, nil
      ),
    ] as [(String, String, String, String?)])
  func invoiceIsDecoded(version: String, fields: String, price: String, paymentIntent: String?) throws {
    for change in ["paid", "payment_failed", "payment_action_required"] {
      let event = try Self.event(
        "invoice.\(change)",
        #"""
        {"id":"in_1","customer":"cus_1","billing_reason":"subscription_cycle","amount_paid":1500,"currency":"usd","period_end":1700000000,\#(fields),
         "lines":{"data":[{"amount":1500,"period":{"start":1700000000,"end":1700000100},\#(price)}],"has_more":true}}
        """#, version: version)
      #expect(
        event.payload
          == .invoice(
            StripeInvoice(
              id: "in_1", customer: "cus_1", subscription: "sub_1", metadata: [:], status: nil,
              billingReason: "subscription_cycle", amountPaid: 1500,
              currency: "usd", periodEnd: 1_700_000_000, paymentIntents: paymentIntent.map { [$0] } ?? [],
              lines: [
                StripeInvoice.Line(price: "price_1", amount: 1500, periodStart: 1_700_000_000, periodEnd: 1_700_000_100)
              ], hasMoreLines: true)))
    }
  }

  @Test(arguments: [
    "", #","parent":null"#,
    #","parent":{"subscription_details":null,"type":"quote_details"},"customer":null,"billing_reason":null"#,
  ])
  func invoiceWithoutSubscriptionIsDecoded(fields: String) throws {
    let event = try Self.event(
      "invoice.paid",
      #"""
      {"id":"in_1","amount_paid":0,"currency":"eur","period_end":1\#(fields),
       "lines":{"data":[{"amount":-5,"period":{"start":1,"end":2},"pricing":{"type":"price_details"}},
                        {"amount":5,"period":{"start":1,"end":2},"pricing":null}]}}
      """#)
    let lines = [-5, 5].map { StripeInvoice.Line(price: nil, amount: $0, periodStart: 1, periodEnd: 2) }
    #expect(
      event.payload
        == .invoice(
          StripeInvoice(
            id: "in_1", customer: nil, subscription: nil, metadata: [:], status: nil, billingReason: nil, amountPaid: 0,
            currency: "eur", periodEnd: 1,
            paymentIntents: [], lines: lines, hasMoreLines: false)))
  }

  @Test(
    arguments: [
      (#""amount_paid":2000,"payment":{"type":"payment_intent","payment_intent":"pi_1"}"#, 2000, "pi_1"),
      (#""amount_paid":null,"payment":{"type":"charge","charge":"ch_1"}"#, nil, nil),
    ] as [(String, Int?, String?)])
  func invoicePaymentIsDecoded(fields: String, amountPaid: Int?, paymentIntent: String?) throws {
    let event = try Self.event(
      "invoice_payment.paid", #"{"id":"inpay_1","invoice":"in_1","currency":"usd","status":"paid",\#(fields)}"#)
    let payment = StripeInvoicePayment(
      id: "inpay_1", invoice: "in_1", paymentIntent: paymentIntent, amountPaid: amountPaid, currency: "usd",
      status: "paid")
    #expect(event.payload == .invoicePayment(payment))
  }

  // MARK: Refunds and disputes

  @Test func refundedChargeIsDecoded() throws {
    let event = try Self.event(
      "charge.refunded",
      #"""
      {"id":"ch_1","payment_intent":"pi_1","invoice":"in_1","customer":null,"amount":500,"amount_refunded":200,"currency":"usd","status":"succeeded"}
      """#)
    let charge = StripeCharge(
      id: "ch_1", paymentIntent: "pi_1", invoice: "in_1", customer: nil, amount: 500, amountRefunded: 200,
      currency: "usd", status: "succeeded")
    #expect(event.payload == .charge(charge))
  }

  @Test(arguments: ["created", "updated", "failed"])
  func refundIsDecoded(change: String) throws {
    let event = try Self.event(
      "refund.\(change)",
      #"{"id":"re_1","charge":"ch_1","payment_intent":"pi_1","amount":200,"currency":"usd","status":"failed"}"#)
    let refund = StripeRefund(
      id: "re_1", charge: "ch_1", paymentIntent: "pi_1", amount: 200, currency: "usd", status: "failed")
    #expect(event.payload == .refund(refund))
  }

  @Test(arguments: ["created", "closed"])
  func disputeIsDecoded(change: String) throws {
    let event = try Self.event(
      "charge.dispute.\(change)",
      #"{"id":"dp_1","charge":{"id":"ch_1"},"payment_intent":null,"amount":500,"currency":"usd","status":"lost"}"#)
    let dispute = StripeDispute(
      id: "dp_1", charge: "ch_1", paymentIntent: nil, amount: 500, currency: "usd", status: "lost")
    #expect(event.payload == .dispute(dispute))
  }

  /// The object of an unsupported type is not decoded, so it cannot be malformed.
  @Test(arguments: [
    "invoice.voided", "charge.succeeded", "charge.dispute.updated", "customer.subscription.trial_will_end", "refunds",
    "brand.new",
  ])
  func unsupportedTypeKeepsItsName(type: String) throws {
    let event = try Self.event(type, #"{"id":7}"#)
    #expect(event.type == type && event.payload == .other)
  }

  // MARK: Thin events

  @Test(arguments: ["2024-09-17T06:20:52.246Z", "2024-09-17T06:20:52Z"])
  func thinEventIsDecoded(created: String) throws {
    let event = try StripeEvent(
      body: Array(
        #"""
        {"id":"evt_test_1","object":"v2.core.event","type":"v1.billing.meter.error_report_triggered","livemode":false,"created":"\#(created)",
         "context":null,"related_object":{"id":"mtr_1","type":"billing.meter","url":"/v1/billing/meters/mtr_1"},"reason":null}
        """#.utf8))
    #expect(
      event.type == "v1.billing.meter.error_report_triggered" && event.created == 1_726_554_052
        && event.apiVersion == nil)
    #expect(
      event.payload == .thin(StripeRelatedObject(id: "mtr_1", type: "billing.meter", url: "/v1/billing/meters/mtr_1")))
  }

  /// The type of a thin event may be the type of a full event.
  @Test func thinEventWithoutObjectIsDecoded() throws {
    let event = try StripeEvent(
      body: Array(
        #"{"id":"e","object":"v2.core.event","type":"invoice.paid","livemode":true,"created":"2024-09-17T06:20:52Z"}"#
          .utf8))
    #expect(event.payload == .thin(nil))
  }

  // MARK: Malformed events

  @Test(arguments: [
    ("", "it is not JSON, or has a number that does not fit"),
    ("nonsense", "it is not JSON, or has a number that does not fit"),
    ("[]", "it is not a JSON object"),
    ("{\u{0}}", "it is not UTF-8 text"),
    ("{}", "id is missing"),
    (#"{"id":7,"object":"event"}"#, "id has the wrong type or value"),
    (#"{"id":"cs_1","object":"checkout.session","type":"x","livemode":false}"#, "object has the wrong type or value"),
    (#"{"id":"e","object":"event","type":"x","livemode":false,"created":1}"#, "data is missing"),
    (
      #"{"id":"e","object":"event","type":"x","livemode":false,"created":1.5,"data":{}}"#,
      "it is not JSON, or has a number that does not fit"
    ),
    (
      #"{"id":"e","object":"event","type":"x","livemode":false,"created":1e300,"data":{}}"#,
      "it is not JSON, or has a number that does not fit"
    ),
    (
      #"{"id":"e","object":"v2.core.event","type":"x","livemode":false,"created":"today"}"#,
      "created has the wrong type or value"
    ),
    (
      #"{"id":"e","object":"event","type":"invoice.paid","livemode":false,"created":1,"data":{"object":{}}}"#,
      "data.object.id is missing"
    ),
    (
      #"{"id":"e","object":"event","type":"invoice.paid","livemode":false,"created":1,"data":{"object":null}}"#,
      "data.object has the wrong type or value"
    ),
    (
      #"{"id":"e","object":"event","type":"refund.failed","livemode":false,"created":1,"data":{"object":{"id":"re_1","charge":7}}}"#,
      "data.object.charge has the wrong type or value"
    ),
  ])
  func malformedEventNamesTheField(body: String, reason: String) {
    #expect(throws: MalformedEvent(reason: reason)) { try StripeEvent(body: Array(body.utf8)) }
  }

  @Test func bytesThatAreNotTextAreRejected() {
    #expect(throws: MalformedEvent(reason: "it is not UTF-8 text")) { try StripeEvent(body: [0x22, 0xff, 0x22]) }
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
    #expect(throws: MalformedEvent(reason: "it is not JSON, or has a number that does not fit")) {
      try StripeEvent(body: deep)
    }
  }
}
