import Contract
import Fetch
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Stands in for Stripe at a desk and in tests: an account in memory, its API over HTTP, and signed deliveries of what
/// happens in it.
struct StripeStandIn: Sendable {
  /// Of test mode, and made up like the rest.
  static let secretKey = "sk_test_standin"
  static let webhookSecret = "whsec_standin"

  /// The settings of the functions that use it, without its own address.
  static let settings: [(name: String, value: String)] = [
    ("STRIPE_SECRET_KEY", secretKey), ("STRIPE_WEBHOOK_SECRET", webhookSecret),
    ("STRIPE_LLM_TXT_COFFEE_PRICE_ID", "price_coffee"),
    ("STRIPE_LLM_TXT_GROWTH_PRICE_ID", "price_growth"), ("STRIPE_LLM_TXT_SCALE_PRICE_ID", "price_scale"),
    ("STRIPE_LLM_TXT_CREDITS_PRICE_IDS", "price_credits_500,price_credits_2500"),
  ]

  private let delivery: WebhookDelivery
  private let ledger: StripeLedger
  private let batches: AsyncStream<[JSONValue]>
  private let end: AsyncStream<[JSONValue]>.Continuation

  /// - Parameters:
  ///   - webhook: where events are sent.
  ///   - hasOldShape: whether events are in the shape before API version 2025-03-31; answers never are.
  init(
    webhook: String, fetcher: Fetcher, secret: String = webhookSecret, chaos: WebhookDelivery.Chaos = .init(),
    hasOldShape: Bool = false
  ) {
    delivery = WebhookDelivery(url: webhook, secret: secret, chaos: chaos, fetcher: fetcher)
    let (batches, end) = AsyncStream.makeStream(of: [JSONValue].self)
    (self.batches, self.end) = (batches, end)
    ledger = StripeLedger(hasOldShape: hasOldShape) { end.yield($0) }
  }

  /// Serves, once, until it is told to end; `port` 0 takes a free one.
  ///
  /// - Parameter onRunning: is told the port.
  func serve(host: String, port: Int, onRunning: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
    var logger = Logger(label: "stripe") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .error
    let application = Application(
      responder: CallbackResponder { (request: Hummingbird.Request, _: BasicRequestContext) in
        await respond(to: request)
      },
      configuration: .init(address: .hostname(host, port: port), serverName: nil),
      onServerRunning: { onRunning($0.localAddress?.port ?? port) }, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await delivery.run(batches) }
      defer {
        end.finish()
        group.cancelAll()
      }
      try await application.runService()
    }
  }

  private func respond(to request: Hummingbird.Request) async -> Hummingbird.Response {
    var body: [UInt8] = []
    do {
      for try await piece in request.body {
        body += Array(buffer: piece)
        guard body.count <= 1 << 20 else {
          return Self.http(StandInAnswer(StandInRefusal(413, "The body is larger than 1 MiB.")))
        }
      }
    } catch {
      return Self.http(StandInAnswer(StandInRefusal(400, "The body broke off.")))
    }
    var headers: [String: String] = [:]
    for field in request.headers { headers[field.name.canonicalName] = field.value }
    let asked = StandInRequest(
      method: request.method.rawValue, target: request.head.path ?? "/", headers: headers, body: body,
      origin: "http://" + (request.head.authority ?? "127.0.0.1"))
    switch asked.segments.first {
    case "v1": return Self.http(await ledger.answer(asked))
    case "_control": return Self.http(await ledger.control(asked))
    case "pay": return Self.http(await ledger.payPage(asked))
    case "portal": return Self.http(await ledger.portalPage(asked))
    default: return Self.http(StandInAnswer(StandInRefusal(404, "What is served here: /v1, /pay, /portal, /_control")))
    }
  }

  private static func http(_ answer: StandInAnswer) -> Hummingbird.Response {
    var fields = HTTPFields()
    for (name, value) in answer.headers {
      if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
    }
    let bytes: [UInt8]
    switch answer.body {
    case .json(let value):
      fields[.contentType] = "application/json"
      bytes = ((try? JSON.encode(value, pretty: true)) ?? []) + [0x0a]
    case .page(let text):
      fields[.contentType] = "text/html; charset=utf-8"
      bytes = Array(text.utf8)
    }
    return Hummingbird.Response(
      status: .init(code: answer.status), headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
