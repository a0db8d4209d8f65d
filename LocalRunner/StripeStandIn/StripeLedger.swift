import FoundationEssentials
import JSONValues

/// The contents of one Stripe account, and the operations of Stripe's API on it. Each change produces webhook events.
actor StripeLedger {
  /// All objects by their ids, in the shape of API version 2025-03-31.
  var objects: [String: JSONValue] = [:]
  /// The orders by the ids of their checkout sessions.
  var orders: [String: Order] = [:]
  /// The ids of sessions that are complete and whose payment is still pending.
  var latePayments: Set<String> = []
  /// The responses to requests with an idempotency key, by that key.
  var idempotentResponses: [String: (request: String, response: StandInResponse)] = [:]
  private var events: [JSONValue] = []
  private let hasOldShape: Bool
  private let publish: @Sendable ([JSONValue]) -> Void

  /// The items that the payer of a session buys.
  struct Order {
    let price: String
    let quantity: Int
    /// The metadata of the payment or subscription that the session creates.
    let metadata: [String: String]
  }

  /// - Parameters:
  ///   - hasOldShape: whether events have the shape before API version 2025-03-31.
  ///   - publish: receives the events of one change, in the order in which they occurred.
  init(hasOldShape: Bool, publish: @escaping @Sendable ([JSONValue]) -> Void) {
    self.hasOldShape = hasOldShape
    self.publish = publish
    for price in Self.prices { objects[price["id"].text!] = price }
  }

  private static let prices = [
    price("price_coffee", 500), price("price_growth", 1_500, interval: "month"),
    price("price_scale", 5_000, interval: "month"),
    price("price_credits_500", 500), price("price_credits_2500", 2_000),
  ]

  static func price(
    _ id: String, _ amount: Int, currency: String = "usd", interval: String? = nil, product: String? = nil
  ) -> JSONValue {
    [
      "id": .string(id), "object": "price", "active": true, "livemode": false, "unit_amount": JSONValue(amount),
      "currency": .string(currency), "type": interval == nil ? "one_time" : "recurring",
      "recurring": interval.map { ["interval": .string($0), "interval_count": JSONValue(1)] } ?? .null,
      "product": .string(product ?? id.replacing("price_", with: "prod_")), "metadata": [:],
    ]
  }

  static var now: Int { Int(Date.now.timeIntervalSince1970) }

  static func id(_ prefix: String) -> String {
    prefix + "_"
      + String((0..<24).map { _ in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".randomElement()! })
  }

  // MARK: Objects

  func object(_ id: String, kind: String, param: String = "id") throws(StandInError) -> JSONValue {
    guard let object = objects[id], object["object"].text == kind else { throw .missing(kind, id, param: param) }
    return object
  }

  /// Creates an object with a new id and the members that all objects have, and stores it.
  @discardableResult
  func make(_ prefix: String, _ kind: String, _ members: JSONValue) -> JSONValue {
    var object = members
    object["id"] = .string(Self.id(prefix))
    object["object"] = .string(kind)
    object["created"] = JSONValue(Self.now)
    object["livemode"] = false
    if object["metadata"] == .null { object["metadata"] = [:] }
    store(object)
    return object
  }

  func store(_ object: JSONValue) { objects[object["id"].text ?? ""] = object }

  /// The objects of a kind, newest first.
  func all(_ kind: String, where isWanted: (JSONValue) -> Bool = { _ in true }) -> [JSONValue] {
    objects.values.filter { $0["object"].text == kind && isWanted($0) }
      .sorted { ($0["created"].integer ?? 0, $0["id"].text ?? "") > ($1["created"].integer ?? 0, $1["id"].text ?? "") }
  }

  // MARK: Events

  /// Adds an event with the current state of an object.
  ///
  /// - Parameter type: the type of the event, such as `invoice.paid`.
  func record(_ type: String, _ object: JSONValue) {
    if hasOldShape, type == "invoice_payment.paid" { return }
    events.append([
      "id": .string(Self.id("evt")), "object": "event", "api_version": hasOldShape ? "2024-06-20" : "2025-03-31.basil",
      "created": JSONValue(Self.now), "type": .string(type), "livemode": false, "pending_webhooks": JSONValue(1),
      "request": ["id": nil, "idempotency_key": nil], "data": ["object": hasOldShape ? inOldShape(object) : object],
    ])
  }

  /// Publishes the events that were recorded since the last call.
  func publishEvents() {
    let events = events
    self.events = []
    if !events.isEmpty { publish(events) }
  }

  /// Converts an object to the shape before API version 2025-03-31 (docs.stripe.com/changelog/basil).
  private func inOldShape(_ object: JSONValue) -> JSONValue {
    var old = object
    switch object["object"].text {
    case "subscription":
      let item = object["items"]["data"].elements.first ?? .null
      old["current_period_start"] = item["current_period_start"]
      old["current_period_end"] = item["current_period_end"]
      old["items"]["data"] = .array(
        object["items"]["data"].elements.map { item in
          var item = item
          item["current_period_start"] = nil
          item["current_period_end"] = nil
          return item
        })
    case "invoice":
      old["subscription"] = object["parent"]["subscription_details"]["subscription"]
      old["subscription_details"] = ["metadata": object["parent"]["subscription_details"]["metadata"]]
      old["parent"] = nil
      old["payment_intent"] =
        all("invoice_payment") { $0["invoice"] == object["id"] }.first?["payment"]["payment_intent"] ?? .null
      old["lines"]["data"] = .array(
        object["lines"]["data"].elements.map { line in
          var line = line
          line["price"] = objects[line["pricing"]["price_details"]["price"].text ?? ""] ?? .null
          line["pricing"] = nil
          return line
        })
    case "charge":
      old["invoice"] =
        all("invoice_payment") { $0["payment"]["payment_intent"] == object["payment_intent"] }.first?["invoice"]
        ?? .null
    default: break
    }
    return old
  }
}
