import Contract
import Fetch
import JSONValues
import Stripe
import Synchronization

@testable import StripeStandIn

/// A ledger without HTTP, and the events that it has published.
final class LedgerHarness: Sendable {
  static let origin = "http://127.0.0.1:9100"

  private let events = Events()
  private let ledger: StripeLedger

  init(hasOldShape: Bool = false) {
    ledger = StripeLedger(hasOldShape: hasOldShape) { [events] batch in events.add(batch) }
  }

  private final class Events: Sendable {
    private let all = Mutex<[JSONValue]>([])
    func add(_ batch: [JSONValue]) { all.withLock { $0 += batch } }
    var values: [JSONValue] { all.withLock { $0 } }
  }

  /// The published events of a type, as a client of webhooks decodes them.
  func events(_ type: String) throws -> [StripeEvent] {
    try events.values.filter { $0["type"].text == type }.map { try StripeEvent(body: JSON.encode($0)) }
  }

  /// The types of all published events.
  var types: [String] { events.values.compactMap { $0["type"].text } }

  func send(
    _ method: String, _ target: String, _ fields: [String: String] = [:],
    headers: [String: String] = ["authorization": "Bearer sk_test_any"]
  ) async -> StandInResponse {
    await ledger.respond(
      to: StandInRequest(
        method: method, target: target, headers: headers, body: Array(Self.form(fields).utf8), origin: Self.origin))
  }

  /// Sends a request that must succeed.
  ///
  /// - Returns: the JSON body.
  func json(_ method: String, _ target: String, _ fields: [String: String] = [:]) async throws -> JSONValue {
    let response = await send(method, target, fields)
    guard response.status < 400, case .json(let value) = response.body else { throw Refused(response: response) }
    return value
  }

  struct Refused: Error { let response: StandInResponse }

  /// Creates a customer and a checkout session for a price.
  func session(mode: String, price: String) async throws -> JSONValue {
    let customer = try await json("POST", "/v1/customers", ["email": "a@site.example"])
    return try await json(
      "POST", "/v1/checkout/sessions",
      [
        "mode": mode, "customer": customer["id"].text ?? "", "line_items[0][price]": price,
        "line_items[0][quantity]": "1", "metadata[account]": "a b",
        "success_url": "https://app.example/done?session={CHECKOUT_SESSION_ID}", "cancel_url": "https://app.example/",
      ])
  }

  /// Calls `POST /_control/…`.
  @discardableResult
  func control(_ path: String) async throws -> JSONValue { try await json("POST", "/_control/\(path)") }

  /// A fetcher that sends its requests to the ledger.
  var fetcher: Fetcher {
    Fetcher { [self] (request: FetchRequest) async throws(FetchError) -> FetchResponse in
      var headers: [String: String] = [:]
      for (name, value) in request.headers { headers[name.lowercased()] = value }
      let response = await ledger.respond(
        to: StandInRequest(
          method: request.method, target: String(request.url.dropFirst(Self.origin.count)), headers: headers,
          body: request.body, origin: Self.origin))
      guard case .json(let value) = response.body, let body = try? JSON.encode(value) else {
        throw FetchError(.malformedResponse, "not JSON")
      }
      return FetchResponse(status: response.status, headers: response.headers, body: body)
    }
  }

  private static func form(_ fields: [String: String]) -> String {
    fields.map { "\(escaped($0.key))=\(escaped($0.value))" }.joined(separator: "&")
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("&", with: "%26").replacing("=", with: "%3D")
      .replacing("+", with: "%2B").replacing(" ", with: "+")
  }
}
