import Accounts
import FoundationEssentials
import Postgres
import Testing

@testable import Billing

/// An account with checkouts, and the Stripe objects of its purchases.
struct Buyer {
  let url: String
  let id: String
  let account = UUID()
  let database: Database
  private let soon = ContinuousClock.now.advanced(by: .seconds(300))
  var customer: String { "cus_\(id)" }
  var subscription: String { "sub_\(id)" }

  init(_ url: String, _ products: String..., customer: Bool = true) throws {
    try self.init(url, products: products, customer: customer)
  }

  /// - Parameters:
  ///   - customer: whether the checkouts were opened with a customer.
  ///   - database: a connection that several buyers share; nil to open another.
  init(_ url: String, products: [String], customer: Bool = true, database: Database? = nil) throws {
    let id = String(UUID().uuidString.lowercased().prefix(8))
    self.url = url
    self.id = id
    let database = database ?? Database(url: url)
    self.database = database
    try database.transaction(by: soon) { [account] transaction in
      Accounts.openForPurchase(account, email: nil, in: &transaction)
      for (number, name) in products.enumerated() {
        StoredCheckout(
          session: "cs_\(id)_\(number)", product: try #require(Product.named(name)),
          customer: customer ? "cus_\(id)" : nil, checkout: "checkout-\(id)-\(number)"
        ).insert(for: account, in: &transaction)
      }
      if customer { EventApplication.addReference("cus_\(id)", of: account, session: nil, in: &transaction) }
    }
  }

  /// Delivers an event about an object.
  ///
  /// - Returns: the outcome.
  @discardableResult
  func send(
    _ type: String, _ object: String, at time: Int = Int(Date().timeIntervalSince1970),
    event: String = "evt_\(UUID().uuidString)"
  ) throws -> String {
    try Deliverer(url: url).outcome(of: Delivery(id: event, type: type, created: time, object: object).body, by: soon)
  }

  func paidSession(_ number: Int = 0, amount: Int, mode: String = "payment", subscription: String? = nil) -> String {
    let link = subscription.map { #""subscription":"\#($0)""# } ?? #""payment_intent":"pi_\#(id)_\#(number)""#
    return
      #"""
      {"id":"cs_\#(id)_\#(number)","object":"checkout.session","status":"complete","payment_status":"paid",
      "mode":"\#(mode)","amount_total":\#(amount),"currency":"usd","customer":"\#(customer)",\#(link)}
      """#
  }

  func subscription(_ status: String, until end: Int, price: String = "price_growth", pause: String = "null") -> String
  {
    #"""
    {"id":"\#(subscription)","object":"subscription","customer":"\#(customer)","status":"\#(status)",
    "cancel_at_period_end":false,"items":{"data":[{"price":{"id":"\#(price)"},"current_period_end":\#(end)}]},
    "metadata":{"checkout":"checkout-\#(id)-0"},"pause_collection":\#(pause)}
    """#
  }

  func invoice(_ number: Int, _ lines: (price: String, amount: Int, start: Int, end: Int)..., status: String = "paid")
    -> String
  {
    let texts = lines.map {
      #"""
      {"amount":\#($0.amount),"period":{"start":\#($0.start),"end":\#($0.end)},
      "pricing":{"price_details":{"price":"\#($0.price)"}}}
      """#
    }
    let amount = max(0, lines.reduce(0) { $0 + $1.amount })
    return
      #"""
      {"id":"in_\#(id)_\#(number)","object":"invoice","customer":"\#(customer)",
      "parent":{"subscription_details":{"subscription":"\#(subscription)"}},"status":"\#(status)",
      "billing_reason":"subscription_\#(number == 0 ? "create" : "cycle")","amount_paid":\#(amount),
      "currency":"usd","period_end":\#(lines[0].start),"lines":{"data":[\#(texts.joined(separator: ","))]}}
      """#
  }

  func invoicePayment(_ number: Int) -> String {
    #"""
    {"id":"inpay_\#(id)_\#(number)","object":"invoice_payment","invoice":"in_\#(id)_\#(number)",
    "payment":{"type":"payment_intent","payment_intent":"pi_\#(id)_\#(number)"},"amount_paid":1500,
    "currency":"usd","status":"paid"}
    """#
  }

  func refund(_ number: Int, _ amount: Int) -> String {
    #"""
    {"id":"re_\#(id)_\#(number)","object":"refund","charge":"ch_\#(id)_\#(number)",
    "payment_intent":"pi_\#(id)_\#(number)","amount":\#(amount),"currency":"usd","status":"succeeded"}
    """#
  }

  /// The monthly plans of the account with their ends, in the order in which they apply.
  func subscribedPlans() throws -> [String] {
    let plans = try database.rows(
      """
      SELECT subscribed_plan, extract(epoch FROM subscribed_until)::bigint AS subscribed_until, next_plan,
        extract(epoch FROM next_until)::bigint AS next_until
      FROM accounts WHERE account_id = \(account)
      """, as: PlanRow.self, by: soon)[0]
    return [(plans.subscribedPlan, plans.subscribedUntil), (plans.nextPlan, plans.nextUntil)].compactMap {
      plan, until in
      until.map { "\(plan) \($0)" }
    }
  }

  /// The monthly plans of an account. Times are in seconds since 1970.
  struct PlanRow: Decodable {
    let subscribedPlan: Plan
    let subscribedUntil: Int?
    let nextPlan: Plan
    let nextUntil: Int?
  }

  func strings(_ query: Query) throws -> [String] { try database.rows(query, as: String.self, by: soon) }
}
