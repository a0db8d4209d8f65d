import Accounts
import FoundationEssentials
import Postgres
import Stripe

@testable import Billing

/// An account that bought something, and what Stripe tells of it.
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

  /// - Parameter database: one that many buyers share; nil for one of its own.
  init(_ url: String, products: [String], customer: Bool = true, database: Database? = nil) throws {
    let id = String(UUID().uuidString.lowercased().prefix(8))
    self.url = url
    self.id = id
    let database = database ?? Database(url: url)
    self.database = database
    try database.transaction(by: soon) { [account] transaction in
      try transaction.execute("INSERT INTO accounts (account_id, kind) VALUES (\(account), 'customer')")
      for (number, name) in products.enumerated() {
        let product = Product.named(name)!
        let session = "cs_\(id)_\(number)"
        try transaction.execute(
          """
          INSERT INTO checkouts (account_id, session_id, product, price_id, amount, currency, mode, customer_id, credits, claim_digest)
          VALUES (\(account), \(session), \(name), \("price_" + name), \(product.amount), 'usd', \(product.mode.rawValue),
            \(customer ? "cus_\(id)" : nil as String?), \(product.credits), \([UInt8]()))
          """)
        try transaction.execute(
          "INSERT INTO stripe_references VALUES (\(session), \(account), \(session)), (\("checkout-\(id)-\(number)"), \(account), \(session))"
        )
      }
      if customer { try transaction.execute("INSERT INTO stripe_references VALUES (\("cus_\(id)"), \(account), NULL)") }
    }
  }

  /// - Returns: what became of it.
  @discardableResult
  func send(
    _ type: String, _ object: String, at time: Int = Int(Date().timeIntervalSince1970),
    event: String = "evt_\(UUID().uuidString)"
  ) throws -> String {
    try Deliverer(url: url).take(Delivery(id: event, type: type, created: time, object: object).body, by: soon)
  }

  func paidSession(_ number: Int = 0, amount: Int, mode: String = "payment", subscription: String? = nil) -> String {
    let link = subscription.map { #""subscription":"\#($0)""# } ?? #""payment_intent":"pi_\#(id)_\#(number)""#
    return
      #"{"id":"cs_\#(id)_\#(number)","object":"checkout.session","status":"complete","payment_status":"paid","mode":"\#(mode)","amount_total":\#(amount),"currency":"usd","customer":"\#(customer)",\#(link)}"#
  }

  func subscription(_ status: String, until end: Int, price: String = "price_growth", pause: String = "null") -> String
  {
    #"{"id":"\#(subscription)","object":"subscription","customer":"\#(customer)","status":"\#(status)","cancel_at_period_end":false,"items":{"data":[{"price":{"id":"\#(price)"},"current_period_end":\#(end)}]},"metadata":{"checkout":"checkout-\#(id)-0"},"pause_collection":\#(pause)}"#
  }

  func invoice(_ number: Int, _ lines: (price: String, amount: Int, start: Int, end: Int)..., status: String = "paid")
    -> String
  {
    let texts = lines.map {
      #"{"amount":\#($0.amount),"period":{"start":\#($0.start),"end":\#($0.end)},"pricing":{"price_details":{"price":"\#($0.price)"}}}"#
    }
    let amount = max(0, lines.reduce(0) { $0 + $1.amount })
    return
      #"{"id":"in_\#(id)_\#(number)","object":"invoice","customer":"\#(customer)","parent":{"subscription_details":{"subscription":"\#(subscription)"}},"status":"\#(status)","billing_reason":"subscription_\#(number == 0 ? "create" : "cycle")","amount_paid":\#(amount),"currency":"usd","period_end":\#(lines[0].start),"lines":{"data":[\#(texts.joined(separator: ","))]}}"#
  }

  func invoicePayment(_ number: Int) -> String {
    #"{"id":"inpay_\#(id)_\#(number)","object":"invoice_payment","invoice":"in_\#(id)_\#(number)","payment":{"type":"payment_intent","payment_intent":"pi_\#(id)_\#(number)"},"amount_paid":1500,"currency":"usd","status":"paid"}"#
  }

  func refund(_ number: Int, _ amount: Int) -> String {
    #"{"id":"re_\#(id)_\#(number)","object":"refund","charge":"ch_\#(id)_\#(number)","payment_intent":"pi_\#(id)_\#(number)","amount":\#(amount),"currency":"usd","status":"succeeded"}"#
  }

  /// What is held by the month, and until when; then what after it.
  func held() throws -> [String] {
    let row = try database.rows(
      """
      SELECT subscribed_plan, extract(epoch FROM subscribed_until)::bigint, next_plan, extract(epoch FROM next_until)::bigint FROM accounts
      WHERE account_id = \(account)
      """, as: String.self, Int?.self, String.self, Int?.self, by: soon)[0]
    return [(row.0, row.1), (row.2, row.3)].compactMap { plan, until in until.map { "\(plan) \($0)" } }
  }

  func rows(_ query: Query) throws -> [String] { try database.rows(query, as: String.self, by: soon) }
}
