import FoundationEssentials

extension StripeLedger {
  /// How a payer's visit ends.
  enum Ending: String {
    case complete
    case payLate = "pay-late"
    case fail
    case expire
  }

  /// Ends a visit, or settles one that is to be paid late.
  func end(_ id: String, _ ending: Ending) throws(StandInRefusal) -> JSONValue {
    var session = try current(id)
    let isOpen = session["status"].text == "open"
    let isLate = session["status"].text == "complete" && session["payment_status"].text == "unpaid" && late.contains(id)
    switch ending {
    case .expire where isOpen:
      session["status"] = "expired"
      session["url"] = nil
      keep(session)
      note("checkout.session.expired", session)
    case .complete where isOpen, .payLate where isOpen:
      session["status"] = "complete"
      session["url"] = nil
      try fulfil(&session, isPaid: ending == .complete)
      if ending == .payLate { late.insert(id) }
      keep(session)
      note("checkout.session.completed", session)
    case .complete where isLate:
      late.remove(id)
      session["payment_status"] = "paid"
      keep(session)
      settle(session, isPaid: true)
      note("checkout.session.async_payment_succeeded", session)
    case .fail where isLate:
      late.remove(id)
      settle(session, isPaid: false)
      note("checkout.session.async_payment_failed", session)
    case .fail where isOpen:
      // The payer may try another card.
      note(
        "payment_intent.payment_failed",
        pay(session, amount: session["amount_total"].integer ?? 0, status: "requires_payment_method"))
    default:
      throw StandInRefusal(400, "The Checkout Session is \(session["status"].text ?? "") already.")
    }
    return session
  }

  /// A session as it is now: its time may have run out.
  func current(_ id: String) throws(StandInRefusal) -> JSONValue {
    var session = try object(id, kind: "checkout.session")
    if session["status"].text == "open", let end = session["expires_at"].integer, end <= Self.now {
      session["status"] = "expired"
      session["url"] = nil
      keep(session)
      note("checkout.session.expired", session)
    }
    return session
  }

  private func fulfil(_ session: inout JSONValue, isPaid: Bool) throws(StandInRefusal) {
    guard let order = orders[session["id"].text ?? ""] else { return }
    session["payment_status"] = isPaid ? "paid" : "unpaid"
    let amount = session["amount_total"].integer ?? 0
    // Who pays again and again is a customer, made on the way where none was named; who pays once, where that was asked
    // for.
    if session["mode"].text == "subscription" || session["customer_creation"].text == "always",
      session["customer"] == .null
    {
      let customer = make("cus", "customer", ["email": session["customer_email"], "name": nil])
      session["customer"] = customer["id"]
      note("customer.created", customer)
    }
    if session["mode"].text == "payment" {
      let payment = pay(session, amount: amount, status: isPaid ? "succeeded" : "processing", metadata: order.metadata)
      session["payment_intent"] = payment["id"]
      if isPaid { note("payment_intent.succeeded", payment) }
      return
    }
    let price = try object(order.price, kind: "price")
    let start = Self.now
    let subscription = make(
      "sub", "subscription",
      [
        "customer": session["customer"], "status": "active", "cancel_at_period_end": false, "cancel_at": nil,
        "canceled_at": nil,
        "currency": price["currency"], "metadata": JSONValue(order.metadata), "pause_collection": nil,
        "items": [
          "object": "list", "has_more": false,
          "data": [
            [
              "id": .string(Self.id("si")), "object": "subscription_item", "price": price,
              "quantity": JSONValue(order.quantity),
              "current_period_start": JSONValue(start),
              "current_period_end": JSONValue(Self.end(of: price, from: start)),
            ]
          ],
        ],
      ])
    session["subscription"] = subscription["id"]
    note("customer.subscription.created", subscription)
    session["invoice"] = invoice(subscription, reason: "subscription_create", outcome: isPaid ? .paid : .open)["id"]
  }

  /// What comes of a payment that was on its way.
  private func settle(_ session: JSONValue, isPaid: Bool) {
    if var payment = objects[session["payment_intent"].text ?? ""] {
      payment["status"] = isPaid ? "succeeded" : "requires_payment_method"
      if isPaid { payment["latest_charge"] = charge(payment)["id"] }
      keep(payment)
      note(isPaid ? "payment_intent.succeeded" : "payment_intent.payment_failed", payment)
    }
    guard var subscription = objects[session["subscription"].text ?? ""],
      let invoice = objects[session["invoice"].text ?? ""]
    else { return }
    if !isPaid {
      subscription["status"] = "past_due"
      keep(subscription)
    }
    close(invoice, of: subscription, isPaid: isPaid)
    note("customer.subscription.updated", subscription)
  }

  private func pay(_ owner: JSONValue, amount: Int, status: String, metadata: [String: String] = [:]) -> JSONValue {
    var payment = make(
      "pi", "payment_intent",
      [
        "amount": JSONValue(amount), "currency": owner["currency"], "customer": owner["customer"],
        "status": .string(status),
        "metadata": JSONValue(metadata), "latest_charge": nil,
      ])
    if status == "succeeded" { payment["latest_charge"] = charge(payment)["id"] }
    keep(payment)
    return payment
  }

  private func charge(_ payment: JSONValue) -> JSONValue {
    let charge = make(
      "ch", "charge",
      [
        "payment_intent": payment["id"], "customer": payment["customer"], "amount": payment["amount"],
        "amount_refunded": JSONValue(0),
        "currency": payment["currency"], "status": "succeeded", "paid": true, "refunded": false, "disputed": false,
        "metadata": payment["metadata"],
      ])
    note("charge.succeeded", charge)
    return charge
  }

  // MARK: Invoices

  enum Outcome { case paid, open, failed }

  /// Bills a subscription for the time that its item tells.
  @discardableResult
  private func invoice(_ subscription: JSONValue, reason: String, outcome: Outcome) -> JSONValue {
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
      keep(subscription)
    }
    if outcome != .open { close(invoice, of: subscription, isPaid: outcome == .paid) }
    return objects[invoice["id"].text ?? ""] ?? invoice
  }

  private func close(_ invoice: JSONValue, of subscription: JSONValue, isPaid: Bool) {
    var invoice = invoice
    guard isPaid else {
      invoice["attempt_count"] = JSONValue(1)
      keep(invoice)
      note("invoice.payment_failed", invoice)
      return
    }
    let amount = invoice["amount_due"].integer ?? 0
    invoice["status"] = "paid"
    invoice["amount_paid"] = JSONValue(amount)
    keep(invoice)
    // Before its payment is told of, what ties the two must be there: the old shape writes it into both.
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
    keep(payment)
    note("payment_intent.succeeded", payment)
    note("invoice.paid", invoice)
    note("invoice_payment.paid", link)
  }

  // MARK: Subscriptions

  /// What time does to a subscription: its period ends, and the next is paid, or not; or it was to end.
  ///
  /// Told as Stripe tells it: the next period has begun, active still; then, an hour later at Stripe, what became of
  /// its invoice; then what that
  /// makes of the subscription.
  func renew(_ id: String, isPaid: Bool) throws(StandInRefusal) -> JSONValue {
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
    keep(subscription)
    note("customer.subscription.updated", subscription)
    invoice(subscription, reason: "subscription_cycle", outcome: isPaid ? .paid : .failed)
    var renewed = objects[id] ?? subscription
    let status: JSONValue = isPaid ? "active" : "past_due"
    if renewed["status"] != status {
      renewed["status"] = status
      keep(renewed)
      note("customer.subscription.updated", renewed)
    }
    return renewed
  }

  func cancel(_ id: String) throws(StandInRefusal) -> JSONValue {
    var subscription = try object(id, kind: "subscription")
    guard subscription["status"].text != "canceled" else { throw .missing("subscription", id) }
    subscription["status"] = "canceled"
    subscription["canceled_at"] = JSONValue(Self.now)
    subscription["ended_at"] = JSONValue(Self.now)
    keep(subscription)
    note("customer.subscription.deleted", subscription)
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

  // MARK: Money that goes back

  /// - Parameter id: of a payment or its charge.
  func charge(of id: String, param: String = "id") throws(StandInRefusal) -> JSONValue {
    if let charge = objects[id], charge["object"].text == "charge" { return charge }
    let payment = try object(id, kind: "payment_intent", param: param)
    guard let charge = objects[payment["latest_charge"].text ?? ""] else {
      throw StandInRefusal(400, param: param, "This PaymentIntent (\(id)) does not have a successful charge to refund.")
    }
    return charge
  }

  /// - Parameter amount: nil for all that is left.
  func refund(_ id: String, amount: Int?, param: String = "id") throws(StandInRefusal) -> JSONValue {
    var charge = try charge(of: id, param: param)
    let refunded = charge["amount_refunded"].integer ?? 0
    let whole = charge["amount"].integer ?? 0
    guard refunded < whole else {
      throw StandInRefusal(400, code: "charge_already_refunded", "Charge has already been refunded.")
    }
    let amount = amount ?? whole - refunded
    guard amount > 0, refunded + amount <= whole else {
      throw StandInRefusal(
        400, param: "amount",
        "Refund amount (\(amount)) is greater than unrefunded amount on charge (\(whole - refunded))")
    }
    charge["amount_refunded"] = JSONValue(refunded + amount)
    charge["refunded"] = .bool(refunded + amount == whole)
    keep(charge)
    let refund = make(
      "re", "refund",
      [
        "charge": charge["id"], "payment_intent": charge["payment_intent"], "amount": JSONValue(amount),
        "currency": charge["currency"],
        "status": "succeeded", "reason": nil,
      ])
    note("refund.created", refund)
    note("charge.refunded", charge)
    return refund
  }

  /// Opens a dispute, or ends the one there is.
  ///
  /// - Parameter status: nil to open one; `won` or `lost`.
  func dispute(_ id: String, status: String?) throws(StandInRefusal) -> JSONValue {
    var charge = try charge(of: id)
    let known = all("dispute") { $0["charge"] == charge["id"] }.first
    guard let status else {
      guard known == nil else { throw StandInRefusal(400, "This charge is disputed already.") }
      charge["disputed"] = true
      keep(charge)
      let dispute = make(
        "dp", "dispute",
        [
          "charge": charge["id"], "payment_intent": charge["payment_intent"], "amount": charge["amount"],
          "currency": charge["currency"],
          "status": "needs_response", "reason": "fraudulent",
        ])
      note("charge.dispute.created", dispute)
      return dispute
    }
    guard var dispute = known, ["won", "lost"].contains(status) else {
      throw StandInRefusal(400, param: "status", "No such dispute, or neither won nor lost.")
    }
    dispute["status"] = .string(status)
    keep(dispute)
    note("charge.dispute.closed", dispute)
    return dispute
  }
}
