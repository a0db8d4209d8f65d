extension StripeLedger {
  /// Answers `POST /_control/…`: what payers, banks and time do.
  func control(_ request: StandInRequest) -> StandInAnswer {
    defer { tellEvents() }
    do throws(StandInRefusal) {
      return StandInAnswer(try controlled(request))
    } catch {
      return StandInAnswer(error)
    }
  }

  private func controlled(_ request: StandInRequest) throws(StandInRefusal) -> JSONValue {
    let segments = request.segments
    guard request.method == "POST", segments.count == 4 else { throw Self.unknownControl }
    let id = segments[2]
    switch (segments[1], segments[3]) {
    case ("sessions", let name):
      guard let ending = Ending(rawValue: name) else { throw Self.unknownControl }
      return try end(id, ending)
    case ("subscriptions", "renew"): return try renew(id, isPaid: true)
    case ("subscriptions", "fail-renewal"): return try renew(id, isPaid: false)
    case ("subscriptions", "cancel"): return try cancel(id)
    case ("payments", "refund"): return try refund(id, amount: request.integer("amount"))
    case ("payments", "dispute"): return try dispute(id, status: request.fields["status"])
    default: throw Self.unknownControl
    }
  }

  private static let unknownControl = StandInRefusal(
    404,
    """
    What is controlled by POST: /_control/sessions/{id}/complete|expire|pay-late|fail (one paid late ends with complete or fail), \
    /_control/subscriptions/{id}/renew|fail-renewal|cancel, /_control/payments/{id}/refund[?amount=N]|dispute[?status=won|lost]
    """)

  // MARK: Pages

  /// Where the payer goes, and what they do there: `pay`, `pay-late` or `cancel`; then, of what is paid late, `arrive`
  /// or `bounce`.
  func payPage(_ request: StandInRequest) -> StandInAnswer {
    defer { tellEvents() }
    do throws(StandInRefusal) {
      let id = request.segments.dropFirst().first ?? ""
      let session = try current(id)
      let isOpen = session["status"].text == "open"
      let action = request.method == "POST" ? request.fields["action"] : nil
      guard isOpen || late.contains(id) else {
        throw StandInRefusal(410, "This session is \(session["status"].text ?? "") already.")
      }
      switch action {
      case nil: return StandInAnswer(page: Self.payForm(session, isOpen: isOpen))
      case "arrive", "bounce":
        _ = try end(id, action == "arrive" ? .complete : .fail)
        return StandInAnswer(
          page: Self.page("Settled", "<p>The payment \(action == "arrive" ? "arrived" : "failed").</p>"))
      case "pay", "pay-late":
        _ = try end(id, action == "pay" ? .complete : .payLate)
        return StandInAnswer(
          redirect: (session["success_url"].text ?? "/").replacing("{CHECKOUT_SESSION_ID}", with: id))
      default:
        // The session stays open: a payer may come back.
        return StandInAnswer(redirect: session["cancel_url"].text ?? "/pay/\(id)")
      }
    } catch {
      return Self.problem(error)
    }
  }

  /// Where a customer ends what they pay.
  func portalPage(_ request: StandInRequest) -> StandInAnswer {
    defer { tellEvents() }
    do throws(StandInRefusal) {
      let portal = try object(request.segments.dropFirst().first ?? "", kind: "billing_portal.session")
      if request.method == "POST", let id = request.fields["cancel"] {
        guard try object(id, kind: "subscription")["customer"] == portal["customer"] else {
          throw .missing("subscription", id)
        }
        _ = try cancel(id)
      }
      let running = all("subscription") { $0["customer"] == portal["customer"] && $0["status"].text != "canceled" }
      let rows = running.map { subscription in
        let id = Self.escape(subscription["id"].text ?? "")
        return
          "<form method=\"post\"><p>\(id): \(Self.escape(subscription["status"].text ?? "")) <button name=\"cancel\" value=\"\(id)\">Cancel</button></p></form>"
      }
      let back = portal["return_url"].text.map { "<p><a href=\"\(Self.escape($0))\">Back</a></p>" } ?? ""
      return StandInAnswer(page: Self.page("Customer portal", rows.joined() + back))
    } catch {
      return Self.problem(error)
    }
  }

  private static func problem(_ refusal: StandInRefusal) -> StandInAnswer {
    var answer = StandInAnswer(page: page("Not here", "<p>\(escape(refusal.message))</p>"))
    answer.status = refusal.status
    return answer
  }

  private static func payForm(_ session: JSONValue, isOpen: Bool) -> String {
    let actions =
      isOpen
      ? [("pay", "Pay"), ("pay-late", "Pay late"), ("cancel", "Cancel")]
      : [("arrive", "The payment arrives"), ("bounce", "It fails")]
    let amount = session["amount_total"].integer ?? 0
    let cents = amount % 100
    return page(
      "Pay",
      """
      <p>\(amount / 100).\(cents < 10 ? "0" : "")\(cents) \(escape(session["currency"].text ?? "").uppercased()), \(escape(session["mode"].text ?? "")). \
      No money is moved: this stands in for Stripe.</p>
      <form method="post"><p>\(actions.map { "<button name=\"action\" value=\"\($0)\">\($1)</button>" }.joined(separator: " "))</p></form>
      """)
  }

  private static func page(_ title: String, _ body: String) -> String {
    "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>\(title)</title></head><body><h1>\(title)</h1>\n\(body)\n</body></html>\n"
  }

  private static func escape(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing(
      "\"", with: "&quot;")
  }
}
