import Contract
package import Fetch
import HTTPTypes
import Hummingbird
import JSONValues
import Logging
import NIOCore
import ServiceLifecycle

/// A stand-in for Stripe, for development and tests.
///
/// It keeps one Stripe account in memory, serves a part of Stripe's API over HTTP, and sends signed webhook events.
package struct StripeStandIn: Service {
  /// A key of test mode; the stand-in accepts every key of test mode.
  package static let secretKey = "sk_test_standin"
  package static let webhookSecret = "whsec_standin"

  /// The settings that functions need in order to use the stand-in, except for `STRIPE_API_BASE`.
  package static let settings: [(name: String, value: String)] = [
    ("STRIPE_SECRET_KEY", secretKey), ("STRIPE_WEBHOOK_SECRET", webhookSecret),
    ("STRIPE_LLM_TXT_COFFEE_PRICE_ID", "price_coffee"),
    ("STRIPE_LLM_TXT_GROWTH_PRICE_ID", "price_growth"), ("STRIPE_LLM_TXT_SCALE_PRICE_ID", "price_scale"),
    ("STRIPE_LLM_TXT_CREDITS_PRICE_IDS", "price_credits_500,price_credits_2500"),
  ]

  /// The address on which the stand-in listens.
  package struct Address: Sendable {
    let host: String
    let port: Int
    let onRunning: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - port: the port to listen on; 0 selects a free one.
    ///   - onRunning: receives the port once the server accepts connections.
    package init(host: String, port: Int, onRunning: @escaping @Sendable (Int) -> Void) {
      self.host = host
      self.port = port
      self.onRunning = onRunning
    }
  }

  private let address: Address
  private let delivery: WebhookDelivery
  private let ledger: StripeLedger
  private let batches: AsyncStream<[JSONValue]>
  private let end: AsyncStream<[JSONValue]>.Continuation

  /// - Parameters:
  ///   - webhook: the URL that receives events.
  ///   - fetcher: sends the events.
  ///   - chaos: deliveries that fail, repeat or arrive late.
  ///   - hasOldShape: whether events have the shape before API version 2025-03-31. API responses always have the newer
  ///     shape.
  package init(
    _ address: Address, webhook: String, fetcher: Fetcher, chaos: WebhookDelivery.Chaos = .init(),
    hasOldShape: Bool = false
  ) {
    self.address = address
    delivery = WebhookDelivery(url: webhook, secret: Self.webhookSecret, chaos: chaos, fetcher: fetcher)
    let (batches, end) = AsyncStream.makeStream(of: [JSONValue].self)
    (self.batches, self.end) = (batches, end)
    ledger = StripeLedger(hasOldShape: hasOldShape) { end.yield($0) }
  }

  /// Serves requests and delivers events. An instance can run only once.
  package func run() async throws {
    var logger = Logger(label: "stripe") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .error
    let application = Application(
      responder: CallbackResponder { (request: Hummingbird.Request, _: BasicRequestContext) in
        await respond(to: request)
      },
      configuration: .init(address: .hostname(address.host, port: address.port), serverName: nil),
      onServerRunning: { address.onRunning($0.localAddress?.port ?? address.port) }, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await delivery.run(batches) }
      defer {
        end.finish()
        group.cancelAll()
      }
      try await application.run()
    }
  }

  private func respond(to request: Hummingbird.Request) async -> Hummingbird.Response {
    var body: [UInt8] = []
    do {
      for try await piece in request.body {
        body += piece.readableBytesView
        guard body.count <= 1 << 20 else {
          return Self.http(StandInResponse(StandInError(413, "The body is larger than 1 MiB.")))
        }
      }
    } catch {
      return Self.http(
        StandInResponse(StandInError(400, "The connection was closed before the body was complete.")))
    }
    var headers: [String: String] = [:]
    for field in request.headers { headers[field.name.canonicalName] = field.value }
    return Self.http(
      await ledger.respond(
        to: StandInRequest(
          method: request.method.rawValue, target: request.head.path ?? "/", headers: headers, body: body,
          origin: "http://" + (request.head.authority ?? "127.0.0.1"))))
  }

  private static func http(_ response: StandInResponse) -> Hummingbird.Response {
    var fields = HTTPFields()
    for (name, value) in response.headers {
      if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
    }
    let bytes: [UInt8]
    switch response.body {
    case .json(let value):
      fields[.contentType] = "application/json"
      bytes = ((try? JSON.encode(value, pretty: true)) ?? []) + [0x0a]
    case .page(let text):
      fields[.contentType] = "text/html; charset=utf-8"
      bytes = Array(text.utf8)
    }
    return Hummingbird.Response(
      status: .init(code: response.status), headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
