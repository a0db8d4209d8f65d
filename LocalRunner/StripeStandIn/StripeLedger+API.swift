import JSONValues

extension StripeLedger {
  /// Responds to a request to Stripe's API, which must carry a key of test mode.
  func apiResponse(to request: StandInRequest) -> StandInResponse {
    defer { publishEvents() }
    guard let authorization = request.headers["authorization"], authorization.hasPrefix("Bearer sk_test_") else {
      return StandInResponse(
        StandInError(
          401, "Invalid API Key provided: this is a stand-in for Stripe; use any key that begins with sk_test_."))
    }
    guard request.method == "POST", let key = request.headers["idempotency-key"] else { return outcome(of: request) }
    // Stripe keeps a key for at least 24 hours (docs.stripe.com/api/idempotent_requests); the stand-in until it ends.
    let text =
      request.segments.joined(separator: "/") + "\n"
      + request.fields.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: "\n")
    if let earlier = idempotentResponses[key] {
      guard earlier.request == text else {
        return StandInResponse(
          StandInError(
            400, type: "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters they were first used with."))
      }
      var response = earlier.response
      response.headers["idempotent-replayed"] = "true"
      return response
    }
    let response = outcome(of: request)
    // A request that was refused changed nothing, so it may be sent again with the same key.
    if response.status < 400 { idempotentResponses[key] = (text, response) }
    return response
  }

  private func outcome(of request: StandInRequest) -> StandInResponse {
    do throws(StandInError) {
      return StandInResponse(try result(request))
    } catch {
      return StandInResponse(error)
    }
  }

  private func result(_ request: StandInRequest) throws(StandInError) -> JSONValue {
    var rest = request.segments.dropFirst()
    var kind = rest.popFirst() ?? ""
    if ["checkout", "billing_portal"].contains(kind) { kind += "/" + (rest.popFirst() ?? "") }
    let id = rest.popFirst()
    let action = rest.popFirst()
    switch (request.method, kind, id, action) {
    case ("POST", "customers", nil, nil): return makeCustomer(request)
    case ("GET", "customers", nil, nil):
      return list(
        all("customer") { $0["email"].text == request.fields["email"] || request.fields["email"] == nil },
        "/v1/customers")
    case ("GET", "customers", let id?, nil): return try object(id, kind: "customer")
    case ("POST", "customers", let id?, nil):
      return try update(object(id, kind: "customer"), request, ["email", "name"])
    case ("GET", "prices", nil, nil): return list(all("price"), "/v1/prices")
    case ("POST", "prices", nil, nil): return try makePrice(request)
    case ("GET", "prices", let id?, nil): return try object(id, kind: "price", param: "price")
    case ("POST", "prices", let id?, nil):
      var price = try update(object(id, kind: "price", param: "price"), request, [])
      if let isActive = request.fields["active"] { price["active"] = .bool(isActive == "true") }
      store(price)
      return price
    case ("POST", "checkout/sessions", nil, nil): return try makeSession(request)
    case ("GET", "checkout/sessions", let id?, nil): return try current(id)
    case ("POST", "checkout/sessions", let id?, "expire"): return try end(id, .expire)
    case ("POST", "billing_portal/sessions", nil, nil): return try makePortal(request)
    case ("GET", "subscriptions", nil, nil):
      return list(
        all("subscription") { $0["customer"].text == request.fields["customer"] || request.fields["customer"] == nil },
        "/v1/subscriptions")
    case ("GET", "subscriptions", let id?, nil): return try object(id, kind: "subscription")
    case ("POST", "subscriptions", let id?, nil): return try updateSubscription(id, request)
    case ("DELETE", "subscriptions", let id?, nil): return try cancel(id)
    case ("GET", "invoices", let id?, nil):
      var invoice = try object(id, kind: "invoice")
      if request.fields["expand[]"] == "payments" {
        invoice["payments"] = list(all("invoice_payment") { $0["invoice"].text == id }, "/v1/invoice_payments")
      }
      return invoice
    case ("GET", "invoice_payments", let id?, nil): return try object(id, kind: "invoice_payment")
    case ("GET", "disputes", let id?, nil): return try object(id, kind: "dispute")
    case ("GET", "payment_intents", let id?, nil): return try object(id, kind: "payment_intent")
    case ("GET", "charges", let id?, nil): return try object(id, kind: "charge")
    case ("GET", "refunds", let id?, nil): return try object(id, kind: "refund")
    case ("POST", "refunds", nil, nil):
      let param = request.fields["charge"] == nil ? "payment_intent" : "charge"
      return try refund(request.required(param), amount: request.integer("amount"), param: param)
    default:
      throw StandInError(
        404, "Unrecognized request URL (\(request.method): /\(request.segments.joined(separator: "/"))).")
    }
  }

  private func list(_ objects: [JSONValue], _ path: String) -> JSONValue {
    ["object": "list", "url": .string(path), "has_more": false, "data": .array(objects)]
  }

  private func makeCustomer(_ request: StandInRequest) -> JSONValue {
    let customer = make(
      "cus", "customer",
      [
        "email": JSONValue(request.fields["email"]), "name": JSONValue(request.fields["name"]),
        "metadata": JSONValue(request.nested("metadata")),
      ])
    record("customer.created", customer)
    return customer
  }

  private func makePrice(_ request: StandInRequest) throws(StandInError) -> JSONValue {
    guard let amount = try request.integer("unit_amount") else {
      throw StandInError(400, code: "parameter_missing", param: "unit_amount", "Missing required param: unit_amount.")
    }
    let price = Self.price(
      Self.id("price"), amount, currency: try request.required("currency"),
      interval: request.fields["recurring[interval]"],
      product: request.fields["product"] ?? Self.id("prod"))
    store(price)
    return price
  }

  /// Updates the named fields and the metadata of an object. An empty value removes a field.
  private func update(_ object: JSONValue, _ request: StandInRequest, _ names: [String]) -> JSONValue {
    var object = object
    for name in names { if let value = request.fields[name] { object[name] = value.isEmpty ? .null : .string(value) } }
    if case .object(var metadata) = object["metadata"] {
      for (key, value) in request.nested("metadata") { metadata[key] = value.isEmpty ? nil : .string(value) }
      object["metadata"] = .object(metadata)
    }
    store(object)
    return object
  }

  private static let sessionFields: Set<String> = [
    "mode", "customer", "customer_email", "customer_creation", "line_items", "success_url", "cancel_url",
    "client_reference_id", "expires_at", "metadata", "payment_intent_data", "subscription_data",
    "allow_promotion_codes", "automatic_tax", "billing_address_collection",
    "locale", "payment_method_types", "ui_mode", "expand",
  ]

  private func makeSession(_ request: StandInRequest) throws(StandInError) -> JSONValue {
    for name in request.fields.keys.sorted() where !Self.sessionFields.contains(String(name.prefix { $0 != "[" })) {
      throw StandInError(400, code: "parameter_unknown", param: name, "Received unknown parameter: \(name)")
    }
    let mode = try sessionMode(of: request)
    let price = try sessionPrice(of: request, mode: mode)
    let other = mode == "payment" ? "subscription_data" : "payment_intent_data"
    if request.fields.keys.contains(where: { $0.hasPrefix(other) }) {
      throw StandInError(400, param: other, "You can not pass `\(other)` in `\(mode)` mode.")
    }
    if let customer = request.fields["customer"] { _ = try object(customer, kind: "customer", param: "customer") }
    let quantity = try request.integer("line_items[0][quantity]") ?? 1
    guard quantity > 0 else {
      throw StandInError(
        400, code: "parameter_invalid_integer", param: "line_items[0][quantity]", "Must be at least 1.")
    }
    let end = try request.integer("expires_at") ?? Self.now + 86_400
    guard Self.now + 1_790...Self.now + 86_410 ~= end else {
      throw StandInError(
        400, param: "expires_at",
        "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.")
    }
    let amount = (price["unit_amount"].integer ?? 0) * quantity
    var session = make(
      "cs_test", "checkout.session",
      [
        "mode": .string(mode), "status": "open", "payment_status": "unpaid",
        "customer": JSONValue(request.fields["customer"]),
        "customer_email": JSONValue(request.fields["customer_email"]),
        "customer_creation": JSONValue(request.fields["customer_creation"]),
        "client_reference_id": JSONValue(request.fields["client_reference_id"]),
        "amount_total": JSONValue(amount), "amount_subtotal": JSONValue(amount), "currency": price["currency"],
        "success_url": .string(try request.required("success_url")),
        "cancel_url": JSONValue(request.fields["cancel_url"]),
        "expires_at": JSONValue(end), "metadata": JSONValue(request.nested("metadata")), "subscription": nil,
        "payment_intent": nil, "invoice": nil,
      ])
    let id = session["id"].text ?? ""
    session["url"] = .string("\(request.origin)/pay/\(id)")
    store(session)
    let name = mode == "payment" ? "payment_intent_data" : "subscription_data"
    orders[id] = Order(price: price["id"].text ?? "", quantity: quantity, metadata: request.nested(name + "[metadata]"))
    return session
  }

  /// Checks the fields `mode` and `customer_creation`.
  private func sessionMode(of request: StandInRequest) throws(StandInError) -> String {
    let mode = try request.required("mode")
    if let creation = request.fields["customer_creation"] {
      guard mode == "payment", request.fields["customer"] == nil, ["always", "if_required"].contains(creation) else {
        throw StandInError(
          400, param: "customer_creation",
          "`customer_creation` can only be used in `payment` mode, without a `customer`.")
      }
    }
    guard ["payment", "subscription"].contains(mode) else {
      throw StandInError(400, param: "mode", "Invalid mode: must be one of payment, subscription")
    }
    return mode
  }

  /// Finds the price of the session's item, and checks that it is active and matches the mode.
  private func sessionPrice(of request: StandInRequest, mode: String) throws(StandInError) -> JSONValue {
    let price = try object(request.required("line_items[0][price]"), kind: "price", param: "line_items[0][price]")
    guard price["active"].isTrue else {
      throw StandInError(400, param: "line_items[0][price]", "The price specified is inactive.")
    }
    guard (mode == "subscription") == (price["recurring"] != .null) else {
      throw StandInError(
        400, param: mode == "payment" ? "line_items[0][price]" : "mode",
        "The mode \(mode) does not match the price \(price["id"].text ?? "").")
    }
    return price
  }

  private func makePortal(_ request: StandInRequest) throws(StandInError) -> JSONValue {
    let customer = try object(request.required("customer"), kind: "customer", param: "customer")
    var portal = make(
      "bps", "billing_portal.session",
      ["customer": customer["id"], "return_url": JSONValue(request.fields["return_url"])])
    portal["url"] = .string("\(request.origin)/portal/\(portal["id"].text ?? "")")
    store(portal)
    return portal
  }

  private func updateSubscription(_ id: String, _ request: StandInRequest) throws(StandInError) -> JSONValue {
    guard try object(id, kind: "subscription")["status"].text != "canceled" else { throw .missing("subscription", id) }
    var price: JSONValue?
    if let name = request.fields["items[0][price]"] {
      price = try object(name, kind: "price", param: "items[0][price]")
    }
    var subscription = update(try object(id, kind: "subscription"), request, [])
    if let price {
      var item = subscription["items"]["data"].elements.first ?? .null
      item["price"] = price
      if let quantity = try request.integer("items[0][quantity]") { item["quantity"] = JSONValue(quantity) }
      subscription["items"]["data"] = [item]
    }
    if let isEnding = request.fields["cancel_at_period_end"] {
      subscription["cancel_at_period_end"] = .bool(isEnding == "true")
      subscription["cancel_at"] =
        isEnding == "true" ? subscription["items"]["data"].elements.first?["current_period_end"] ?? .null : .null
      subscription["canceled_at"] = isEnding == "true" ? JSONValue(Self.now) : .null
    }
    store(subscription)
    record("customer.subscription.updated", subscription)
    return subscription
  }
}
