import JSONValues

extension StripeLedger {
  /// The ways in which a checkout session ends.
  enum Ending: String {
    case complete
    case payLate = "pay-late"
    case fail
    case expire
  }

  /// Ends an open session, or settles a session whose payment is pending.
  func end(_ id: String, _ ending: Ending) throws(StandInError) -> JSONValue {
    var session = try current(id)
    let isOpen = session["status"].text == "open"
    let isLate =
      session["status"].text == "complete" && session["payment_status"].text == "unpaid" && latePayments.contains(id)
    switch ending {
    case .expire where isOpen:
      session["status"] = "expired"
      session["url"] = nil
      store(session)
      record("checkout.session.expired", session)
    case .complete where isOpen, .payLate where isOpen:
      session["status"] = "complete"
      session["url"] = nil
      try fulfil(&session, isPaid: ending == .complete)
      if ending == .payLate { latePayments.insert(id) }
      store(session)
      record("checkout.session.completed", session)
    case .complete where isLate:
      latePayments.remove(id)
      session["payment_status"] = "paid"
      store(session)
      settle(session, isPaid: true)
      record("checkout.session.async_payment_succeeded", session)
    case .fail where isLate:
      latePayments.remove(id)
      settle(session, isPaid: false)
      record("checkout.session.async_payment_failed", session)
    case .fail where isOpen:
      // The payer may try another card.
      record(
        "payment_intent.payment_failed",
        pay(session, amount: session["amount_total"].integer ?? 0, status: "requires_payment_method"))
    default:
      throw StandInError(400, "The Checkout Session is already \(session["status"].text ?? "").")
    }
    return session
  }

  /// Finds a session, and expires it first if its time has passed.
  func current(_ id: String) throws(StandInError) -> JSONValue {
    var session = try object(id, kind: "checkout.session")
    if session["status"].text == "open", let end = session["expires_at"].integer, end <= Self.now {
      session["status"] = "expired"
      session["url"] = nil
      store(session)
      record("checkout.session.expired", session)
    }
    return session
  }

  private func fulfil(_ session: inout JSONValue, isPaid: Bool) throws(StandInError) {
    guard let order = orders[session["id"].text ?? ""] else { return }
    session["payment_status"] = isPaid ? "paid" : "unpaid"
    let amount = session["amount_total"].integer ?? 0
    // A subscription needs a customer; a single payment creates one only on request.
    if session["mode"].text == "subscription" || session["customer_creation"].text == "always",
      session["customer"] == .null
    {
      let customer = make("cus", "customer", ["email": session["customer_email"], "name": nil])
      session["customer"] = customer["id"]
      record("customer.created", customer)
    }
    if session["mode"].text == "payment" {
      let payment = pay(session, amount: amount, status: isPaid ? "succeeded" : "processing", metadata: order.metadata)
      session["payment_intent"] = payment["id"]
      if isPaid { record("payment_intent.succeeded", payment) }
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
    record("customer.subscription.created", subscription)
    session["invoice"] = invoice(subscription, reason: "subscription_create", outcome: isPaid ? .paid : .open)["id"]
  }

  /// Completes or fails the pending payment of a session.
  private func settle(_ session: JSONValue, isPaid: Bool) {
    if var payment = objects[session["payment_intent"].text ?? ""] {
      payment["status"] = isPaid ? "succeeded" : "requires_payment_method"
      if isPaid { payment["latest_charge"] = charge(payment)["id"] }
      store(payment)
      record(isPaid ? "payment_intent.succeeded" : "payment_intent.payment_failed", payment)
    }
    guard var subscription = objects[session["subscription"].text ?? ""],
      let invoice = objects[session["invoice"].text ?? ""]
    else { return }
    if !isPaid {
      subscription["status"] = "past_due"
      store(subscription)
    }
    close(invoice, of: subscription, isPaid: isPaid)
    record("customer.subscription.updated", subscription)
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
    store(payment)
    return payment
  }

  /// Creates the charge of a payment.
  func charge(_ payment: JSONValue) -> JSONValue {
    let charge = make(
      "ch", "charge",
      [
        "payment_intent": payment["id"], "customer": payment["customer"], "amount": payment["amount"],
        "amount_refunded": JSONValue(0),
        "currency": payment["currency"], "status": "succeeded", "paid": true, "refunded": false, "disputed": false,
        "metadata": payment["metadata"],
      ])
    record("charge.succeeded", charge)
    return charge
  }
}
