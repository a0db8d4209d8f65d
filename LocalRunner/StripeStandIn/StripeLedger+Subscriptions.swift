import FoundationEssentials
import JSONValues

extension StripeLedger {
  /// The result of an invoice's first payment attempt.
  enum InvoiceOutcome { case paid, open, failed }

  /// Creates an invoice for the current period of a subscription.
  @discardableResult
  func invoice(_ subscription: JSONValue, reason: String, outcome: InvoiceOutcome) -> JSONValue {
    let item = subscription["items"]["data"].elements.first ?? .null
    let amount = (item["price"]["unit_amount"].integer ?? 0) * (item["quantity"].integer ?? 1)
    let period: JSONValue = ["start": item["current_period_start"], "end": item["current_period_end"]]
    let invoice = make(
      "in", "invoice",
      [
        "customer": subscription["customer"], "currency": subscription["currency"], "billing_reason": .string(reason),
        "status": "open", "amount_due": JSONValue(amount), "amount_paid": JSONValue(0), "total": JSONValue(amount),
        "period_start": item["current_period_start"], "period_end": item["current_period_start"],
        "parent": [
          "type": "subscription_details",
          "subscription_details": ["subscription": subscription["id"], "metadata": subscription["metadata"]],
        ],
        "lines": [
          "object": "list", "has_more": false,
          "data": [
            [
              "id": .string(Self.id("il")), "object": "line_item", "amount": JSONValue(amount),
              "currency": subscription["currency"],
              "period": period, "quantity": item["quantity"],
              "pricing": [
                "type": "price_details",
                "price_details": ["price": item["price"]["id"], "product": item["price"]["product"]],
              ],
            ]
          ],
        ],
      ])
    if var subscription = objects[subscription["id"].text ?? ""] {
      subscription["latest_invoice"] = invoice["id"]
      store(subscription)
    }
    if outcome != .open { close(invoice, of: subscription, isPaid: outcome == .paid) }
    return objects[invoice["id"].text ?? ""] ?? invoice
  }

  /// Marks an invoice as paid, or records a failed attempt to pay it.
  func close(_ invoice: JSONValue, of subscription: JSONValue, isPaid: Bool) {
    var invoice = invoice
    guard isPaid else {
      invoice["attempt_count"] = JSONValue(1)
      store(invoice)
      record("invoice.payment_failed", invoice)
      return
    }
    let amount = invoice["amount_due"].integer ?? 0
    invoice["status"] = "paid"
    invoice["amount_paid"] = JSONValue(amount)
    store(invoice)
    // The link must exist before the events of the payment, because the old shape includes it in both objects.
    var payment = make(
      "pi", "payment_intent",
      [
        "amount": JSONValue(amount), "currency": invoice["currency"], "customer": invoice["customer"],
        "status": "succeeded",
        "latest_charge": nil,
      ])
    let link = make(
      "inpay", "invoice_payment",
      [
        "invoice": invoice["id"], "amount_paid": JSONValue(amount), "amount_requested": JSONValue(amount),
        "currency": invoice["currency"],
        "status": "paid", "is_default": true, "payment": ["type": "payment_intent", "payment_intent": payment["id"]],
      ])
    payment["latest_charge"] = charge(payment)["id"]
    store(payment)
    record("payment_intent.succeeded", payment)
    record("invoice.paid", invoice)
    record("invoice_payment.paid", link)
  }

  // MARK: Subscriptions

  /// Ends the current period of a subscription. The next period is paid or not; a subscription that was to end is
  /// canceled.
  ///
  /// The events come in Stripe's order: the subscription with its new period, still active; then, at Stripe an hour
  /// later, the result of the invoice; then the resulting status of the subscription.
  func renew(_ id: String, isPaid: Bool) throws(StandInError) -> JSONValue {
    var subscription = try object(id, kind: "subscription")
    guard subscription["status"].text != "canceled" else { throw .missing("subscription", id) }
    if subscription["cancel_at_period_end"].isTrue { return try cancel(id) }
    subscription["items"]["data"] = .array(
      subscription["items"]["data"].elements.map { item in
        var item = item
        let start = item["current_period_end"].integer ?? Self.now
        item["current_period_start"] = JSONValue(start)
        item["current_period_end"] = JSONValue(Self.end(of: item["price"], from: start))
        return item
      })
    store(subscription)
    record("customer.subscription.updated", subscription)
    invoice(subscription, reason: "subscription_cycle", outcome: isPaid ? .paid : .failed)
    var renewed = objects[id] ?? subscription
    let status: JSONValue = isPaid ? "active" : "past_due"
    if renewed["status"] != status {
      renewed["status"] = status
      store(renewed)
      record("customer.subscription.updated", renewed)
    }
    return renewed
  }

  func cancel(_ id: String) throws(StandInError) -> JSONValue {
    var subscription = try object(id, kind: "subscription")
    guard subscription["status"].text != "canceled" else { throw .missing("subscription", id) }
    subscription["status"] = "canceled"
    subscription["canceled_at"] = JSONValue(Self.now)
    subscription["ended_at"] = JSONValue(Self.now)
    store(subscription)
    record("customer.subscription.deleted", subscription)
    return subscription
  }

  static func end(of price: JSONValue, from start: Int) -> Int {
    let component: Calendar.Component =
      switch price["recurring"]["interval"].text {
      case "day": .day
      case "week": .weekOfYear
      case "year": .year
      default: .month
      }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let end = calendar.date(byAdding: component, value: 1, to: Date(timeIntervalSince1970: Double(start)))
    return end.map { Int($0.timeIntervalSince1970) } ?? start + 30 * 86_400
  }
}
