import JSONValues

extension StripeLedger {
  /// Finds a charge.
  ///
  /// - Parameter id: the id of the charge or of its payment.
  func charge(of id: String, param: String = "id") throws(StandInError) -> JSONValue {
    if let charge = objects[id], charge["object"].text == "charge" { return charge }
    let payment = try object(id, kind: "payment_intent", param: param)
    guard let charge = objects[payment["latest_charge"].text ?? ""] else {
      throw StandInError(400, param: param, "This PaymentIntent (\(id)) does not have a successful charge to refund.")
    }
    return charge
  }

  /// Refunds a charge.
  ///
  /// - Parameter amount: nil refunds the rest of the charge.
  func refund(_ id: String, amount: Int?, param: String = "id") throws(StandInError) -> JSONValue {
    var charge = try charge(of: id, param: param)
    let refunded = charge["amount_refunded"].integer ?? 0
    let whole = charge["amount"].integer ?? 0
    guard refunded < whole else {
      throw StandInError(400, code: "charge_already_refunded", "Charge has already been refunded.")
    }
    let amount = amount ?? whole - refunded
    guard amount > 0, refunded + amount <= whole else {
      throw StandInError(
        400, param: "amount",
        "Refund amount (\(amount)) is greater than unrefunded amount on charge (\(whole - refunded))")
    }
    charge["amount_refunded"] = JSONValue(refunded + amount)
    charge["refunded"] = .bool(refunded + amount == whole)
    store(charge)
    let refund = make(
      "re", "refund",
      [
        "charge": charge["id"], "payment_intent": charge["payment_intent"], "amount": JSONValue(amount),
        "currency": charge["currency"],
        "status": "succeeded", "reason": nil,
      ])
    record("refund.created", refund)
    record("charge.refunded", charge)
    return refund
  }

  /// Opens a dispute, or closes the open one.
  ///
  /// - Parameter status: nil to open a dispute; `won` or `lost` to close it.
  func dispute(_ id: String, status: String?) throws(StandInError) -> JSONValue {
    var charge = try charge(of: id)
    let existing = all("dispute") { $0["charge"] == charge["id"] }.first
    guard let status else {
      guard existing == nil else { throw StandInError(400, "The charge is already disputed.") }
      charge["disputed"] = true
      store(charge)
      let dispute = make(
        "dp", "dispute",
        [
          "charge": charge["id"], "payment_intent": charge["payment_intent"], "amount": charge["amount"],
          "currency": charge["currency"],
          "status": "needs_response", "reason": "fraudulent",
        ])
      record("charge.dispute.created", dispute)
      return dispute
    }
    guard var dispute = existing, ["won", "lost"].contains(status) else {
      throw StandInError(400, param: "status", "There is no dispute, or the status is not won or lost.")
    }
    dispute["status"] = .string(status)
    store(dispute)
    record("charge.dispute.closed", dispute)
    return dispute
  }
}
