import FoundationEssentials

/// All that a Stripe account of its own holds, and what is done to it; what changes is told in events.
actor StripeLedger {
  /// Every object by its id, in the shape of API version 2025-03-31.
  var objects: [String: JSONValue] = [:]
  /// What the payer of a session gets: the price, the quantity, and the metadata of what it makes.
  var orders: [String: Order] = [:]
  /// The sessions whose payment is on its way.
  var late: Set<String> = []
  /// What was answered to a key, and to what.
  var answered: [String: (question: String, answer: StandInAnswer)] = [:]
  private var events: [JSONValue] = []
  private let hasOldShape: Bool
  private let tell: @Sendable ([JSONValue]) -> Void

  struct Order {
    let price: String
    let quantity: Int
    let metadata: [String: String]
  }

  /// - Parameters:
  ///   - hasOldShape: whether events are in the shape before 2025-03-31; answers never are.
  ///   - tell: takes the events of one change, in the order in which they came about.
  init(hasOldShape: Bool, tell: @escaping @Sendable ([JSONValue]) -> Void) {
    self.hasOldShape = hasOldShape
    self.tell = tell
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

  func object(_ id: String, kind: String, param: String = "id") throws(StandInRefusal) -> JSONValue {
    guard let object = objects[id], object["object"].text == kind else { throw .missing(kind, id, param: param) }
    return object
  }

  /// Keeps an object with what all have.
  @discardableResult
  func make(_ prefix: String, _ kind: String, _ members: JSONValue) -> JSONValue {
    var object = members
    object["id"] = .string(Self.id(prefix))
    object["object"] = .string(kind)
    object["created"] = JSONValue(Self.now)
    object["livemode"] = false
    if object["metadata"] == .null { object["metadata"] = [:] }
    keep(object)
    return object
  }

  func keep(_ object: JSONValue) { objects[object["id"].text ?? ""] = object }

  /// Those of a kind, the newest first.
  func all(_ kind: String, where isWanted: (JSONValue) -> Bool = { _ in true }) -> [JSONValue] {
    objects.values.filter { $0["object"].text == kind && isWanted($0) }
      .sorted { ($0["created"].integer ?? 0, $0["id"].text ?? "") > ($1["created"].integer ?? 0, $1["id"].text ?? "") }
  }

  // MARK: Events

  /// Notes that something happened to an object, as it is now.
  func note(_ type: String, _ object: JSONValue) {
    if hasOldShape, type == "invoice_payment.paid" { return }
    events.append([
      "id": .string(Self.id("evt")), "object": "event", "api_version": hasOldShape ? "2024-06-20" : "2025-03-31.basil",
      "created": JSONValue(Self.now), "type": .string(type), "livemode": false, "pending_webhooks": JSONValue(1),
      "request": ["id": nil, "idempotency_key": nil], "data": ["object": hasOldShape ? inOldShape(object) : object],
    ])
  }

  func tellEvents() {
    let events = events
    self.events = []
    if !events.isEmpty { tell(events) }
  }

  /// The object as it was written before API version 2025-03-31 (docs.stripe.com/changelog/basil).
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
