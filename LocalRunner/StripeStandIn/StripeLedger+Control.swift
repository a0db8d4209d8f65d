import JSONValues

extension StripeLedger {
  /// Responds to a request by its path: `/v1` is Stripe's API, and the other paths belong to the stand-in.
  func respond(to request: StandInRequest) -> StandInResponse {
    switch request.segments.first {
    case "v1": apiResponse(to: request)
    case "_control": controlResponse(to: request)
    case "pay": payPage(for: request)
    case "portal": portalPage(for: request)
    default: StandInResponse(StandInError(404, "The paths are /v1, /pay, /portal and /_control."))
    }
  }

  /// Responds to `POST /_control/…`, which simulates actions of payers and banks and the passing of time.
  func controlResponse(to request: StandInRequest) -> StandInResponse {
    defer { publishEvents() }
    do throws(StandInError) {
      return StandInResponse(try control(request))
    } catch {
      return StandInResponse(error)
    }
  }

  private func control(_ request: StandInRequest) throws(StandInError) -> JSONValue {
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

  private static let unknownControl = StandInError(
    404,
    """
    The paths for POST are /_control/sessions/{id}/complete|expire|pay-late|fail \
    (after pay-late, complete or fail), \
    /_control/subscriptions/{id}/renew|fail-renewal|cancel, \
    /_control/payments/{id}/refund[?amount=N]|dispute[?status=won|lost]
    """)

  // MARK: Pages

  /// The page on which a payer pays.
  ///
  /// The form field `action` is `pay`, `pay-late` or `cancel`; after `pay-late` it is `arrive` or `bounce`.
  func payPage(for request: StandInRequest) -> StandInResponse {
    defer { publishEvents() }
    do throws(StandInError) {
      let id = request.segments.dropFirst().first ?? ""
      let session = try current(id)
      let isOpen = session["status"].text == "open"
      let action = request.method == "POST" ? request.fields["action"] : nil
      guard isOpen || latePayments.contains(id) else {
        throw StandInError(410, "The session is already \(session["status"].text ?? "").")
      }
      switch action {
      case nil: return StandInResponse(page: Self.payForm(session, isOpen: isOpen))
      case "arrive", "bounce":
        _ = try end(id, action == "arrive" ? .complete : .fail)
        return StandInResponse(
          page: Self.page("Settled", "<p>The payment \(action == "arrive" ? "arrived" : "failed").</p>"))
      case "pay", "pay-late":
        _ = try end(id, action == "pay" ? .complete : .payLate)
        return StandInResponse(
          redirect: (session["success_url"].text ?? "/").replacing("{CHECKOUT_SESSION_ID}", with: id))
      default:
        // The session stays open, because the payer may come back.
        return StandInResponse(redirect: session["cancel_url"].text ?? "/pay/\(id)")
      }
    } catch {
      return Self.errorPage(error)
    }
  }

  /// The customer portal, on which a customer cancels subscriptions.
  func portalPage(for request: StandInRequest) -> StandInResponse {
    defer { publishEvents() }
    do throws(StandInError) {
      let portal = try object(request.segments.dropFirst().first ?? "", kind: "billing_portal.session")
      if request.method == "POST", let id = request.fields["cancel"] {
        guard try object(id, kind: "subscription")["customer"] == portal["customer"] else {
          throw .missing("subscription", id)
        }
        _ = try cancel(id)
      }
      let active = all("subscription") { $0["customer"] == portal["customer"] && $0["status"].text != "canceled" }
      let rows = active.map { subscription in
        let id = Self.escape(subscription["id"].text ?? "")
        let status = Self.escape(subscription["status"].text ?? "")
        let button = "<button name=\"cancel\" value=\"\(id)\">Cancel</button>"
        return "<form method=\"post\"><p>\(id): \(status) \(button)</p></form>"
      }
      let back = portal["return_url"].text.map { "<p><a href=\"\(Self.escape($0))\">Back</a></p>" } ?? ""
      return StandInResponse(page: Self.page("Customer portal", rows.joined() + back))
    } catch {
      return Self.errorPage(error)
    }
  }

  private static func errorPage(_ error: StandInError) -> StandInResponse {
    var response = StandInResponse(page: page("Error", "<p>\(escape(error.message))</p>"))
    response.status = error.status
    return response
  }

  private static func payForm(_ session: JSONValue, isOpen: Bool) -> String {
    let actions =
      isOpen
      ? [("pay", "Pay"), ("pay-late", "Pay late"), ("cancel", "Cancel")]
      : [("arrive", "The payment arrives"), ("bounce", "It fails")]
    let amount = session["amount_total"].integer ?? 0
    let cents = amount % 100
    let buttons = actions.map { "<button name=\"action\" value=\"\($0)\">\($1)</button>" }
    return page(
      "Pay",
      """
      <p>\(amount / 100).\(cents < 10 ? "0" : "")\(cents) \(escape(session["currency"].text ?? "").uppercased()), \
      \(escape(session["mode"].text ?? "")). \
      No money is moved: this is a stand-in for Stripe.</p>
      <form method="post"><p>\(buttons.joined(separator: " "))</p></form>
      """)
  }

  private static func page(_ title: String, _ body: String) -> String {
    """
    <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>\(title)</title></head>\
    <body><h1>\(title)</h1>
    \(body)
    </body></html>

    """
  }

  private static func escape(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing(
      "\"", with: "&quot;")
  }
}
