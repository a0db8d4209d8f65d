import Access
import Accounts
import Contract
import FoundationEssentials
import Postgres
import Stripe
import Support
import Testing

@testable import Billing

/// The routes of the `checkout` function with a database and a fake Stripe.
struct Shop {
  private let url: String
  let database: Database
  let soon = ContinuousClock.now.advanced(by: .seconds(120))
  let stripe = FakeStripe()

  init() throws {
    url = try TestDatabase.makeForBilling()
    database = Database(url: url)
  }

  /// The response of `POST /checkout`.
  struct Opened: Decodable {
    let id: String
    let url: String
    let claimToken: String
  }

  /// Sends a request to the routes, and to `GET /who`, which responds with the caller's account.
  ///
  /// - Parameters:
  ///   - key: an API key.
  ///   - secretKey: another Stripe secret key than that of ``Deliverer/environment``.
  ///   - patience: how long the checkout waits for Stripe to create a customer.
  func send(
    _ method: String = "POST", _ path: String, _ body: String = "", key: String? = nil, headers: [String: String] = [:],
    address: String = "192.0.2.1",
    secretKey: String? = nil, patience: Duration = .seconds(200)
  ) async -> Response {
    let settings =
      secretKey.map { BillingSettings(Environment(["STRIPE_SECRET_KEY": $0])) }
      ?? BillingSettings(Deliverer.environment)
    let client = StripeClient(
      stripe.fetcher, key: StripeSecretKey("sk_test_x")!, base: "https://stripe.example", wait: { _ in })
    let access = Access(database)
    let checkout = Checkout(
      access, settings: settings, client: client, origins: ["https://shop.example"], patience: patience)
    let who = access.get("/who", .read) { call in
      let account = call.account
      return Response.json(["plan": account.plan.rawValue, "kind": account.kind.rawValue, "id": account.id.uuidString])
    }
    let router = Router(
      [checkout.start, checkout.catalog, checkout.portal, checkout.claim, who], log: Log(threshold: .error) { _ in })
    var headers = headers
    if let key { headers["authorization"] = "Bearer \(key)" }
    let event = Event(method: method, rawPath: path, headers: headers, body: Array(body.utf8), sourceIP: address)
    return await router.respond(to: event, by: Deadline(after: .seconds(300)))
  }

  /// The body of `POST /checkout`.
  func order(
    _ product: String = "coffee", success: String = "https://shop.example/thanks", email: String = "ada@example.com"
  ) -> String {
    #"{"email":"\#(email)","product":"\#(product)","successUrl":"\#(success)","cancelUrl":"https://shop.example/"}"#
  }

  func open(
    _ product: String = "coffee", key: String? = nil, headers: [String: String] = [:], address: String = "192.0.2.1",
    patience: Duration = .seconds(200)
  ) async throws -> Opened {
    let response = await send(
      "POST", "/checkout", order(product), key: key, headers: headers, address: address, patience: patience)
    try #require(response.status == 201, "\(text(response))")
    return try JSON.decode(Opened.self, from: response.bytes)
  }

  /// Delivers the event of a paid session.
  ///
  /// - Parameter customer: nil for the stored one.
  /// - Returns: the outcome of the event.
  func pay(
    _ session: String, amount: Int = 500, customer: String? = nil, mode: String = "payment",
    event: String = UUID().uuidString
  ) throws -> String {
    let customer =
      try customer ?? database.rows(
        "SELECT customer_id FROM checkouts WHERE session_id = \(session)", as: String.self, by: soon
      ).first ?? "cus_x"
    let object =
      #"""
      {"id":"\#(session)","object":"checkout.session","status":"complete","payment_status":"paid",
      "mode":"\#(mode)","amount_total":\#(amount),"currency":"usd","customer":"\#(customer)",
      "payment_intent":"pi_\#(session)"}
      """#
    return try Deliverer(url: url).outcome(
      of: Delivery(
        id: event, type: "checkout.session.completed", created: Int(Date().timeIntervalSince1970), object: object
      ).body, by: soon)
  }

  func claim(_ session: String, _ token: String) async throws -> (status: Int, key: String?) {
    let response = await send("POST", "/checkout/claim", #"{"sessionId":"\#(session)","claimToken":"\#(token)"}"#)
    return (response.status, try? JSON.decode([String: String].self, from: response.bytes)["apiKey"])
  }

  func text(_ response: Response) -> String { String(decoding: response.bytes, as: UTF8.self) }

  func integers(_ query: Query) throws -> [Int] { try database.rows(query, as: Int.self, by: soon) }

  func strings(_ query: Query) throws -> [String] { try database.rows(query, as: String.self, by: soon) }
}
